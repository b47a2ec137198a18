"""What one transaction knows of blocks and of who holds them, and has not written yet.

A commit asks for the same block again and again: is it here, who holds it, one holder
more, one less. Each row is read once and kept; what changed is written together by
``write``, and what came and went in between is not written at all.
"""

from collections.abc import Iterator
from typing import Final

from formats.cid import Cid
from storage.sql.statements import Row, Sql

INLINE: Final = 64 * 1024
"""Blocks up to this many bytes live in the database."""

PUT_INLINE: Final = (
    "INSERT INTO inline (block, data) VALUES (?, ?)"
    " ON CONFLICT (block) DO UPDATE SET data = excluded.data"
)
"""Stores the bytes of a block, in place of earlier ones."""

_MOST_ROWS: Final = 16_384
_MOST_BYTES: Final = 16 * 1024 * 1024

_WITH_ALL: Final = """
    SELECT b.id, b.size, b.pack, b.place, b.holders,
        r.count, r.kind, o.count, o.kind, s.block, CASE WHEN r.count IS NULL THEN i.data END
    FROM block b
    LEFT JOIN reference r ON r.space = ? AND r.block = b.id
    LEFT JOIN reference o ON o.space = ? AND o.block = b.id
    LEFT JOIN staged s ON s.session = ? AND s.block = b.id
    LEFT JOIN inline i ON i.block = b.id AND r.count IS NULL AND b.size <= 16384
    WHERE b.head = ? AND b.tail = ?
"""
"""What admitting a root asks of each block: who refers to it, whether it is staged, and, where
the space has it new, its bytes, which are then looked at."""

_CID: Final = (b"\x01", b"\x12\x20")
"""What the columns of a CID leave out: the version, and which hash it is."""


def split(cid: Cid) -> tuple[int, bytes]:
    """The two columns that hold a CID: see the table ``block``."""
    return int.from_bytes(cid[4:12], "big", signed=True), cid[1:2] + cid[12:]


def join(head: int, tail: bytes) -> Cid:
    """The CID of its two columns: what ``split`` took apart."""
    version, function = _CID
    return Cid(version + tail[:1] + function + head.to_bytes(8, "big", signed=True) + tail[1:])


class Links:
    """The reference of a space to a block: how many links, of which kind."""

    __slots__ = ("count", "kind", "saved", "saved_kind")

    def __init__(self, count: int, kind: int) -> None:
        self.count = self.saved = count
        self.kind = self.saved_kind = kind


class Known:
    """One block. ``data``: its bytes, as long as they are not written yet, or read ahead."""

    __slots__ = ("cid", "data", "holders", "links", "number", "pack", "place", "saved", "size")

    def __init__(self, cid: Cid, number: int, size: int, pack: int, place: int) -> None:
        self.cid = cid
        self.number = number
        self.size = size
        self.pack = pack
        self.place = place
        self.holders = 0
        self.saved: int | None = None  # holders as written; None: the row is not there yet
        self.data: bytes | None = None
        self.links: dict[int, Links] = {}  # by space


