"""Uploads that were cut off and go on: here, on another device, with another source."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from client.drive.drive import Drive
from client.drive.intake import taking
from client.drive.resolve import resolve
from client.drive.transfers import shelf, uploading
from client.drive.transfers.journals import KEPT, UP, Journals
from client.drive.transfers.listing import forget, unfinished
from client.drive.transfers.uploading import NOTE_TIME
from client.drive.upload import upload
from crypto.secret import Secret
from formats.errors import Conflict, HoldfastError, IsAFolder, NotFound, QuotaExceeded, Unreachable
from formats.limits import CHUNK, MIB
from tests.client.drive.contents import content_of
from tests.client.drive.drives import Heard, content, new_drive
from tests.client.fakes import FakeSpace

ACCOUNT = Secret(bytes(range(32)))
SIZE = 9 * CHUNK + 77
FILM = content_of(SIZE)
NOTED = 3
BESIDE = "film (conflict from {} 2023-11-14)"
SLACK = 3 * CHUNK
"""What may be under way when it is cut off, and is sent again."""


@pytest.fixture(autouse=True)
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files as small as these have a commit to themselves."""
    monkeypatch.setattr(taking, "MAX_STAGED", CHUNK)


@pytest.fixture
async def alice(tmp_path: Path) -> tuple[Drive, FakeSpace]:
    drive, space = await new_drive()
    return device(drive, tmp_path / "here"), space


def device(drive: Drive, folder: Path, name: str = "desk") -> Drive:
    """The same person's drive on a machine with a data folder of its own."""
    return replace(drive, journals=Journals(folder, ACCOUNT), device=name, depths={})


