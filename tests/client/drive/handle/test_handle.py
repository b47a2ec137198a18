"""Open files over a fake space: ranges, growing, cutting, saving; what moves and what stays."""

from random import Random

import pytest

from client.drive.change import mkdir, mv, rm
from client.drive.drive import Drive
from client.drive.file import NewFile
from client.drive.handle.handle import FileHandle
from client.drive.handle.opening import READ, Access, open_handle
from client.drive.header import Shape
from client.drive.listing import ls, stat
from client.drive.resolve import resolve
from client.drive.target import home_edit
from client.space.reading import Changing
from formats.errors import Conflict, Exists, IsAFolder, NotFound, Unfit, Usage
from formats.limits import CHUNK, INLINE, MIB, SEGMENT
from tests.client.drive.contents import content_of, write_large
from tests.client.drive.drives import content, new_drive

WRITE = Access(write=True)
CREATE = Access(write=True, create=True)


async def make(drive: Drive, path: str, data: bytes) -> None:
    async with await open_handle(drive, path, CREATE) as file:
        await file.write(0, data)


async def read_all(file: FileHandle) -> bytes:
    return await file.read(0, file.size)


async def test_a_file_is_made_read_and_seen_by_others_once_it_is_closed() -> None:
    drive, _ = await new_drive()
    async with await open_handle(drive, "f", CREATE) as file:
        await file.write(0, b"hello")
        assert await file.append(b" world") == 5
        assert await read_all(file) == b"hello world"
        assert not (await ls(drive, "")).entries
    assert await content(drive, "f") == b"hello world"
    (shown,) = (await ls(drive, "")).entries
    assert (shown.name, shown.size) == ("f", 11)


BORDERS = (0, INLINE, SEGMENT, CHUNK)
SIZES = (*(border + more for border in BORDERS for more in (-1, 0, 1)), CHUNK + SEGMENT)[1:]


@pytest.mark.parametrize("before", SIZES)
async def test_from_each_size_at_a_border_to_each_other(before: int) -> None:
    drive, space = await new_drive()
    data = content_of(before)
    labels = set(space.tree)
    for after in SIZES:
        await make(drive, "f", data)
        async with await open_handle(drive, "f", WRITE) as file:
            await file.truncate(after)
            assert await read_all(file) == data[:after].ljust(after, b"\0")
        assert await content(drive, "f") == data[:after].ljust(after, b"\0")
        assert (await stat(drive, "f")).size == after
        await rm(drive, ["f"], forever=True)
        assert set(space.tree) == labels
        assert not space.blocks


@pytest.mark.parametrize("size", SIZES)
async def test_one_byte_more_at_each_border(size: int) -> None:
    drive, _ = await new_drive()
    data = content_of(size)
    await make(drive, "f", data)
    async with await open_handle(drive, "f", WRITE) as file:
        assert await file.append(b"!") == size
    assert await content(drive, "f") == data + b"!"
    if size:
        async with await open_handle(drive, "f", WRITE) as file:
            await file.write(size - 1, b"?")
        assert await content(drive, "f") == data[:-1] + b"?!"


async def test_an_overwrite_in_the_middle_moves_what_it_touches() -> None:
    drive, space = await new_drive()
    data = bytearray(content_of(3 * CHUNK + 1000))
    await make(drive, "f", bytes(data))
    tree = dict(space.tree)
    before = space.count.staged_bytes
    offset = CHUNK + 5 * SEGMENT - 1000
    async with await open_handle(drive, "f", WRITE) as file:
        await file.write(offset, b"x" * 65536)
    data[offset : offset + 65536] = b"x" * 65536
    assert await content(drive, "f") == bytes(data)
    assert space.count.staged_bytes - before <= 2 * SEGMENT + 1000
    changed = {label for label in tree if tree[label] != space.tree[label]}
    assert len(changed) == 3  # the header leaf, one chunk's leaf, the folder's page
    assert tree.keys() == space.tree.keys()


@pytest.mark.parametrize("size", [INLINE + 5000, SEGMENT + 5000, CHUNK + 5000])
async def test_what_was_cut_off_does_not_come_back(size: int) -> None:
    drive, _ = await new_drive()
    data = content_of(size)
    await make(drive, "f", data)
    for new in (size - 10, size - 5, size):
        async with await open_handle(drive, "f", WRITE) as file:
            await file.truncate(new)
    assert await content(drive, "f") == data[:-10] + bytes(10)


async def test_reading_a_range_asks_for_its_segments_once() -> None:
    drive, space = await new_drive()
    data = content_of(2 * CHUNK)
    await make(drive, "f", data)
    drive.segments.forget()
    file = await open_handle(drive, "f")
    before = space.count.segments
    assert await file.read(CHUNK - 10, 20) == data[CHUNK - 10 : CHUNK + 10]
    assert space.count.segments - before == 2
    assert await file.read(CHUNK - 1000, 2000) == data[CHUNK - 1000 : CHUNK + 1000]
    assert space.count.segments - before == 2
    await file.close()


