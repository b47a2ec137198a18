"""Messages on their way into one stream: whole, in order, by one task, in large writes."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

import trio

from formats.errors import Unreachable
from node.transport.carrier import Stream
from protocols.frames import WRITE

STALL_SECONDS: Final = 60.0
"""Longest that one write (about a MiB) may wait for the other side to read."""


class Outbox:
    """Takes the writes of messages from many tasks; ``run`` sends them.

    A message is never half sent because somebody lost interest: only the task
    that runs ``run`` touches the stream.
    """

    __slots__ = ("_queue", "_sent", "_stall", "_wake")

    def __init__(
        self,
        stall: Callable[[], float] = lambda: STALL_SECONDS,
        sent: Callable[[int], None] | None = None,
    ) -> None:
        self._sent = sent
        self._queue: deque[tuple[Iterator[bytes], trio.Event]] = deque()
        self._wake = trio.Event()
        self._stall = stall

    def put(self, writes: Iterator[bytes]) -> trio.Event:
        """Queue one message; the event is set when all of it has been sent."""
        sent = trio.Event()
        self._queue.append((writes, sent))
        self._wake.set()
        return sent

    async def run(self, stream: Stream) -> None:
        """Send until cancelled. Raises Unreachable when the stream breaks or takes nothing."""
        while True:
            await self._wake.wait()
            self._wake = trio.Event()
            await self._drain(stream)

    async def _drain(self, stream: Stream) -> None:
        """Send what is queued; small messages that wait together share a write."""
        held: list[bytes] = []
        whole: list[trio.Event] = []
        size = 0
        while self._queue:
            writes, sent = self._queue.popleft()
            for write in writes:
                held.append(write)
                size += len(write)
                if size >= WRITE:
                    await self._send(stream, held, whole)
                    size = 0
            whole.append(sent)
        await self._send(stream, held, whole)

    async def _send(self, stream: Stream, held: list[bytes], whole: list[trio.Event]) -> None:
        """Send what is held, tell those whose message is whole, and empty both."""
        data = held[0] if len(held) == 1 else b"".join(held)
        held.clear()
        if data:
            patience = self._stall()
            with trio.move_on_after(patience) as scope:
                await stream.send_all(data)
            if scope.cancelled_caught:
                raise Unreachable(f"the other side read nothing for {patience:.0f} s")
            if self._sent is not None:
                self._sent(len(data))
        for sent in whole:
            sent.set()
        whole.clear()
