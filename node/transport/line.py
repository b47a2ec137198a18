"""One door's stream of one connection: requests as they come, answers as they are made."""

from collections.abc import Iterator
from time import perf_counter
from traceback import extract_tb
from typing import Final

import trio

from formats.errors import HoldfastError, Internal, Malformed, TimedOut
from node.logs import Log
from node.transport.carrier import Stream
from node.transport.connection import Connection, CutOff
from node.transport.outbox import Outbox
from node.transport.served import knows
from node.transport.shared import Held
from protocols.exchange import Answerer, Refused, Request
from protocols.frames import MAX_FRAME
from protocols.operations import OPERATIONS, Operation

MIB: Final = 1024 * 1024
LARGE: Final = MIB
"""An operation whose answer may have more bytes of blocks than this gives large answers."""

SMALL_HEAD: Final = 4 * 1024
"""Heads of strangers above this are read one after the other, over all connections."""
LONG_HEAD: Final = 16 * 1024
"""With more than this unread, a head is read in a thread: others are served meanwhile."""
REST: Final = 3
"""And after each it is others' turn for so many times as long as reading it took."""

_log: Final = Log("transport")


class Line:
    """One door's stream of one connection."""

    def __init__(self, connection: Connection, door: str, stream: Stream) -> None:
        self._connection = connection
        self._limits = connection.limits
        self._service: object = getattr(connection.doors, door)
        self._stream = stream
        self._answerer = Answerer(OPERATIONS[door])
        self._outbox = Outbox(connection.shared.patience, connection.shared.count_sent)
        self._held: Held | None = None
        """Room of the request that is arriving."""

    async def run(self) -> None:
        """Serve until the other side ends the stream. Raises CutOff and HoldfastError."""
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
        counts = self._connection.shared.counts
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
        async with connection.shared.strangers_heads:
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
        raise CutOff("slow")

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

    async def _answer(self, request: Request, held: Held) -> None:
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

    async def _answered(self, request: Request, room: Held | None = None) -> Iterator[bytes]:
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
    _log.error("fault", operation=str(request.operation), kind=kind, at=place_of_fault(error))
    return Internal("the node failed to answer")


def place_of_fault(error: BaseException) -> str:
    """The line of code, for the log."""
    frames = extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rpartition('/')[2]}-{frames[-1].lineno}" if frames else "-"
