"""Protocols besides the doors, by name: who answers each, and what it may cost.

    with host.handlers.serving("/holdfast/kad/1.0.0", answer, Allowed(streams=64)):
        ...                                   # served on every connection of the node

A handler gets a stream on which its protocol is agreed, the authenticated peer
id of the other end and the address it comes from. It reads and writes with
limits of its own; the stream is closed when it returns or fails.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import trio

from formats.errors import HoldfastError, TimedOut
from node.logs import Log
from node.transport.carrier import Stream
from node.transport.tasks import patience

Handler = Callable[[Stream, bytes, str], Awaitable[None]]
"""Called with the stream, the other end's peer id and its address (multiaddress text)."""

_log: Final = Log("transport")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a protocol may cost. Streams at once and seconds; what is above is closed unserved."""

    streams: int = 64
    """Of all peers together."""
    streams_of_peer: int = 8
    seconds: float = 60.0
    """That one stream may last; who needs longer loses the connection."""


@dataclass(frozen=True, slots=True)
class _Served:
    handler: Handler
    allowed: Allowed
    open: Counter[bytes]


class Handlers:
    """What a node serves besides its doors. May change while it runs."""

    def __init__(self) -> None:
        self._served: dict[str, _Served] = {}

    @property
    def protocols(self) -> tuple[str, ...]:
        """Their names, as they are agreed on."""
        return tuple(self._served)

    @contextmanager
    def serving(
        self, protocol: str, handler: Handler, allowed: Allowed | None = None
    ) -> Iterator[None]:
        """Have ``handler`` answer ``protocol`` until the block is left; it may be served once."""
        if protocol in self._served:
            raise ValueError(f"{protocol} is served already")
        self._served[protocol] = _Served(handler, allowed or Allowed(), Counter())
        try:
            yield
        finally:
            del self._served[protocol]

    async def handle(self, protocol: str, stream: Stream, peer: bytes, address: str) -> None:
        """Answer one stream, and close it. Raises TimedOut when it took too long."""
        served = self._served.get(protocol)
        try:
            if served is not None and _admitted(served, peer):
                await _answer(served, stream, peer, address)
        finally:
            with patience(1):
                await stream.aclose()


def _admitted(served: _Served, peer: bytes) -> bool:
    allowed, busy = served.allowed, served.open
    return busy.total() < allowed.streams and busy[peer] < allowed.streams_of_peer


async def _answer(served: _Served, stream: Stream, peer: bytes, address: str) -> None:
    served.open[peer] += 1
    scope = trio.move_on_after(served.allowed.seconds)
    try:
        with scope:
            await served.handler(stream, peer, address)
    except HoldfastError as error:
        _log.debug("handler", why=type(error).__name__)
    finally:
        served.open[peer] -= 1
        if not served.open[peer]:
            del served.open[peer]
    if scope.cancelled_caught:
        raise TimedOut("a stream took longer than it may")
