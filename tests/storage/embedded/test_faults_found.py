"""What an embedded store finds wrong with its own files and sums, and how it counts them anew."""

import sqlite3
from pathlib import Path

import pytest

from storage.contracts import Transaction, View
from storage.embedded.store import EmbeddedStore
from tests.contracts.rows import ask, block, do, session_id, space_key, space_row, stage_all

KEY = space_key()
SUMS = {
    "UPDATE block SET holders = holders + 1 WHERE id = 1": "how many hold",
    "UPDATE block SET holders = CASE id WHEN 1 THEN 3 ELSE 0 END WHERE id < 3": "how many hold",
    "INSERT INTO garbage VALUES (1, NULL)": "wait to be collected",
    "UPDATE pack SET live = live + 1": "miscounted",
    "DELETE FROM inline": "without bytes",
    "DELETE FROM pack": "in packs that the index does not have",
    "INSERT INTO reference VALUES (1, 99, 1, 1)": "references to blocks",
    "INSERT INTO staged VALUES (1, 99)": "staged blocks",
}
RECOUNTED = [
    "UPDATE space SET used = used + 5",
    "UPDATE owner SET used = 1, reserved = 1",
    "UPDATE session SET reserved = 7",
    "UPDATE block SET holders = 0",
    "INSERT INTO garbage VALUES (1, NULL)",
    "UPDATE pack SET live = 3",
    "UPDATE inbox SET messages = 9, bytes = 9",
]


async def filled(path: Path) -> EmbeddedStore:
    store = await EmbeddedStore.open(path)

    def work(tx: Transaction) -> None:
        stage_all(tx, [block(1), block(2), block(3, 100_000)])
        for each in (block(1), block(3, 100_000)):
            tx.add_reference(KEY, each.cid)
        tx.put_space(space_row(KEY, block(1).cid))
        tx.drop_message(b"t" * 32, 1, b"sealed")

    await store.write(work)
    return store


def run(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path / "index.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


def sums(view: View) -> object:
    rows = list(view.sessions()), view.space(KEY)
    return view.usage(KEY.owner), rows, view.inbox_size(b"t" * 32), view.faults()


async def test_a_good_store_has_no_faults(tmp_path: Path) -> None:
    store = await filled(tmp_path)
    assert await store.read(ask(View.faults)) == []
    await store.write(do(Transaction.close_session, session_id(0)))
    assert await store.read(ask(View.faults)) == []
    await store.aclose()


@pytest.mark.parametrize("statement", SUMS)
async def test_sums_and_rows_that_do_not_fit_are_told(tmp_path: Path, statement: str) -> None:
    store = await filled(tmp_path)
    run(tmp_path, statement)
    faults = await store.read(ask(View.faults))
    assert any(SUMS[statement] in each for each in faults), faults
    await store.aclose()


@pytest.mark.parametrize("statement", RECOUNTED)
async def test_recounting_mends_every_sum(tmp_path: Path, statement: str) -> None:
    store = await filled(tmp_path)
    before = await store.read(sums)
    run(tmp_path, statement)
    assert await store.read(sums) != before
    await store.write(do(Transaction.recount))
    assert await store.read(sums) == before
    await store.aclose()


async def test_a_short_pack_and_a_lost_one_are_told(tmp_path: Path) -> None:
    store = await filled(tmp_path)
    (pack,) = (tmp_path / "packs").iterdir()
    with pack.open("r+b") as file:
        file.truncate(50_000)
    assert await store.read(ask(View.faults)) == ["pack 1 has 50000 of 100040 bytes"]
    pack.unlink()
    assert await store.read(ask(View.faults)) == ["pack 1 has 0 of 100040 bytes"]
    await store.aclose()


async def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    store = await filled(tmp_path)
    await store.aclose()
    file = tmp_path / "index.db"
    data = bytearray(file.read_bytes())
    at = data.index(block(1).data[:64])  # a page of the table inline
    data[at - at % 4096 : at - at % 4096 + 8] = b"\xff" * 8
    file.write_bytes(bytes(data))
    store = await EmbeddedStore.open(tmp_path)
    faults = await store.read(ask(View.faults))
    assert faults
    assert all(each.startswith("the index database") for each in faults)
    await store.aclose()


async def test_a_mended_block_reads_again_after_its_bytes_were_lost(tmp_path: Path) -> None:
    store = await filled(tmp_path)
    run(tmp_path, "DELETE FROM inline")
    for each in (block(1), block(3, 100_000)):
        assert await store.write(do(Transaction.mend, each))
        assert await store.read(ask(View.block, each.cid)) == each.data
    await store.aclose()
