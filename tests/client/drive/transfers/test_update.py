"""put --update: of a file that changed, what changed is sent, and nothing is mixed up."""

import os
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from client.drive.drive import Drive
from client.drive.listing import ls, stat
from client.drive.ring import MAX_RING
from client.drive.upload import upload
from formats.errors import Conflict
from formats.limits import CHUNK, INLINE, SEGMENT
from tests.client.drive.contents import content_of
from tests.client.drive.drives import Heard, content, new_drive
from tests.client.fakes import FakeSpace

SIZE = 2 * CHUNK + SEGMENT + 9


class File:
    """A local file and what is put of it. Each change moves its time on."""

    def __init__(self, path: Path, drive: Drive, space: FakeSpace, data: bytes) -> None:
        self.path, self.drive, self.space = path, drive, space
        self.time = 1_000
        self.write(data)

    def write(self, data: bytes) -> None:
        self.path.write_bytes(data)
        self.time += 1
        os.utime(self.path, ns=(self.time, self.time))

    def patch(self, at: int, data: bytes) -> None:
        whole = bytearray(self.path.read_bytes())
        whole[at : at + len(data)] = data
        self.write(bytes(whole))

    async def put(self, check: bool = False) -> tuple[int, Heard]:
        """Update it; bytes that were staged for it, and what was told."""
        before, heard = self.space.count.staged_bytes, Heard()
        await upload(self.drive, [str(self.path)], on_event=heard, update=not check, check=check)
        assert await content(self.drive, "f") == self.path.read_bytes()
        assert not self.space.sessions
        assert self.space.blocks.keys() == self.space.named()
        return self.space.count.staged_bytes - before, heard


@pytest.fixture
async def file(tmp_path: Path) -> File:
    drive, space = await new_drive()
    made = File(tmp_path / "f", drive, space, content_of(SIZE))
    await upload(drive, [str(made.path)])
    return made


@pytest.mark.parametrize("at", [0, SEGMENT - 1, SEGMENT, CHUNK - 1, CHUNK, 2 * CHUNK, SIZE - 1])
async def test_one_byte_moves_one_segment(file: File, at: int) -> None:
    file.patch(at, b"?")
    staged, heard = await file.put()
    assert 0 < staged <= SEGMENT + 64
    assert heard.summary.bytes == SIZE
    assert SIZE - 4 * SEGMENT <= heard.summary.resumed < SIZE
    assert (await stat(file.drive, "f")).modified == file.time


async def test_two_bytes_on_a_border_move_two(file: File) -> None:
    file.patch(CHUNK - 1, b"??")
    assert SEGMENT < (await file.put())[0] <= 2 * (SEGMENT + 64)


async def test_another_time_alone_moves_nothing(file: File) -> None:
    file.patch(0, b"")
    generation = (await stat(file.drive, "f")).generation
    staged, heard = await file.put()
    assert staged == 0
    assert heard.summary.files == 1
    assert (await stat(file.drive, "f")).generation == generation


async def test_the_same_size_and_time_is_looked_into_only_with_check(file: File) -> None:
    changed = bytearray(content_of(SIZE))
    changed[CHUNK] ^= 1
    file.path.write_bytes(changed)
    file.time = (await stat(file.drive, "f")).modified or 0
    os.utime(file.path, ns=(file.time, file.time))
    heard = Heard()
    await upload(file.drive, [str(file.path)], on_event=heard, update=True)
    assert (heard.summary.files, heard.summary.unchanged) == (0, 1)
    staged, heard = await file.put(check=True)
    assert 0 < staged <= SEGMENT + 64
    assert (heard.summary.files, heard.summary.unchanged) == (1, 0)


@pytest.mark.parametrize("size", [0, 5, INLINE, INLINE + 1, CHUNK])
async def test_a_check_of_what_is_the_same_commits_nothing(file: File, size: int) -> None:
    file.write(content_of(size, 3))
    await upload(file.drive, [str(file.path)])
    commits = file.space.count.commits
    staged, heard = await file.put(check=True)
    assert staged == 0
    assert file.space.count.commits == commits
    assert (heard.summary.files, heard.summary.unchanged, heard.summary.bytes) == (0, 1, 0)


@pytest.mark.parametrize(
    "size", [0, INLINE, INLINE + 1, SEGMENT, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5]
)
async def test_grown_and_cut(file: File, size: int) -> None:
    longer = content_of(4 * CHUNK)[: max(size, SIZE)]
    file.write((content_of(SIZE) + longer[SIZE:])[:size])
    staged, _ = await file.put()
    assert staged <= max(0, size - SIZE) + 3 * (SEGMENT + 64) + CHUNK // 2


async def test_zeros_come_and_go(file: File) -> None:
    file.patch(CHUNK, bytes(CHUNK))
    assert (await file.put())[0] == 0
    file.patch(CHUNK + 5, b"x")
    assert CHUNK <= (await file.put())[0] <= CHUNK + 64 * 20


async def test_many_updates_in_a_row(file: File, rng: Random) -> None:
    file.write(content_of(INLINE + SEGMENT))
    await file.put()
    for _ in range(MAX_RING + 3):
        file.patch(rng.randrange(INLINE + SEGMENT), rng.randbytes(3))
        await file.put()


async def test_a_segment_that_is_lost_is_mended(file: File) -> None:
    lost = next(iter(file.space.blocks))
    del file.space.blocks[lost]
    file.patch(0, b"")
    assert 0 < (await file.put())[0] <= CHUNK + 64 * 20


async def test_somebody_else_changes_it_meanwhile(file: File, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    theirs = File(other / "f", replace(file.drive, depths={}), file.space, content_of(SIZE, 9))

    async def meanwhile() -> None:
        await upload(theirs.drive, [str(theirs.path)])

    file.space.keeps = 2  # a home keeps the version that both began with
    file.patch(7, b"?")
    file.space.before_commit.append(meanwhile)
    with pytest.raises(Conflict, match="both are kept"):
        await file.put()
    names = [entry.name for entry in (await ls(file.drive, "")).entries]
    (beside,) = set(names) - {"f"}
    assert await content(file.drive, "f") == theirs.path.read_bytes()
    assert await content(file.drive, beside) == file.path.read_bytes()
