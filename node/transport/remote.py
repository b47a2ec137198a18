"""A node that is elsewhere: its doors over one connection.

One stream a door, opened when it is first needed and kept. Requests are
pipelined and answered in any order. Every request has a time limit; time in
which bytes arrive as fast as ``SLOWEST`` does not count, so that a slow line is
not a silent one. When the connection ends, everything under way on it ends at
once with Unreachable.

A request that ran out of time with nothing at all heard since it was asked
ends the connection: nobody is there. If others are being answered, only the one
is given up.
"""

from typing import Final, cast

import trio
from trio.lowlevel import ParkingLot

from formats.errors import HoldfastError, ProtocolViolation, TimedOut, Unreachable
from node.transport.carrier import Connection, Stream
from node.transport.outbox import Outbox
from node.transport.room import Room
from node.transport.tasks import patience
from protocols.exchange import MAX_IN_FLIGHT, Asker, Reply
from protocols.operations import OPERATIONS, PROTOCOLS, Operation
from protocols.services import Accounts, Blocks, Courier, Directory, Inbox, Pointers, Replicas

SLOWEST: Final = 16 * 1024
"""Bytes a second below which a line counts as silent."""

GRACE: Final = 5.0
"""Seconds on top of an operation's own, so that the node's own TimedOut comes first."""

MOST_FORGIVEN: Final = 600.0
"""Seconds that arriving bytes can add to one request's limit."""

OPEN_SECONDS: Final = 10.0
"""Longest that opening a door's stream may take."""

MOST_OUT: Final = 32 * 1024 * 1024
"""Bytes of blocks in unanswered requests of one connection; further ones wait."""

IN_THREAD: Final = 512 * 1024
"""From this many bytes on, blocks are hashed in a worker thread."""

CLOSE_SECONDS: Final = 2.0


class RemoteDoors:
    """``protocols.services.Doors`` over a connection. Somebody must run ``run``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._room = Room(MOST_OUT)
        self._starting, self._to_start = trio.open_memory_channel[_Line](len(OPERATIONS))
        self._ended = False
        self._gone = trio.Event()
        self._why = "the connection to the node is closed"
        self._lines = {door: _Line(self, door) for door in OPERATIONS}
        stubs = {door: _Stub(line) for door, line in self._lines.items()}
        self._accounts = cast(Accounts, stubs["accounts"])
        self._blocks = cast(Blocks, stubs["blocks"])
        self._pointers = cast(Pointers, stubs["pointers"])
        self._inbox = cast(Inbox, stubs["inbox"])
        self._directory = cast(Directory, stubs["directory"])
        self._replicas = cast(Replicas, stubs["replicas"])
        self._courier = cast(Courier, stubs["courier"])

    @property
    def peer(self) -> bytes:
        """The node's peer id, authenticated by the carrier."""
        return self._connection.peer

    @property
    def accounts(self) -> Accounts:
        """Who is calling, and what an account is."""
        return self._accounts

    @property
    def blocks(self) -> Blocks:
        """Sealed blocks in, verified leaves out."""
        return self._blocks

    @property
    def pointers(self) -> Pointers:
        """Where a space is, and moving it."""
        return self._pointers

    @property
    def inbox(self) -> Inbox:
        """Sealed messages between people."""
        return self._inbox

    @property
    def directory(self) -> Directory:
        """Identity chains and whereabouts."""
        return self._directory

    @property
    def replicas(self) -> Replicas:
        """Another node follows an account."""
        return self._replicas

    @property
    def courier(self) -> Courier:
        """Drops on their way to another home."""
        return self._courier

    async def aclose(self) -> None:
        """Close the connection; what is under way ends with Unreachable."""
        self.end("the connection to the node was closed")
        await self._gone.wait()

    async def run(self) -> None:
        """Serve the calls until the connection ends or ``aclose``; then closes the connection."""
        try:
            async with trio.open_nursery() as nursery:
                async for line in self._to_start:
                    nursery.start_soon(line.run)
                nursery.cancel_scope.cancel()
        finally:
            self.end(self._why)
            with patience(CLOSE_SECONDS):
                await self._connection.aclose()
            self._gone.set()

    def end(self, why: str) -> None:
        """End everything under way with Unreachable. Told twice, the first reason stays."""
        if not self._ended:
            self._why = why
            self._ended = True
            self._starting.close()
            for line in self._lines.values():
                line.fail(Unreachable(why))

    # --- for the lines

    def start(self, line: "_Line") -> None:
        """Run a line's tasks. Raises Unreachable when the connection has ended."""
        self.check()
        self._starting.send_nowait(line)

    def check(self) -> None:
        """Raise Unreachable when the connection has ended."""
        if self._ended:
            raise Unreachable(self._why)

    @property
    def room(self) -> Room:
        """Room for the blocks of requests."""
        return self._room

    async def open(self, door: str) -> Stream:
        """A new stream to that door, within ``OPEN_SECONDS``."""
        with trio.move_on_after(OPEN_SECONDS):
            return await self._connection.open(PROTOCOLS[door])
        raise Unreachable("the node did not open its door in time")


