"""Two devices change one thing: each row of docs/spec/conflict.md, in both orders it has.

The second device has planned what it does and is about to commit when the first one's
change is committed.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import trio

from client.drive.change import mkdir, mv
from client.drive.handle.opening import Access, open_handle
from client.drive.trash import trash
from formats.errors import Conflict, Exists, HoldfastError, IsAFolder, NotFound
from tests.world.clock import START
from tests.world.faults import Call, Onward
from tests.world.person import Person
from tests.world.world import World

Tree = dict[str, bytes | None]
Deed = Callable[[Person], Awaitable[object]]
WRITE = Access(write=True)


@dataclass
class Meets:
    """Before the first commit of a device somebody else's is made."""

    deed: Callable[[], Awaitable[object]]
    is_met: bool = False

    async def meet(self, call: Call, onward: Onward) -> object:
        if str(call) == "pointers.move" and not self.is_met:
            self.is_met = True
            await self.deed()
        return await onward(call.request)


def put(path: str, content: bytes) -> Deed:
    return lambda person: person.put(path, content)


def rm(path: str) -> Deed:
    return lambda person: person.rm(path)


def move(source: str, to: str) -> Deed:
    return lambda person: mv(person.drive, [source], to)


def make(path: str, parents: bool = False) -> Deed:
    return lambda person: mkdir(person.drive, path, parents)


async def tree(person: Person) -> Tree:
    """Every path, with the content of files."""
    found: Tree = {}
    for path in await person.ls_all():
        try:
            found[path] = await person.read(path)
        except HoldfastError:
            found[path] = None
    return found


DAY = datetime.fromtimestamp(START / 1000, UTC).date()
BESIDE = f"f (conflict from device {DAY}).txt"
BEFORE: Tree = {"d": None, "d/f.txt": b"before", "e": None}
GONE: Tree = {"d": None, "e": None}
ROWS: list[tuple[Deed, Deed, type[HoldfastError] | None, Tree]] = [
    (
        put("d/f.txt", b"first"),
        put("d/f.txt", b"second"),
        Conflict,
        BEFORE | {"d/f.txt": b"first", f"d/{BESIDE}": b"second"},
    ),
    (
        put("d/g", b"first"),
        put("d/g", b"second"),
        Conflict,
        BEFORE | {"d/g": b"first", f"d/g (conflict from device {DAY})": b"second"},
    ),
    (rm("d/f.txt"), put("d/f.txt", b"second"), None, BEFORE | {"d/f.txt": b"second"}),
    (put("d/f.txt", b"first"), rm("d/f.txt"), None, GONE),
    (
        move("d/f.txt", "e/g"),
        put("d/f.txt", b"second"),
        None,
        BEFORE | {"d/f.txt": b"second", "e/g": b"before"},
    ),
    (rm("d"), put("d/g", b"second"), NotFound, {"e": None}),
    (
        move("d", "e/d"),
        put("d/g", b"second"),
        NotFound,
        {"e": None, "e/d": None, "e/d/f.txt": b"before"},
    ),
    (put("d/g", b"first"), rm("d"), None, {"e": None}),
    (
        put("d/g", b"first"),
        move("d", "e/d"),
        None,
        {"e": None, "e/d": None, "e/d/f.txt": b"before", "e/d/g": b"first"},
    ),
    (move("d/f.txt", "d/b"), move("d/f.txt", "d/c"), NotFound, GONE | {"d/b": b"before"}),
    (
        make("d/c"),
        move("e", "d/c"),
        None,
        {"d": None, "d/f.txt": b"before", "d/c": None, "d/c/e": None},
    ),
    (put("e/c", b"first"), move("d/f.txt", "e/c"), Exists, BEFORE | {"e/c": b"first"}),
    (
        move("d", "e/d"),
        move("e", "d/e"),
        NotFound,
        {"e": None, "e/d": None, "e/d/f.txt": b"before"},
    ),
    (rm("d/f.txt"), rm("d/f.txt"), NotFound, GONE),
    (rm("d/f.txt"), move("d/f.txt", "d/g"), NotFound, GONE),
    (make("c"), make("c"), Exists, BEFORE | {"c": None}),
    (make("c"), make("c", parents=True), None, BEFORE | {"c": None}),
    (make("d/g"), put("d/g", b"second"), IsAFolder, BEFORE | {"d/g": None}),
]