async def test_reading_one_after_another_takes_few_requests() -> None:
    drive, space = await new_drive()
    data = content_of(3 * CHUNK)
    await make(drive, "f", data)
    drive.segments.forget()
    file = await open_handle(drive, "f")
    before = space.count.segment_requests
    parts = [await file.read(at, 65536) for at in range(0, len(data), 65536)]
    assert b"".join(parts) == data
    assert space.count.segment_requests - before <= 12
    assert space.count.segments <= 60
    await file.close()


async def test_what_is_unsaved_in_memory_is_bounded_and_is_read_back() -> None:
    drive, space = await new_drive()
    random = Random(5)
    model = bytearray(40 * MIB)
    async with await open_handle(drive, "f", CREATE) as file:
        most = 0
        for _ in range(200):
            offset, size = random.randrange(40 * MIB), random.randrange(1, 300_000)
            data = random.randbytes(size)[: 40 * MIB - offset]
            model[offset : offset + len(data)] = data
            await file.write(offset, data)
            most = max(most, drive.segments.unsaved)
        assert space.count.recalls > 0
        assert most <= 13 * MIB
        del model[file.size :]
        assert await read_all(file) == bytes(model)
    assert drive.segments.unsaved == 0
    assert await content(drive, "f") == bytes(model)
    assert space.sessions == {}


async def test_zeros_take_no_room() -> None:
    drive, space = await new_drive()
    async with await open_handle(drive, "f", CREATE) as file:
        await file.truncate(1000 * CHUNK + 5)
        await file.write(500 * CHUNK, b"here")
        await file.write(7 * CHUNK, bytes(3 * CHUNK))
    assert space.stored < CHUNK + 40_000
    async with await open_handle(drive, "f", WRITE) as file:
        assert await file.read(500 * CHUNK - 2, 8) == b"\0\0here\0\0"
        await file.write(500 * CHUNK, bytes(4))
        await file.write(500 * CHUNK, bytes(CHUNK))
    assert space.stored < 10_000
    assert (await stat(drive, "f")).size == 1000 * CHUNK + 5


async def test_more_holes_than_a_header_holds_are_filled_shortest_first() -> None:
    drive, _ = await new_drive()
    shape = Shape(4096, 4096)
    new = await planted(drive, "f", b"x" * 100_000, shape)
    async with await open_handle(drive, "f", WRITE) as file:
        await file.truncate(4096 * 2000)
        for at in range(300):
            await file.write(4096 * (30 + 3 * at + (at > 150)), b"data")
    reader = await (await resolve(drive, drive.path("f"))).file()
    assert len(reader.header.holes) == 256
    assert reader.header.id == new.header.id
    found = await content(drive, "f")
    expected = bytearray(4096 * 2000)
    expected[:100_000] = b"x" * 100_000
    for at in range(300):
        start = 4096 * (30 + 3 * at + (at > 150))
        expected[start : start + 4] = b"data"
    assert found == bytes(expected)


async def planted(drive: Drive, name: str, data: bytes, shape: Shape) -> NewFile:
    """A file whose chunks are small."""
    new = await write_large(drive.space, data, shape=shape)

    async def operation(changing: Changing) -> None:
        edit = home_edit(drive, changing)
        await (await edit.folder(())).put(new.entry(name))
        await edit.flush()

    await drive.space.commit(operation)
    return new


async def test_two_writers_of_one_file_keep_both() -> None:
    drive, _ = await new_drive()
    await make(drive, "notes.txt", b"before")
    one, two = [await open_handle(drive, "notes.txt", WRITE) for _ in range(2)]
    await one.write(0, b"ONE")
    await two.write(3, b"TWO")
    await one.close()
    with pytest.raises(Conflict):
        await two.flush()
    assert await read_all(two) == b"befTWO"
    with pytest.raises(Conflict):
        await two.close()
    assert str(await two.keep_both()) == "/alice/notes (conflict from device 2023-11-14).txt"
    await two.append(b" and more")
    await two.close()
    assert await content(drive, "notes.txt") == b"ONEore"
    copy = "notes (conflict from device 2023-11-14).txt"
    assert await content(drive, copy) == b"befTWO and more"


async def test_large_conflicts_keep_both_by_reference() -> None:
    drive, space = await new_drive()
    space.keeps = 3
    data = content_of(2 * CHUNK)
    await make(drive, "f", data)
    one, two = [await open_handle(drive, "f", WRITE) for _ in range(2)]
    await one.write(0, b"ONE")
    await two.write(CHUNK, b"TWO")
    await one.close()
    with pytest.raises(Conflict):
        await two.flush()
    staged = space.count.staged_bytes
    await two.keep_both()
    await two.close()
    assert space.count.staged_bytes - staged < 2 * SEGMENT
    assert await content(drive, "f") == b"ONE" + data[3:]
    copy = "f (conflict from device 2023-11-14)"
    assert await content(drive, copy) == data[:CHUNK] + b"TWO" + data[CHUNK + 3 :]
    space.keeps = 0
    await rm(drive, ["f"], forever=True)
    assert await content(drive, copy) == data[:CHUNK] + b"TWO" + data[CHUNK + 3 :]


