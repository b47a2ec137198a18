"""Serving the doors: drives the answering machine over the streams of each connection.

All streams of a connection share one Caller: what it proves holds for all its
doors and ends with it. Requests run side by side, up to 64 a stream. What a
caller may cost is bounded before it is paid: streams, bytes of requests on
their way in, large answers on their way out, and the time a request may take to
arrive. Who breaks the protocol, or is slow beyond patience, loses the
connection; everybody else is served on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from traceback import extract_tb
from typing import Final, Protocol

import trio

from formats.errors import HoldfastError, Internal, Malformed, TimedOut
from node.caller import Caller
from node.counts import Counts
from node.logs import Log
from node.transport.carrier import Arrival, Incoming, Stream
from node.transport.handlers import Handlers
from node.transport.outbox import Outbox
from node.transport.room import Room
from node.transport.tasks import patience
from node.transport.turns import Turns
from protocols.exchange import Answerer, Refused, Request
from protocols.frames import MAX_FRAME
from protocols.operations import OPERATIONS, PROTOCOLS, Operation
from protocols.services import Doors

MIB: Final = 1024 * 1024
SMALL: Final = 64 * 1024
"""Up to this size a request takes no room of the node's: so no caller can shut out another."""
LARGE: Final = MIB
"""An operation whose answer may have more bytes of blocks than this gives large answers."""

SMALL_HEAD: Final = 4 * 1024
"""Heads of strangers above this are read one after the other, over all connections."""
LONG_HEAD: Final = 16 * 1024
"""With more than this unread, a head is read in a thread: others are served meanwhile."""
REST: Final = 3
"""And after each it is others' turn for so many times as long as reading it took."""

MOST_SHARED: Final = 4096
"""Addresses and accounts whose room is kept; those that hold none are forgotten first."""

DOORS: Final = {protocol: door for door, protocol in PROTOCOLS.items()}

_log: Final = Log("transport")


class Node(Protocol):
    """What is served: for each connection, doors of its own."""

    def open(self, caller: Caller) -> Doors:
        """The doors for one connection."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What callers may cost. Seconds and bytes."""

    streams: int = 16
    """Open streams of a connection."""
    agree_seconds: float = 10.0
    """To say what a stream is for."""
    begun_seconds: float = 30.0
    """For a request that has begun to arrive, besides its size at ``slowest``."""
    slowest: int = 16 * 1024
    """Bytes a second."""
    stall_seconds: float = 60.0
    """For the other side to take a write of a MiB."""
    bytes_in: int = 48 * MIB
    """Requests of one connection that are arriving or being answered."""
    stranger_in: int = MIB
    """The same while it has proven nothing: small ones add up, and there may be many connections.

    A larger request is taken when it is the only one.
    """
    large_answers: int = 4
    """Large answers of one connection that are being made or written."""
    strangers_in: int = 64 * MIB
    """As ``bytes_in``, of all connections that have proven nothing."""
    known_in: int = 512 * MIB
    """As ``bytes_in``, of all others."""
    answers: int = 384 * MIB
    """Large answers of all who have proven something, while they are made and written."""
    strangers_answers: int = 128 * MIB
    """The same of all others."""
    answers_shared: int = 96 * MIB
    """The same of one address, and of one account."""
    stall_crowded: float = 10.0
    """Instead of ``stall_seconds`` while somebody waits for that room."""
    stranger_turns: float = 100.0
    """A second, of one address, while its connections have proven nothing (decision 0280)."""
    strangers_turns: float = 150.0
    """The same of all addresses together."""
    bytes_shared: int = 64 * MIB
    """As ``bytes_in``, of one address, and of one account."""


