"""What is lost comes back from whoever has it; nothing is thrown away for it."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest
import trio

from formats.cid import Cid
from formats.links import Role
from node.checking.aside import AsideFolder
from node.checking.findings import Finding, Wrong
from node.checking.pace import Pace
from node.checking.repair import Repaired, repair
from storage.memory import MemoryStore
from tests.node.checking.harm import Harm, Shelf, flip, lose
from tests.node.checking.worlds import World, check, tables


def fast() -> Pace:
    return Pace(share=1)


async def mend(store: MemoryStore, *shelves: Shelf, aside: Shelf | None = None) -> Repaired:
    return await repair(store, shelves, aside or Shelf(), fast)


def everything(world: World) -> Shelf:
    """A shelf with every block that is whole now."""
    return Shelf(dict(tables(world)._tables.blocks))


@pytest.mark.parametrize("harm", [flip, lose])
async def test_each_lost_block_comes_back(world: World, harm: Harm) -> None:
    shelf = everything(world)
    for cid, role in (await world.blocks()).items():
        store, aside = tables(world).snapshot(), Shelf()
        harm(store, cid)
        damaged = store._tables.blocks[cid]
        done = await mend(store, shelf, aside=aside)
        assert (done.blocks, done.left.found.listed) == (1, []), role
        assert aside.kept == [(cid, damaged)]
        assert store._tables.blocks == tables(world)._tables.blocks


async def test_everything_lost_at_once_comes_back(world: World) -> None:
    shelf, store = everything(world), tables(world)
    held = [*await world.blocks(), *(cid for each in store._tables.staged.values() for cid in each)]
    for cid in held:
        lose(store, cid)
    done = await mend(store, shelf)
    assert (done.blocks, done.left.found.listed) == (len(held), [])
    assert {cid: store._tables.blocks[cid] for cid in held}.items() <= shelf.blocks.items()


async def test_what_nobody_has_stays_as_it_is_and_is_named(world: World) -> None:
    store, aside = tables(world), Shelf()
    lost = list(await world.blocks())
    for cid in lost:
        flip(store, cid)
    before = dict(store._tables.blocks)
    done = await mend(store, Shelf(), aside=aside)
    assert (done.blocks, done.counts) == (0, 0)
    assert store._tables.blocks == before
    assert aside.kept == []
    named = {each.cid for each in done.left.found.listed if each.wrong is Wrong.BLOCK}
    assert named == set(lost)


async def test_a_source_with_other_bytes_is_not_believed(world: World) -> None:
    store = tables(world)
    cid = next(iter(await world.blocks()))
    liar = Shelf({cid: b"other bytes"})
    large = Shelf({cid: bytes(2 * 1024 * 1024)})
    honest = everything(world)
    flip(store, cid)
    assert (await mend(store, liar, large)).blocks == 0
    assert (await mend(store, liar, large, honest)).blocks == 1
    assert liar.asked > 0


async def test_wrong_counts_are_set_right(world: World) -> None:
    right = dict(tables(world)._tables.references)
    for cid in await world.blocks():
        for count in (0, 1, 7):
            store = tables(world).snapshot()
            had, kind = store._tables.references.pop((world.key, cid))
            if count:
                store._tables.references[world.key, cid] = (count, kind)
            done = await mend(store)
            assert done.counts == (count != had)
            assert done.left.found.listed == []
            assert store._tables.references == right
            assert store._tables.used == tables(world)._tables.used


async def test_wrong_sums_are_counted_anew(world: World) -> None:
    store = tables(world)
    store._tables.used[world.key] += 5
    session, row = next(iter(store._tables.sessions.items()))
    store._tables.sessions[session] = replace(row, reserved=1)
    done = await mend(store)
    assert done.recounted
    assert done.left.found.listed == []


async def test_what_is_signed_is_left_for_a_person(world: World) -> None:
    store = tables(world)
    del store._tables.history[world.key, 1]
    done = await mend(store, everything(world))
    assert [each.wrong for each in done.left.found.listed] == [
        Wrong.HISTORY,
        Wrong.RECORD,
    ]


async def test_a_home_that_is_well_is_left_alone(any_world: World) -> None:
    done = await repair(any_world.node.store, [Shelf()], Shelf(), fast)
    assert (done.blocks, done.counts, done.recounted) == (0, 0, False)
    assert done.left.found.listed == []


async def test_a_repair_that_was_stopped_is_run_again(world: World) -> None:
    shelf = everything(world)
    store = tables(world)
    for cid in await world.blocks():
        flip(store, cid)

    class Leaving(Shelf):
        async def find(self, cid: Cid) -> bytes | None:
            if self.asked == 5:
                scope.cancel()
                await trio.lowlevel.checkpoint()
            return await super().find(cid)

    with trio.CancelScope() as scope:
        await mend(store, Leaving(shelf.blocks))
    assert scope.cancelled_caught
    whole = [cid for cid, data in store._tables.blocks.items() if cid.matches(data)]
    assert len(whole) >= 5
    assert (await mend(store, shelf)).left.found.listed == []


async def test_findings_of_the_first_check_are_told(world: World) -> None:
    told: list[Finding] = []
    shelf, store = everything(world), tables(world)
    cid = next(cid for cid, role in (await world.blocks()).items() if role is Role.LEAF)
    flip(store, cid)
    await repair(store, [shelf], Shelf(), fast, told.append)
    assert {each.cid for each in told} == {cid}


async def test_a_count_is_not_set_in_a_space_that_changed(world: World) -> None:
    store = tables(world)
    cid = next(iter(await world.blocks()))
    count, kind = store._tables.references[world.key, cid]
    store._tables.references[world.key, cid] = (count + 1, kind)
    real = store.write

    async def late(work: object) -> object:
        for key in list(store._tables.retained):  # an old state went in between
            store._tables.retained.pop(key)
        return await real(work)  # type: ignore[arg-type]

    store.write = late  # type: ignore[method-assign, assignment]
    await repair(store, [], Shelf(), fast)
    store.write = real  # type: ignore[method-assign]
    assert (await check(store)).found.total > 0
    assert (await mend(store)).left.found.listed == []


async def test_a_damaged_pack_is_mended_on_a_disk(disk_world: World) -> None:
    store = disk_world.node.store
    shelf = Shelf(disk_world.alice.space.blocks)
    (pack,) = (disk_world.node.folder.store / "packs").iterdir()
    data = bytearray(pack.read_bytes())
    data[50:-1:5000] = bytes(len(data[50:-1:5000]))
    pack.write_bytes(bytes(data))
    aside = AsideFolder(disk_world.node.folder.aside)
    done = await repair(store, [shelf], aside, fast)
    assert done.blocks > 0
    assert done.left.found.listed == []
    assert aside.count() == done.blocks


def test_bytes_that_are_put_aside_are_files_of_their_own(tmp_path: Path) -> None:
    aside = AsideFolder(tmp_path / "node" / "aside")
    assert aside.count() == 0
    cid = Cid.of_raw(b"good")
    for data in (b"bad", b"worse", b"bad"):
        aside.put(cid, data)
    assert aside.count() == 2
    for file in (tmp_path / "node" / "aside").iterdir():
        assert file.name.startswith(str(cid))
        assert file.read_bytes() in (b"bad", b"worse")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
