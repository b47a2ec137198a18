"""Writing packs that are objects: one for each batch, stored before the index has it."""

from typing import Final

from crypto.secret import random_bytes
from formats.cid import Cid
from formats.errors import MissingBlock, StorageFailed
from storage.packs import RECORD, Pens, record_head
from storage.s3.bucket import Bucket, Taken
from storage.s3.cache import PIECE, Cache
from storage.s3.reading import key_of
from storage.s3.sweeping import Sweeper

_NUMBER_BITS: Final = 62


class RandomPen:
    """``Pens`` where one process writes: numbers so large that no two are the same."""

    def claim(self) -> int:
        """A number that no pack ever had."""
        return 1 + int.from_bytes(random_bytes(8), "big") % (1 << _NUMBER_BITS)

    def give_up(self, pack: int) -> None:
        """Nobody waits for it."""

    def is_nobodys(self, pack: int) -> bool:
        """Never asked: what the index does not have is nobody's."""
        return False


class ObjectWriter:
    """``PackWriting`` in a bucket. A batch is held in memory until it is stored."""

    def __init__(self, bucket: Bucket, cache: Cache | None, pens: Pens, sweeper: Sweeper) -> None:
        self._bucket = bucket
        self._cache = cache
        self._pens = pens
        self._sweeper = sweeper
        self._parts: list[bytes] = []
        self._blocks: dict[int, bytes] = {}  # by place
        self._tried = False  # whether there may be something of it in the bucket
        self.current = 0
        self.end = 0

    @property
    def pending(self) -> int:
        """Bytes of this batch so far: all of the pack."""
        return self.end

    def begin(self) -> None:
        """A batch that was neither committed nor discarded stays out."""
        self.seal()

    def append(self, cid: Cid, data: bytes) -> tuple[int, int]:
        """Add a block; returns its pack and where in it its bytes begin."""
        if not self.current:
            self.current = self._pens.claim()
            self._sweeper.spare(self.current)
        place = self.end + RECORD
        self._parts += (record_head(cid, len(data)), data)
        self._blocks[place] = data
        self.end = place + len(data)
        return self.current, place

    def read(self, cid: Cid, place: int, size: int) -> bytes:
        """A block of this batch."""
        data = self._blocks.get(place)
        if data is None or len(data) != size:
            raise MissingBlock.of(cid)
        return data

    def rewind(self, mark: int) -> None:
        """Take back what was appended since ``end`` was ``mark``."""
        while self.end > mark:
            data, head = self._parts.pop(), self._parts.pop()
            self._blocks.pop(self.end - len(data))
            self.end -= len(head) + len(data)

    def sync(self) -> None:
        """Return once the batch is stored, as one object."""
        if not self._parts:
            return
        self._tried = True
        try:
            self._bucket.put(key_of(self.current), self._parts)
        except Taken:
            self._tried = False  # it is not ours to remove
            raise StorageFailed(
                "another node wrote where this one was about to",
                hint="give each node an s3_prefix of its own below [store]",
            ) from None

    def commit(self) -> None:
        """The index has it; what was just stored is likely to be read soon."""
        if self._cache is not None and self._parts:
            whole = memoryview(b"".join(self._parts))
            for at in range(0, len(whole), PIECE):
                self._cache.keep((self.current, at // PIECE), whole[at : at + PIECE])
        self.seal()

    def discard(self) -> None:
        """Give up this batch, and what there may be of it in the bucket."""
        gone = self.current if self._tried else 0
        self.seal()
        if gone:
            self._sweeper.remove(gone)

    def seal(self) -> None:
        """Begin anew with the next batch."""
        if self.current:
            self._pens.give_up(self.current)
        self._parts, self._blocks = [], {}
        self._tried = False
        self.current = self.end = 0