class Server:
    """Serves the connections of one node."""

    def __init__(
        self, node: Node, limits: Limits | None = None, counts: Counts | None = None
    ) -> None:
        self.limits = limits or Limits()
        self.counts: Final = counts or Counts()
        self.handlers: Final = Handlers()
        """Protocols besides the doors."""
        self._shared: dict[str | bytes, Room] = {}
        self._node = node
        self._answers: dict[bool, Room] = {
            True: Room(self.limits.answers),
            False: Room(self.limits.strangers_answers),
        }
        self._shared_answers: dict[str | bytes, Room] = {}
        self._strangers = Room(self.limits.strangers_in)
        self._known = Room(self.limits.known_in)
        self.strangers_heads = trio.Lock()
        self.strangers_turns: Final = Turns(self.limits.stranger_turns, self.limits.strangers_turns)

    async def serve(self, incoming: Incoming, served: "Served | None" = None) -> None:
        """Serve one connection until it ends or is cut off. Closes it; raises nothing."""
        served = served or Served()
        caller = Caller(peer=incoming.peer, local=incoming.local, site=served.site)
        doors = self._node.open(caller)
        connection = _Connection(self, caller, doors, served)
        try:
            await connection.run(incoming)
        finally:
            with patience(2):
                await doors.aclose()
            with patience(2):
                await incoming.aclose()

    def count_sent(self, size: int) -> None:
        """So many bytes went out."""
        self.counts.sent += size

    def rooms_for(self, caller: Caller) -> list[Room]:
        """Room for requests: of the address, of the account, of all such callers."""
        of_all = self._known if knows(caller) else self._strangers
        shared, most = self._shared, self.limits.bytes_shared
        return [*(_room_of(shared, each, most) for each in caller.shares), of_all]

    def rooms_for_answers(self, caller: Caller) -> list[Room]:
        """Room for large answers: of the address, of the account, of all such callers."""
        shared, most = self._shared_answers, self.limits.answers_shared
        of_all = self._answers[knows(caller)]
        return [*(_room_of(shared, each, most) for each in caller.shares), of_all]

    def patience(self) -> float:
        """Seconds that a write of a MiB may take now."""
        crowded = any(room.crowded for room in self._answers.values())
        return self.limits.stall_crowded if crowded else self.limits.stall_seconds


def _room_of(shared: dict[str | bytes, Room], who: str | bytes, most: int) -> Room:
    if len(shared) > MOST_SHARED:
        for key in [key for key, room in shared.items() if not room.used]:
            del shared[key]
    return shared.setdefault(who, Room(most))


class Served:
    """How busy one connection is, for whoever decides which to keep."""

    def __init__(self, site: str = "") -> None:
        self.site: Final = site
        self.caller: Caller | None = None
        self.busy = 0
        self.reads = 0
        self.last = trio.current_time()

    def began(self) -> None:
        """A request is being answered."""
        self.busy += 1

    def done(self) -> None:
        """It was."""
        self.busy -= 1
        self.last = trio.current_time()

    def idle(self, now: float) -> float:
        """Seconds since the last answer; 0 while one is being made."""
        return 0.0 if self.busy else now - self.last


def knows(caller: Caller) -> bool:
    """Whether the connection has proven to act for somebody with an account or a space here."""
    return bool(caller.members or caller.owners or caller.sign_ins or caller.follows)


class _CutOff(Exception):
    """The connection is to be closed; the text is a word for the log."""


