"""Verified blocks in memory; what was asked for once is forgotten before what was twice.

Only tree nodes, root blocks and leaves go in, never segments: they are small,
and paths and listings come back to them. Going through a large folder passes by thousands
of leaves, each once, and they do not drive out the nodes above them. Blocks are as sealed as
they arrived; beside them, ``opened`` has what was opened of them lately.
"""

from collections import OrderedDict
from typing import Final, Protocol

from client.kept.space import KeptSpace
from client.space.opened import Opened
from formats.cid import Block, Cid
from formats.errors import MissingBlock

DEFAULT_CACHE: Final = 32 * 1024 * 1024
"""Bytes of blocks one account keeps in memory."""

_ENTRY: Final = 200
"""What an entry costs besides its bytes."""


class Blocks(Protocol):
    """Where a view puts what it verified, and finds it again."""

    @property
    def opened(self) -> Opened:
        """What was opened of them lately."""
        ...

    @property
    def kept(self) -> KeptSpace | None:
        """What is kept of the space on disk; None if nothing is."""
        ...

    def put(self, block: Block) -> None:
        """Keep a block that was verified."""
        ...

    def load(self, cid: Cid) -> bytes:
        """The bytes of a block; ``MissingBlock`` when it is not kept."""
        ...


class BlockCache:
    """Blocks by CID, at most ``limit`` bytes of them, the least recently used forgotten first.

    Those that were asked for since they came have up to a quarter of it to themselves.
    """

    def __init__(self, limit: int = DEFAULT_CACHE) -> None:
        self._limit: Final = limit
        self._came: Final[OrderedDict[Cid, bytes]] = OrderedDict()
        self._asked: Final[OrderedDict[Cid, bytes]] = OrderedDict()
        self._size = 0
        self._asked_size = 0
        self.opened: Final = Opened()
        self.kept: Final = None

    def put(self, block: Block) -> None:
        """Keep a block that was verified."""
        if self._use(block.cid) is None:
            self._came[block.cid] = block.data
            self._size += _weight(block.data)
            self._forget()

    def load(self, cid: Cid) -> bytes:
        """The bytes of a block; ``MissingBlock`` when it is not kept."""
        data = self._use(cid)
        if data is None:
            raise MissingBlock.of(cid)
        return data

    def _use(self, cid: Cid) -> bytes | None:
        data = self._asked.get(cid)
        if data is not None:
            self._asked.move_to_end(cid)
            return data
        data = self._came.pop(cid, None)
        if data is not None:
            self._asked[cid] = data
            self._asked_size += _weight(data)
            while 4 * self._asked_size > self._limit:
                old, bytes_ = self._asked.popitem(last=False)
                self._asked_size -= _weight(bytes_)
                self._came[old] = bytes_
        return data

    def _forget(self) -> None:
        while self._size > self._limit:
            _, forgotten = (self._came or self._asked).popitem(last=False)
            self._size -= _weight(forgotten)

    def has(self, cid: Cid) -> bool:
        """Whether it is kept."""
        return cid in self._came or cid in self._asked

    def clear(self) -> None:
        """Forget everything."""
        self._came.clear()
        self._asked.clear()
        self._size = self._asked_size = 0
        self.opened.clear()


class Layered:
    """Blocks of one space: in memory, and below that on this machine's disk."""

    def __init__(self, memory: BlockCache, kept: KeptSpace) -> None:
        self._memory: Final = memory
        self.kept: Final = kept

    @property
    def opened(self) -> Opened:
        """What was opened of them lately."""
        return self._memory.opened

    def put(self, block: Block) -> None:
        """Keep a block that was verified; on the disk soon."""
        if not self._memory.has(block.cid):
            self.kept.put(block)
        self._memory.put(block)

    def load(self, cid: Cid) -> bytes:
        """The bytes of a block; ``MissingBlock`` when neither has it."""
        if self._memory.has(cid):
            return self._memory.load(cid)
        data = self.kept.load(cid)
        if data is None:
            raise MissingBlock.of(cid)
        self._memory.put(Block.checked(cid, data))
        return data


def _weight(data: bytes) -> int:
    return len(data) + _ENTRY
