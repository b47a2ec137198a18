"""One connection cut into streams: drives the yamux machine over an encrypted session.

One task reads, one writes. Nobody else touches the session, so whoever is cancelled
while sending gives up their stream, never half a message of all others. What waits
to leave goes in turns, a part of each stream, many frames in one write.

The connection is pinged when nothing was heard for a while, and ended when nothing
comes back. It is not read while more is unread than its ``Reading`` allows, of it and
of all connections together: who sends faster than it is taken waits, and whoever
ignores their windows is cut off.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

import trio
from trio.lowlevel import ParkingLot

from formats.errors import HoldfastError, ProtocolViolation, Unreachable
from node.logs import Log
from node.transport import multistream
from node.transport.carrier import Arrival
from node.transport.carrier import Stream as Carried
from node.transport.ends import GONE, Arrived, End
from node.transport.noise import AHEAD, Session, Wire
from node.transport.reading import TRUSTED, Reading
from node.transport.tasks import patience
from node.transport.unread import CAREFUL, Share
from node.transport.yamux.events import Changed, Event, Limits, Opened
from node.transport.yamux.frames import Goodbye
from node.transport.yamux.machine import Machine
from node.transport.yamux.stream import Stream

E = TypeVar("E", bound=Exception)

BATCH: Final = 256 * 1024
"""Bytes that are sealed and written together, and that one read gives at most."""

PING_SECONDS: Final = 30.0
"""Silence after which the other side is asked whether it is there."""

SILENT_SECONDS: Final = 90.0
"""Silence after which it is not."""

STALL_SECONDS: Final = 60.0
"""Longest that one write may wait for the other side to take it."""

CROWDED_SECONDS: Final = 10.0
"""Longest that there may be no room for what is unread, before who holds most of it is cut off."""

LOOK_SECONDS: Final = 1.0
"""Seconds after which a connection that waits for room looks again, whoever else was woken."""

PROBE_SECONDS: Final = 4.0
"""Longest that the other side may say nothing when there is reason to doubt that it is there."""

GOODBYE_SECONDS: Final = 0.1

_log: Final = Log("transport")


class Muxer:
    """Both ``carrier.Connection`` and ``carrier.Incoming``. Somebody must run ``run``."""

    def __init__(self, wire: Wire, session: Session, peer: bytes) -> None:
        self._wire = wire
        self._session = session
        self._peer = peer
        self._scope = trio.CancelScope()
        self._machine = Machine(wire.is_initiator)
        self._open = True
        self._parted = False
        self._heard = trio.current_time()
        """When something came last."""
        self._to_write = ParkingLot()
        self._to_read = ParkingLot()
        self._to_accept = ParkingLot()
        self._arrivals: deque[Stream] = deque()
        self._ends: dict[Stream, End] = {}
        self._share: Final = Share(self._look_again, self._cut_off)
        self.reading: Callable[[], Reading] = _trusting
        """How much may be unread now; asked again and again."""
        self.turn: Callable[[], Awaitable[None]] = _at_once
        """Returns when it may be read once more."""

    @property
    def peer(self) -> bytes:
        """The authenticated peer id of the other end."""
        return self._peer

    @property
    def local(self) -> bool:
        """Whether the other end is on this machine."""
        return self._wire.local

    @property
    def address(self) -> str:
        """Where the other end comes from, as a multiaddress."""
        return self._wire.address

    @property
    def port_here(self) -> int:
        """The TCP port at this end, 0 if it is not TCP."""
        return self._wire.port_here

    async def run(self) -> None:
        """Carry the streams until the connection ends. Raises nothing."""
        why = Goodbye.NORMAL
        try:
            with self._scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._write)
                    await self._read()
        except* ProtocolViolation as group:
            why = Goodbye.PROTOCOL
            _log.info("cut-off", why="muxer", how=_first(group).message)
        except* HoldfastError as group:
            _log.debug("ended", why=_first(group).message)
        except* Exception as group:  # noqa: BLE001  a fault of ours ends one connection, not all
            why = Goodbye.INTERNAL
            _log.error("fault", kind=type(_first(group)).__name__)
        finally:
            await self._part(why)

    async def open(self, protocol: str) -> Carried:
        """A new stream that speaks ``protocol``."""
        self.check()
        end = self._end_of(self._machine.open())
        try:
            await multistream.choose(end, protocol)
        except BaseException:
            end.give_up()
            raise
        return end

    async def accept(self) -> Arrival | None:
        """The next stream the other end opens, None when the connection has ended."""
        await trio.lowlevel.checkpoint()
        while self._open:
            while self._arrivals:
                stream = self._arrivals.popleft()
                if not stream.over:
                    self._machine.accept(stream)
                    self.stir()
                    return Arrived(self._end_of(stream))
            await self._to_accept.park()
        return None

    async def aclose(self) -> None:
        """End the connection and all its streams. Never raises."""
        self._scope.cancel()
        await self._part(Goodbye.NORMAL)

    async def probe(self) -> None:
        """End the connection if the other side, which is asked, says nothing for a while."""
        asked = trio.current_time()
        self._machine.ping(0)
        self.stir()
        await trio.sleep(PROBE_SECONDS)
        if self._heard < asked and not self._machine.unread:  # with more unread nothing is read
            _log.debug("ended", why="probe")
            self._scope.cancel()

    # --- the two tasks

    async def _read(self) -> None:
        asked = False
        while True:
            await self.turn()
            most = await self._room()
            with trio.move_on_after(PING_SECONDS) as scope:
                self._take_in(await self._session.receive(most))
            if not scope.cancelled_caught:
                self._heard, asked = trio.current_time(), False
            elif asked and trio.current_time() - self._heard >= SILENT_SECONDS:
                raise Unreachable("the other side fell silent")
            else:
                self._machine.ping(0)
                asked = True
            self.stir()

    async def _room(self) -> int:
        """Return when more may be read, and how much at once."""
        self._share.of(self.reading().together)
        while self._machine.unread > self.reading().unread:
            await self._to_read.park()
        if not self._share.may_read:
            await self._room_among_others()
        window = self.reading().window
        if window != self._machine.limits.window:
            self._machine.limits = Limits(window=window)
        return CAREFUL if self._share.is_careful else AHEAD

    async def _room_among_others(self) -> None:
        """The same, where all connections together hold as much as they may."""
        begun = trio.current_time()
        while not self._share.may_read:
            if trio.current_time() - begun >= CROWDED_SECONDS:
                self._share.make_room()
            self._share.wait()
            with trio.move_on_after(LOOK_SECONDS):
                await self._to_read.park()
            self._share.of(self.reading().together)

    def _look_again(self) -> None:
        self._to_read.unpark()

    def _cut_off(self) -> None:
        _log.info("cut-off", why="unread")
        self._scope.cancel()

    def _take_in(self, messages: list[bytes]) -> None:
        if not messages:
            raise Unreachable(GONE)
        for message in messages:
            for event in self._machine.feed(message):
                self._happened(event)

    def _happened(self, event: Event) -> None:
        match event:
            case Changed(stream):
                if stream in self._ends:
                    self._ends[stream].changed()
            case Opened(stream):
                if len(self._arrivals) >= self._machine.limits.streams:
                    self._arrivals = deque(each for each in self._arrivals if not each.over)
                self._arrivals.append(stream)
                self._to_accept.unpark()
            case _:
                pass  # a ping that was answered was heard; who goes away says so again by closing

    async def _write(self) -> None:
        while True:
            while self._machine.wants:
                batch = self._machine.take(BATCH)
                with trio.move_on_after(STALL_SECONDS) as scope:
                    await self._session.send(batch.pieces)
                if scope.cancelled_caught:
                    raise Unreachable(f"the other side read nothing for {STALL_SECONDS:.0f} s")
                for stream in batch.emptied:
                    if stream in self._ends:
                        self._ends[stream].left()
            await self._to_write.park()

    # --- the end

    async def _part(self, why: Goodbye) -> None:
        """Say goodbye, unless a write was given up in the middle, and close; once."""
        self._open = False
        self._to_accept.unpark_all()
        for end in self._ends.values():
            end.changed()
        if self._parted:
            return
        self._parted = True
        self._share.end()
        with patience(1):
            await self._say(why)
            await self._wire.close()

    async def _say(self, why: Goodbye) -> None:
        self._machine.go_away(why)
        with trio.move_on_after(GOODBYE_SECONDS), suppress(Unreachable):
            await self._session.send(self._machine.take(0).pieces)

    # --- for the ends of streams

    @property
    def machine(self) -> Machine:
        """What knows the rules."""
        return self._machine

    def check(self) -> None:
        """Raise Unreachable when the connection has ended."""
        if not self._open:
            raise Unreachable(GONE)

    def stir(self) -> None:
        """Something may have to leave, or can come now."""
        self._share.holds(self._machine.unread)
        if self._machine.wants:
            self._to_write.unpark()
        self._to_read.unpark()

    def forget(self, stream: Stream) -> None:
        """Nobody waits for this stream any more."""
        self._ends.pop(stream, None)

    def _end_of(self, stream: Stream) -> End:
        end = self._ends[stream] = End(self, stream)
        return end


async def _at_once() -> None:
    return


def _trusting() -> Reading:
    return TRUSTED


def _first(group: BaseExceptionGroup[E]) -> E:
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
