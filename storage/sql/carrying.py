"""The tables of a store a page at a time, as they are: for going to another store of tables.

Rows keep their numbers, so that what refers to what needs no translation. What an engine
has for itself (its packs, its migrations, who writes) is not carried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from formats.cid import Cid
from formats.errors import MissingBlock
from storage.packs import PLACED, SITE
from storage.sql.blocks import BlocksView
from storage.sql.holding import BlocksChanges
from storage.sql.known import INLINE, PUT_INLINE, join
from storage.sql.statements import Row

MARK: Final = "moving"
"""The setting of a store that another is carried to: how far it came."""

PAGE_BYTES: Final = 8 * 1024 * 1024
_LIGHT: Final = 4096
_HEAVY: Final = 256


@dataclass(frozen=True, slots=True)
class Table:
    """One table. The first ``key`` columns tell rows apart; ``page`` rows are read at once."""

    name: str
    columns: tuple[str, ...]
    key: int = 1
    page: int = _HEAVY


def _table(name: str, columns: str, key: int = 1, page: int = _HEAVY) -> Table:
    return Table(name, tuple(columns.split()), key, page)


BLOCK: Final = _table("block", "id head tail size holders pack place")
"""The table of blocks, whose bytes go along."""

TABLES: Final = (
    _table("owner", "id owner used reserved"),
    _table("space", "id owner space used"),
    _table("space_record", "space record pointer seq root"),
    BLOCK,
    _table("history", "space seq body", 2),
    _table("retained", "space seq root pointer superseded", 2),
    _table("pin", "space seq made note", 2),
    _table("reference", "space block count kind", 2, _LIGHT),
    _table("payer", "id space member used"),
    _table("charge", "space block payer size", 2, _LIGHT),
    _table("release", "id owner space block kind", 1, _LIGHT),
    _table("garbage", "block since", 1, _LIGHT),
    _table("session", "id session space member expires reserved"),
    _table("staged", "session block", 2, _LIGHT),
    _table("account", "name id sign_in quota created signed_up keep factors"),
    _table("identity", "id whereabouts"),
    _table("identity_record", "id place record", 2),
    _table("departure", "id farewell receipt until"),
    _table("invite", "hash expires quota created used_by replica"),
    _table("replica", "owner peer granted noted", 2),
    _table("setting", "name value"),
    _table("inbox", "id target last messages bytes"),
    _table("message", "id inbox seq arrived sealed"),
    _table("token", "target hash expires uses", 2, _LIGHT),
)
"""Every table that is carried, in that order: what is referred to comes first."""

OWN: Final = frozenset({"migration", "pack", "inline"})
"""Tables that are not: ``inline`` goes with the blocks."""


@dataclass(frozen=True, slots=True)
class CarriedBlock:
    """A row of ``block``, and its bytes as they are stored; None when they are lost."""

    row: Row
    data: bytes | None

    @property
    def cid(self) -> Cid:
        """What the block is called."""
        return join(self.row[1], self.row[2])


class CarryView(BlocksView):
    """Reading pages."""

    def page(self, table: Table, after: Row | None) -> list[Row]:
        """The following rows, of keys greater than ``after``; none at the end."""
        columns, key = ", ".join(table.columns), ", ".join(table.columns[: table.key])
        marks = ", ".join("?" * table.key)
        where = "" if after is None else f"WHERE ({key}) > ({marks}) "
        sql = f"SELECT {columns} FROM {table.name} {where}ORDER BY {key} LIMIT ?"
        return self._sql.rows(sql, *(after or ()), table.page)

    def block_page(self, after: int) -> list[CarriedBlock]:
        """The following blocks with numbers above ``after``, of some MiB together."""
        found: list[CarriedBlock] = []
        size = 0
        for row in self.page(BLOCK, (after,)):
            found.append(CarriedBlock(row, self._stored(row)))
            size += row[3]
            if size >= PAGE_BYTES:
                break
        return found

    def count(self, table: Table) -> int:
        """How many rows there are."""
        row = self._sql.row(f"SELECT count(*) FROM {table.name}")
        return int(row[0]) if row else 0

    def weight(self) -> int:
        """Bytes of all blocks."""
        row = self._sql.row("SELECT coalesce(sum(size), 0) FROM block")
        return int(row[0]) if row else 0

    def _stored(self, row: Row) -> bytes | None:
        number, head, tail, size, _, pack, place = row
        if pack == 0:
            found = self._sql.row("SELECT data FROM inline WHERE block = ?", number)
            return None if found is None else bytes(found[0])
        try:
            return self._packs.read(join(head, tail), pack, place, size)
        except MissingBlock:
            return None


class CarryChanges(CarryView, BlocksChanges):
    """Putting them."""

    def put_page(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows, as they are."""
        columns, marks = ", ".join(table.columns), ", ".join("?" * len(table.columns))
        self._sql.run_many(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", rows)

    def put_blocks(self, blocks: Sequence[CarriedBlock]) -> None:
        """Add blocks with their bytes; those that are lost are known and missing, as they were."""
        rows, small = [], []
        for each in blocks:
            where = (0, 0)
            if each.data is not None and len(each.data) > INLINE:
                where = self._append(each.cid, each.data)
            elif each.data is not None:
                small.append((each.row[0], each.data))
                self.inline_bytes += len(each.data)
            rows.append((*each.row[:5], *where))
        self.put_page(BLOCK, rows)
        self._sql.run_many(PUT_INLINE, small)

    def clear(self) -> None:
        """Take away everything but the store's own name: what was carried is carried anew."""
        for table in TABLES:
            if table.name != "setting":
                self._sql.run(f"DELETE FROM {table.name}")
        self._sql.run("DELETE FROM inline")
        self._sql.run("DELETE FROM setting WHERE name NOT IN (?, ?)", SITE, PLACED)
        self._sql.run("UPDATE pack SET live = 0")
        self.collected = True

    def follow_numbers(self) -> None:
        """All is carried: new rows get numbers greater than those that came."""
        self._sql.follow_numbers()
