"""Into a file: cut off at any byte, on a full disk, at a home that lies; and what a thief sees."""

import errno
import os
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from random import Random

import pytest

from client.archive import part
from client.archive.frames import Reader
from client.archive.importing import Archive
from client.archive.inside import Inside
from client.identity.account import replace_device_secret
from client.identity.attempt import Attempt
from client.identity.device_secret import DeviceSecret
from client.identity.password import PasswordKeys
from client.session import Session
from formats import car
from formats.archive import ArchiveHead
from formats.errors import (
    AlreadyRunning,
    Conflict,
    DiskFull,
    Exists,
    HoldfastError,
    Unfit,
    WrongPassword,
)
from protocols import replicas as r
from protocols.operations import OPERATIONS
from protocols.services import Doors
from tests.client.archive.conftest import exported, exporting, unseen
from tests.client.people import CHEAP, PASSWORD, Town
from tests.client.sharing.trees import put
from tests.conftest import SEED
from tests.hostile.home.lies import LIES
from tests.hostile.home.saying import Listening, Lying, Memory
from tests.world.faults import Call, Meet, Onward, WatchedDoors


async def is_whole(file: Path, password: str = PASSWORD) -> int:
    """Read all of it; how many blocks there are."""
    with Archive.opened(str(file)) as archive:
        await archive.unlock(password, CHEAP.floor)
        return (await archive.check(unseen)).blocks


async def test_any_car_reader_finds_a_head_and_sealed_bytes(alice: Session, tmp_path: Path) -> None:
    file = tmp_path / "alice.car"
    await exported(alice, file)
    data = file.read_bytes()
    source = BytesIO(data)
    root = car.read_header(source)
    found = []
    while (each := car.read_section(source)) is not None:
        found.append(each)
    (cid, head), *frames = found
    assert cid == root
    ArchiveHead.decode(head)
    assert all(cid.is_raw for cid, _ in frames)
    for told in (b"alice", alice.id, alice.bundle.space, alice.whereabouts.encoded[:64]):
        assert told not in data
    assert file.stat().st_mode & 0o777 == 0o600


class Cut(Exception):
    """The program ends here."""


