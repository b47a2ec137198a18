"""Where the bytes of larger blocks are: what a store needs of packs, and their layout.

A pack is a run of records, each ``size (4 bytes, big-endian), CID (36 bytes), bytes``.
Size 0 means "go on at the next multiple of ``ALIGN``". What counts of a pack is the length
that the index has for it; a pack that the index does not know is what a crash left.

``storage/embedded/local.py`` keeps packs as files of a folder.

One thread writes: ``begin`` a batch, ``append`` in it, ``rewind`` to a mark what failed, then
``sync`` and commit the index, then ``commit``; or ``discard`` the batch. So each block that
the index points to is whole and durable, and a crash anywhere leaves only orphans.

Errors: ``DiskFull``, ``StorageFailed``; ``MissingBlock`` for a block that is not in its place.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from formats.cid import CID_SIZE, Cid

RECORD: Final = 4 + CID_SIZE
"""Bytes of a record before the block's."""

ALIGN: Final = 4096
"""Where a batch may begin."""

SITE: Final = "site"
"""The setting of a store that names it among others that keep packs in one place."""

SITE_SIZE: Final = 16

PLACED: Final = "packs"
"""The setting of a site that says where its packs are."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as the index has it; ``length`` and ``live`` in bytes."""

    id: int
    length: int
    live: int


def record_head(cid: Cid, size: int) -> bytes:
    """What stands before the bytes of a block."""
    return size.to_bytes(4, "big") + cid


def pack_name(pack: int) -> str:
    """The name of a pack wherever packs have names."""
    return f"{pack:012d}.pack"


def pack_number(name: str) -> int | None:
    """The pack that has this name, or None for a name of something else."""
    stem, _, kind = name.partition(".")
    ours = kind == "pack" and len(stem) <= 19 and stem.isascii() and stem.isdecimal()
    return int(stem) if ours and pack_name(int(stem)) == name else None


def walk_records(
    pack: Pack, start: int, head: Callable[[int], bytes]
) -> Iterator[tuple[int, Cid, int]]:
    """(place, cid, size) of each record; ``head`` reads the bytes before a block's at an offset."""
    at = start
    while at + RECORD <= pack.length:
        found = head(at)
        if len(found) < RECORD:
            return
        size = int.from_bytes(found[:4], "big")
        if size == 0:
            at = (at // ALIGN + 1) * ALIGN
            continue
        yield at + RECORD, Cid(found[4:]), size
        at += RECORD + size


class PackReading(Protocol):
    """Reads packs for one function that has a view; ``close`` it afterwards."""

    def read(self, cid: Cid, pack: int, place: int, size: int) -> bytes:
        """The bytes of a block as stored, not hashed; ``MissingBlock`` when not all are there."""
        ...

    def records(self, pack: Pack, start: int) -> Iterator[tuple[int, Cid, int]]:
        """(place, cid, size) of each record from offset ``start`` on; ends where the pack does."""
        ...

    def sizes(self) -> dict[int, int]:
        """The packs that are there, and their sizes in bytes."""
        ...

    def close(self) -> None:
        """Let go of whatever is open."""
        ...


class PackWriting(Protocol):
    """Appends to one pack at a time, for the thread that writes."""

    @property
    def current(self) -> int:
        """The pack that is appended to, greater than 0; 0 when none is yet."""
        ...

    @property
    def end(self) -> int:
        """How long it is, with all that was appended."""
        ...

    @property
    def pending(self) -> int:
        """Bytes of this batch so far."""
        ...

    def begin(self) -> None:
        """Start a batch, in a new pack if this one is long enough."""
        ...

    def append(self, cid: Cid, data: bytes) -> tuple[int, int]:
        """Add a block; returns its pack and where in it its bytes begin. Not durable yet."""
        ...

    def read(self, cid: Cid, place: int, size: int) -> bytes:
        """A block of the current pack, also one that was appended just now."""
        ...

    def rewind(self, mark: int) -> None:
        """Take back what was appended since ``end`` was ``mark``."""
        ...

    def sync(self) -> None:
        """Return once everything appended is durable."""
        ...

    def commit(self) -> None:
        """The index has it."""
        ...

    def discard(self) -> None:
        """Give up this batch, and never append to its pack again."""
        ...

    def seal(self) -> None:
        """Never append to this pack again, and leave it as it is: the index may have it."""
        ...


class Pens(Protocol):
    """Who writes which pack, where several processes share them. For the thread that writes."""

    def claim(self) -> int:
        """A number that no pack ever had: this process's alone, until it is given up."""
        ...

    def give_up(self, pack: int) -> None:
        """It is not appended to any more. Never fails."""
        ...

    def is_nobodys(self, pack: int) -> bool:
        """Whether a pack is what a crash left: nobody writes it, and the index does not have it."""
        ...


class Packs(Protocol):
    """Where packs are. ``reader``, ``stamp`` and ``pieces`` are for any thread."""

    @property
    def step(self) -> int:
        """Most bytes that one step of giving back space moves: no writer waits for more."""
        ...

    def prepare(self, known: Sequence[Pack], site: bytes, pens: Pens | None = None) -> PackWriting:
        """Take them up as the index knows them: sweep what it does not, go on where they end.

        To be called once, before anything else. ``site``: 16 random bytes that name the store,
        so that packs of another are not taken for its own. With ``pens``, other processes use
        them too: ``known`` is empty as long as the store has no place for packs yet, and says
        nothing else; only what is nobody's is swept; and every pack that is written is a new one,
        of a number that was claimed before there is anything of it.
        """
        ...

    def reader(self) -> PackReading:
        """A reader, for one function in one thread."""
        ...

    def remove(self, pack: int) -> None:
        """Give back a pack that nothing can need any more.

        When it cannot be, that costs only its space: it is swept later.
        """
        ...

    def stamp(self, pack: int) -> int | None:
        """A time (ns) that changes whenever the pack does; None when it is not there."""
        ...

    def pieces(self, pack: Pack) -> Iterator[bytes]:
        """The bytes of a pack as far as the index has it, or as far as it is there."""
        ...

    def close(self) -> None:
        """Finish what is under way."""
        ...
