"""What only a store on a disk can promise: reopening, one process, permissions, bounded memory."""

import shutil
import sqlite3
import stat
from pathlib import Path

import pytest
import trio

from formats.errors import AlreadyRunning, MissingBlock, SchemaTooNew, StorageFailed
from storage.contracts import AccountRow, PastRow, Transaction, View
from storage.embedded.schema import APPLICATION, MIGRATIONS, prepare
from storage.embedded.sql import connect
from storage.embedded.store import EmbeddedStore
from tests.contracts.rows import ask, block, bytes32, do, session_id, space_key, stage
from tests.storage.embedded.workload import FaultyFiles, check, last_step, run_steps

SEED = 7


async def test_everything_is_there_after_reopening(tmp_path: Path) -> None:
    for first in (0, 10, 20):
        store = await EmbeddedStore.open(tmp_path / "s")
        assert await store.read(last_step) == first - 1
        await run_steps(store, SEED, first, 10)
        await store.read(lambda view: check(view, SEED))
        await store.aclose()
    store = await EmbeddedStore.open(tmp_path / "s")
    await store.read(lambda view: check(view, SEED))
    await store.aclose()


async def test_one_pack_is_appended_to_across_restarts(tmp_path: Path) -> None:
    for number in range(3):
        store = await EmbeddedStore.open(tmp_path / "s")
        await store.write(stage([block(number, 100_000)], number))
        await store.aclose()
    assert len(list((tmp_path / "s" / "packs").iterdir())) == 1


async def test_a_second_opening_is_refused_until_the_first_closes(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path / "s")
    with pytest.raises(AlreadyRunning):
        await EmbeddedStore.open(tmp_path / "s")
    await store.aclose()
    store = await EmbeddedStore.open(tmp_path / "s")
    await store.aclose()


async def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "s"
    path.mkdir(parents=True, mode=0o755)
    store = await EmbeddedStore.open(path)
    await store.write(stage([block(1, 100_000), block(2)]))
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in [path, *path.rglob("*")]}
    await store.aclose()
    folders = {modes.pop("s"), modes.pop("packs")}
    assert folders == {0o700}
    assert set(modes.values()) == {0o600}
    assert {"index.db", "index.db-wal", "index.db-shm", "lock"} <= set(modes)


async def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path / "s", migrations=[*MIGRATIONS, "SELECT 1;"])
    await store.aclose()
    before = (tmp_path / "s" / "index.db").read_bytes()
    with pytest.raises(SchemaTooNew):
        await EmbeddedStore.open(tmp_path / "s")
    assert (tmp_path / "s" / "index.db").read_bytes() == before
    store = await EmbeddedStore.open(tmp_path / "s", migrations=[*MIGRATIONS, "SELECT 1;"])
    await store.aclose()


async def test_an_upgrade_keeps_the_data_and_a_backup(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path / "s")
    await run_steps(store, SEED, 0, 3)
    await store.aclose()
    newer = [*MIGRATIONS, "CREATE TABLE extra (a INTEGER); INSERT INTO extra VALUES (1);"]
    for _ in range(2):
        store = await EmbeddedStore.open(tmp_path / "s", migrations=newer)
        await store.read(lambda view: check(view, SEED))
        await store.aclose()
    backup = tmp_path / "s" / f"index.db.version-{len(MIGRATIONS)}"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    connection = sqlite3.connect(backup)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    assert connection.execute("SELECT value FROM setting WHERE name <> 'site'").fetchone() == (
        b"2",
    )
    connection.close()


async def test_a_store_of_the_first_schema_keeps_its_accounts_and_its_past(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    old = connect(folder / "index.db", cache=1000)
    prepare(old, folder / "index.db", MIGRATIONS[:1])
    key, root = space_key(), block(1).cid
    old.execute("INSERT INTO account VALUES ('alice', ?, x'01', 7, 5, x'02')", (key.owner,))
    old.execute("INSERT INTO owner VALUES (1, ?, 0, 0)", (key.owner,))
    old.execute("INSERT INTO space VALUES (1, 1, ?, 0)", (key.space,))
    for seq in (3, 4):
        old.execute("INSERT INTO retained VALUES (1, ?, ?, x'03', ?)", (seq, root, seq * 10))
    old.close()
    store = await EmbeddedStore.open(folder)
    row = await store.read(lambda view: view.account("alice"))
    assert row == AccountRow("alice", key.owner, b"\1", 7, 5, b"\2", None)
    past = await store.read(lambda view: list(view.past(key)))
    assert past == [PastRow(key, 3, root, 30), PastRow(key, 4, root, 40)]
    assert await store.read(lambda view: view.pins(key)) == []
    await store.aclose()
    assert (folder / "index.db.version-1").exists()


async def test_a_failed_upgrade_leaves_the_old_version(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path / "s")
    await run_steps(store, SEED, 0, 3)
    await store.aclose()
    with pytest.raises(StorageFailed):
        await EmbeddedStore.open(
            tmp_path / "s", migrations=[*MIGRATIONS, "CREATE TABLE extra (a); SELECT * FROM no;"]
        )
    store = await EmbeddedStore.open(tmp_path / "s")
    await store.read(lambda view: check(view, SEED))
    await store.aclose()


async def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "index.db").touch()
    connection = sqlite3.connect(tmp_path / "index.db")
    connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    with pytest.raises(StorageFailed, match="not a Holdfast database"):
        await EmbeddedStore.open(tmp_path)
    connection = sqlite3.connect(tmp_path / "index.db")
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]
    assert connection.execute("PRAGMA application_id").fetchone() != (APPLICATION,)
    connection.close()