async def test_cut_off_at_every_byte_it_goes_on(
    alice: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every so many bytes, at each byte of the beginning, and all around where a frame begins."""
    whole = tmp_path / "whole.car"
    await exported(alice, whole)
    blocks, size = await is_whole(whole), whole.stat().st_size
    append = part.Part.append
    places = {*range(0, 400, 23), *range(0, size, size // 20), size - 1}
    for number, at in enumerate(sorted(places)):
        file = tmp_path / f"{number}.car"

        def cutting(self: part.Part, data: bytes, at: int = at) -> None:
            there = self._end
            if there + len(data) > at:
                append(self, data[: max(0, at - there)])
                raise Cut
            append(self, data)

        monkeypatch.setattr(part.Part, "append", cutting)
        with pytest.raises(Cut):
            await exported(alice, file)
        monkeypatch.setattr(part.Part, "append", append)
        assert not file.exists()
        await exported(alice, file)
        assert await is_whole(file) == blocks
        assert not file.with_name(f"{number}.car.part").exists()
        file.unlink()


async def test_what_was_written_is_not_asked_for_again(
    world: Town, alice: Session, tmp_path: Path, small_frames: None
) -> None:
    """And of the state it began with, whatever came since."""
    file, unfinished = tmp_path / "alice.car", tmp_path / "alice.car.part"
    await exported(alice, file)
    blocks = await is_whole(file)
    file.rename(unfinished)
    data = unfinished.read_bytes()
    asked = 0

    async def meet(call: Call, onward: Onward) -> object:
        nonlocal asked
        asked += isinstance(call.request, r.Fetch)
        return await onward(call.request)

    world.wrap = lambda doors: WatchedDoors(doors, meet)
    await alice.line.aclose()
    await put(alice, {"later.txt": b"later"})
    await exported(alice, file)
    assert asked == 0, "it lacked nothing but its name"
    assert file.read_bytes() == data
    file.rename(unfinished)
    os.truncate(unfinished, len(data) - 1)
    await exported(alice, file)
    assert await is_whole(file) == blocks


def end_of_records(file: Path, keys: PasswordKeys) -> int:
    """Where the frame ends with which the records are complete."""
    with file.open("rb") as source:
        reader, inside = Reader(source), Inside()
        reader.open(keys)
        while not inside.has_records:
            for block in reader.next() or ():
                inside.take(block)
        return source.tell()


async def test_what_the_home_gave_up_meanwhile_is_begun_anew(
    world: Town, alice: Session, tmp_path: Path, small_frames: None
) -> None:
    file, unfinished = tmp_path / "alice.car", tmp_path / "alice.car.part"
    await exported(alice, file)
    file.rename(unfinished)
    os.truncate(unfinished, end_of_records(unfinished, (await exporting(alice)).keys))
    await put(alice, {"docs/a.txt": b"another"})
    await alice.past.let_go(world.clock.now + 1)
    with pytest.raises(Conflict, match="given up"):
        await exported(alice, file)
    unfinished.unlink()
    await exported(alice, file)
    await is_whole(file)


async def test_a_full_disk_stops_it_and_it_goes_on(
    alice: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, append = tmp_path / "alice.car", part.Part.append

    def full(_self: object, _data: bytes) -> None:
        raise part._stopped(str(file), OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    monkeypatch.setattr(part.Part, "append", full)
    with pytest.raises(DiskFull) as told:
        await exported(alice, file)
    assert "goes on where it stopped" in told.value.advice
    monkeypatch.setattr(part.Part, "append", append)
    await exported(alice, file)
    await is_whole(file)


def test_to_a_disk_that_is_really_full() -> None:
    """/dev/full takes nothing."""
    full = os.fdopen(os.open("/dev/full", os.O_RDWR), "r+b", buffering=0)
    with pytest.raises(DiskFull):
        part.Part("/dev/full", full).append(b"x" * 100_000)
    full.close()


async def test_nothing_is_written_over(alice: Session, tmp_path: Path) -> None:
    file = tmp_path / "alice.car"
    file.write_bytes(b"mine")
    with pytest.raises(Exists):
        await exported(alice, file)
    assert file.read_bytes() == b"mine"
    (tmp_path / "link.car").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Exists):
        await exported(alice, tmp_path / "link.car")
    (tmp_path / "to.car.part").symlink_to(file)
    with pytest.raises(HoldfastError):
        await exported(alice, tmp_path / "to.car")
    assert file.read_bytes() == b"mine"


async def test_two_at_once(alice: Session, tmp_path: Path) -> None:
    with part.opened(str(tmp_path / "alice.car")), pytest.raises(AlreadyRunning):
        await exported(alice, tmp_path / "alice.car")


async def test_an_unfinished_file_of_somebody_else_is_left_alone(
    world: Town, alice: Session, tmp_path: Path
) -> None:
    await exported(alice, tmp_path / "a.car")
    data = (tmp_path / "a.car").read_bytes()
    (tmp_path / "b.car.part").write_bytes(data)
    bob = await world.sign_up("bob", "two")
    with pytest.raises(Unfit, match="another account"):
        await exported(bob, tmp_path / "b.car")
    assert (tmp_path / "b.car.part").read_bytes() == data


async def test_a_device_secret_is_needed_for_the_file_too(alice: Session, tmp_path: Path) -> None:
    device = DeviceSecret.generate()
    attempt = await Attempt.begin(alice.around, alice.line.homes[0], "alice", PASSWORD)
    await replace_device_secret(alice, attempt, PASSWORD, device)
    await attempt.aclose()
    await exported(alice, tmp_path / "alice.car")
    with Archive.opened(str(tmp_path / "alice.car")) as archive:
        assert archive.takes_device_secret
        with pytest.raises(Unfit, match="device secret"):
            await archive.unlock(PASSWORD, CHEAP.floor)
        with pytest.raises(WrongPassword):
            await archive.unlock(PASSWORD, CHEAP.floor, DeviceSecret.generate())
        await archive.unlock(PASSWORD, CHEAP.floor, device)
        await archive.check(unseen)


def _watched(doors: Doors, meet: Meet) -> Doors:
    return WatchedDoors(doors, meet)


async def test_a_home_that_lies_while_it_hands_over(
    world: Town, alice: Session, tmp_path: Path
) -> None:
    """Every lie there is about what is asked; none of it ends in a file that is called whole."""
    memory, told = Memory(), 0
    world.wrap = lambda doors: WatchedDoors(doors, Listening(memory.first).meet)
    await alice.line.aclose()
    await exported(alice, tmp_path / "true.car")
    blocks = await is_whole(tmp_path / "true.car")
    for operation in ("fetch", "line"):
        row = OPERATIONS["replicas"][operation]
        for number, lie in enumerate(LIES):
            lying = Lying(lie, row, memory, Random(f"{SEED} {operation} {lie}"))
            if not lying.has_something_to_say():
                continue
            file = tmp_path / f"{operation}-{number}.car"
            world.wrap = partial(_watched, meet=lying.meet)
            await alice.line.aclose()
            with suppress(HoldfastError):
                await exported(alice, file)
            told += bool(lying.told)
            if file.exists():
                assert await is_whole(file) == blocks, lie
            world.wrap = lambda doors: doors
            await alice.line.aclose()
            if not file.exists():
                await exported(alice, file)
                assert await is_whole(file) == blocks, lie
    assert told >= 24
