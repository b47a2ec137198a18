"""A node is backed up while it serves, and a new home made of it has everything."""

import json
import os
import shutil
import stat
from pathlib import Path

import pytest
import trio

from formats.errors import AlreadyRunning, Malformed, StorageFailed, Unfit, UnknownVersion
from node.backups.folder import BackupFolder, Note, find_backup
from node.backups.restoring import DRAFT, Restored, origin, restore
from node.backups.source import BackupSource, opened_backup
from node.backups.taking import Taken, back_up
from node.build import build
from node.checking.pace import Pace
from node.checking.repair import repair
from node.config import Config
from storage.contracts import View
from tests.contracts.rows import ask
from tests.node.checking.harm import Shelf
from tests.node.checking.worlds import World, check
from tests.node.people import NOW, Clock, item, label, leaf, lock_key, read, segment

LATER = NOW + 86_400_000


async def back(world: World, target: Path, now: int = NOW, keep: int | None = None) -> Taken:
    node = world.node
    return await back_up(node.store, node.config.home, node.peer_id, now, target, keep)


async def change(world: World, word: str) -> None:
    """Commit a large file."""
    doors = world.node.open()
    await world.alice.arrive(doors)
    pieces = [segment(word, n, size=100_000) for n in range(4)]
    put = {label(word): leaf(lock_key(word), word, segments=pieces)}
    await world.alice.space.commit(doors, put, segments=pieces)


@pytest.fixture
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere") / "backups"


async def test_a_restored_home_is_the_same_node_with_everything(
    disk_world: World, target: Path, tmp_path: Path, clock: Clock
) -> None:
    alice = disk_world.alice
    (tmp_path / "config.toml").write_text("retention = 700\n")
    taken = await back(disk_world, target)
    assert taken.path.name == "20261118T110640Z"
    new = target.parent / "new"
    restored = await restore(target, new, LATER)
    assert restored.report.found.listed == []
    assert (restored.made, restored.backup) == (NOW, taken.path)
    assert (new / "config.toml").read_text() == "retention = 700\n"
    assert not (new / DRAFT).exists()
    async with build(Config(new), clock=clock) as node:
        assert node.peer_id == disk_world.node.peer_id
        doors = node.open()
        await alice.arrive(doors)
        found = await doors.blocks.read(read(alice.space, item(label("large"), all=True)))
        assert len([block for block in found.blocks if block.cid.is_raw]) == 3
        assert (await check(node.store)).found.listed == []
        came = await origin(node.store)
        assert came is not None
        assert (came.made, came.restored) == (NOW, LATER)
    assert await origin(disk_world.node.store) is None


async def test_everything_is_for_its_owner_alone(disk_world: World, target: Path) -> None:
    await back(disk_world, target)
    new = target.parent / "new"
    await restore(target, new, NOW)
    for root in (target, new):
        for each in [root, *root.rglob("*")]:
            expected = 0o700 if each.is_dir() else 0o600
            assert stat.S_IMODE(each.stat().st_mode) == expected, each


async def test_a_further_backup_shares_and_each_is_whole_by_itself(
    disk_world: World, target: Path
) -> None:
    first = await back(disk_world, target)
    await change(disk_world, "new")
    second = await back(disk_world, target, LATER)
    third = await back(disk_world, target, LATER + 5000)
    assert third.shared > 100_000
    for path, known in ((first.path, False), (second.path, True), (third.path, True)):
        async with opened_backup(path) as store:
            assert (await check(store)).found.listed == []
            size = await store.read(ask(View.block_size, segment("new", 0, size=100_000).cid))
            assert (size is not None) == known
    shutil.rmtree(first.path)
    shutil.rmtree(second.path)
    async with opened_backup(target) as store:
        assert (await check(store)).found.listed == []


async def test_two_backups_of_one_second_have_two_names(disk_world: World, target: Path) -> None:
    paths = [(await back(disk_world, target)).path for _ in range(3)]
    assert paths == BackupFolder(target).backups()
    assert len(set(paths)) == 3


@pytest.mark.parametrize("keep", [1, 2, None])
async def test_so_many_are_kept_as_is_said(
    disk_world: World, target: Path, keep: int | None
) -> None:
    made = [(await back(disk_world, target, NOW + n * 5000, keep)).path for n in range(4)]
    assert BackupFolder(target).backups() == made[-(keep or 4) :]


async def test_a_backup_that_was_stopped_harms_none_and_is_gone_on_with(
    disk_world: World, target: Path
) -> None:
    first = await back(disk_world, target)
    await change(disk_world, "new")
    node = disk_world.node

    def stop(_count: int) -> None:
        trio.from_thread.run_sync(scope.cancel)

    with trio.CancelScope() as scope:
        await back_up(node.store, node.config.home, node.peer_id, LATER, target, 1, stop)
    assert scope.cancelled_caught
    assert BackupFolder(target).backups() == [first.path]
    assert find_backup(target) == first.path
    second = await back(disk_world, target, LATER, 1)
    assert BackupFolder(target).backups() == [second.path]
    assert not BackupFolder(target).unfinished.exists()


