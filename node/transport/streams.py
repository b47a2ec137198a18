"""Serving the doors: drives the answering machine over the streams of each connection.

All streams of a connection share one Caller: what it proves holds for all its
doors and ends with it. Requests run side by side, up to 64 a stream. What a
caller may cost is bounded before it is paid: streams, bytes of requests on
their way in, large answers on their way out, and the time a request may take to
arrive. Who breaks the protocol, or is slow beyond patience, loses the
connection; everybody else is served on.
"""

from typing import Final, Protocol

import trio

from formats.errors import HoldfastError, TimedOut
from node.caller import Caller
from node.counts import Counts
from node.logs import Log
from node.transport.carrier import Arrival, Incoming, Stream
from node.transport.connection import Connection, CutOff
from node.transport.costs import Limits
from node.transport.handlers import Handlers
from node.transport.line import Line, place_of_fault
from node.transport.served import Served
from node.transport.shared import Shared
from node.transport.tasks import patience
from protocols.operations import PROTOCOLS
from protocols.services import Doors

DOORS: Final = {protocol: door for door, protocol in PROTOCOLS.items()}

_log: Final = Log("transport")


class Node(Protocol):
    """What is served: for each connection, doors of its own."""

    def open(self, caller: Caller) -> Doors:
        """The doors for one connection."""
        ...


class Server:
    """Serves the connections of one node."""

    def __init__(
        self, node: Node, limits: Limits | None = None, counts: Counts | None = None
    ) -> None:
        self.counts: Final = counts or Counts()
        self.shared: Final = Shared(limits or Limits(), self.counts)
        self.handlers: Final = Handlers()
        """Protocols besides the doors."""
        self._node: Final = node

    async def serve(self, incoming: Incoming, served: Served | None = None) -> None:
        """Serve one connection until it ends or is cut off. Closes it; raises nothing."""
        served = served or Served()
        caller = Caller(peer=incoming.peer, local=incoming.local, site=served.site)
        doors = self._node.open(caller)
        connection = Connection(self.shared, caller, doors, served)
        try:
            await _Serving(connection, self.handlers, incoming).run()
        finally:
            with patience(2):
                await doors.aclose()
            with patience(2):
                await incoming.aclose()


class _Serving:
    """One connection, being served: its streams, each for what it turns out to be."""

    def __init__(self, connection: Connection, handlers: Handlers, incoming: Incoming) -> None:
        self._connection = connection
        self._limits = connection.limits
        self._handlers = handlers
        self._incoming = incoming
        self._streams = 0

    async def run(self) -> None:
        try:
            async with trio.open_nursery() as nursery:
                while (arrival := await self._incoming.accept()) is not None:
                    if self._streams >= self._limits.streams:
                        raise CutOff("streams")
                    self._streams += 1
                    nursery.start_soon(self._stream, arrival)
                nursery.cancel_scope.cancel()
        except* CutOff as group:
            self._connection.shared.counts.cut_off[str(_leaf(group))] += 1
            _log.info("cut-off", why=str(_leaf(group)))
        except* HoldfastError as group:
            _log.debug("ended", why=type(_leaf(group)).__name__)
        except* Exception as group:  # noqa: BLE001  a fault of ours ends one connection, not all
            fault = _leaf(group)
            _log.error("fault", kind=type(fault).__name__, at=place_of_fault(fault))

    async def _stream(self, arrival: Arrival) -> None:
        try:
            await self._connection.turn()
            agreed = await self._agreed(arrival)
            if agreed is None:
                return
            protocol, stream = agreed
            if protocol in DOORS:
                await Line(self._connection, DOORS[protocol], stream).run()
            else:
                await self._handle(protocol, stream)
        finally:
            self._streams -= 1

    async def _handle(self, protocol: str, stream: Stream) -> None:
        incoming, served = self._incoming, self._connection.served
        served.began()
        try:
            await self._handlers.handle(protocol, stream, incoming.peer, incoming.address)
        except TimedOut:
            raise CutOff("slow") from None
        finally:
            served.done()

    async def _agreed(self, arrival: Arrival) -> tuple[str, Stream] | None:
        """What the stream is for, None if it is for nothing we serve: other programs ask more."""
        agreed = None
        with trio.move_on_after(self._limits.agree_seconds) as scope:
            try:
                agreed = await arrival.agree((*DOORS, *self._handlers.protocols))
            except HoldfastError as error:
                _log.debug("no-door", why=type(error).__name__)
        if scope.cancelled_caught:
            raise CutOff("silent")
        return agreed


def _leaf(group: BaseException) -> BaseException:
    return _leaf(group.exceptions[0]) if isinstance(group, BaseExceptionGroup) else group
