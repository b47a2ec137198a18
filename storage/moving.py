"""Everything of one store into another, of whatever engine with tables; and whether it is alike.

Page after page is read there and put here, each with how far it came in the same transaction:
so it goes on where it was, whenever it was stopped. Then both are walked side by side: every
row must be the same, and every block's bytes hash to its name, or be as damaged as they were.

Nobody else may use either store meanwhile. The source is only read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from formats.dag_cbor import Value, decode, encode
from formats.errors import Internal, StorageFailed, Unfit
from formats.fields import Fields
from storage.contracts import Store, Transaction, View
from storage.packs import PLACED, SITE, SITE_SIZE
from storage.sql.carrying import BLOCK, MARK, TABLES, CarriedBlock, CarryChanges, CarryView, Table
from storage.sql.statements import Row

CARRYING: Final = 0
COMPARING: Final = 1
DONE: Final = 2
UNLIKE: Final = 3
"""They differ: it begins anew when it is run again."""

PEER: Final = "peer"
"""The setting of a site that says whose records these are: each site puts its own."""

OWN_SETTINGS: Final = frozenset({SITE, MARK, PEER, PLACED})
"""Settings that are a store's own, and are not carried."""

Step = Callable[[str, int, int], None]
"""Called with what is done ("moved" or "compared") and the blocks and bytes of it so far."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far it came: of which store, in which phase, in which table, after which row.

    ``blocks`` and ``size`` (bytes) of this phase; of the blocks compared, those that are
    ``damaged`` or ``lost``: in the source too.
    """

    source: bytes
    phase: int = CARRYING
    table: int = 0
    after: Row | None = None
    blocks: int = 0
    size: int = 0
    damaged: int = 0
    lost: int = 0

    def encoded(self) -> bytes:
        """As it is kept."""
        numbers: dict[str, Value] = {name: getattr(self, name) for name in _NUMBERS}
        after: dict[str, Value] = {} if self.after is None else {"after": list(self.after)}
        return encode({"source": self.source, **numbers, **after})

    @classmethod
    def decoded(cls, data: bytes) -> "Mark":
        """From what was kept; raises Malformed."""
        fields = Fields(decode(data), "mark")
        after = fields.optional_list("after", _MOST_KEYS)
        numbers = {name: fields.uint(name) for name in _NUMBERS}
        row = None if after is None else tuple(after)
        return cls(fields.bytes_("source", SITE_SIZE), after=row, **numbers)


_NUMBERS: Final = ("phase", "table", "blocks", "size", "damaged", "lost")
_MOST_KEYS: Final = 2


async def begin(source: Store, target: Store, anew: bool = False) -> None:
    """See that ``target`` is empty, or was begun from ``source``; raises Unfit otherwise.

    ``anew``: what was carried before is not what the source holds now, and is taken away.
    """
    name = await source.read(lambda view: view.setting(SITE)) or b""
    await target.write(partial(_begin, name=name, anew=anew))


async def move(source: Store, target: Store, step: Step) -> Mark:
    """Carry everything to a target that was begun, and compare; or go on where that stopped.

    Returns what it came to. Raises StorageFailed when the two are not alike in the end.
    """
    mark = await target.read(_mark)
    while mark.phase == CARRYING:
        mark = await _carry(source, target, mark)
        step("moved", mark.blocks, mark.size)
    while mark.phase == COMPARING:
        mark = await _compare(source, target, mark)
        step("compared", mark.blocks, mark.size)
    return mark


async def weight(source: Store) -> tuple[int, int]:
    """Blocks and bytes that there are to move."""
    return await source.read(lambda view: (_of(view).count(BLOCK), _of(view).weight()))


# -- beginning ----------------------------------------------------------------------------


def _begin(tx: Transaction, name: bytes, anew: bool) -> None:
    kept = tx.setting(MARK)
    if kept is None and _holds_something(_of(tx)):
        raise _taken()
    mark = Mark(name) if kept is None else Mark.decoded(kept)
    if mark.source != name:
        raise _taken()
    if anew or mark.phase == UNLIKE:
        _changing(tx).clear()
        mark = Mark(name)
    tx.put_setting(MARK, mark.encoded())


def _mark(view: View) -> Mark:
    kept = view.setting(MARK)
    if kept is None:
        raise Internal("a store was moved to before that was begun")
    return Mark.decoded(kept)


def _holds_something(view: CarryView) -> bool:
    return any(_carried(table, view.page(table, None)) for table in TABLES)


def _taken() -> Unfit:
    return Unfit(
        "there is another store where this one should go",
        hint="name another bucket or prefix, or another database, below [store]",
    )


