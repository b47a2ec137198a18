"""Open files over a real node: bytes moved, a home that lets go, keys that are renewed."""

from dataclasses import dataclass

import pytest
from trio.testing import MockClock

from client.drive.drive import Drive
from client.drive.handle.opening import Access, open_handle
from client.drive.header import Shape
from client.drive.listing import stat
from client.drive.resolve import open_path
from client.drive.target import home_edit
from client.space.reading import Changing
from formats.errors import Conflict
from formats.limits import CHUNK, KIB, MIB, SEGMENT
from protocols import blocks as b
from protocols import pointers as p
from tests.client.drive.contents import content_of, write_large
from tests.world.faults import Call, Onward
from tests.world.world import World

WRITE = Access(write=True)
SMALL = Shape(3 * 4096, 4096)


@pytest.fixture
def moving_clock() -> MockClock:
    """trio's clock for the whole test: runs as usual, and ``World.later`` moves it."""
    return MockClock(rate=1.0)


@dataclass
class Weighs:
    """Counts the bytes of blocks that a device sends and gets."""

    sent: int = 0
    got: int = 0

    async def meet(self, call: Call, onward: Onward) -> object:
        if isinstance(call.request, b.Stage | p.Move):
            self.sent += sum(len(block.data) for block in call.request.blocks)
        answer = await onward(call.request)
        if isinstance(answer, b.Found | b.Recalled):
            self.got += sum(len(block.data) for block in answer.blocks)
        return answer


async def plant(drive: Drive, name: str, data: bytes) -> None:
    """A file of many small chunks."""
    new = await write_large(drive.space, data, shape=SMALL)

    async def operation(changing: Changing) -> None:
        edit = home_edit(drive, changing)
        await (await edit.folder(())).put(new.entry(name))
        await edit.flush()

    await drive.space.commit(operation)


async def test_a_small_overwrite_of_a_large_file_moves_less_than_a_mebibyte() -> None:
    async with World.open("alice") as w:
        data = bytearray(content_of(64 * MIB))
        async with await open_handle(w.alice.drive, "f", Access(write=True, create=True)) as file:
            await file.write(0, bytes(data))
        device = await w.alice.another_device()
        weighs = Weighs()
        with device.meeting(weighs):
            async with await open_handle(device.drive, "f", WRITE) as file:
                await file.write(30 * MIB + 100, b"x" * 64 * KIB)
        data[30 * MIB + 100 : 30 * MIB + 100 + 64 * KIB] = b"x" * 64 * KIB
        assert SEGMENT < weighs.sent < SEGMENT + 32 * KIB
        assert weighs.sent + weighs.got <= MIB
        assert await w.alice.read("f") == bytes(data)


async def test_a_friend_never_reads_two_versions_as_one(moving_clock: MockClock) -> None:
    async with World.open("alice", "bob") as w:
        await w.alice.befriend(w.bob)
        data = content_of(100 * SMALL.chunk)
        await plant(w.alice.drive, "f", data)
        await w.alice.share("f", "bob")
        await w.bob.collect()
        handle = await open_handle(w.bob.drive, "/alice/f")
        reader = await open_path(w.bob.drive, "/alice/f")
        for each in (handle, reader):
            assert await each.read(0, 10) == data[:10]
        last = len(data) - 10
        async with await open_handle(w.alice.drive, "f", WRITE) as file:
            await file.write(last, b"0123456789")
        w.later(seconds=601)
        for each in (handle, reader):
            with pytest.raises(Conflict):
                await each.read(last, 10)
        async with await open_handle(w.bob.drive, "/alice/f") as file:
            assert await file.read(last, 10) == b"0123456789"


async def test_an_edit_goes_on_under_new_keys_when_access_was_taken_back() -> None:
    async with World.open("alice", "bob") as w:
        await w.alice.befriend(w.bob)
        await w.alice.mkdir("d")
        large, small = content_of(2 * CHUNK), b"small"
        await w.alice.put("d/large", large)
        await w.alice.put("d/small", small)
        await w.alice.share("d", "bob")
        drive = w.alice.drive
        files = [await open_handle(drive, f"d/{name}", WRITE) for name in ("large", "small")]
        await files[0].write(0, b"x" * 12 * MIB)
        await files[0].write(CHUNK, b"middle")
        await files[1].write(1, b"MALL")
        before = (await stat(drive, "d/large")).generation
        await w.alice.unshare("d", "bob")
        await w.alice.rotate()
        for file in files:
            await file.close()
        assert await w.alice.read("d/small") == b"sMALL"
        expected = bytearray(b"x" * 12 * MIB)
        expected[CHUNK : CHUNK + 6] = b"middle"
        assert await w.alice.read("d/large") == bytes(expected)
        assert (await stat(drive, "d/large")).generation != before


async def test_an_edit_of_what_somebody_else_wrote_is_refused_also_under_new_keys() -> None:
    async with World.open("alice", "bob") as w:
        await w.alice.befriend(w.bob)
        await w.alice.put("f", b"before")
        await w.alice.share("f", "bob")
        phone = await w.alice.another_device()
        file = await open_handle(w.alice.drive, "f", WRITE)
        await file.write(0, b"mine")
        async with await open_handle(phone.drive, "f", WRITE) as other:
            await other.write(0, b"theirs")
        await phone.unshare("f", "bob")
        with pytest.raises(Conflict):
            await file.close()
        await file.keep_both()
        await file.close()
        assert await w.alice.read("f") == b"theirs"
        assert len(await w.alice.ls()) == 2


async def test_what_is_kept_beside_a_newer_version_names_the_segments_that_are_there() -> None:
    async with World.open("alice") as w:
        phone = await w.alice.another_device()
        data = content_of(3 * CHUNK)
        await w.alice.put("f", data)
        one, two = [await open_handle(each.drive, "f", WRITE) for each in (w.alice, phone)]
        await one.write(0, b"one")
        await two.write(CHUNK, b"two")
        await one.close()
        with pytest.raises(Conflict):
            await two.flush()
        used = await w.alice.used()
        path = await two.keep_both()
        await two.close()
        assert await w.alice.used() - used < 2 * SEGMENT
        assert await w.alice.read("f") == b"one" + data[3:]
        assert await w.alice.read(path.name) == data[:CHUNK] + b"two" + data[CHUNK + 3 :]


async def test_what_was_removed_meanwhile_is_put_back() -> None:
    async with World.open("alice") as w:
        phone = await w.alice.another_device()
        data = content_of(CHUNK + 5)
        await w.alice.put("a/b/f", data)
        file = await open_handle(w.alice.drive, "a/b/f", WRITE)
        await file.write(0, b"edited")
        await phone.rm("a")
        await file.close()
        assert await phone.read("a/b/f") == b"edited" + data[6:]