@pytest.mark.parametrize(("first", "second", "refused", "after"), ROWS)
async def test_a_row(
    first: Deed,
    second: Deed,
    refused: type[HoldfastError] | None,
    after: Tree,
) -> None:
    async with World.open("alice") as w:
        phone = await w.alice.another_device()
        await phone.put("d/f.txt", b"before")
        await phone.mkdir("e")
        await w.alice.ls()
        meets = Meets(lambda: first(phone))
        with w.alice.meeting(meets):
            if refused is None:
                await second(w.alice)
            else:
                with pytest.raises(refused):
                    await second(w.alice)
        assert meets.is_met
        assert await tree(phone) == after


HANDLE_ROWS: list[tuple[Deed, type[HoldfastError] | None, Tree]] = [
    (put("d/f.txt", b"first"), Conflict, BEFORE | {"d/f.txt": b"first"}),
    (rm("d/f.txt"), None, BEFORE | {"d/f.txt": b"edited"}),
    (rm("d"), None, BEFORE | {"d/f.txt": b"edited"}),
    (move("d/f.txt", "e/g"), None, GONE | {"e/g": b"edited"}),
    (move("d", "e/d"), None, {"e": None, "e/d": None, "e/d/f.txt": b"edited"}),
]


@pytest.mark.parametrize(("first", "refused", "after"), HANDLE_ROWS)
async def test_a_row_of_an_open_file(
    first: Deed, refused: type[HoldfastError] | None, after: Tree
) -> None:
    async with World.open("alice") as w:
        phone = await w.alice.another_device()
        await phone.put("d/f.txt", b"before")
        await phone.mkdir("e")
        file = await open_handle(w.alice.drive, "d/f.txt", WRITE)
        await file.write(0, b"edited")
        with w.alice.meeting(Meets(lambda: first(phone))):
            if refused is None:
                await file.flush()
                assert str(file.path) in {f"/alice/{path}" for path in after}
            else:
                with pytest.raises(refused):
                    await file.flush()
        assert await tree(phone) == after
        if refused is not None:
            await file.keep_both()
            assert await tree(phone) == after | {f"d/{BESIDE}": b"edited"}
        await file.close()


async def test_a_new_file_whose_name_was_taken_is_kept_beside() -> None:
    async with World.open("alice") as w:
        phone = await w.alice.another_device()
        file = await open_handle(w.alice.drive, "f.txt", Access(write=True, create=True))
        await file.write(0, b"second")
        await phone.put("f.txt", b"first")
        with pytest.raises(Conflict):
            await file.flush()
        await file.keep_both()
        await file.close()
        assert await tree(phone) == {"f.txt": b"first", BESIDE: b"second"}


async def test_a_version_that_was_removed_with_its_file_waits_in_the_trash() -> None:
    async with World.open("alice") as w:
        phone = await w.alice.another_device()
        await phone.put("f.txt", b"before")
        await w.alice.ls()
        with w.alice.meeting(Meets(lambda: phone.put("f.txt", b"first"))):
            await w.alice.rm("f.txt")
        (trashed,), problems = await trash(phone.drive)
        assert not problems
        assert trashed.entry.size == len(b"first")


async def test_many_who_put_one_file_at_once_all_find_theirs() -> None:
    async with World.open("alice") as w:
        devices = [w.alice, *[await w.alice.another_device() for _ in range(3)]]
        refused = 0

        async def write(number: int, device: Person) -> None:
            nonlocal refused
            try:
                await device.put("f.txt", bytes([number]))
            except Conflict:
                refused += 1

        async with trio.open_nursery() as nursery:
            for number, device in enumerate(devices):
                nursery.start_soon(write, number, device)
        found = await tree(w.alice)
        assert len(found) == refused + 1
        assert set(found.values()) <= {bytes([number]) for number in range(4)}
        assert len(set(found.values())) == len(found)