# -- carrying -----------------------------------------------------------------------------


async def _carry(source: Store, target: Store, mark: Mark) -> Mark:
    """The following page of the table of the mark; returns the mark after it."""
    table = TABLES[mark.table]
    if table is BLOCK:
        blocks = await source.read(partial(_block_page, after=mark.after))
        following = _after_blocks(mark, blocks)
        await target.write(partial(_put_blocks, blocks=blocks, mark=following))
        return following
    rows = await source.read(partial(_page, table=table, after=mark.after))
    following = _after(mark, table, rows)
    await target.write(partial(_put_rows, table=table, rows=rows, mark=following))
    return following


def _page(view: View, table: Table, after: Row | None) -> list[Row]:
    return _of(view).page(table, after)


def _block_page(view: View, after: Row | None) -> list[CarriedBlock]:
    return _of(view).block_page(int(after[0]) if after else 0)


def _put_rows(tx: Transaction, table: Table, rows: Sequence[Row], mark: Mark) -> None:
    _changing(tx).put_page(table, _carried(table, rows))
    _put_mark(tx, mark)


def _put_blocks(tx: Transaction, blocks: Sequence[CarriedBlock], mark: Mark) -> None:
    _changing(tx).put_blocks(blocks)
    _put_mark(tx, mark)


def _put_mark(tx: Transaction, mark: Mark) -> None:
    if mark.phase == COMPARING and mark.table == 0 and mark.after is None:
        _changing(tx).follow_numbers()
    tx.put_setting(MARK, mark.encoded())


# -- comparing ----------------------------------------------------------------------------


async def _compare(source: Store, target: Store, mark: Mark) -> Mark:
    table = TABLES[mark.table]
    if table is BLOCK:
        ours = await source.read(partial(_block_page, after=mark.after))
        theirs = await target.read(partial(_block_page, after=mark.after))
        alike = [_comparable_block(each) for each in ours] == list(map(_comparable_block, theirs))
        following = _judged(_after_blocks(mark, ours), theirs)
    else:
        rows = await source.read(partial(_page, table=table, after=mark.after))
        there = await target.read(partial(_page, table=table, after=mark.after))
        alike = _carried(table, rows) == _carried(table, there)
        following = _after(mark, table, rows)
    if not alike:
        await target.write(partial(_put_mark, mark=replace(mark, phase=UNLIKE)))
        raise _unlike(table)
    await target.write(partial(_put_mark, mark=following))
    return following


def _comparable_block(block: CarriedBlock) -> tuple[Row, bytes | None]:
    return block.row[:5], block.data


def _judged(mark: Mark, blocks: Sequence[CarriedBlock]) -> Mark:
    lost = sum(each.data is None for each in blocks)
    whole = sum(each.data is not None and each.cid.matches(each.data) for each in blocks)
    damaged = len(blocks) - whole - lost
    return replace(mark, lost=mark.lost + lost, damaged=mark.damaged + damaged)


def _carried(table: Table, rows: Sequence[Row]) -> list[Row]:
    """Rows without what is a store's own."""
    if table.name != "setting":
        return list(rows)
    return sorted(row for row in rows if row[0] not in OWN_SETTINGS)


def _unlike(table: Table) -> StorageFailed:
    return StorageFailed(
        f"what was moved is not what was there (table {table.name})",
        hint="the old store is untouched and in use; run it again: it begins anew",
    )


# -- going on -----------------------------------------------------------------------------


def _after(mark: Mark, table: Table, rows: Sequence[Row]) -> Mark:
    if not rows:
        return _next_table(mark)
    return replace(mark, after=tuple(rows[-1][: table.key]))


def _after_blocks(mark: Mark, blocks: Sequence[CarriedBlock]) -> Mark:
    if not blocks:
        return _next_table(mark)
    size = sum(each.row[3] for each in blocks)
    done, last = mark.blocks + len(blocks), (blocks[-1].row[0],)
    return replace(mark, after=last, blocks=done, size=mark.size + size)


def _next_table(mark: Mark) -> Mark:
    if mark.table + 1 < len(TABLES):
        return replace(mark, table=mark.table + 1, after=None)
    if mark.phase == CARRYING:
        return Mark(mark.source, COMPARING)
    return replace(mark, phase=DONE, table=0, after=None)


def _of(view: View) -> CarryView:
    if not isinstance(view, CarryView):
        raise Internal("a store without tables cannot be moved")
    return view


def _changing(tx: Transaction) -> CarryChanges:
    if not isinstance(tx, CarryChanges):
        raise Internal("a store without tables cannot be moved to")
    return tx
