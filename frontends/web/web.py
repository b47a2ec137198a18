"""The owner's page while the daemon runs: listening on loopback, and links to it.

Both loopback addresses are listened on, or only the one there is: on a port of which one was
left free, somebody else on this machine could answer a browser that tries that one first.
"""

import errno
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from client.private_file import write_private
from formats.errors import BadConfig
from frontends.api.state import State
from frontends.place import Place
from frontends.ports import somewhere
from frontends.web.admins import Admins
from frontends.web.gateway import Gateway
from frontends.web.sites import Sites
from frontends.web.visits import Visits

DEFAULT_PORT: Final = 4062
LOOPBACK: Final = ("127.0.0.1", "::1")
_NOT_HERE: Final = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
"""What a machine without IPv6 says of its loopback address."""
_TRIES: Final = 8


@dataclass(frozen=True, slots=True)
class Web:
    """The page of one daemon."""

    sites: Sites
    visits: Visits

    def link(self) -> str:
        """A fresh link: good once, for ten minutes."""
        return f"{self.sites.page}/#enter={self.visits.link()}"


@asynccontextmanager
async def page(state: State, port: int | None, admins: Sequence[str] = ()) -> AsyncIterator[Web]:
    """The owner's page, until the block is left. ``port`` None: the usual one, else any, kept.

    ``admins``: handles of those who may run the node there, everybody who signs in without any.
    Raises BadConfig when a port that was asked for cannot be had.
    """
    kept = await trio.to_thread.run_sync(_kept, state.place)
    listeners = await somewhere(port, kept or DEFAULT_PORT, bound)
    _, number, *_ = listeners[0].socket.getsockname()
    if port is None and number != (kept or DEFAULT_PORT):
        await trio.to_thread.run_sync(_keep, state.place, number)
    web = Web(Sites(number), Visits(trio.current_time))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Gateway(state, web.sites, web.visits, Admins(admins)).serve, listeners)
        state.web.come(web)
        yield web
        nursery.cancel_scope.cancel()


async def bound(port: int) -> list[trio.SocketListener]:
    """Listeners on this port of every loopback address there is; 0: any that all of them have."""
    for _ in range(1 if port else _TRIES):
        listeners = list[trio.SocketListener]()
        try:
            for host in LOOPBACK:
                at = listeners[0].socket.getsockname()[1] if listeners else port
                listeners += await _on(at, host)
        except OSError:
            for each in listeners:
                await each.aclose()
            continue
        if listeners:
            return listeners
    raise BadConfig(
        f"web_port {port} is taken or cannot be listened on",
        hint="choose another one in config.toml, or 0 for any; 'web = false' is no page at all",
    )


async def _on(port: int, host: str) -> Sequence[trio.SocketListener]:
    try:
        return await trio.open_tcp_listeners(port, host=host)
    except OSError as error:
        if error.errno in _NOT_HERE:
            return []
        raise


def _kept(place: Place) -> int:
    try:
        with open(place.web_port, encoding="ascii") as file:
            text = file.read(8).strip()
    except (OSError, UnicodeDecodeError):
        return 0
    return int(text) if text.isdigit() and 0 < int(text) < 65536 else 0


def _keep(place: Place, port: int) -> None:
    write_private(Path(place.web_port), str(port).encode())
