"""Downloads that were cut off and go on: never a wrong byte, and no part is left for ever."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
import trio

from client.drive.download import download
from client.drive.drive import Drive
from client.drive.transfers import downloading
from client.drive.transfers.journals import DOWN, KEPT, Journals
from client.drive.transfers.listing import forget, unfinished
from client.drive.upload import upload
from crypto.secret import Secret
from formats.errors import Exists, Unreachable
from formats.limits import CHUNK
from tests.client.drive.contents import content_of
from tests.client.drive.drives import Heard, new_drive
from tests.client.fakes import FakeSpace

ACCOUNT = Secret(bytes(range(32)))
SIZE = 9 * CHUNK + 77
FILM = content_of(SIZE)


@pytest.fixture
async def alice(tmp_path: Path) -> tuple[Drive, FakeSpace]:
    drive, space = await new_drive()
    put(tmp_path / "film", FILM)
    await upload(drive, [str(tmp_path / "film")])
    return again(drive, tmp_path), space


def put(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


def content(path: Path) -> bytes:
    return path.read_bytes()


def again(drive: Drive, tmp_path: Path) -> Drive:
    """The drive in a new process."""
    return replace(drive, journals=Journals(tmp_path / "kept", ACCOUNT))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "to").mkdir()
    return tmp_path / "to" / "film"


def parts(target: Path) -> list[Path]:
    return [path for path in target.parent.iterdir() if path.name.endswith(".part")]


async def get_and_cut(drive: Drive, space: FakeSpace, target: Path, after: int = 6) -> None:
    """The home goes away after so many chunks."""
    start = space.count.segment_requests

    async def gone(_event: object) -> None:
        if space.count.segment_requests - start >= after:
            raise Unreachable("cut off")

    with pytest.raises(Unreachable):
        await download(drive, ["film"], str(target), on_event=gone)


async def fetched(drive: Drive, space: FakeSpace, target: Path) -> int:
    """Get it; how many chunks were fetched. Afterwards nothing else is left."""
    start = space.count.segment_requests
    await download(drive, ["film"], str(target))
    check(drive, target)
    return space.count.segment_requests - start


def check(drive: Drive, target: Path, data: bytes = FILM) -> None:
    assert target.read_bytes() == data
    assert [path.name for path in target.parent.iterdir()] == ["film"]
    assert drive.journals is not None
    assert not drive.journals.ids(DOWN)
    assert not drive.journals.live


async def test_a_get_goes_on_where_it_was_cut_off(
    alice: tuple[Drive, FakeSpace], target: Path, tmp_path: Path
) -> None:
    drive, space = alice
    await get_and_cut(drive, space, target)
    heard = Heard()
    before = space.count.segment_requests
    await download(again(drive, tmp_path), ["film"], str(target), on_event=heard)
    assert 0 < space.count.segment_requests - before <= 10 - 3
    assert heard.summary.bytes == SIZE
    assert 3 * CHUNK <= heard.summary.resumed < SIZE
    check(again(drive, tmp_path), target)


async def test_a_cancelled_get_goes_on(
    alice: tuple[Drive, FakeSpace], target: Path, tmp_path: Path
) -> None:
    drive, space = alice
    with trio.CancelScope() as scope:

        async def stop(_event: object) -> None:
            if space.count.segment_requests >= 6:
                scope.cancel()
                await trio.lowlevel.checkpoint()

        await download(drive, ["film"], str(target), on_event=stop)
    assert scope.cancelled_caught
    assert await fetched(again(drive, tmp_path), space, target) < 10


async def test_a_machine_that_was_started_again_begins_again(
    alice: tuple[Drive, FakeSpace], target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive, space = alice
    await get_and_cut(drive, space, target)
    boot = tmp_path / "boot"
    put(boot, b"another\n")
    monkeypatch.setattr(downloading, "_BOOT", boot)
    assert await fetched(again(drive, tmp_path), space, target) == 10


async def test_a_machine_that_does_not_say_keeps_nothing(
    alice: tuple[Drive, FakeSpace], target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive, space = alice
    monkeypatch.setattr(downloading, "_BOOT", tmp_path / "no such file")
    await get_and_cut(drive, space, target)
    assert not parts(target)
    assert await fetched(again(drive, tmp_path), space, target) == 10


@pytest.mark.parametrize("what", ["gone", "another", "shorter", "link"])
async def test_a_part_that_is_not_the_one_is_not_gone_on_with(
    alice: tuple[Drive, FakeSpace], target: Path, tmp_path: Path, what: str
) -> None:
    drive, space = alice
    await get_and_cut(drive, space, target)
    (part,) = parts(target)
    away = tmp_path / "away"
    if what == "shorter":
        os.truncate(part, SIZE - 1)
    else:
        os.rename(part, away)
    if what == "another":
        put(part, bytes(SIZE))
    if what == "link":
        os.symlink(away, part)
    start = space.count.segment_requests
    await download(again(drive, tmp_path), ["film"], str(target))
    assert space.count.segment_requests - start == 10
    assert content(target) == FILM


async def test_a_file_that_changed_meanwhile_begins_again(
    alice: tuple[Drive, FakeSpace], target: Path, tmp_path: Path
) -> None:
    drive, space = alice
    await get_and_cut(drive, space, target)
    put(tmp_path / "film", content_of(SIZE, 2))
    await upload(drive, [str(tmp_path / "film")])
    await download(again(drive, tmp_path), ["film"], str(target))
    check(again(drive, tmp_path), target, content_of(SIZE, 2))


@pytest.mark.parametrize("cut", [0, 5, -1, -100])
async def test_a_journal_that_was_cut(
    alice: tuple[Drive, FakeSpace], target: Path, tmp_path: Path, cut: int
) -> None:
    drive, space = alice
    await get_and_cut(drive, space, target)
    (journal,) = (tmp_path / "kept").iterdir()
    put(journal, journal.read_bytes()[:cut])
    await download(again(drive, tmp_path), ["film"], str(target))
    assert content(target) == FILM


async def test_what_stands_there_is_not_overwritten(
    alice: tuple[Drive, FakeSpace], target: Path, tmp_path: Path
) -> None:
    drive, space = alice
    await get_and_cut(drive, space, target)
    put(target, b"mine")
    with pytest.raises(Exists):
        await download(again(drive, tmp_path), ["film"], str(target))
    check(again(drive, tmp_path), target, b"mine")


async def test_unfinished_ones_are_listed_and_forgotten_with_their_parts(
    alice: tuple[Drive, FakeSpace], target: Path, tmp_path: Path
) -> None:
    drive, space = alice
    await get_and_cut(drive, space, target)
    (found,) = await unfinished(again(drive, tmp_path))
    assert (found.verb, found.path, found.local) == ("get", "/alice/film", str(target))
    assert 3 * CHUNK <= found.done < found.size == SIZE
    await forget(again(drive, tmp_path), [found.name])
    assert not await unfinished(again(drive, tmp_path))
    assert not parts(target)


async def test_old_parts_go(alice: tuple[Drive, FakeSpace], target: Path, tmp_path: Path) -> None:
    drive, space = alice
    await get_and_cut(drive, space, target)
    late = drive.now() + KEPT + 1
    assert not await unfinished(replace(again(drive, tmp_path), now=lambda: late))
    assert not parts(target)


async def test_two_gets_do_not_share_a_part(
    alice: tuple[Drive, FakeSpace], target: Path, tmp_path: Path
) -> None:
    drive, space = alice
    await get_and_cut(drive, space, target)
    drive = again(drive, tmp_path)
    async with trio.open_nursery() as nursery:
        for _ in range(2):
            nursery.start_soon(download, drive, ["film"], str(target), Heard(), True)
    check(drive, target)