class _Connection:
    """One connection: its caller, its doors, and what all its streams share."""

    def __init__(self, server: Server, caller: Caller, doors: Doors, served: Served) -> None:
        self.server = server
        self.limits = server.limits
        self.caller = caller
        self.doors = doors
        self.served = served
        self.room = Room(self.limits.bytes_in)
        self.stranger_room = Room(self.limits.stranger_in)
        self.large = trio.CapacityLimiter(self.limits.large_answers)
        self._streams = 0
        served.caller = caller

    async def run(self, incoming: Incoming) -> None:
        try:
            async with trio.open_nursery() as nursery:
                while (arrival := await incoming.accept()) is not None:
                    if self._streams >= self.limits.streams:
                        raise _CutOff("streams")
                    self._streams += 1
                    nursery.start_soon(self._stream, arrival, incoming)
                nursery.cancel_scope.cancel()
        except* _CutOff as group:
            self.server.counts.cut_off[str(_leaf(group))] += 1
            _log.info("cut-off", why=str(_leaf(group)))
        except* HoldfastError as group:
            _log.debug("ended", why=type(_leaf(group)).__name__)
        except* Exception as group:  # noqa: BLE001  a fault of ours ends one connection, not all
            _log.error("fault", kind=type(_leaf(group)).__name__, at=_place(_leaf(group)))

    async def _stream(self, arrival: Arrival, incoming: Incoming) -> None:
        try:
            await self.turn()
            agreed = await self._agreed(arrival)
            if agreed is None:
                return
            protocol, stream = agreed
            if protocol in DOORS:
                await _Line(self, DOORS[protocol], stream).run()
            else:
                await self._handle(protocol, stream, incoming)
        finally:
            self._streams -= 1

    async def turn(self) -> None:
        """Go no further before a stranger's next turn: what they send faster is not even seen."""
        if not knows(self.caller):
            await self.server.strangers_turns.wait(self.caller.site)

    async def _handle(self, protocol: str, stream: Stream, incoming: Incoming) -> None:
        self.served.began()
        try:
            await self.server.handlers.handle(protocol, stream, incoming.peer, incoming.address)
        except TimedOut:
            raise _CutOff("slow") from None
        finally:
            self.served.done()

    async def _agreed(self, arrival: Arrival) -> tuple[str, Stream] | None:
        """What the stream is for, None if it is for nothing we serve: other programs ask more."""
        agreed = None
        with trio.move_on_after(self.limits.agree_seconds) as scope:
            try:
                agreed = await arrival.agree((*DOORS, *self.server.handlers.protocols))
            except HoldfastError as error:
                _log.debug("no-door", why=type(error).__name__)
        if scope.cancelled_caught:
            raise _CutOff("silent")
        return agreed

    async def take_for_answer(self, size: int) -> "_Held":
        """Room for a large answer of at most so many bytes."""
        held = _Held(size)
        try:
            for room in self.server.rooms_for_answers(self.caller):
                await held.take(room)
        except BaseException:
            held.give()
            raise
        return held

    async def take(self, size: int) -> "_Held":
        """Room for a request: of the connection, and of the node if it is not small."""
        held = _Held(size)
        try:
            await held.take(self.room if knows(self.caller) else self.stranger_room)
            for room in self.server.rooms_for(self.caller) if size > SMALL else ():
                await held.take(room)
        except BaseException:
            held.give()
            raise
        return held


