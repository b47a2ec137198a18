"""One question to a home of which nothing needs to be known before: no hello, no key shown."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from client.home import check_meant, close
from formats.errors import Unreachable
from formats.whereabouts import Home
from protocols.services import Doors, Network

T = TypeVar("T")


async def ask_once(
    network: Network, homes: Sequence[Home], ask: Callable[[Doors], Awaitable[T]]
) -> T:
    """Ask the first of these nodes that is there; again, once, if the connection broke.

    Raises Unreachable when none is, Forged for a node that is another, and what ``ask`` raises.
    """
    failures: list[str] = []
    for home in homes:
        for _ in range(2):
            try:
                doors = await network.reach(home)
            except Unreachable as error:
                failures.append(error.message)
                break
            try:
                check_meant(doors, home.peer)
                return await ask(doors)
            except Unreachable as error:
                failures.append(error.message)
            finally:
                await close(doors)
    raise Unreachable("; ".join(failures) or "no home of that person is known")
