"""A copy of a store in use: of one moment, sharing what did not change, gone on with."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from formats.cid import Block
from formats.errors import DiskFull, SchemaTooNew, StorageFailed, Unfit
from storage.contracts import Store, Transaction, View
from storage.embedded.copied import CopiedStore
from storage.embedded.files import Files
from storage.embedded.store import EmbeddedStore
from storage.memory import MemoryStore
from tests.contracts.rows import ask, block, do, session_id, session_row, stage_all

SIZE = 100_000
PACK = 4 * SIZE


def nothing(_count: int) -> None:
    """For whom progress does not matter."""


async def fill(store: Store, first: int, count: int, session: int = 0) -> list[Block]:
    blocks = [block(n, SIZE if n % 2 else 50) for n in range(first, first + count)]
    await store.write(lambda tx: stage_all(tx, [], session))
    for each in blocks:  # each in a batch of its own, so that packs are full one after the other
        await store.write(do(Transaction.stage, session_id(session), each))
    return blocks


async def whole(path: Path, blocks: list[Block]) -> None:
    """The copy has these blocks, and no faults."""
    copy = CopiedStore(path)
    for each in blocks:
        assert await copy.read(ask(View.block, each.cid)) == each.data
    assert await copy.read(ask(View.faults)) == []
    await copy.aclose()


async def opened(tmp_path: Path, files: Files | None = None) -> EmbeddedStore:
    return await EmbeddedStore.open(tmp_path / "store", pack_size=PACK, files=files)


async def test_a_copy_has_everything_and_opens_as_a_store(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    blocks = await fill(store, 0, 30)
    copied = await store.copy_to(tmp_path / "copy", None, nothing)
    assert (copied.shared, copied.lacking) == (0, 0)
    assert copied.bytes > 15 * SIZE
    await store.aclose()
    await whole(tmp_path / "copy", blocks)
    assert sorted(os.listdir(tmp_path / "copy")) == ["index.db", "packs"]
    again = await EmbeddedStore.open(tmp_path / "copy")
    assert await again.read(ask(View.block, blocks[1].cid)) == blocks[1].data
    await again.aclose()


async def test_a_copy_is_for_its_owner_alone(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await fill(store, 0, 4)
    await store.copy_to(tmp_path / "copy", None, nothing)
    await store.aclose()
    for each in [tmp_path / "copy", *(tmp_path / "copy").rglob("*")]:
        expected = 0o700 if each.is_dir() else 0o600
        assert stat.S_IMODE(each.stat().st_mode) == expected


async def test_the_next_copy_shares_what_did_not_change(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    first = await fill(store, 0, 20)
    await store.copy_to(tmp_path / "one", None, nothing)
    second = await fill(store, 20, 20, 1)
    copied = await store.copy_to(tmp_path / "two", tmp_path / "one", nothing)
    assert copied.shared > 5 * SIZE
    assert copied.bytes < 16 * SIZE
    await store.aclose()
    await whole(tmp_path / "one", first)
    shutil.rmtree(tmp_path / "one")
    await whole(tmp_path / "two", first + second)


async def test_where_nothing_can_be_linked_it_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await opened(tmp_path)
    blocks = await fill(store, 0, 20)
    await store.copy_to(tmp_path / "one", None, nothing)

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(1, "no links on this disk")

    monkeypatch.setattr(os, "link", refuse)
    copied = await store.copy_to(tmp_path / "two", tmp_path / "one", nothing)
    assert copied.shared == 0
    await store.aclose()
    await whole(tmp_path / "two", blocks)


async def test_a_copy_is_of_one_moment_while_others_write_and_packs_go(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    blocks = await fill(store, 0, 60)
    started, seen = trio.Event(), [0]
    token = trio.lowlevel.current_trio_token()

    def step(count: int) -> None:
        seen[0] += 1
        if seen[0] == 1:
            token.run_sync_soon(started.set)
            trio.from_thread.run(disturb)  # with the index half copied

    async def disturb() -> None:
        gone = [each.cid for each in blocks]
        await store.write(do(Transaction.unstage, session_id(0), gone))
        while await store.write(do(Transaction.collect, 100)):
            pass
        await fill(store, 1000, 40, 2)
        for _ in range(200):  # packs are given up a step at a time
            await store.write(lambda tx: None)

    await store.copy_to(tmp_path / "copy", None, step)
    assert started.is_set()
    await store.aclose()
    await whole(tmp_path / "copy", blocks)
    copy = CopiedStore(tmp_path / "copy")
    assert await copy.read(ask(View.block_size, block(1001, SIZE).cid)) is None
    await copy.aclose()


async def test_a_large_index_is_of_one_moment_too(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    small = [block(n, 60_000) for n in range(120)]  # 7 MiB in the index: several steps
    await store.write(lambda tx: stage_all(tx, small))
    steps = []

    def step(count: int) -> None:
        steps.append(count)
        if len(steps) < 4:
            trio.from_thread.run(store.write, more(len(steps)))

    def more(number: int) -> Callable[[Transaction], None]:
        def work(tx: Transaction) -> None:
            tx.open_session(session_row(number))
            tx.stage(session_id(number), block(10_000 + number, 50_000))

        return work

    await store.copy_to(tmp_path / "copy", None, step)
    await store.aclose()
    assert len([each for each in steps if each]) < 10, "the copy was begun anew"
    await whole(tmp_path / "copy", small)
    copy = CopiedStore(tmp_path / "copy")
    assert await copy.read(lambda view: len(list(view.sessions()))) == 1
    await copy.aclose()


async def test_a_copy_that_was_stopped_is_gone_on_with(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    blocks = await fill(store, 0, 60)
    for most in range(3, 40, 4):
        with trio.CancelScope() as scope:
            await store.copy_to(tmp_path / "copy", None, stop_after(scope, most))
    copied = await store.copy_to(tmp_path / "copy", None, nothing)
    await store.aclose()
    assert copied.bytes < 10 * SIZE
    await whole(tmp_path / "copy", blocks)
    assert not list((tmp_path / "copy").rglob("*.part"))


def stop_after(scope: trio.CancelScope, most: int) -> Callable[[int], None]:
    seen = [0]

    def step(_count: int) -> None:
        seen[0] += 1
        if seen[0] == most:
            trio.from_thread.run_sync(scope.cancel)

    return step


async def test_a_pack_of_an_older_copy_that_is_another_is_copied(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    blocks = await fill(store, 0, 20)
    await store.copy_to(tmp_path / "one", None, nothing)
    for pack in (tmp_path / "one" / "packs").iterdir():  # alike from outside, and not the same
        found = pack.stat()
        pack.write_bytes(bytes(found.st_size))
        os.utime(pack, ns=(found.st_mtime_ns, found.st_mtime_ns))
    copied = await store.copy_to(tmp_path / "two", tmp_path / "one", nothing)
    assert copied.lacking == 0
    await store.aclose()
    await whole(tmp_path / "two", blocks)


async def test_what_the_store_has_lost_is_counted_and_the_rest_copied(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    blocks = await fill(store, 0, 20)
    first, *_ = sorted((tmp_path / "store" / "packs").iterdir())
    first.unlink()
    copied = await store.copy_to(tmp_path / "copy", None, nothing)
    await store.aclose()
    assert copied.lacking == 4
    copy = CopiedStore(tmp_path / "copy")
    assert await copy.read(ask(View.block, blocks[19].cid)) == blocks[19].data
    await copy.aclose()


class Full(Files):
    """A disk that takes no more after some writes to a copy."""

    def __init__(self) -> None:
        self.left = 10**9

    def write(self, handle: int, parts: object, offset: int) -> int:
        self.left -= 1
        if self.left < 0:
            raise OSError(28, "No space left on device")
        return super().write(handle, parts, offset)  # type: ignore[arg-type]


async def test_a_full_disk_is_told_and_the_rest_follows_when_there_is_room(tmp_path: Path) -> None:
    files = Full()
    store = await opened(tmp_path, files)
    blocks = await fill(store, 0, 40)
    files.left = 3
    with pytest.raises(DiskFull):
        await store.copy_to(tmp_path / "copy", None, nothing)
    files.left = 10**9
    await store.copy_to(tmp_path / "copy", None, nothing)
    await store.aclose()
    await whole(tmp_path / "copy", blocks)


@pytest.mark.parametrize("where", ["copy", "copy/packs"])
async def test_links_are_not_followed(tmp_path: Path, where: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = tmp_path / where
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(elsewhere)
    store = await opened(tmp_path)
    await fill(store, 0, 4)
    with pytest.raises(StorageFailed):
        await store.copy_to(tmp_path / "copy", None, nothing)
    assert list(elsewhere.rglob("*.pack")) == []
    await store.aclose()


async def test_a_link_among_the_files_of_a_copy_is_replaced_not_written_through(
    tmp_path: Path,
) -> None:
    store = await opened(tmp_path)
    blocks = await fill(store, 0, 4)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    packs = tmp_path / "copy" / "packs"
    packs.mkdir(parents=True)
    for name in ("../index.db", "../index.db.part", "000000000001.pack", "000000000001.part"):
        (packs / name).symlink_to(victim)
    await store.copy_to(tmp_path / "copy", None, nothing)
    await store.aclose()
    assert victim.read_text() == "precious"
    await whole(tmp_path / "copy", blocks)


async def test_a_copy_is_put_back(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    blocks = await fill(store, 0, 20)
    await store.copy_to(tmp_path / "copy", None, nothing)
    await store.aclose()
    (tmp_path / "copy" / "packs" / "notes.txt").write_text("not of a store")
    copy = CopiedStore(tmp_path / "copy")
    copied = await copy.copy_to(tmp_path / "new", None, nothing)
    await copy.aclose()
    assert copied.bytes > 10 * SIZE
    assert not (tmp_path / "new" / "packs" / "notes.txt").exists()
    back = await EmbeddedStore.open(tmp_path / "new")
    for each in blocks:
        assert await back.read(ask(View.block, each.cid)) == each.data
    assert await back.read(ask(View.faults)) == []
    await back.aclose()


async def test_a_link_in_a_copy_is_not_followed_when_it_is_put_back(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await fill(store, 0, 4)
    await store.copy_to(tmp_path / "copy", None, nothing)
    await store.aclose()
    (pack,) = (tmp_path / "copy" / "packs").iterdir()
    secret = tmp_path / "secret"
    pack.rename(secret)
    pack.symlink_to(secret)
    copy = CopiedStore(tmp_path / "copy")
    with pytest.raises(StorageFailed):
        await copy.copy_to(tmp_path / "new", None, nothing)
    await copy.aclose()


async def test_a_copy_is_not_written(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.copy_to(tmp_path / "copy", None, nothing)
    await store.aclose()
    copy = CopiedStore(tmp_path / "copy")
    with pytest.raises(Unfit):
        await copy.write(lambda tx: None)
    await copy.aclose()
    assert sorted(os.listdir(tmp_path / "copy")) == ["index.db", "packs"]


async def test_what_is_no_copy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed):
        CopiedStore(tmp_path / "nowhere")
    (tmp_path / "index.db").write_bytes(b"something else" * 1000)
    with pytest.raises(StorageFailed):
        CopiedStore(tmp_path)


async def test_a_copy_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.copy_to(tmp_path / "copy", None, nothing)
    await store.aclose()
    connection = sqlite3.connect(tmp_path / "copy" / "index.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(SchemaTooNew):
        CopiedStore(tmp_path / "copy")


async def test_a_store_in_memory_has_no_copy(tmp_path: Path) -> None:
    store = MemoryStore()
    with pytest.raises(Unfit):
        await store.copy_to(tmp_path / "copy", None, nothing)
    await store.aclose()