class _Held:
    """Room that one request holds, or its answer."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._rooms: list[Room] = []

    async def take(self, room: Room) -> None:
        await room.take(self._size)
        self._rooms.append(room)

    def shrink(self, size: int) -> None:
        """Give back what it does not need after all."""
        for room in self._rooms:
            room.give(self._size - size)
        self._size = size

    def give(self) -> None:
        while self._rooms:
            self._rooms.pop().give(self._size)


class _Line:
    """One door's stream of one connection."""

    def __init__(self, connection: _Connection, door: str, stream: Stream) -> None:
        self._connection = connection
        self._limits = connection.limits
        self._service: object = getattr(connection.doors, door)
        self._stream = stream
        self._answerer = Answerer(OPERATIONS[door])
        self._outbox = Outbox(connection.server.patience, connection.server.count_sent)
        self._held: _Held | None = None
        """Room of the request that is arriving."""

    async def run(self) -> None:
        """Serve until the other side ends the stream. Raises _CutOff and HoldfastError."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._outbox.run, self._stream)
                await self._listen(nursery)
                nursery.cancel_scope.cancel()
        finally:
            self._let_go()
        await self._stream.aclose()

    async def _listen(self, nursery: trio.Nursery) -> None:
        begun = trio.current_time()
        counts = self._connection.server.counts
        while data := await self._received(begun):
            counts.received += len(data)
            if self._answerer.between:
                begun = trio.current_time()
            self._answerer.feed(data)
            while (event := await self._next()) is not None:
                await self._accepted(nursery, event)
                await self._connection.turn()
                begun = trio.current_time()
            if self._answerer.announced and self._held is None:
                self._held = await self._connection.take(self._answerer.announced)
                begun = trio.current_time()

    async def _next(self) -> Request | Refused | None:
        """The next request. A hostile head takes long to read: a long one is read in a thread."""
        connection, answerer = self._connection, self._answerer
        if answerer.unread <= SMALL_HEAD or answerer.announced:
            return answerer.next_request()
        if knows(connection.caller):
            return await self._read_head()
        async with connection.server.strangers_heads:
            began = perf_counter()
            event = await self._read_head()
            await trio.sleep(REST * (perf_counter() - began))
        return event

    async def _read_head(self) -> Request | Refused | None:
        if self._answerer.unread <= LONG_HEAD:
            return self._answerer.next_request()
        return await trio.to_thread.run_sync(self._answerer.next_request)

    async def _received(self, begun: float) -> bytes:
        """More bytes; while a request is arriving, only as long as it may take."""
        if self._answerer.between:
            return await self._stream.receive_some()
        most = MAX_FRAME + self._answerer.announced
        scope = trio.CancelScope(
            deadline=begun + self._limits.begun_seconds + most / self._limits.slowest
        )
        with scope:
            return await self._stream.receive_some()
        raise _CutOff("slow")

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.give()
            self._held = None

    async def _accepted(self, nursery: trio.Nursery, event: Request | Refused) -> None:
        if isinstance(event, Refused):
            self._let_go()
            self._outbox.put(self._answerer.fail(event.id, event.error))
            return
        held = self._held or await self._connection.take(event.weight)
        self._held = None
        self._connection.served.began()
        nursery.start_soon(self._answer, event, held)

    async def _answer(self, request: Request, held: _Held) -> None:
        try:
            if request.operation.most_out > LARGE:
                async with self._connection.large:
                    await self._answer_large(request)
            else:
                self._outbox.put(await self._answered(request))
        finally:
            held.give()
            self._connection.served.done()

    async def _answer_large(self, request: Request) -> None:
        """Answer with as many bytes in memory as there is room for, until they are written."""
        room = await self._connection.take_for_answer(request.operation.most_out)
        try:
            await self._outbox.put(await self._answered(request, room)).wait()
        finally:
            room.give()

    async def _answered(self, request: Request, room: _Held | None = None) -> Iterator[bytes]:
        """What is to be written: the reply, or the error instead."""
        try:
            reply = await self._made(request)
            if room is not None:
                room.shrink(_weight(request.operation, reply))
        except HoldfastError as error:
            return self._answerer.fail(request.id, error)
        except Exception as error:  # noqa: BLE001  the one place where our faults become answers
            return self._answerer.fail(request.id, _internal(request, error))
        try:
            return self._answerer.answer(request.id, reply)
        except Malformed as error:
            return self._answerer.fail(request.id, _internal(request, error))
        except HoldfastError as error:
            return self._answerer.fail(request.id, error)

    async def _made(self, request: Request) -> object:
        if request.size < MIB // 2:
            message = request.message()
        else:
            message = await trio.to_thread.run_sync(request.message)
        method = getattr(self._service, request.operation.name)
        with trio.move_on_after(request.operation.seconds):
            reply: object = await method(message)
            return reply
        raise TimedOut(f"{request.operation} took longer than it may; what became of it is unknown")


def _weight(operation: Operation, reply: object) -> int:
    """Bytes of the blocks of a reply."""
    shape = operation.answers.get(type(reply).__name__)
    field = None if shape is None else shape.blocks
    size = 0 if field is None else sum(len(block.data) for block in getattr(reply, field))
    return min(size, operation.most_out)


def _internal(request: Request, error: Exception) -> Internal:
    """Log a fault of ours: where it was, and its kind. Never its text, which may hold anything."""
    kind = type(error).__name__
    _log.error("fault", operation=str(request.operation), kind=kind, at=_place(error))
    return Internal("the node failed to answer")


def _place(error: BaseException) -> str:
    frames = extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rpartition('/')[2]}-{frames[-1].lineno}" if frames else "-"


def _leaf(group: BaseException) -> BaseException:
    return _leaf(group.exceptions[0]) if isinstance(group, BaseExceptionGroup) else group