class _Stub:
    """The methods of one door, made from the table of operations."""

    def __init__(self, line: "_Line") -> None:
        for name, operation in OPERATIONS[line.door].items():
            setattr(self, name, _method(line, operation))


def _method(line: "_Line", operation: Operation) -> object:
    async def call(request: object) -> object:
        return await line.call(operation, request)

    return call


class _Waiter:
    """Somebody who waits for a reply, and until when."""

    def __init__(self, seconds: float) -> None:
        self.asked = trio.current_time()
        self._scope = trio.CancelScope(deadline=self.asked + seconds)
        self._latest = self._scope.deadline + MOST_FORGIVEN
        self._event = trio.Event()
        self._outcome: Reply | HoldfastError | None = None

    def settle(self, outcome: Reply | HoldfastError) -> None:
        self._outcome = outcome
        self._event.set()

    def forgive(self, seconds: float) -> None:
        """Bytes arrived: so much time does not count."""
        self._scope.deadline = min(self._latest, self._scope.deadline + seconds)

    async def wait(self) -> Reply | None:
        """The reply, None when time ran out. Raises what the request failed with."""
        with self._scope:
            await self._event.wait()
        if isinstance(self._outcome, HoldfastError):
            raise self._outcome
        return self._outcome


class _Line:
    """One door's stream: its Asker, who waits, and what is to be written."""

    def __init__(self, doors: RemoteDoors, door: str) -> None:
        self.door = door
        self._doors = doors
        self._asker = Asker(OPERATIONS[door])
        self._outbox = Outbox()
        self._waiters: dict[int, _Waiter] = {}
        self._freed = ParkingLot()
        self._running = False
        self._heard = -1.0

    async def call(self, operation: Operation, request: object) -> object:
        """Ask and wait for the answer: the reply message, or the error that was answered."""
        self._doors.check()
        size = _weight(operation, request)
        async with self._doors.room.holding(size):
            reply = await self._exchange(operation, request)
        if reply.size < IN_THREAD:
            return reply.message()
        return await trio.to_thread.run_sync(reply.message)

    async def _exchange(self, operation: Operation, request: object) -> Reply:
        while self._asker.in_flight >= MAX_IN_FLIGHT:
            self._doors.check()
            await self._freed.park()
        self._doors.check()
        id, writes = self._asker.ask(operation, request)
        waiter = _Waiter(operation.seconds + GRACE + self._doors.room.used / SLOWEST)
        self._waiters[id] = waiter
        self._outbox.put(writes)
        if not self._running:
            self._running = True
            self._doors.start(self)
        try:
            reply = await waiter.wait()
        finally:
            if self._waiters.pop(id, None) is not None:
                self._asker.abandon(id)
        return self._late(operation, waiter) if reply is None else reply

    def _late(self, operation: Operation, waiter: _Waiter) -> Reply:
        if self._heard < waiter.asked:
            self._doors.end("the node fell silent")
        raise TimedOut(f"the node did not answer {operation} in time")

    async def run(self) -> None:
        """Open the stream, write what is asked, settle what is answered."""
        try:
            stream = await self._doors.open(self.door)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._outbox.run, stream)
                await self._listen(stream)
        except* HoldfastError as group:
            self._broke(_first(group))

    async def _listen(self, stream: Stream) -> None:
        while data := await stream.receive_some():
            self._forgive(len(data))
            self._asker.feed(data)
            while (reply := self._asker.next_reply()) is not None:
                waiter = self._waiters.pop(reply.id, None)
                if waiter is not None:
                    waiter.settle(reply)
            if self._asker.in_flight < MAX_IN_FLIGHT:
                self._freed.unpark(count=MAX_IN_FLIGHT - self._asker.in_flight)
        raise Unreachable("the node closed the connection")

    def _forgive(self, size: int) -> None:
        """Arriving bytes stop the clock: as long as they may take, and no longer than they did."""
        now = trio.current_time()
        since = self._heard
        self._heard = now
        for waiter in self._waiters.values():
            waiter.forgive(min(size / SLOWEST, now - max(since, waiter.asked)))

    def _broke(self, error: HoldfastError) -> None:
        """What broke this line is told to who waits on it; the rest of the connection ends too."""
        self.fail(error)
        if isinstance(error, ProtocolViolation):
            self._doors.end("the connection was closed: the node broke the protocol")
        else:
            self._doors.end(error.message)

    def fail(self, error: HoldfastError) -> None:
        """End every wait on this line with this error."""
        waiters, self._waiters = self._waiters, {}
        for waiter in waiters.values():
            waiter.settle(type(error)(error.message))
        self._freed.unpark_all()


def _weight(operation: Operation, request: object) -> int:
    """Bytes of the blocks of a request."""
    field = operation.asks.blocks
    if field is None or type(request) is not operation.request:
        return 0
    return sum(len(block.data) for block in getattr(request, field))


def _first(group: BaseExceptionGroup[HoldfastError]) -> HoldfastError:
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
