"""The drive over a real engine and a real node in process."""

import os
from pathlib import Path

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from client.drive.change import mkdir, mv, rm
from client.drive.copying import cp
from client.drive.download import download
from client.drive.drive import Drive
from client.drive.events import Event, KeptBoth
from client.drive.listing import du, ls, ls_all, stat
from client.drive.resolve import open_path
from client.drive.upload import upload
from client.identity.account import keep_for
from formats.errors import Conflict, Unreachable
from formats.limits import CHUNK
from tests.client.drive.contents import content_of
from tests.client.drive.drives import content
from tests.client.drive.test_download import same
from tests.client.drive.test_upload import plant
from tests.world.person import Person
from tests.world.world import World


@pytest.fixture
def moving_clock() -> MockClock:
    """trio's clock for the whole test: runs as usual, and ``World.later`` moves it."""
    return MockClock(rate=1.0)


def drive_of(person: Person) -> Drive:
    session = person.session
    return Drive(session.name, session.space, session.root.keys, session.around.now)


async def test_a_tree_goes_in_and_comes_back(tmp_path: Path) -> None:
    plant(tmp_path / "t")
    async with World.open("alice") as w:
        drive = drive_of(w.alice)
        await upload(drive, [str(tmp_path / "t")])
        await download(drive, ["t"], str(tmp_path / "back"))
        same(tmp_path / "t", tmp_path / "back")
        again = drive_of(await w.alice.another_device())
        await download(again, ["t"], str(tmp_path / "again"))
        same(tmp_path / "t", tmp_path / "again")
        assert (await du(again, "t")).files == 4


TURNS = 20
"""Turns that background jobs get to give back what nothing holds any more."""


async def test_what_is_removed_is_not_counted_any_more(
    tmp_path: Path, moving_clock: MockClock
) -> None:
    plant(tmp_path / "t")
    async with World.open("alice") as w:
        drive = drive_of(w.alice)
        await mkdir(drive, "d")
        before = await w.alice.used()
        await upload(drive, [str(tmp_path / "t")])
        full = await w.alice.used()
        await cp(drive, ["t/big"], "copy")
        assert await w.alice.used() - full < 16 * 1024
        await rm(drive, ["t"], recursive=True, forever=True)
        assert await content(drive, "copy") == content_of(2 * CHUNK + 5)
        await rm(drive, ["copy"], forever=True)
        await keep_for(w.alice.session, 0)
        w.later(seconds=3600)  # states that were superseded are read for a while
        for _ in range(TURNS):
            await trio.testing.wait_all_tasks_blocked()
            if await w.alice.used() - before < 16 * 1024:
                break
            w.later(seconds=61)  # each job has one more turn
        assert await w.alice.used() - before < 16 * 1024
        await mkdir(drive, "d/e", parents=True)
        assert not [each.path async for each in ls_all(drive, "d/e") if each.entries]


async def test_devices_that_write_to_one_folder_at_once_lose_nothing(tmp_path: Path) -> None:
    async with World.open("alice") as w:
        drives = [drive_of(w.alice), *[drive_of(await w.alice.another_device()) for _ in range(2)]]
        await mkdir(drives[0], "together")

        async def many(number: int, drive: Drive) -> None:
            for at in range(8):
                path = tmp_path / f"{number}-{at}"
                path.write_bytes(content_of(100 if at % 2 else 70_000, at))
                await upload(drive, [str(path)], "together")
                await mkdir(drive, f"together/folder {number}-{at}")

        async with trio.open_nursery() as nursery:
            for number, drive in enumerate(drives):
                nursery.start_soon(many, number, drive)
        names = {shown.name for shown in (await ls(drives[0], "together")).entries}
        assert len(names) == 3 * 8 * 2
        assert await content(drives[0], "together/2-7") == content_of(100, 7)


async def test_devices_that_write_one_file_at_once_keep_what_each_wrote(tmp_path: Path) -> None:
    async with World.open("alice") as w:
        drives = [drive_of(w.alice), drive_of(await w.alice.another_device())]

        kept: list[str] = []

        async def write(number: int, drive: Drive) -> None:
            (tmp_path / str(number)).mkdir()
            path = tmp_path / str(number) / "f"

            async def hear(event: Event) -> None:
                if isinstance(event, KeptBoth):
                    kept.append(event.beside)

            for at in range(5):
                path.write_bytes(content_of(70_000 + at, number))
                try:
                    await upload(drive, [str(path)], on_event=hear)
                except Conflict:
                    assert kept

        async with trio.open_nursery() as nursery:
            for number, drive in enumerate(drives):
                nursery.start_soon(write, number, drive)
        written = {content_of(70_000 + at, number) for at in range(5) for number in (0, 1)}
        assert await content(drives[0], "f") in written
        beside = {await content(drives[1], path) for path in kept}
        assert len(beside) == len(kept) <= 9
        assert beside <= written - {await content(drives[0], "f")}
        assert (await stat(drives[1], "f")).generation == 9 - len(kept)


async def test_moving_and_adding_meet(tmp_path: Path) -> None:
    async with World.open("alice") as w:
        one, two = drive_of(w.alice), drive_of(await w.alice.another_device())
        await mkdir(one, "a/b", parents=True)
        (tmp_path / "f").write_text("x")

        async def add() -> None:
            for number in range(6):
                await upload(two, [str(tmp_path / "f")], f"a/{number}")

        async with trio.open_nursery() as nursery:
            nursery.start_soon(add)
            await mv(one, ["a/b"], "c")
        assert sorted(each.name for each in (await ls(one, "a")).entries) == list("012345")
        assert [each.name for each in (await ls(one, "")).entries] == ["a", "c"]


async def test_a_large_folder(tmp_path: Path) -> None:
    root = tmp_path / "many"
    root.mkdir()
    for number in range(3000):
        (root / f"{number:04}").touch()
    async with World.open("alice") as w:
        drive = drive_of(w.alice)
        await upload(drive, [str(root)])
        assert len((await ls(drive, "many")).entries) == 3000
        fresh = drive_of(await w.alice.another_device())
        assert (await du(fresh, "many")).files == 3000
        await rm(fresh, ["many"], recursive=True)
        assert (await ls(drive, "")).entries == ()


@pytest.mark.parametrize("call", [0, 1, 2])
async def test_a_home_that_dies_in_the_middle_of_a_put(tmp_path: Path, call: int) -> None:
    plant(tmp_path / "t")
    async with World.open("alice") as w:
        drive = drive_of(w.alice)
        await mkdir(drive, "before")
        progress = 0

        async def die(_event: object) -> None:
            nonlocal progress
            progress += 1
            if progress == call + 1:
                await w.stop("alice")

        with pytest.raises(Unreachable):
            await upload(drive, [str(tmp_path / "t")], "", die)
        await w.start("alice")
        names = [shown.name for shown in (await ls(drive, "")).entries]
        assert names in (["before"], ["before", "t"])
        await upload(drive, [str(tmp_path / "t")])
        await download(drive, ["t"], str(tmp_path / "back"))
        same(tmp_path / "t", tmp_path / "back")


async def test_random_ranges(tmp_path: Path) -> None:
    data = content_of(3 * CHUNK + 1234)
    (tmp_path / "f").write_bytes(data)
    async with World.open("alice") as w:
        drive = drive_of(w.alice)
        await upload(drive, [str(tmp_path / "f")])
        reader = await open_path(drive, "f")
        for start in range(0, len(data), 777_777):
            assert await reader.read(start, 65_536) == data[start : start + 65_536]
    assert os.listdir(tmp_path) == ["f"]
