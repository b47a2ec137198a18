"""Files that are not what was written: altered at any byte, cut short, put together from others."""

import os
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path

import pytest

from client.archive.frames import NOT_WHOLE, Reader, Writer, in_a_file
from client.archive.importing import Archive
from client.archive.inside import Inside
from client.identity.password import PasswordKeys
from client.session import Session
from formats import car
from formats.cid import Block, Cid
from formats.errors import BadBlock, Damaged, HoldfastError, Malformed
from tests.client.archive.conftest import exported, exporting, unseen
from tests.client.people import CHEAP, PASSWORD, Town
from tests.client.sharing.trees import put, put_large


async def check(file: Path) -> None:
    with Archive.opened(str(file)) as archive:
        await archive.unlock(PASSWORD, CHEAP.floor)
        await archive.check(unseen)


def opens(data: bytes, keys: PasswordKeys) -> None:
    """Read all of it, as ``Archive`` does."""
    reader, inside = Reader(BytesIO(data)), Inside()
    reader.open(keys)
    while (blocks := reader.next()) is not None:
        with in_a_file():
            for block in blocks:
                inside.take(block)
    if not inside.is_whole:
        raise Malformed("something is missing")


def places(data: bytes) -> set[int]:
    """All around the head, the end, and some in between."""
    return {*range(0, 450, 3), *range(0, len(data), 499), *range(len(data) - 20, len(data))}


async def test_altered_at_any_byte_it_is_refused(alice: Session, tmp_path: Path) -> None:
    """Every byte of the head and around the frames, and each of many in between."""
    file = tmp_path / "alice.car"
    await exported(alice, file)
    data, keys = file.read_bytes(), (await exporting(alice)).keys
    opens(data, keys)
    for at in sorted(places(data)):
        damaged = bytearray(data)
        damaged[at] ^= 1 << at % 8
        with pytest.raises(HoldfastError) as told:
            opens(bytes(damaged), keys)
        assert told.value.message, at
        if isinstance(told.value, BadBlock | Damaged | Malformed):
            assert told.value.advice == NOT_WHOLE, at


async def test_whoever_looks_at_a_file_is_told_about_a_file(alice: Session, tmp_path: Path) -> None:
    """Not of blocks that a doctor would look up, nor of a sender who should send better ones."""
    file = tmp_path / "alice.car"
    await exported(alice, file)
    export = await exporting(alice)
    data, blocks = file.read_bytes(), _blocks(file.read_bytes(), export.keys)
    flipped = bytearray(data)
    flipped[-40] ^= 1
    writer = Writer.begin(export.keys, export.parameters, export.device)
    twice = [writer.add(each) for each in (*blocks[:3], blocks[2], *blocks[3:])]
    for kind, wrong in (
        (BadBlock, bytes(flipped)),
        (Malformed, data[:-1]),
        (Malformed, b"PK\3\4"),
        (Malformed, b"".join([writer.beginning, *twice, writer.finish()])),
    ):
        file.write_bytes(wrong)
        with pytest.raises(kind) as told:
            await check(file)
        assert told.value.advice == NOT_WHOLE