async def test_one_backup_at_a_time(disk_world: World, target: Path) -> None:
    await back(disk_world, target)
    with BackupFolder(target).held(), pytest.raises(AlreadyRunning):
        await back(disk_world, target)


async def test_folders_that_are_not_for_backups_are_refused(
    disk_world: World, target: Path, tmp_path: Path
) -> None:
    other = target.parent / "other"
    other.mkdir()  # nothing else runs meanwhile
    (other / "letters").touch()
    with pytest.raises(Unfit):
        await back(disk_world, other)
    with pytest.raises(Unfit):
        await back(disk_world, tmp_path / "node" / "backups")
    inside = target.parent / "link"
    inside.symlink_to(tmp_path)
    with pytest.raises(Unfit):
        await back(disk_world, inside / "backups")
    (target.parent / "file").touch()
    with pytest.raises(StorageFailed):
        await back(disk_world, target.parent / "file")


async def test_a_home_that_is_there_is_never_overwritten(disk_world: World, target: Path) -> None:
    await back(disk_world, target)
    for name in ("node", "config.toml", "anything"):
        new = target.parent / f"new-{name}"
        new.mkdir()
        (new / name).touch()
        with pytest.raises(Unfit):
            await restore(target, new, NOW)
        assert os.listdir(new) == [name]


async def test_a_restore_that_was_stopped_leaves_no_home_and_is_run_again(
    disk_world: World, target: Path
) -> None:
    await back(disk_world, target)
    new = target.parent / "new"
    steps = [0]

    def stop(_count: int) -> None:
        steps[0] += 1
        if steps[0] == 2:
            trio.from_thread.run_sync(scope.cancel)

    with trio.CancelScope() as scope:
        await restore(target, new, NOW, stop)
    assert not (new / "node").exists()
    (new / "config.toml").write_text("as if it was stopped later")
    restored = await restore(target, new, NOW)
    assert isinstance(restored, Restored)
    assert (new / "node" / "node.key").exists()


async def test_damage_in_a_backup_is_told_and_the_rest_restored(
    disk_world: World, target: Path, clock: Clock
) -> None:
    taken = await back(disk_world, target)
    (pack,) = (taken.path / "store" / "packs").iterdir()
    with pack.open("r+b") as file:
        file.seek(60_000)
        file.write(b"damage")
    new = target.parent / "new"
    restored = await restore(target, new, NOW)
    assert restored.report.found.total > 0
    async with build(Config(new), clock=clock) as node:
        assert len(await node.admin.accounts()) == 1


async def test_a_damaged_home_is_mended_from_its_backup(disk_world: World, target: Path) -> None:
    await back(disk_world, target)
    store = disk_world.node.store
    (pack,) = (disk_world.node.folder.store / "packs").iterdir()
    with pack.open("r+b") as file:
        file.truncate(50)
    async with opened_backup(target) as backup:
        done = await repair(store, [BackupSource(backup)], Shelf(), lambda: Pace(share=1))
    assert done.blocks > 0
    # The pack stays short, and what was in it is elsewhere now.
    assert {each.wrong.value for each in done.left.found.listed} <= {"store"}


async def test_a_backup_says_what_the_node_had_lost(disk_world: World, target: Path) -> None:
    (pack,) = (disk_world.node.folder.store / "packs").iterdir()
    pack.unlink()
    taken = await back(disk_world, target)
    assert taken.lacking > 0
    assert Note.read(taken.path) == Note(NOW, disk_world.node.peer_id, taken.lacking)


async def test_a_note_that_is_none_is_refused(disk_world: World, target: Path) -> None:
    taken = await back(disk_world, target)
    file = taken.path / "backup.json"
    good = json.loads(file.read_bytes())
    for text in (b"", b"{", b"[]", b"{}", json.dumps(good | {"peer": "zz"}).encode()):
        file.write_bytes(text)
        with pytest.raises(Malformed):
            await restore(taken.path, target.parent / "new", NOW)
    file.write_bytes(json.dumps(good | {"format": 2}).encode())
    with pytest.raises(UnknownVersion):
        await restore(taken.path, target.parent / "new", NOW)
    with pytest.raises(StorageFailed):
        await restore(target.parent / "nowhere", target.parent / "new", NOW)


async def test_links_in_a_backup_are_not_followed(disk_world: World, target: Path) -> None:
    taken = await back(disk_world, target)
    secret = target.parent / "secret"
    (taken.path / "node.key").rename(secret)
    (taken.path / "node.key").symlink_to(secret)
    with pytest.raises(StorageFailed):
        await restore(target, target.parent / "new", NOW)
    linked = target / "20990101T000000Z"
    linked.symlink_to(taken.path)
    assert BackupFolder(target).backups() == [taken.path]


def test_the_newest_is_found_by_its_name(tmp_path: Path) -> None:
    for name in ("20260101T000000Z", "20260101T000000Z-2", "20250101T000000Z", "unfinished", "x"):
        (tmp_path / name).mkdir()
    assert find_backup(tmp_path).name == "20260101T000000Z-2"
