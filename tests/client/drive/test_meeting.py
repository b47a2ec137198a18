"""Changes that meet share an operation, and nothing else: neither errors nor giving up."""

from pathlib import Path

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from client.drive.drive import Drive
from client.drive.edit import TreeEdit
from client.drive.entry import Entry, Kind
from client.drive.listing import ls
from client.drive.meeting import MOST
from client.drive.upload import upload
from formats.errors import HoldfastError, QuotaExceeded, TooMany, Unreachable
from tests.client.drive.drives import content, new_drive


async def _link(drive: Drive, name: str, size: int = 1, error: HoldfastError | None = None) -> str:
    """Note a link of that name, or fail after noting it."""

    async def note(edit: TreeEdit) -> str:
        await (await edit.folder(())).put(Entry(name, Kind.LINK, 0, target="somewhere"))
        if error is not None:
            raise error
        return name

    return await drive.gathering.commit(note, size)


async def _names(drive: Drive) -> list[str]:
    return [shown.name for shown in (await ls(drive, "")).entries]


async def test_who_comes_during_a_commit_shares_the_next_one() -> None:
    drive, space = await new_drive()
    before, go = space.count.commits, trio.Event()
    space.before_commit.append(go.wait)
    async with trio.open_nursery() as nursery:
        for number in range(20):
            nursery.start_soon(_link, drive, f"{number:02}")
            if number == 0:
                await wait_all_tasks_blocked()
        await wait_all_tasks_blocked()
        go.set()
    assert space.count.commits - before == 2
    assert await _names(drive) == [f"{number:02}" for number in range(20)]


async def test_what_is_too_much_together_is_not_put_together() -> None:
    drive, space = await new_drive()
    before = space.count.commits
    async with trio.open_nursery() as nursery:
        for name in "abcd":
            nursery.start_soon(_link, drive, name, MOST // 2 + 1)
    assert space.count.commits - before == 4
    assert await _names(drive) == ["a", "b", "c", "d"]


async def test_each_is_told_what_became_of_its_own() -> None:
    drive, _space = await new_drive()
    outcomes = dict[str, object]()

    async def link(name: str, error: HoldfastError | None) -> None:
        try:
            outcomes[name] = await _link(drive, name, 1, error)
        except HoldfastError as raised:
            outcomes[name] = raised

    bad = TooMany("this one alone")
    async with trio.open_nursery() as nursery:
        for name, error in (("a", None), ("b", None), ("c", bad), ("d", None)):
            nursery.start_soon(link, name, error)
    assert outcomes == {"a": "a", "b": "b", "c": bad, "d": "d"}
    assert await _names(drive) == ["a", "b", "d"]


@pytest.mark.parametrize("error", [Unreachable("away"), QuotaExceeded("no room")])
async def test_what_the_home_refuses_is_told_to_all(error: HoldfastError) -> None:
    drive, space = await new_drive()
    told = list[HoldfastError]()

    async def refuse() -> None:
        raise error

    async def link(name: str) -> None:
        with pytest.raises(type(error)) as raised:
            await _link(drive, name)
        told.append(raised.value)

    space.before_commit.extend([refuse] * 4)
    async with trio.open_nursery() as nursery:
        for name in "abc":
            nursery.start_soon(link, name)
    assert told == [error] * 3
    space.before_commit.clear()
    assert await _names(drive) == []


@pytest.mark.parametrize("leads", [True, False])
async def test_who_gives_up_leaves_the_others(leads: bool) -> None:
    drive, space = await new_drive()
    go, gives_up = trio.Event(), trio.CancelScope()
    space.before_commit.append(go.wait)

    async def impatient() -> None:
        with gives_up:
            await _link(drive, "gone")

    async with trio.open_nursery() as nursery:
        if not leads:
            nursery.start_soon(_link, drive, "first")
            await wait_all_tasks_blocked()
        nursery.start_soon(impatient)
        await wait_all_tasks_blocked()
        nursery.start_soon(_link, drive, "kept")
        await wait_all_tasks_blocked()
        gives_up.cancel()
        await wait_all_tasks_blocked()
        go.set()
    assert await _names(drive) == (["kept"] if leads else ["first", "kept"])


async def test_files_put_side_by_side_are_all_there(tmp_path: Path) -> None:
    drive, _space = await new_drive()
    files = [tmp_path / f"file-{number:02}" for number in range(20)]
    async with trio.open_nursery() as nursery:
        for file in files:
            file.write_text(file.name)
            nursery.start_soon(upload, drive, [str(file)])
    assert await _names(drive) == [file.name for file in files]
    for file in files:
        assert await content(drive, file.name) == file.name.encode()
