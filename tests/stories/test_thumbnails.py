"""Thumbnails follow their files, whatever happens to those; nothing is left behind."""

import pytest

from client.drive.asof import Number
from client.drive.change import rm
from client.drive.copying import cp
from client.drive.handle.opening import Access, open_handle
from client.drive.resolve import resolve
from client.drive.thumbnails.showing import thumbnail
from client.drive.trash import empty
from client.drive.versions import restore_version, versions
from client.space.reading import Changing
from formats.errors import Damaged, NotFound, Withheld
from formats.leaf import Leaf
from formats.limits import CHUNK, INLINE
from tests.together.whole import check_whole
from tests.world.labels import Labels, label_of, picture
from tests.world.person import Person
from tests.world.world import World

SIZES = [500, INLINE, INLINE + 1, CHUNK + 1]


async def shown(person: Person, path: str) -> bytes | None:
    try:
        return await thumbnail(person.drive, path)
    except NotFound:
        return None


@pytest.mark.parametrize("size", SIZES)
async def test_it_is_there_replaced_and_gone_with_its_file(size: int) -> None:
    async with World.open("alice") as w:
        w.alice.thumbnails = Labels()
        for number in (1, 2):
            await w.alice.put("a.png", picture(size, number))
            assert await shown(w.alice, "a.png") == label_of(picture(size, number))
            await check_whole(w.alice)
        await w.alice.put("a.png", b"text")
        assert await shown(w.alice, "a.png") is None
        await check_whole(w.alice)
        await w.alice.put("a.png", picture(size))
        w.alice.thumbnails = None
        await w.alice.put("a.png", picture(size, 3))
        assert await shown(w.alice, "a.png") is None
        await check_whole(w.alice)


@pytest.mark.parametrize("size", SIZES)
async def test_copies_have_their_own(size: int) -> None:
    async with World.open("alice", "bob") as w:
        w.alice.thumbnails = Labels()
        await w.alice.put("folder/a.png", picture(size))
        w.alice.thumbnails = None
        await cp(w.alice.drive, ["folder"], "again", recursive=True)
        await w.alice.befriend(w.bob)
        await w.alice.share("folder", "bob")
        assert await shown(w.bob, "/alice/folder/a.png") == label_of(picture(size))
        w.bob.thumbnails = Labels()
        await cp(w.bob.drive, ["/alice/folder/a.png"], "mine.png")
        await check_whole(w.alice)
        await rm(w.alice.drive, ["folder"], recursive=True, forever=True)
        assert await shown(w.alice, "again/a.png") == label_of(picture(size))
        assert await shown(w.bob, "mine.png") == label_of(picture(size))
        for person in (w.alice, w.bob):
            await check_whole(person)


@pytest.mark.parametrize("size", SIZES)
async def test_it_goes_to_the_trash_comes_back_and_goes_for_good(size: int) -> None:
    async with World.open("alice") as w:
        w.alice.thumbnails = Labels()
        await w.alice.put("folder/a.png", picture(size))
        await w.alice.rm("folder/a.png")
        await check_whole(w.alice)
        await w.alice.bring_back("folder/a.png")
        assert await shown(w.alice, "folder/a.png") == label_of(picture(size))
        await w.alice.rm("folder")
        await empty(w.alice.drive)
        await check_whole(w.alice)


@pytest.mark.parametrize("size", SIZES)
async def test_a_file_that_is_written_into_loses_it(size: int) -> None:
    async with World.open("alice") as w:
        w.alice.thumbnails = Labels()
        await w.alice.put("a.png", picture(size))
        async with await open_handle(w.alice.drive, "a.png", Access(write=True)) as file:
            await file.write(10, b"other")
        assert await shown(w.alice, "a.png") is None
        await check_whole(w.alice)


@pytest.mark.parametrize("size", SIZES)
async def test_restoring_a_version_restores_it(size: int) -> None:
    async with World.open("alice") as w:
        w.alice.thumbnails = Labels()
        await w.alice.put("a.png", picture(size, 1))
        first = (await versions(w.alice.drive, "a.png"))[0].seq
        await w.alice.put("a.png", picture(size, 2))
        w.alice.thumbnails = None
        await restore_version(w.alice.drive, "a.png", Number(first))
        assert await w.alice.read("a.png") == picture(size, 1)
        assert await shown(w.alice, "a.png") == label_of(picture(size, 1))
        await check_whole(w.alice)


async def spoil(person: Person, path: str, body: bytes | None) -> None:
    """Another body for the thumbnail of a file; None takes its leaf away."""
    drive = person.drive
    keys = (await (await resolve(drive, drive.path(path))).file()).keys
    label = keys.thumb_label

    async def operation(changing: Changing) -> None:
        if body is None:
            changing.delete(label)
        else:
            changing.put(label, Leaf(keys.lock(label).public, None, body))

    await drive.space.commit(operation)


@pytest.mark.parametrize("size", SIZES)
async def test_a_damaged_one_holds_nothing_up(size: int) -> None:
    async with World.open("alice", "bob") as w:
        w.alice.thumbnails = Labels()
        await w.alice.put("folder/a.png", picture(size))
        await spoil(w.alice, "folder/a.png", bytes(1000))
        with pytest.raises(Damaged, match=r"/alice/folder/a\.png"):
            await thumbnail(w.alice.drive, "folder/a.png")
        w.alice.thumbnails = None
        await cp(w.alice.drive, ["folder/a.png"], "copy.png")
        assert await shown(w.alice, "copy.png") is None
        await w.alice.befriend(w.bob)
        await w.alice.share("folder", "bob")
        await w.alice.unshare("folder", "bob")
        await w.alice.rotate()
        for path in ("folder/a.png", "copy.png"):
            assert await w.alice.read(path) == picture(size)
        await check_whole(w.alice)


async def test_one_that_is_kept_back_is_told_from_one_that_is_not_there() -> None:
    async with World.open("alice") as w:
        w.alice.thumbnails = Labels()
        await w.alice.put("a.png", picture(500))
        await spoil(w.alice, "a.png", None)
        with pytest.raises(Withheld, match=r"/alice/a\.png"):
            await thumbnail(w.alice.drive, "a.png")
