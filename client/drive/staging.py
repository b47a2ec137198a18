"""What chunks share on their way: buffers that are used again, and requests that stage them."""

from collections.abc import Sequence
from typing import Final

import trio

from client.drive.content import Sealer
from client.space.reading import Staging
from formats.cid import Block
from formats.limits import CHUNK, MIB

SEALING: Final = 3
"""Chunks being read and sealed at once: two cores, and one that waits for the disk."""
STAGE_BYTES: Final = 8 * MIB
"""Blocks of several chunks are staged together up to this."""
_STAGING: Final = 2


class Buffers:
    """Room for the chunks that are being worked on; made when first needed, then used again."""

    def __init__(self, count: int = SEALING) -> None:
        self._turns: Final = trio.Semaphore(count)
        self._free: Final[list[tuple[bytearray, Sealer]]] = []

    async def take(self) -> tuple[bytearray, Sealer]:
        """A buffer of a chunk, and a sealer; waits for one."""
        await self._turns.acquire()
        return self._free.pop() if self._free else (bytearray(CHUNK), Sealer())

    def give(self, room: tuple[bytearray, Sealer]) -> None:
        """Give them back."""
        self._free.append(room)
        self._turns.release()


class Stager:
    """Stages blocks in few requests: those that wait at the same time go together.

    The requests run in ``nursery``: who stops waiting takes nobody else along.
    """

    def __init__(self, staging: Staging, nursery: trio.Nursery) -> None:
        self._staging: Final = staging
        self._nursery: Final = nursery
        self._waiting: Final[list[tuple[Sequence[Block], trio.Event]]] = []
        self._running = 0

    async def stage(self, blocks: Sequence[Block]) -> None:
        """Returns when the blocks are durable at the home."""
        done = trio.Event()
        self._waiting.append((blocks, done))
        if self._running < _STAGING:
            self._running += 1
            self._nursery.start_soon(self._run)
        await done.wait()

    async def _run(self) -> None:
        while self._waiting:
            taken = self._take()
            await self._staging.stage([block for blocks, _ in taken for block in blocks])
            for _, done in taken:
                done.set()
        self._running -= 1

    def _take(self) -> list[tuple[Sequence[Block], trio.Event]]:
        taken: list[tuple[Sequence[Block], trio.Event]] = []
        size = 0
        while self._waiting and (not taken or size < STAGE_BYTES):
            taken.append(self._waiting.pop(0))
            size += sum(len(block.data) for block in taken[-1][0])
        return taken
