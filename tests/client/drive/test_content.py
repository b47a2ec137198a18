"""Content: every size that matters comes back, from any offset, and only what is needed moves."""

from random import Random

import pytest

from client.drive.content import padded, segment_sizes
from client.drive.file import small_file
from client.drive.header import Shape
from client.drive.node import leaf_size
from client.drive.padding import padme
from client.drive.reader import stream
from formats.cid import Cid
from formats.errors import Damaged, Withheld
from formats.leaf import MAX_BODY, Leaf
from formats.limits import CHUNK, INLINE, KIB, SEGMENT
from tests.client.drive.contents import ABOUT, content_of, open_reader, write_large
from tests.client.fakes import FakeSpace

SMALL = Shape(12 * KIB, 4 * KIB)
LARGE = [
    INLINE + 1,
    SEGMENT - 1,
    SEGMENT,
    SEGMENT + 1,
    CHUNK - 1,
    CHUNK,
    CHUNK + 1,
    2 * CHUNK,
    2 * CHUNK + SEGMENT + 7,
]


@pytest.mark.parametrize("size", LARGE)
async def test_large_files_come_back(size: int) -> None:
    data, space = content_of(size), FakeSpace()
    new = await write_large(space, data)
    file = await open_reader(space, new)
    assert await file.read(0, size) == data
    assert await file.read(size - 1, 99) == data[-1:]
    assert await file.read(size, 1) == b""
    async with stream(file) as pieces:
        assert b"".join([piece async for piece in pieces]) == data
    async with stream(file, 3, size - 5) as pieces:
        assert b"".join([piece async for piece in pieces]) == data[3 : size - 2]
    assert len(space.tree) == 1 + -(-size // CHUNK)


@pytest.mark.parametrize("size", [0, 1, 100, 1023, 4096, INLINE - 1, INLINE])
async def test_small_files_are_one_leaf(size: int) -> None:
    data, space = content_of(size), FakeSpace()
    new = small_file(data, ABOUT)
    space.tree[new.keys.label] = new.leaf.block.data
    file = await open_reader(space, new)
    assert await file.read(0, size + 1) == data
    assert await file.read(size // 2, 7) == data[size // 2 :][:7]
    async with stream(file) as pieces:
        assert b"".join([piece async for piece in pieces]) == data


@pytest.mark.parametrize("size", [*range(300), 5000, 65535 - 700, INLINE - 300, INLINE])
def test_a_leaf_with_content_fills_its_class(size: int) -> None:
    leaf = small_file(bytes(size), ABOUT).leaf
    assert leaf.header is not None
    assert leaf.body is not None
    stored = len(leaf.block.data)
    assert stored == leaf_size(len(leaf.header), len(leaf.body))
    assert stored >= KIB
    assert stored in (padme(stored), padme(stored - 1) + 1, padme(stored - 2) + 2)
    assert len(leaf.body) <= MAX_BODY


@pytest.mark.parametrize("size", [1, 4095, 4096, 4097, 12 * KIB, 12 * KIB + 1, 100_000])
async def test_every_range(size: int, rng: Random) -> None:
    data, space = content_of(size), FakeSpace()
    file = await open_reader(space, await write_large(space, data, shape=SMALL))
    for _ in range(50):
        start, length = rng.randrange(size + 1), rng.randrange(size + 1)
        assert await file.read(start, length) == data[start : start + length]


async def test_a_small_range_moves_one_segment() -> None:
    space = FakeSpace()
    file = await open_reader(space, await write_large(space, content_of(2 * CHUNK)))
    await file.read(0, 1)
    before = (space.count.leaf_requests, space.count.segments)
    await file.read(CHUNK + 3 * SEGMENT + 5, 64 * KIB)
    assert (space.count.leaf_requests, space.count.segments) == (before[0], before[1] + 1)


async def test_zero_chunks_are_not_stored() -> None:
    space = FakeSpace()
    data = bytes(2 * CHUNK) + content_of(CHUNK) + bytes(CHUNK) + bytes(100)
    new = await write_large(space, data)
    assert new.header.holes == ((0, 2), (3, 1))
    assert len(space.tree) == 3
    file = await open_reader(space, new)
    assert await file.read(0, len(data)) == data
    assert await file.read(CHUNK - 5, CHUNK + 5) == bytes(CHUNK + 5)


@pytest.mark.parametrize(
    ("size", "sealed"),
    [
        (1, 1024),
        (1024, 1024),
        (1025, 1088),
        (INLINE + 1, 66 * KIB),
        (CHUNK - 1, CHUNK),
        (CHUNK, CHUNK),
    ],
)
def test_the_last_chunk_is_padded(size: int, sealed: int) -> None:
    assert padded(Shape(), size) == sealed
    assert sum(segment_sizes(Shape(), size)) == sealed
    assert len(segment_sizes(Shape(), size)) == -(-size // SEGMENT)


async def replaced(space: FakeSpace, chunk_label: bytes, segments: list[Cid]) -> None:
    leaf = space.leaf(chunk_label)
    space.tree[chunk_label] = Leaf(leaf.lock, segments=tuple(segments)).block.data


async def test_segments_that_were_swapped_or_moved_do_not_open() -> None:
    space = FakeSpace()
    new = await write_large(space, content_of(2 * CHUNK))
    labels = [new.keys.chunk_label(chunk) for chunk in (0, 1)]
    mine = list(space.leaf(labels[0]).segments)
    theirs = list(space.leaf(labels[1]).segments)
    for segments in ([mine[1], mine[0], *mine[2:]], [theirs[0], *mine[1:]], theirs):
        await replaced(space, labels[0], segments)
        with pytest.raises(Damaged, match="/a/file"):
            await (await open_reader(space, new)).read(0, 1)
    await replaced(space, labels[0], mine[:-1])
    with pytest.raises(Damaged, match="/a/file"):
        await (await open_reader(space, new)).read(0, 1)
    await replaced(space, labels[0], mine)
    assert len(await (await open_reader(space, new)).read(0, 1)) == 1


async def test_segments_of_another_file_do_not_open() -> None:
    space = FakeSpace()
    new, other = [await write_large(space, content_of(CHUNK, seed)) for seed in (1, 2)]
    segments = list(space.leaf(other.keys.chunk_label(0)).segments)
    await replaced(space, new.keys.chunk_label(0), segments)
    with pytest.raises(Damaged):
        await (await open_reader(space, new)).read(0, 1)


async def test_an_altered_segment_is_damage_and_a_missing_one_withheld() -> None:
    space = FakeSpace()
    data = content_of(2 * CHUNK)
    new = await write_large(space, data)
    cid = space.leaf(new.keys.chunk_label(0)).segments[7]
    block = space.blocks[cid]
    space.blocks[cid] = block[:-1] + bytes((block[-1] ^ 1,))
    file = await open_reader(space, new)
    with pytest.raises(Damaged, match="/a/file"):
        await file.read(0, CHUNK)
    with pytest.raises(Damaged, match="/a/file"):
        async with stream(file) as pieces:
            assert [piece async for piece in pieces]
    assert await file.read(CHUNK, CHUNK) == data[CHUNK:]
    del space.blocks[cid]
    with pytest.raises(Withheld, match="/a/file"):
        await file.read(0, CHUNK)
    del space.tree[new.keys.chunk_label(1)]
    with pytest.raises(Withheld, match="/a/file"):
        await (await open_reader(space, new)).read(CHUNK, 1)


async def test_a_new_version_has_its_own_generation_and_key() -> None:
    space = FakeSpace()
    first = await write_large(space, content_of(CHUNK))
    base = (await open_reader(space, first)).node
    second = await write_large(space, content_of(CHUNK, 2), base)
    assert second.keys is base.keys
    assert second.header.id == first.header.id
    assert second.header.ring.current.generation == 1
    assert len(second.header.ring.keys) == 1
    assert await (await open_reader(space, second)).read(0, CHUNK) == content_of(CHUNK, 2)


async def test_a_stream_that_is_left_early_ends() -> None:
    space = FakeSpace()
    file = await open_reader(space, await write_large(space, content_of(100_000), shape=SMALL))
    async with stream(file) as pieces:
        async for piece in pieces:
            assert len(piece) == SMALL.chunk
            break
