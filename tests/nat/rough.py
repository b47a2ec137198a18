"""A line that delays and loses: two tap devices, and a thread that carries frames between them.

(``tc netem`` would do as much, but not every kernel has it.) What is lost depends
on the seed and on the order of the frames alone.
"""

import fcntl
import os
import random
import select
import struct
import threading
import time
from collections import deque
from typing import Final

from tests.nat.segments import Line, Segment
from tests.nat.spaces import Space

_TUNSETIFF: Final = 0x400454CA
_TAP_WITHOUT_HEADER: Final = 0x0002 | 0x1000
_FRAME: Final = 2048
_ROOM: Final = 4096
"""Frames under way in one direction; further ones are lost, as in any router."""


class Rough:
    """Takes the place of a machine's line. ``delay`` (seconds) and ``loss`` (0 to 1) may change."""

    def __init__(
        self, machine: Space, segment: Segment, line: Line, delay: float, loss: float, seed: int
    ) -> None:
        self.delay = delay
        self.loss = loss
        self._random = random.Random(seed)
        segment.space.ip(f"link del {line.port}")
        ends = (
            machine.call(lambda: _tap(line.device)),
            segment.space.call(lambda: _tap(line.port)),
        )
        machine.ip(f"link set {line.device} up")
        segment.space.ip(f"link set {line.port} master {segment.name}", f"link set {line.port} up")
        segment.address(machine, line)
        machine.awaits(line.device)
        segment.space.awaits(line.port)
        self._stop, self._stopping = os.pipe()
        self._ends: Final = ends
        self._queues: Final = {end: deque[tuple[float, bytes]]() for end in ends}
        self._thread = threading.Thread(target=self._carry, name="rough line", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take it away."""
        os.close(self._stopping)
        self._thread.join()
        for fd in (*self._ends, self._stop):
            os.close(fd)

    def _carry(self) -> None:
        one, other = self._ends
        across = {one: other, other: one}
        while True:
            ready, _, _ = select.select([one, other, self._stop], [], [], self._wait())
            if self._stop in ready:
                return
            for fd in ready:
                self._took(across[fd], os.read(fd, _FRAME))
            self._deliver()

    def _wait(self) -> float | None:
        due = [queue[0][0] for queue in self._queues.values() if queue]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _took(self, to: int, frame: bytes) -> None:
        if self._random.random() >= self.loss and len(self._queues[to]) < _ROOM:
            self._queues[to].append((time.monotonic() + self.delay, frame))

    def _deliver(self) -> None:
        now = time.monotonic()
        for fd, queue in self._queues.items():
            while queue and queue[0][0] <= now:
                os.write(fd, queue.popleft()[1])


def _tap(name: str) -> int:
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(fd, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _TAP_WITHOUT_HEADER))
    return fd
