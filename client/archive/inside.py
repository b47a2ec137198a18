"""What is in a file, in order: each piece is wanted where it stands, or refused.

    manifest | its records | of each space: its blocks, then the records before its pointer

Whoever writes a file and whoever reads it feed every block to the same ``Inside``: so a file
that was cut off while it was written is gone on with from what is in it, and one that is read
is whole when ``Inside`` says so. Nothing is believed: blocks for the hash that names them,
records for their signatures, older ones for the record after them.
"""

from dataclasses import dataclass
from enum import Enum, auto

from client.archive.manifest import At, Listed, Manifest
from client.archive.walk import Walk
from crypto.hashing import sha256
from formats.cid import Block, Cid
from formats.errors import Forged, Malformed
from formats.pointer import read_body


class Kind(Enum):
    """What a piece is."""

    RECORD = auto()
    BLOCK = auto()
    BODY = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """One block of a file. ``number``: of its space; -1 for records at the beginning.

    ``ends``: nothing of its space comes after it.
    """

    kind: Kind
    block: Block
    number: int = -1
    ends: bool = False


class Inside:
    """One file's."""

    def __init__(self) -> None:
        self._manifest: Manifest | None = None
        self._listed: Listed | None = None
        self._records: list[bytes] = []
        self.number = 0
        """Of the space whose pieces come now."""
        self._walk: Walk | None = None
        self._body: tuple[int, bytes | None] = (-1, None)
        self.blocks = 0
        self.bytes = 0

    @property
    def manifest(self) -> Manifest:
        """The records at the beginning; raises Malformed before they were there."""
        if self._manifest is None:
            raise Malformed("the file ends before its records do")
        return self._manifest

    @property
    def has_records(self) -> bool:
        """Whether they were."""
        return self._manifest is not None

    @property
    def at(self) -> At:
        """The space whose pieces come now."""
        return self.manifest.spaces[self.number]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return self._manifest is not None and self.number == len(self._manifest.spaces)

    @property
    def wanted(self) -> list[Cid]:
        """Blocks of the space that are wanted now; none when older records are."""
        return [] if self._walk is None else self._walk.wanted()

    @property
    def below(self) -> int:
        """Older records below that number are wanted, once no blocks are."""
        return self._body[0] + 1

    def take(self, block: Block) -> Piece:
        """The next block; raises Malformed for one that does not belong here, Forged and so on."""
        self.blocks += 1
        self.bytes += len(block.data)
        if self.is_whole:
            raise Malformed("the file has more in it than its account")
        if self._manifest is None:
            self._take_record(block)
            return Piece(Kind.RECORD, block)
        number = self.number
        if self._walk is not None:
            self._walk.take(block)
            kind = Kind.BLOCK
        else:
            self._take_body(block.data)
            kind = Kind.BODY
        return Piece(kind, block, number, self._ended())

    def _take_record(self, block: Block) -> None:
        if self._listed is None:
            self._listed = Listed.read(block.data)
            return
        wanted = self._listed.records
        if block.cid != wanted[len(self._records)]:
            raise Malformed("the file has another record than it says")
        self._records.append(block.data)
        if len(self._records) == len(wanted):
            self._manifest = self._listed.verified(self._records)
            self._records = []
            self._begin()

    def _begin(self) -> None:
        if not self.is_whole:
            pointer = self.at.pointer
            self._walk, self._body = Walk(pointer.root), (pointer.seq - 1, pointer.prev)

    def _take_body(self, data: bytes) -> None:
        seq, link = self._body
        if sha256(data) != link:
            raise Forged("the file has an older record that no later one names")
        said, record = read_body(data), self.at.record
        if (said.owner, said.space, said.seq) != (record.owner, record.space, seq):
            raise Forged("an older record in the file is of another place")
        self._body = (seq - 1, said.prev)

    def _ended(self) -> bool:
        """Go on to what comes next; whether the space is whole."""
        if self._walk is not None and not self._walk.is_whole:
            return False
        self._walk = None
        if self._body[0] >= 0:
            return False
        self.number += 1
        self._begin()
        return True