class Film:
    """A local file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write(FILM)

    def __str__(self) -> str:
        return str(self.path)

    def write(self, data: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(data)

    def patch(self, at: int, data: bytes) -> None:
        with open(self.path, "r+b") as file:
            file.seek(at)
            file.write(data)

    def touch(self) -> None:
        os.utime(self.path, ns=(5, 5))

    def read(self) -> bytes:
        return self.path.read_bytes()


@pytest.fixture
def source(tmp_path: Path) -> Film:
    return Film(tmp_path / "film")


def cut_off(space: FakeSpace, after: int, error: HoldfastError | None = None) -> None:
    """The home goes away when so many bytes were staged."""
    start = space.count.staged_bytes

    async def on_stage() -> None:
        if space.count.staged_bytes - start >= after:
            raise error or Unreachable("cut off")

    space.on_stage = on_stage


async def put_and_cut(drive: Drive, space: FakeSpace, source: Film, after: int) -> None:
    cut_off(space, after)
    with pytest.raises(Unreachable):
        await upload(drive, [str(source)])
    space.on_stage = None


def later(drive: Drive, tmp_path: Path) -> Drive:
    """The drive after its process was killed: what was only in memory is gone."""
    return device(drive, tmp_path / "here")


async def put_again(drive: Drive, space: FakeSpace, source: Film, anywhere: bool = False) -> int:
    """Put it; how many bytes that staged. Afterwards nothing of the upload is left."""
    before = space.count.staged_bytes
    await upload(drive, [str(source)], anywhere=anywhere)
    assert await content(drive, "film") == source.read()
    assert drive.journals is not None
    assert not drive.journals.ids(UP)
    assert not drive.journals.live
    assert not await shelf.noted(drive)
    return space.count.staged_bytes - before


async def test_a_put_goes_on_where_it_was_cut_off(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    await put_and_cut(drive, space, source, SIZE // 2)
    heard = Heard()
    before = space.count.staged_bytes
    await upload(later(drive, tmp_path), [str(source)], on_event=heard)
    assert space.count.staged_bytes - before <= SIZE // 2 + SLACK
    assert heard.summary.bytes == SIZE
    assert heard.summary.resumed >= SIZE // 2 - SLACK
    assert await content(drive, "film") == source.read()
    assert not space.sessions
    assert space.blocks.keys() == space.named()


async def test_what_is_not_cut_off_leaves_nothing_and_notes_nothing(
    alice: tuple[Drive, FakeSpace], source: Film
) -> None:
    drive, space = alice
    commits = space.count.commits
    assert await put_again(drive, space, source) >= SIZE
    assert space.count.commits == commits + 1
    assert not space.sessions


async def test_a_source_that_changed_in_one_chunk_is_compared(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    await put_and_cut(drive, space, source, SIZE // 2)  # the last chunks may go in one request
    source.patch(CHUNK + 5, b"changed")
    again = await put_again(later(drive, tmp_path), space, source)
    assert again <= SIZE // 2 + CHUNK + SLACK


async def test_a_touched_source_is_compared_and_not_sent(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    await put_and_cut(drive, space, source, SIZE // 2)
    source.touch()
    assert await put_again(later(drive, tmp_path), space, source) <= SIZE // 2 + SLACK


async def test_a_source_that_is_another_altogether_is_sent_whole(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    await put_and_cut(drive, space, source, SIZE // 2)
    source.write(content_of(SIZE, 2))
    assert await put_again(later(drive, tmp_path), space, source) >= SIZE


async def test_a_source_of_another_size_begins_anew(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    await put_and_cut(drive, space, source, SIZE // 2)
    source.patch(SIZE, b"more")
    drive = later(drive, tmp_path)
    await upload(drive, [str(source)])
    assert await content(drive, "film") == source.read()


async def test_a_source_that_vanished_keeps_what_was_sent(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    await put_and_cut(drive, space, source, SIZE // 2)
    os.rename(str(source), tmp_path / "away")
    with pytest.raises(HoldfastError):
        await upload(later(drive, tmp_path), [str(source)])
    os.rename(tmp_path / "away", str(source))
    assert await put_again(later(drive, tmp_path), space, source) <= SIZE // 2 + SLACK


async def test_a_session_that_is_over_costs_what_was_staged(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    await put_and_cut(drive, space, source, SIZE // 2)
    for session in [*space.sessions]:
        await space.close_staging(session)
    assert await put_again(later(drive, tmp_path), space, source) >= SIZE


async def test_a_quota_in_the_middle_and_room_afterwards(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    cut_off(space, SIZE // 2, QuotaExceeded("full"))
    with pytest.raises(QuotaExceeded):
        await upload(drive, [str(source)])
    space.on_stage = None
    assert await put_again(later(drive, tmp_path), space, source) <= SIZE // 2 + SLACK


async def test_a_new_version_goes_on_too(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    await upload(drive, [str(source)])
    source.write(content_of(SIZE, 2))
    await put_and_cut(drive, space, source, SIZE // 2)
    assert await content(drive, "film") == content_of(SIZE)
    assert await put_again(later(drive, tmp_path), space, source) <= SIZE // 2 + SLACK


async def test_somebody_else_made_a_version_meanwhile(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    await put_and_cut(drive, space, source, SIZE // 2)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "film").write_bytes(b"short")
    await upload(drive, [str(tmp_path / "other" / "film")])
    assert await put_again(later(drive, tmp_path), space, source) <= SIZE // 2 + SLACK


async def test_it_is_kept_beside_what_others_made_without_being_sent_again(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "film").write_bytes(b"short")

    async def meanwhile() -> None:
        await upload(drive, [str(tmp_path / "other" / "film")])

    space.before_commit.append(meanwhile)
    before = space.count.staged_bytes
    with pytest.raises(Conflict):
        await upload(drive, [str(source)])
    assert space.count.staged_bytes - before < SIZE + MIB
    assert await content(drive, "film") == b"short"
    assert await content(drive, BESIDE.format(drive.device)) == source.read()
    assert drive.journals is not None
    assert not drive.journals.ids(UP)
    assert not space.sessions


async def test_a_folder_stands_there_now(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    (tmp_path / "other" / "film").mkdir(parents=True)

    async def meanwhile() -> None:
        await upload(drive, [str(tmp_path / "other" / "film")])

    space.before_commit.append(meanwhile)
    with pytest.raises(IsAFolder):
        await upload(drive, [str(source)])
    assert drive.journals is not None
    assert not drive.journals.ids(UP)
    assert not space.sessions


async def test_two_at_once_do_not_share_an_upload(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    await put_and_cut(drive, space, source, SIZE // 2)
    drive = later(drive, tmp_path)
    refused = []

    async def put() -> None:
        try:
            await upload(drive, [str(source)])
        except Conflict as error:
            refused.append(error)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(put)
        nursery.start_soon(put)
    assert len(refused) == 1
    assert (
        await content(drive, "film")
        == await content(drive, BESIDE.format(drive.device))
        == source.read()
    )
    assert drive.journals is not None
    assert not drive.journals.ids(UP)
    assert not space.sessions


@pytest.mark.parametrize("cut", [0, 3, 4, 40, 700, -1, -700])
async def test_a_journal_that_was_cut_or_altered(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path, cut: int
) -> None:
    drive, space = alice
    await put_and_cut(drive, space, source, SIZE // 2)
    (journal,) = (tmp_path / "here").iterdir()
    data = journal.read_bytes()
    journal.write_bytes(data[:cut])
    await put_again(later(drive, tmp_path), space, source)
    journal.write_bytes(data)


@pytest.mark.parametrize("at", range(0, 4000, 999))
async def test_a_bit_of_a_journal_is_altered(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path, at: int
) -> None:
    drive, space = alice
    await put_and_cut(drive, space, source, SIZE // 2)
    (journal,) = (tmp_path / "here").iterdir()
    data = bytearray(journal.read_bytes())
    data[at] ^= 1
    journal.write_bytes(data)
    await put_again(later(drive, tmp_path), space, source)


async def test_a_journal_of_another_upload_or_account_is_nothing(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    await put_and_cut(drive, space, source, SIZE // 2)
    (journal,) = (tmp_path / "here").iterdir()
    journal.rename(journal.with_name(f"{UP}{bytes(16).hex()}"))
    assert await put_again(later(drive, tmp_path), space, source) >= SIZE
    await put_and_cut(drive, space, source, SIZE // 2)
    stranger = replace(drive, journals=Journals(tmp_path / "here", Secret(bytes(32))))
    assert await put_again(stranger, space, source) >= SIZE


async def test_nothing_readable_is_in_a_journal(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    await put_and_cut(drive, space, source, SIZE // 2)
    (journal,) = (tmp_path / "here").iterdir()
    assert journal.stat().st_mode & 0o777 == 0o600
    data = journal.read_bytes()
    for word in (b"film", b"desk", next(iter(space.blocks)), *space.sessions):
        assert word not in data


class TestOtherDevices:
    """What is noted in the space goes on on another machine."""

    @pytest.fixture(autouse=True)
    def often(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(uploading, "NOTE_CHUNKS", NOTED)

    async def test_it_goes_on_from_what_was_noted(
        self, alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
    ) -> None:
        drive, space = alice
        await put_and_cut(drive, space, source, 6 * CHUNK)
        other = device(drive, tmp_path / "there", "phone")
        copy = Film(tmp_path / "copy" / "film")
        (noted,) = await shelf.noted(other)
        assert noted.upload.device == "desk"
        assert await put_again(other, space, copy, anywhere=True) <= SIZE - NOTED * CHUNK + MIB
        assert not space.sessions

    async def test_it_begins_anew_unless_it_is_asked_for(
        self, alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
    ) -> None:
        drive, space = alice
        await put_and_cut(drive, space, source, 6 * CHUNK)
        other = device(drive, tmp_path / "there", "phone")
        before = space.count.staged_bytes
        await upload(other, [str(source)])
        assert space.count.staged_bytes - before >= SIZE
        assert len(await shelf.noted(other)) == 1

    async def test_another_source_there_never_mixes(
        self, alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
    ) -> None:
        drive, space = alice
        await put_and_cut(drive, space, source, 6 * CHUNK)
        other = device(drive, tmp_path / "there", "phone")
        source.write(content_of(SIZE, 3))
        assert await put_again(other, space, source, anywhere=True) >= SIZE

    async def test_the_first_device_comes_back_afterwards(
        self, alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
    ) -> None:
        drive, space = alice
        await put_and_cut(drive, space, source, 6 * CHUNK)
        await put_again(device(drive, tmp_path / "there"), space, source, anywhere=True)
        await put_again(later(drive, tmp_path), space, source)

    async def test_another_device_lists_and_forgets_it(
        self, alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
    ) -> None:
        drive, space = alice
        await put_and_cut(drive, space, source, 6 * CHUNK)
        other = device(drive, tmp_path / "there", "phone")
        (found,) = await unfinished(other)
        assert not found.here
        assert found.device == "desk"
        assert found.done >= NOTED * CHUNK
        await forget(other, [found.name])
        assert not await unfinished(other)
        assert not space.sessions
        assert await put_again(later(drive, tmp_path), space, source) >= SIZE

    async def test_and_the_first_goes_on_after_all(
        self, alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
    ) -> None:
        drive, space = alice
        await put_and_cut(drive, space, source, 6 * CHUNK)
        assert await put_again(later(drive, tmp_path), space, source) <= 4 * CHUNK + SLACK


async def test_what_is_unfinished_is_listed_and_can_be_forgotten(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    assert await unfinished(drive) == []
    await put_and_cut(drive, space, source, SIZE // 2)
    (found,) = await unfinished(later(drive, tmp_path))
    assert (found.path, found.local, found.device) == ("/alice/film", str(source), "desk")
    assert found.here
    assert not found.running
    assert SIZE // 2 - SLACK <= found.done < found.size == SIZE
    for wrong in ("", "zz", found.name + "0" * 9):
        with pytest.raises(NotFound):
            await forget(drive, [wrong])
    assert [each.id for each in await forget(later(drive, tmp_path), [found.name])] == [found.id]
    assert await unfinished(drive) == []
    assert not space.sessions
    assert not space.blocks
    assert await forget(drive, []) == []


async def test_what_runs_is_not_forgotten(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice

    async def on_stage() -> None:
        for found in await unfinished(drive):
            assert found.running
            with pytest.raises(Conflict):
                await forget(drive, [found.name])
        assert await forget(drive, []) == []

    space.on_stage = on_stage
    await put_again(drive, space, source)


async def test_after_seven_days_it_is_forgotten(
    alice: tuple[Drive, FakeSpace], source: Film, tmp_path: Path
) -> None:
    drive, space = alice
    await put_and_cut(drive, space, source, SIZE // 2)
    began = drive.now()
    assert await unfinished(replace(later(drive, tmp_path), now=lambda: began + KEPT))
    assert not await unfinished(replace(later(drive, tmp_path), now=lambda: began + KEPT + 1))
    assert not space.sessions


async def test_a_slow_line_notes_by_time(
    alice: tuple[Drive, FakeSpace], source: Film, autojump_clock: MockClock
) -> None:
    drive, space = alice

    async def slowly() -> None:
        await trio.sleep(NOTE_TIME / 2)

    space.on_stage = slowly
    heard: list[int] = []

    async def watch(_event: object) -> None:
        heard.append(len(await shelf.noted(drive)))

    await upload(drive, [str(source)], on_event=watch)
    assert 1 in heard
    space.on_stage = None
    assert not await shelf.noted(drive)
    await resolve(drive, drive.path("film"))