class Ledger:
    """The rows of one transaction: read once, changed in memory, written together."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._blocks: dict[Cid, Known | None] = {}
        self._staged: dict[tuple[int, int], tuple[Known, bool, bool]] = {}  # was, is
        self._fresh: set[int] = set()  # sessions of which nothing is written yet
        self._numbers: Iterator[int] = iter(())
        self._bytes = 0
        self._other: int | None = None  # the space, and the session, asked about last beside
        self._session: int | None = None

    # -- blocks ---------------------------------------------------------------------------

    def find(self, cid: Cid) -> Known | None:
        """What is known of a block; None when it is not here."""
        if cid in self._blocks:
            return self._blocks[cid]
        row = self._sql.row(
            "SELECT id, size, pack, place, holders FROM block WHERE head = ? AND tail = ?",
            *split(cid),
        )
        return self._remember(cid, row)

    def find_with_links(self, cid: Cid, space: int) -> tuple[Known, Links] | None:
        """The same, with its reference by a space: together they are one question.

        So is what was asked about blocks before: whether another space refers to them, a session
        holds them.
        """
        known = self._blocks.get(cid)
        if known is None and cid not in self._blocks:
            row = self._sql.row(_WITH_ALL, space, self._other, self._session, *split(cid))
            known = self._remember(cid, row)
            if known is not None and row is not None:
                self._take_links(known, space, row)
        return None if known is None else (known, self.links(known, space))

    def references(self, cid: Cid, space: int) -> int:
        """How many links a space has to a block, beside the one that is admitting."""
        self._other = space
        found = self.find(cid)
        return 0 if found is None else self.links(found, space).count

    def taken(self, known: Known) -> bytes | None:
        """The bytes of a block, if they are at hand; those that were read ahead, once."""
        data = known.data
        if data is not None and known.saved is not None:
            known.data = None
            self._bytes -= len(data)
        return data

    def add(self, cid: Cid, data: bytes, pack: int, place: int) -> Known:
        """A block that is new here; ``pack`` 0: its bytes are for the database."""
        known = Known(cid, self._next_number(), len(data), pack, place)
        known.data = data
        self._blocks[cid] = known
        self._bytes += len(data)
        return known

    # -- staging --------------------------------------------------------------------------

    def begin_session(self, session: int) -> None:
        """Nothing is staged in it so far."""
        self._fresh.add(session)

    def is_fresh(self, session: int) -> bool:
        """Whether all that the session holds is here, and not written."""
        return session in self._fresh

    def is_staged(self, session: int, known: Known) -> bool:
        """Whether the session holds the block."""
        entry = self._staged.get((session, known.number))
        if entry is not None:
            return entry[2]
        if known.saved is None or session in self._fresh:
            return False
        self._session = session
        there = self._sql.row(
            "SELECT 1 FROM staged WHERE session = ? AND block = ?", session, known.number
        )
        self._staged[session, known.number] = (known, there is not None, there is not None)
        return there is not None

    def set_staged(self, session: int, known: Known, staged: bool) -> None:
        """Make the session hold the block, or no more. Its holders are not counted by this."""
        was = self._staged.get((session, known.number), (known, False, False))[1]
        self._staged[session, known.number] = (known, was, staged)

    def staged_in(self, session: int) -> Iterator[Known]:
        """The blocks that a fresh session holds."""
        return (
            known
            for (where, _), (known, _, now) in list(self._staged.items())
            if where == session and now
        )

    # -- writing --------------------------------------------------------------------------

    @property
    def full(self) -> bool:
        """Whether it is time to ``write``, so that memory stays bounded."""
        return len(self._blocks) >= _MOST_ROWS or self._bytes >= _MOST_BYTES

    def write(self) -> None:
        """Write what changed, and forget everything: other statements may change it now."""
        changed = [known for known in self._blocks.values() if known is not None]
        self._write_blocks([known for known in changed if known.saved is None])
        self._write_holders([known for known in changed if known.saved is not None])
        self._write_links(changed)
        self._write_staged()
        self._blocks.clear()
        self._staged.clear()
        self._fresh.clear()
        self._bytes = 0

    def _write_blocks(self, new: list[Known]) -> None:
        self._sql.run_many(
            "INSERT INTO block (id, head, tail, size, holders, pack, place)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(k.number, *split(k.cid), k.size, k.holders, k.pack, k.place) for k in new],
        )
        self._sql.run_many(
            "INSERT INTO inline (block, data) VALUES (?, ?)",
            [(k.number, k.data) for k in new if not k.pack],
        )
        self._sql.run_many(
            "INSERT INTO garbage (block) VALUES (?)", [(k.number,) for k in new if not k.holders]
        )

    def _write_holders(self, known: list[Known]) -> None:
        changed = [(k.holders, k.number) for k in known if k.holders != k.saved]
        self._sql.run_many("UPDATE block SET holders = ? WHERE id = ?", changed)
        gone = [(k.number,) for k in known if k.saved and not k.holders]
        self._sql.run_many("INSERT INTO garbage (block) VALUES (?)", gone)
        back = [(k.number,) for k in known if k.holders and not k.saved]
        self._sql.run_many("DELETE FROM garbage WHERE block = ?", back)

    def _write_links(self, blocks: list[Known]) -> None:
        all_links = [
            (space, k.number, at)
            for k in blocks
            for space, at in k.links.items()
            if (at.count, at.kind) != (at.saved, at.saved_kind)
        ]
        self._sql.run_many(
            "INSERT INTO reference (space, block, count, kind) VALUES (?, ?, ?, ?)",
            [
                (space, number, at.count, at.kind)
                for space, number, at in all_links
                if not at.saved and at.count
            ],
        )
        self._sql.run_many(
            "UPDATE reference SET count = ?, kind = ? WHERE space = ? AND block = ?",
            [
                (at.count, at.kind, space, number)
                for space, number, at in all_links
                if at.saved and at.count
            ],
        )
        self._sql.run_many(
            "DELETE FROM reference WHERE space = ? AND block = ?",
            [(space, number) for space, number, at in all_links if not at.count],
        )

    def _write_staged(self) -> None:
        changed = [(key, now) for key, (_, was, now) in self._staged.items() if was != now]
        self._sql.run_many(
            "INSERT INTO staged (session, block) VALUES (?, ?)",
            [key for key, now in changed if now],
        )
        self._sql.run_many(
            "DELETE FROM staged WHERE session = ? AND block = ?",
            [key for key, now in changed if not now],
        )

    # -- within ---------------------------------------------------------------------------

    def _remember(self, cid: Cid, row: Row | None) -> Known | None:
        known = None
        if row is not None:
            known = Known(cid, *row[:4])
            known.holders = known.saved = row[4]
        self._blocks[cid] = known
        return known

    def _take_links(self, known: Known, space: int, row: Row) -> None:
        """What came besides: two spaces' links, whether a session holds it, its bytes."""
        if self._other is not None:
            known.links[self._other] = Links(row[7] or 0, row[8] or 0)
        known.links[space] = Links(row[5] or 0, row[6] or 0)
        if self._session is not None:
            there = row[9] is not None
            self._staged[self._session, known.number] = (known, there, there)
        if row[10] is not None:
            known.data = bytes(row[10])
            self._bytes += known.size

    def links(self, known: Known, space: int) -> Links:
        """A space's reference to a block."""
        links = known.links.get(space)
        if links is None:
            row = None
            if known.saved is not None:
                row = self._sql.row(
                    "SELECT count, kind FROM reference WHERE space = ? AND block = ?",
                    space,
                    known.number,
                )
            links = known.links[space] = Links(*(row or (0, 0)))
        return links

    def _next_number(self) -> int:
        number = next(self._numbers, None)
        if number is None:
            self._numbers = iter(self._sql.block_numbers())
            number = next(self._numbers)
        return number