async def test_a_lost_or_short_pack_is_a_named_missing_block(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path / "s")
    await store.write(stage([block(1, 100_000), block(2, 100_000), block(3)]))
    (pack,) = (tmp_path / "s" / "packs").iterdir()
    with pack.open("r+b") as file:
        file.truncate(150_000)
    assert await store.read(ask(View.block, block(1, 100_000).cid)) == block(1, 100_000).data
    with pytest.raises(MissingBlock) as caught:
        await store.read(ask(View.block, block(2, 100_000).cid))
    assert caught.value.cid == block(2, 100_000).cid
    pack.unlink()
    with pytest.raises(MissingBlock):
        await store.read(ask(View.block, block(1, 100_000).cid))
    assert await store.read(ask(View.block, block(3).cid)) == block(3).data
    await store.aclose()


async def test_staging_a_lost_block_again_brings_it_back(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path / "s")
    blocks = [block(1, 100_000), block(2, 10)]
    await store.write(stage(blocks, 1))
    await store.aclose()
    for pack in (tmp_path / "s" / "packs").iterdir():
        pack.unlink()
    store = await EmbeddedStore.open(tmp_path / "s")
    with pytest.raises(MissingBlock):
        await store.read(ask(View.block, blocks[0].cid))
    await store.write(stage(blocks, 2))
    for each in blocks:
        assert await store.read(ask(View.block, each.cid)) == each.data
    await store.write(do(Transaction.close_session, session_id(1)))
    assert await store.write(do(Transaction.collect, 9)) == 0
    await store.aclose()


async def test_strays_in_the_packs_folder_are_swept_or_left(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path / "s")
    await store.write(stage([block(1, 100_000)]))
    await store.aclose()
    packs = tmp_path / "s" / "packs"
    (pack,) = packs.iterdir()
    size = pack.stat().st_size
    with pack.open("ab") as file:
        file.write(b"torn")
    (packs / f"{77:012d}.pack").write_bytes(b"orphan")
    (packs / "notes.txt").write_bytes(b"mine")
    store = await EmbeddedStore.open(tmp_path / "s")
    await store.write(stage([block(2, 100_000)], 2))
    await store.aclose()
    assert {each.name for each in packs.iterdir()} == {pack.name, "notes.txt"}
    assert pack.stat().st_size > size + 100_000


async def test_concurrent_writes_share_syncs(tmp_path: Path) -> None:
    files = FaultyFiles()
    store = await EmbeddedStore.open(tmp_path / "s", files=files)
    before = files.calls.count("sync")
    async with trio.open_nursery() as nursery:
        for number in range(64):
            nursery.start_soon(store.write, stage([block(number, 70_000)], number))
    assert files.calls.count("sync") - before < 20
    assert await store.read(ask(View.usage, space_key().owner)) == (0, 64 * 70_000)
    await store.aclose()


async def test_a_store_that_nobody_closed_can_be_opened_by_the_next_process(
    tmp_path: Path,
) -> None:
    """A folder copied while it is open is what a crash leaves."""
    store = await EmbeddedStore.open(tmp_path / "s")
    await run_steps(store, SEED, 0, 12)
    shutil.copytree(tmp_path / "s", tmp_path / "copy")
    await store.aclose()
    copy = await EmbeddedStore.open(tmp_path / "copy")
    await copy.read(lambda view: check(view, SEED))
    await run_steps(copy, SEED, 12, 3)
    await copy.read(lambda view: check(view, SEED))
    await copy.aclose()


async def test_other_peoples_ids_are_no_trouble(tmp_path: Path) -> None:
    """Two CIDs that agree in the part the index looks at first are two blocks all the same."""
    store = await EmbeddedStore.open(tmp_path / "s")
    await store.write(stage([block(1, 50)]))
    near = type(block(1).cid)(block(1, 50).cid[:12] + bytes32("other")[:24])
    assert await store.read(ask(View.block_size, near)) is None
    assert await store.read(ask(View.block_size, block(1, 50).cid)) == 50
    await store.aclose()
