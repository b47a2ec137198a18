"""Any run of changes leaves every back end where the reference is."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.errors import HoldfastError
from storage.contracts import Store, Transaction, View
from storage.memory import MemoryStore
from tests.contracts.conftest import BACK_ENDS
from tests.contracts.rows import block, bytes32, session_id, session_row, space_key

SIZES = [0, 9, 4096, 70_000]
BLOCKS = [block(n, size) for n in range(2) for size in SIZES]
MEMBERS = [bytes32("member"), bytes32("other")]
KEYS = [space_key(0), space_key(1), space_key(0, "bob")]

Op = tuple[str, int, int]
NAMES = (
    "open close stage stage stage unstage add add drop charge collect rest rested mend set recount"
)
ops = st.tuples(st.sampled_from(NAMES.split()), st.integers(0, 2), st.integers(0, len(BLOCKS) - 1))
batches = st.lists(st.tuples(st.lists(ops, max_size=8), st.booleans()), max_size=6)


def apply(tx: Transaction, op: Op) -> object:
    """One change; its answer or its error's kind, which must be the same everywhere."""
    name, who, which = op
    cid = BLOCKS[which].cid
    actions: dict[str, Callable[[], object]] = {
        "open": lambda: tx.open_session(session_row(who, KEYS[who])),
        "close": lambda: tx.close_session(session_id(who)),
        "stage": lambda: tx.stage(session_id(who), BLOCKS[which]),
        "unstage": lambda: tx.unstage(session_id(who), [cid]),
        "add": lambda: tx.add_reference(KEYS[who], cid, which % 2),
        "drop": lambda: tx.drop_reference(KEYS[who], cid),
        "charge": lambda: tx.charge(KEYS[who], cid, MEMBERS[which % 2]),
        "collect": lambda: tx.collect(100),
        "rest": lambda: tx.rest(which, 100),
        "rested": lambda: tx.collect(100, which),
        "mend": lambda: tx.mend(BLOCKS[which]),
        "set": lambda: tx.set_reference(KEYS[who], cid, which % 3, 1),
        "recount": tx.recount,
    }
    try:
        return actions[name]()
    except HoldfastError as error:
        return type(error)


def state(view: View) -> list[object]:
    """Everything that can be asked about blocks."""
    seen: list[object] = [view.usage(KEYS[0].owner), view.usage(KEYS[2].owner)]
    for each in BLOCKS:
        size = view.block_size(each.cid)
        seen.append((size, None if size is None else view.block(each.cid)))
        seen += [view.references(key, each.cid) for key in KEYS]
        seen += [view.is_staged(session_id(n), each.cid) for n in range(3)]
    seen += [view.session(session_id(n)) for n in range(3)]
    seen += [view.charged(key, member) for key in KEYS for member in MEMBERS]
    seen += [sorted(view.sessions(), key=lambda row: row.session)]
    seen += [sorted(view.references_of(key), key=lambda each: each.cid) for key in KEYS]
    seen += [sorted(each.cid for each in view.staged_in(session_id(n))) for n in range(3)]
    return [*seen, sorted((each.cid, each.size) for each in view.blocks(0, 100))]


class Undo(Exception):
    """Raised by a work to take itself back."""


async def play(store: Store, run: list[tuple[list[Op], bool]]) -> list[object]:
    """All answers and all states of a run of transactions, some of which take themselves back."""
    seen: list[object] = []

    def work(tx: Transaction, batch: list[Op], undo: bool) -> None:
        seen.append([apply(tx, op) for op in batch])
        seen.append(state(tx))
        if undo:
            raise Undo

    for batch, undo in run:
        try:
            await store.write(lambda tx, b=batch, u=undo: work(tx, b, u))  # type: ignore[misc]
        except Undo:
            seen.append("undone")
        seen.append(await store.read(state))
    await store.aclose()
    return seen


@pytest.mark.parametrize("kind", [kind for kind in BACK_ENDS if kind != "memory"])
@settings(max_examples=40)
@given(run=batches)
def test_every_run_ends_where_memory_ends(kind: str, run: list[tuple[list[Op], bool]]) -> None:
    async def both() -> None:
        with TemporaryDirectory() as folder:
            store = await BACK_ENDS[kind](Path(folder) / "store")
            assert await play(store, run) == await play(MemoryStore(), run)

    trio.run(both)
