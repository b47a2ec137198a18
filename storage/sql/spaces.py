"""Spaces, their history and the roots they still hold."""

from collections.abc import Iterator
from typing import Final

from formats.cid import Cid
from storage.contracts import PastRow, PinRow, RetainedRoot, SpaceKey, SpaceRow
from storage.sql.blocks import BlocksView
from storage.sql.holding import BlocksChanges
from storage.sql.statements import Row

_SPACE: Final = """
    SELECT p.space, o.owner, r.record, r.pointer, r.seq, r.root, p.used
    FROM owner o JOIN space p ON p.owner = o.id JOIN space_record r ON r.space = p.id
"""
_PAST: Final = "SELECT t.seq, t.root, t.superseded FROM retained t"


def _space_row(row: Row) -> SpaceRow:
    space, owner, record, pointer, seq, root, used = row
    return SpaceRow(SpaceKey(owner, space), record, pointer, seq, Cid(root), used)


def _past_row(key: SpaceKey, row: Row | None) -> PastRow | None:
    return None if row is None else PastRow(key, row[0], Cid(row[1]), row[2])


class SpacesView(BlocksView):
    """Reading them."""

    def space(self, key: SpaceKey) -> SpaceRow | None:
        row = self._sql.row(f"{_SPACE} WHERE o.owner = ? AND p.space = ?", key.owner, key.space)
        return None if row is None else _space_row(row)

    def spaces_of(self, owner: bytes) -> Iterator[SpaceRow]:
        where = "WHERE p.space > ? AND o.owner = ? ORDER BY p.space LIMIT ?"
        return map(_space_row, self._sql.walk(f"{_SPACE} {where}", b"", owner))

    def history(self, key: SpaceKey, seq: int) -> bytes | None:
        space = self._space(key)
        row = self._sql.row("SELECT body FROM history WHERE space = ? AND seq = ?", space, seq)
        return None if row is None else bytes(row[0])

    def retained(self, key: SpaceKey, below: int | None = None) -> Iterator[RetainedRoot]:
        # Walked from the greatest seq down: the key of the walk is the negated seq.
        sql = (
            "SELECT -t.seq, t.root, t.pointer, t.superseded FROM retained t"
            " WHERE t.seq < 0 - ?1 AND t.space = ?2 ORDER BY t.seq DESC LIMIT ?3"
        )
        for negated, root, pointer, superseded in self._sql.walk(
            sql, -(2**62) if below is None else -below, self._space(key)
        ):
            yield RetainedRoot(key, -negated, Cid(root), pointer, superseded)

    def past(self, key: SpaceKey) -> Iterator[PastRow]:
        where = "WHERE t.seq > ?1 AND t.space = ?2 ORDER BY t.seq LIMIT ?3"
        for seq, root, superseded in self._sql.walk(f"{_PAST} {where}", -1, self._space(key)):
            yield PastRow(key, seq, Cid(root), superseded)

    def past_row(self, key: SpaceKey, seq: int) -> PastRow | None:
        where = "WHERE t.space = ? AND t.seq = ?"
        return _past_row(key, self._sql.row(f"{_PAST} {where}", self._space(key), seq))

    def past_root(self, key: SpaceKey, root: Cid) -> PastRow | None:
        where = "WHERE t.space = ? AND t.root = ? ORDER BY t.seq DESC LIMIT 1"
        return _past_row(key, self._sql.row(f"{_PAST} {where}", self._space(key), root))

    def pins(self, key: SpaceKey) -> list[PinRow]:
        sql = "SELECT seq, made, note FROM pin WHERE space = ? ORDER BY seq DESC"
        return [PinRow(key, *row) for row in self._sql.rows(sql, self._space(key))]


class SpacesChanges(SpacesView, BlocksChanges):
    """Changing them."""

    def space(self, key: SpaceKey) -> SpaceRow | None:
        self.settle()
        return super().space(key)

    def spaces_of(self, owner: bytes) -> Iterator[SpaceRow]:
        self.settle()
        return super().spaces_of(owner)

    def put_space(self, row: SpaceRow) -> None:
        space, _ = self._intern(row.key)
        self._sql.put(
            "INSERT INTO space_record (space, record, pointer, seq, root)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (space) DO UPDATE SET record = excluded.record,"
            " pointer = excluded.pointer, seq = excluded.seq, root = excluded.root",
            space,
            row.record,
            row.pointer,
            row.seq,
            row.root,
        )

    def add_history(self, key: SpaceKey, seq: int, body: bytes) -> None:
        space, _ = self._intern(key)
        sql = (
            "INSERT INTO history (space, seq, body) VALUES (?, ?, ?)"
            " ON CONFLICT (space, seq) DO UPDATE SET body = excluded.body"
        )
        self._sql.put(sql, space, seq, body)

    def retain(self, row: RetainedRoot) -> None:
        space, _ = self._intern(row.key)
        self._sql.put(
            "INSERT INTO retained (space, seq, root, pointer, superseded) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (space, seq) DO UPDATE SET root = excluded.root,"
            " pointer = excluded.pointer, superseded = excluded.superseded",
            space,
            row.seq,
            row.root,
            row.pointer,
            row.superseded,
        )

    def forget_retained(self, key: SpaceKey, seq: int) -> None:
        self._sql.put("DELETE FROM retained WHERE space = ? AND seq = ?", self._space(key), seq)

    def put_pin(self, row: PinRow) -> None:
        space, _ = self._intern(row.key)
        sql = (
            "INSERT INTO pin (space, seq, made, note) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (space, seq) DO UPDATE SET made = excluded.made, note = excluded.note"
        )
        self._sql.put(sql, space, row.seq, row.made, row.note)

    def delete_pin(self, key: SpaceKey, seq: int) -> None:
        self._sql.put("DELETE FROM pin WHERE space = ? AND seq = ?", self._space(key), seq)

    def forget_space(self, key: SpaceKey) -> None:
        space = self._space(key)
        for table in ("space_record", "history", "retained", "pin"):
            self._sql.put(f"DELETE FROM {table} WHERE space = ?", space)