async def test_an_edit_follows_a_file_that_was_renamed_and_moved() -> None:
    drive, _ = await new_drive()
    await make(drive, "f", b"before")
    file = await open_handle(drive, "f", WRITE)
    await mkdir(drive, "a/b", parents=True)
    await mv(drive, ["f"], "a/b/g")
    await make(drive, "f", b"another")
    await file.append(b" after")
    await file.flush()
    assert str(file.path) == "/alice/a/b/g"
    await mv(drive, ["a/b"], "c")
    await file.append(b"!")
    await file.close()
    assert await content(drive, "c/g") == b"before after!"
    assert await content(drive, "f") == b"another"


async def test_an_edit_wins_over_removing() -> None:
    drive, _ = await new_drive()
    for _ in range(2):
        await make(drive, "f", b"before")
        file = await open_handle(drive, "f", WRITE)
        await file.write(0, b"edited")
        await rm(drive, ["f"])
        await file.flush()
        assert await content(drive, "f") == b"edited"
        await rm(drive, ["f"])
        await make(drive, "f", b"another")
        await file.append(b" again")
        await file.close()
        assert await content(drive, "f") == b"another"
        await rm(drive, ["f"])
    first, second = (f"f (conflict from device 2023-11-14{nth})" for nth in ("", ", 2"))
    assert await content(drive, first) == await content(drive, second) == b"edited again"


async def test_folders_are_made_again_for_what_is_put_back() -> None:
    drive, space = await new_drive()
    space.keeps = 3
    await mkdir(drive, "a/b", parents=True)
    data = content_of(CHUNK + 5)
    await make(drive, "a/b/large", data)
    file = await open_handle(drive, "a/b/large", WRITE)
    await file.write(0, b"edited")
    await rm(drive, ["a"], recursive=True)
    await file.close()
    assert await content(drive, "a/b/large") == b"edited" + data[6:]


async def test_a_file_that_lost_its_name_is_used_on_and_saved_nowhere() -> None:
    drive, _ = await new_drive()
    await make(drive, "f", b"before")
    file = await open_handle(drive, "f", WRITE)
    await rm(drive, ["f"])
    file.lost_its_name()
    await file.append(b" after")
    await file.flush()
    assert await read_all(file) == b"before after"
    await file.close()
    assert not (await ls(drive, "")).entries


async def test_readers_go_on_reading_what_they_opened() -> None:
    drive, _ = await new_drive()
    data = content_of(CHUNK + 5)
    await make(drive, "small", b"before")
    await make(drive, "large", data)
    small, large = await open_handle(drive, "small"), await open_handle(drive, "large")
    assert await large.read(0, 10) == data[:10]
    async with await open_handle(drive, "small", Access(write=True, truncate=True)) as file:
        await file.write(0, b"other")
    assert await small.read(0, 100) == b"before"
    assert await small.read(3, 0) == b"" == await small.read(6, 5)


async def test_what_a_handle_may_not_do_is_said() -> None:
    drive, _ = await new_drive()
    await mkdir(drive, "d")
    await make(drive, "f", b"x")
    with pytest.raises(NotFound):
        await open_handle(drive, "g", WRITE)
    with pytest.raises(Exists):
        await open_handle(drive, "f", Access(write=True, exclusive=True))
    with pytest.raises(IsAFolder):
        await open_handle(drive, "d", WRITE)
    with pytest.raises(Usage):
        Access(truncate=True)
    file = await open_handle(drive, "f", READ)
    with pytest.raises(Unfit):
        await file.write(0, b"y")
    with pytest.raises(Unfit):
        await file.read(-1, 1)
    await file.close()
    await file.close()
    with pytest.raises(Unfit):
        await file.read(0, 1)


async def test_of_two_who_make_a_file_for_themselves_one_gets_it() -> None:
    drive, _ = await new_drive()
    first = await open_handle(drive, "lock", Access(write=True, exclusive=True))
    assert (await stat(drive, "lock")).size == 0
    with pytest.raises(Exists):
        await open_handle(drive, "lock", Access(write=True, exclusive=True))
    await first.close()


async def test_leaving_by_an_error_saves_nothing() -> None:
    drive, space = await new_drive()
    await make(drive, "f", b"before")

    async def write_and_fail() -> None:
        async with await open_handle(drive, "f", WRITE) as file:
            await file.write(0, content_of(20 * MIB))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_fail()
    assert await content(drive, "f") == b"before"
    assert space.sessions == {}
    assert drive.segments.unsaved == 0
