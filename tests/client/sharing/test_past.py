"""What was, at a real home: listed, read, restored, pinned; and who gains nothing by it."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from client.drive.asof import Name, Number, Time, drive_at
from client.drive.change import mkdir, mv, rm
from client.drive.download import download
from client.drive.drive import Drive
from client.drive.listing import Wanted, du, find, ls, stat
from client.drive.resolve import resolve
from client.drive.upload import upload
from client.drive.versions import restore_version, versions
from client.identity.account import keep_for
from client.session import Session
from client.sharing.drive import own_drive
from client.sharing.share import share, unshare
from client.space.past import ALWAYS
from formats.errors import (
    BadName,
    Denied,
    Exists,
    Forged,
    Forked,
    HoldfastError,
    IsAFolder,
    NotFound,
    Unfit,
)
from formats.limits import CHUNK
from node.jobs.retention import release_superseded
from protocols import pointers as p
from protocols.services import Doors
from tests.client.drive.contents import content_of
from tests.client.people import Town
from tests.client.sharing.hostile import Hostile
from tests.client.sharing.test_revoke import FILES
from tests.client.sharing.trees import my_entry
from tests.client.sharing.trees import put as put_all

MINUTE = 60_000


async def put(drive: Drive, folder: Path, path: str, data: bytes) -> None:
    (folder / "file").write_bytes(data)
    await upload(drive, [str(folder / "file")], path)


async def content(drive: Drive, path: str) -> bytes:
    reader = await (await resolve(drive, drive.path(path))).reader()
    return await reader.read(0, reader.size)


async def seq(drive: Drive) -> int:
    return (await drive.past.states())[0].seq


async def test_versions_of_a_file(world: Town, alice: Session, tmp_path: Path) -> None:
    drive = own_drive(alice)
    for text in (b"one", b"two, longer", b"three"):
        await put(drive, tmp_path, "f", text)
        world.clock.now += MINUTE
        await put(drive, tmp_path, "other", text)
        world.clock.now += MINUTE
    found = await versions(drive, "f")
    assert [each.size for each in found] == [5, 11, 3]
    assert found[0].until is None
    for newer, older in pairwise(found):
        assert older.until == newer.since
    told = [await content(await drive_at(drive, Number(each.seq)), "f") for each in found]
    assert told == [b"three", b"two, longer", b"one"]


async def test_what_was_moved_removed_or_something_else_is_passed_over(
    alice: Session, tmp_path: Path
) -> None:
    drive = own_drive(alice)
    await put(drive, tmp_path, "f", b"1")
    await rm(drive, ["f"])
    await mkdir(drive, "f")
    await mv(drive, ["f"], "g")
    await put(drive, tmp_path, "f", b"22")
    await rm(drive, ["f"])
    assert [each.size for each in await versions(drive, "f")] == [2, 1]
    with pytest.raises(NotFound):
        await versions(drive, "never")
    with pytest.raises(IsAFolder):
        await versions(drive, "g")


async def test_the_whole_drive_as_it_was(world: Town, alice: Session, tmp_path: Path) -> None:
    drive = own_drive(alice)
    await mkdir(drive, "d")
    await put(drive, tmp_path, "d/f", content_of(2 * CHUNK))
    then, when = await seq(drive), world.clock.now
    world.clock.now += MINUTE
    await rm(drive, ["d"], recursive=True, forever=True)
    await put(drive, tmp_path, "new", b"x")
    for at in (Number(then), Time(when), Time(when + MINUTE - 1)):
        past = await drive_at(drive, at)
        assert [each.name for each in (await ls(past, "")).entries] == ["d"]
        assert (await stat(past, "d/f")).size == 2 * CHUNK
        assert (await du(past, "")).bytes == 2 * CHUNK
        assert [each async for each in find(past, "", Wanted(name="f"))]
        out = tmp_path / f"out-{type(at).__name__}-{at!r:.40}".replace("/", "")
        await download(past, ["d/f"], str(out))
        assert out.read_bytes() == content_of(2 * CHUNK)
    past = await drive_at(drive, Number(then))
    for error, change in (
        (Unfit, mkdir(past, "x")),
        (Unfit, rm(past, ["d"], recursive=True)),
        (NotFound, ls(past, "/bob/x")),
    ):
        with pytest.raises(error):
            await change
    with pytest.raises(NotFound):
        await drive_at(drive, Time(when - 365 * 24 * 60 * MINUTE))


async def test_a_file_is_restored_on_top_of_what_is_there(
    alice: Session, bob: Session, tmp_path: Path
) -> None:
    drive = own_drive(alice)
    one, two = content_of(2 * CHUNK + 5), content_of(CHUNK + 9)[::-1]
    for name, data in (("small", b"one"), ("large", one)):
        await put(drive, tmp_path, name, data)
    await share(alice, "large", "bob")
    then = await seq(drive)
    for name, data in (("small", b"two"), ("large", two)):
        await put(drive, tmp_path, name, data)
    before = await my_entry(alice, "large")
    stored = (await alice.past.weigh()).bytes
    for name, data in (("small", b"one"), ("large", one)):
        summary = await restore_version(drive, name, Number(then))
        assert summary.files == 1
        assert await content(drive, name) == data
        assert [each.size for each in await versions(drive, name)][::2] == [len(data), len(data)]
    assert (await my_entry(alice, "large")).secret == before.secret
    assert await content(own_drive(bob), "/alice/large") == one
    assert (await alice.past.weigh()).bytes <= stored + len(
        two
    ) + 64 * 1024  # nothing was stored twice
    summary = await restore_version(drive, "large", Number(then))
    assert summary.files == 1  # it was sealed under a new header: a version of its own
    (node,) = [await (await resolve(drive, drive.path("large"))).file()]
    generations = [key.generation for key in node.header.ring.keys]
    assert generations == sorted(set(generations))


async def test_what_is_gone_comes_back_sealed_anew(alice: Session, tmp_path: Path) -> None:
    drive = own_drive(alice)
    await mkdir(drive, "a/b", parents=True)
    await put(drive, tmp_path, "a/b/f", content_of(CHUNK + 1))
    was = await my_entry(alice, "a/b/f")
    then = await seq(drive)
    await rm(drive, ["a"], recursive=True, forever=True)
    await restore_version(drive, "a/b/f", Number(then))
    assert await content(drive, "a/b/f") == content_of(CHUNK + 1)
    now = await my_entry(alice, "a/b/f")
    assert (now.secret, now.id) != (was.secret, was.id)
    assert now.modified == was.modified


async def test_a_folder_gets_back_what_it_had_and_keeps_what_it_got(
    alice: Session, tmp_path: Path
) -> None:
    drive = own_drive(alice)
    await mkdir(drive, "d/deep", parents=True)
    for name in ("same", "changed", "deep/gone"):
        await put(drive, tmp_path, f"d/{name}", name.encode())
    await put(drive, tmp_path, "d/moved", b"moved")
    then = await seq(drive)
    same = await my_entry(alice, "d/same")
    await put(drive, tmp_path, "d/changed", b"other")
    await put(drive, tmp_path, "d/new", b"new")
    await mv(drive, ["d/moved"], "elsewhere")
    await rm(drive, ["d/deep"], recursive=True)
    summary = await restore_version(drive, "d", Number(then))
    assert (summary.files, summary.unchanged) == (3, 1)
    for name in ("same", "changed", "deep/gone", "new", "moved"):
        assert await content(drive, f"d/{name}") == name.encode()
    assert await my_entry(alice, "d/same") == same
    again = await restore_version(drive, "d", Number(await seq(drive)))
    assert (again.files, again.unchanged) == (0, 5)


async def test_what_cannot_be_restored(alice: Session, tmp_path: Path) -> None:
    drive = own_drive(alice)
    await put(drive, tmp_path, "f", b"1")
    then = await seq(drive)
    await rm(drive, ["f"])
    await mkdir(drive, "f")
    for path, when, error in (
        ("f", Number(then), (Exists, IsAFolder)),
        ("", Number(then), (Unfit,)),
        ("gone", Number(then), (NotFound,)),
        ("f", Number(10**6), (NotFound,)),
        ("f", Name("never"), (NotFound,)),
        ("/bob/f", Number(then), (Denied,)),
    ):
        with pytest.raises(error):
            await restore_version(drive, path, when)


@pytest.mark.parametrize("path", ["docs", "docs/a.txt"])
async def test_who_was_taken_back_gains_nothing_from_what_is_restored(
    path: str, alice: Session, bob: Session
) -> None:
    await put_all(alice, FILES)
    await share(alice, "docs", "bob")
    hostile = Hostile(bob, "alice")
    await hostile.look()
    drive = own_drive(alice)
    then = await seq(drive)
    await put_all(alice, {"docs/a.txt": b"newer"})
    await hostile.look()
    await unshare(alice, "docs", "bob")
    assert await hostile.gets() == []
    await restore_version(drive, path, Number(then))
    assert await content(drive, "docs/a.txt") == FILES["docs/a.txt"]
    assert await hostile.gets() == []
    await drive.past.pin(then, "for ever")
    assert await hostile.gets() == []


async def test_snapshots_outlast_the_retention(world: Town, alice: Session, tmp_path: Path) -> None:
    drive = own_drive(alice)
    await put(drive, tmp_path, "f", b"1")
    pins = await drive.past.pin(await seq(drive), "before the move")
    assert [pin.name for pin in pins] == ["before the move"]
    await put(drive, tmp_path, "f", b"2")
    await keep_for(alice, 0)
    world.clock.now += 11 * MINUTE
    assert await release_superseded(world.nodes["one"].core) > 0
    assert await drive.past.let_go(ALWAYS) == 0
    assert await content(await drive_at(drive, Name("before the move")), "f") == b"1"
    pins = await drive.past.pin(pins[0].seq, "renamed")
    assert [pin.name for pin in await own_drive(alice).past.pins()] == ["renamed"]
    await drive.past.unpin(pins[0].seq)
    assert await drive.past.let_go(ALWAYS) == 1
    assert (await drive.past.weigh()).states == 0
    with pytest.raises(NotFound):
        await drive.past.pin(pins[0].seq, "too late")
    assert len(await versions(drive, "f")) == 1


async def test_a_name_that_a_home_made_up_is_none(world: Town, alice: Session) -> None:
    drive = own_drive(alice)
    await drive.past.pin(0, "mine")

    def lie(doors: Doors) -> Doors:
        return Lying(doors, lambda pins: replace(pins, pins=(replace(pins.pins[0], seq=1),)))

    world.wrap = lie
    await alice.line.aclose()
    assert [(pin.seq, pin.name) for pin in await drive.past.pins()] == [(1, None)]


class Lying:
    """Doors of a home that changes what it says of pins and of old states."""

    def __init__(self, doors: Doors, change) -> None:  # type: ignore[no-untyped-def]
        self._doors, self._change = doors, change
        self.peer, self.aclose = doors.peer, doors.aclose
        self.accounts, self.blocks = doors.accounts, doors.blocks
        self.inbox, self.directory = doors.inbox, doors.directory
        self.pointers = self

    def __getattr__(self, name: str):  # type: ignore[no-untyped-def]
        return getattr(self._doors.pointers, name)

    async def pins(self, request: p.AskPins) -> p.Pins:
        changed: p.Pins = self._change(await self._doors.pointers.pins(request))
        return changed

    async def kept(self, request: p.Kept) -> p.States:
        changed: p.States = self._change(await self._doors.pointers.kept(request))
        return changed


def false_proof(found: p.States) -> p.States:
    return p.States(tuple(replace(each, between=(b"\xa0",)) for each in found.states), False)


def shuffled(found: p.States) -> p.States:
    return p.States(found.states[::-1], False)


def left_out(found: p.States) -> p.States:
    return p.States(found.states[:1] + found.states[3:], False)


def bent(found: p.States) -> p.States:
    first = found.states[0]
    pointer = bytearray(first.pointer)
    pointer[-1] ^= 1
    return p.States((replace(first, pointer=bytes(pointer)), *found.states[1:]), False)


def endless(found: p.States) -> p.States:
    return p.States((), True)


@pytest.mark.parametrize("lie", [false_proof, shuffled, left_out, bent, endless])
async def test_a_home_that_lies_about_the_past_is_caught(
    lie: object, world: Town, alice: Session, tmp_path: Path
) -> None:
    drive = own_drive(alice)
    for number in range(6):
        await put(drive, tmp_path, "f", b"%d" % number)
    world.wrap = lambda doors: Lying(doors, lie)
    await alice.line.aclose()
    with pytest.raises(HoldfastError) as caught:
        await drive.past.states()
    assert not isinstance(caught.value, Denied | NotFound | BadName)
    assert isinstance(caught.value, Forged | Forked) or lie in (shuffled, endless)
