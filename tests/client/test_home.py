"""A line to a home that never says a sensible word: nothing of it stays open."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest
import trio

from client.home import HomeLine
from formats.errors import Forged, HoldfastError, Internal, ProtocolViolation, Unreachable
from formats.whereabouts import Home
from protocols.accounts import AskHello, Hello
from protocols.services import Doors

HOME = Home(b"the one meant", ("/ip4/127.0.0.1/tcp/1",))
GOOD = Hello(HOME.peer, b"", bytes(32), 1, "tests", 4)


class Network:
    """Reaches a node that answers every greeting alike; counts what is open."""

    def __init__(self, peer: bytes, greet: Callable[[], Hello]) -> None:
        self.open = 0
        self._peer, self._greet = peer, greet

    async def reach(self, home: Home) -> Doors:
        """One more connection."""
        await trio.lowlevel.checkpoint()
        self.open += 1
        accounts = SimpleNamespace(hello=self._hello)
        doors = SimpleNamespace(peer=self._peer, accounts=accounts, aclose=self._close)
        return cast("Doors", doors)

    async def _hello(self, request: AskHello) -> Hello:
        await trio.lowlevel.checkpoint()
        return self._greet()

    async def _close(self) -> None:
        await trio.lowlevel.checkpoint()
        self.open -= 1


def refuse(error: HoldfastError) -> Callable[[], Hello]:
    def greet() -> Hello:
        raise error

    return greet


def as_another() -> Hello:
    return Hello(b"another", b"", bytes(32), 1, "tests", 4)


@pytest.mark.parametrize(
    ("peer", "greet", "kind"),
    [
        (HOME.peer, refuse(Internal("no")), Internal),
        (HOME.peer, refuse(Unreachable("gone")), Unreachable),
        (HOME.peer, as_another, ProtocolViolation),
        (b"another", lambda: GOOD, Forged),
    ],
)
async def test_a_connection_that_comes_to_nothing_is_closed(
    peer: bytes, greet: Callable[[], Hello], kind: type[HoldfastError]
) -> None:
    network = Network(peer, greet)
    line = HomeLine(network, [HOME])
    for _ in range(3):
        with pytest.raises(kind):
            await line.connected()
    assert network.open == 0


async def test_a_connection_is_kept_until_it_is_closed() -> None:
    network = Network(HOME.peer, lambda: GOOD)
    line = HomeLine(network, [HOME])
    first = await line.connected()
    assert await line.connected() is first
    assert network.open == 1
    await line.aclose()
    assert network.open == 0