async def test_each_block_is_hashed_once(
    alice: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "alice.car"
    await exported(alice, file)
    data, keys = file.read_bytes(), (await exporting(alice)).keys
    _, frames = frames_of(data)
    hashed, matches = list[Cid](), Cid.matches

    def counted(cid: Cid, block: bytes) -> bool:
        hashed.append(cid)
        return matches(cid, block)

    monkeypatch.setattr(Cid, "matches", counted)
    found = _blocks(data, keys)
    assert len(hashed) == 1 + len(frames) + len(found)
    assert len(set(hashed)) == len(hashed)


async def test_cut_short_anywhere_it_is_refused(alice: Session, tmp_path: Path) -> None:
    file = tmp_path / "alice.car"
    await exported(alice, file)
    data, keys = file.read_bytes(), (await exporting(alice)).keys
    for at in sorted(places(data)):
        with pytest.raises(HoldfastError):
            opens(data[:at], keys)
    with pytest.raises(Damaged, match="goes on after its end"):
        opens(data + car.section(*_raw(b"more")), keys)


def _raw(data: bytes) -> tuple[Cid, bytes]:
    block = Block.raw(data)
    return block.cid, block.data


def frames_of(data: bytes) -> tuple[bytes, list[bytes]]:
    """What a file begins with, and its frames."""
    source = BytesIO(data)
    root = car.read_header(source)
    found = []
    while (each := car.read_section(source)) is not None:
        found.append(car.section(*each))
    return car.header(root) + found[0], found[1:]


async def test_frames_in_another_order_or_of_another_file(
    world: Town, tmp_path: Path, small_frames: None
) -> None:
    alice = await world.sign_up("alice", "one")
    await put(alice, {f"{number}.txt": bytes(3000) for number in range(5)})
    await exported(alice, tmp_path / "one.car")
    await exported(alice, tmp_path / "two.car")
    keys = (await exporting(alice)).keys
    beginning, frames = frames_of((tmp_path / "one.car").read_bytes())
    _, others = frames_of((tmp_path / "two.car").read_bytes())
    assert len(frames) > 5
    opens(beginning + b"".join(frames), keys)
    wrong: Iterable[list[bytes]] = (
        frames[1:],
        frames[:-1],
        [*frames[:2], *frames[3:]],
        [frames[1], frames[0], *frames[2:]],
        [frames[0], *frames],
        [*frames, frames[-1]],
        [*frames[:-1], others[-1]],
        [others[0], *frames[1:]],
    )
    for some in wrong:
        with pytest.raises(Damaged):
            opens(beginning + b"".join(some), keys)


def _blocks(data: bytes, keys: PasswordKeys) -> list[Block]:
    reader, found = Reader(BytesIO(data)), list[Block]()
    reader.open(keys)
    while (blocks := reader.next()) is not None:
        found += blocks
    return found


async def test_who_has_the_password_cannot_put_another_account_together(
    world: Town, alice: Session, tmp_path: Path
) -> None:
    """Each block left out, twice, too much, another in its place; records of somebody else."""
    file = tmp_path / "alice.car"
    await exported(alice, file)
    mallory = await world.sign_up("mallory", "two")
    await put_large(mallory, "big.bin", 1)
    await exported(mallory, tmp_path / "mallory.car")
    export = await exporting(alice)
    hers = _blocks(file.read_bytes(), export.keys)
    his = _blocks((tmp_path / "mallory.car").read_bytes(), (await exporting(mallory)).keys)

    def made(blocks: Iterable[Block]) -> bytes:
        writer = Writer.begin(export.keys, export.parameters, export.device)
        parts = [writer.beginning, *map(writer.add, blocks), writer.finish()]
        return b"".join(parts)

    opens(made(hers), export.keys)
    changes: list[Callable[[int], list[Block]]] = [
        lambda at: [*hers[:at], *hers[at + 1 :]],
        lambda at: [*hers[: at + 1], *hers[at:]],
        lambda at: [*hers[:at], Block.raw(b"extra"), *hers[at:]],
        lambda at: [*hers[:at], his[min(at, len(his) - 1)], *hers[at + 1 :]],
        lambda at: hers[:at],
    ]
    for change in changes:
        for at in range(len(hers)):
            with pytest.raises(HoldfastError):
                opens(made(change(at)), export.keys)
    with pytest.raises(HoldfastError):
        opens(made([*hers, *his]), export.keys)


@pytest.mark.parametrize("data", [b"", b"\0", b"PK\3\4" * 100, bytes(1000), b"\xff" * 1000])
async def test_what_is_no_exported_account(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(HoldfastError):
        await check(tmp_path / "x")


async def test_what_is_not_there_or_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "nowhere", tmp_path, tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(HoldfastError):
            await check(path)


async def test_another_car_file(tmp_path: Path) -> None:
    block = Block.cbor(b"\xa0")
    data = car.header(block.cid) + car.section(block.cid, block.data)
    (tmp_path / "x.car").write_bytes(data)
    with pytest.raises(HoldfastError):
        await check(tmp_path / "x.car")
