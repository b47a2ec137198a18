"""How the content of a larger file is cut and sealed: chunks, segments, padding.

    chunk i of a file  = bytes [i * chunk, (i + 1) * chunk), one leaf at ``chunk_label(i)``
    segment s of it    = generation | sealed, associated data (SEGMENT, id, generation, i, s)

Every offset is found by arithmetic, so one byte of a terabyte costs one leaf
and one segment. Full chunks are sealed as they are; what the last one holds is
padded by Padmé, at least to 1 KiB. Chunks that are all zero may be holes of the
header, without a leaf.

Everything here is plain computing, for worker threads: one hop per chunk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from client.drive.header import FileHeader, Shape
from client.drive.padding import padme
from client.drive.ring import DataKey
from client.keys import NodeKeys
from crypto.errors import OpenFailed
from crypto.purposes import SealPurpose
from crypto.sealing import HEAD_SIZE, OVERHEAD
from formats.cid import CID_SIZE, Block, Cid
from formats.errors import Damaged
from formats.leaf import GENERATION_SIZE, MAX_SEGMENT_BLOCK, Leaf, split_segment
from formats.limits import CHUNK, KIB

MIN_PADDED: Final = KIB
"""What a chunk is padded to at least."""

_ZEROS: Final = bytes(CHUNK)


def held(header: FileHeader, chunk: int) -> int:
    """Bytes of the file in this chunk."""
    return min(header.shape.chunk, header.size - chunk * header.shape.chunk)


def padded(shape: Shape, size: int) -> int:
    """What is sealed for a chunk that holds ``size`` bytes."""
    return min(shape.chunk, max(MIN_PADDED, padme(size)))


def segment_sizes(shape: Shape, size: int) -> list[int]:
    """Bytes sealed in each segment of a chunk that holds ``size`` bytes."""
    whole, rest = divmod(padded(shape, size), shape.segment)
    return [shape.segment] * whole + ([rest] if rest else [])


def is_zero(buffer: bytearray, size: int) -> bool:
    """Whether a full chunk is zero. Stops at the first byte that is not."""
    return buffer.startswith(_ZEROS[:size])


@dataclass(frozen=True, slots=True)
class Held:
    """A chunk that was sealed before: its segments' CIDs, and the heads of their seals, joined.

    The heads (suite and nonce) are no secret; with the data key they tell whether
    some content is what was sealed, without having the sealed bytes.
    """

    cids: bytes
    heads: bytes

    @classmethod
    def of(cls, blocks: Sequence[Block]) -> "Held":
        """What is kept of a chunk's blocks."""
        ends = GENERATION_SIZE, GENERATION_SIZE + HEAD_SIZE
        heads = b"".join(block.data[slice(*ends)] for block in blocks)
        return cls(b"".join(block.cid for block in blocks), heads)

    def named(self) -> list[Cid]:
        """The CIDs, one by one."""
        return [Cid(self.cids[at : at + CID_SIZE]) for at in range(0, len(self.cids), CID_SIZE)]


class Sealer:
    """Seals chunks with one data key. ``scratch`` is reused: one Sealer for each thread."""

    def __init__(self) -> None:
        self._scratch: Final = bytearray(MAX_SEGMENT_BLOCK)

    def seal(
        self, key: DataKey, shape: Shape, chunk: int, buffer: bytearray, size: int
    ) -> list[Block]:
        """The segment blocks of a chunk; ``buffer`` has it, and room for its padding."""
        buffer[size : padded(shape, size)] = bytes(padded(shape, size) - size)
        view, blocks, start = memoryview(buffer), [], 0
        for position, length in enumerate(segment_sizes(shape, size)):
            plain = view[start : start + length]
            blocks.append(self.segment(key, chunk, position, plain))
            start += length
        return blocks

    def sealed_this(
        self, key: DataKey, shape: Shape, chunk: int, buffer: bytearray, size: int, kept: Held
    ) -> bool:
        """Whether what was sealed before as ``kept`` is this content of the chunk."""
        sizes = segment_sizes(shape, size)
        if len(kept.cids) != len(sizes) * CID_SIZE or len(kept.heads) != len(sizes) * HEAD_SIZE:
            return False
        buffer[size : padded(shape, size)] = bytes(padded(shape, size) - size)
        view, start = memoryview(buffer), 0
        for position, length in enumerate(sizes):
            head = kept.heads[position * HEAD_SIZE :][:HEAD_SIZE]
            cid = kept.cids[position * CID_SIZE :][:CID_SIZE]
            what = key.associated(SealPurpose.SEGMENT, chunk, position)
            before = key.generation.to_bytes(GENERATION_SIZE, "big")
            plain = view[start : start + length]
            try:
                digest = key.key.digest_again(head, plain, what, before, self._scratch)
            except OpenFailed:
                return False  # by a suite that this program does not know
            if digest != Cid(cid).digest:
                return False
            start += length
        return True

    def segment(self, key: DataKey, chunk: int, position: int, plain: memoryview) -> Block:
        """One segment, sealed."""
        out = memoryview(self._scratch)
        out[:GENERATION_SIZE] = key.generation.to_bytes(GENERATION_SIZE, "big")
        what = key.associated(SealPurpose.SEGMENT, chunk, position)
        size = key.key.seal_into(plain, what, out[GENERATION_SIZE:])
        return Block.raw(bytes(out[: GENERATION_SIZE + size]))


def open_segments(
    header: FileHeader,
    chunk: int,
    positions: Sequence[int],
    blocks: Sequence[bytes],
    out: memoryview,
) -> int:
    """Open these segments of a chunk one after another into ``out``; how many bytes that is.

    Padding is among them. Raises Damaged.
    """
    sizes = segment_sizes(header.shape, held(header, chunk))
    start = 0
    for position, data in zip(positions, blocks, strict=True):
        end = start + sizes[position]
        _open_segment(header, chunk, position, data, out[start:end])
        start = end
    return start


def _open_segment(
    header: FileHeader, chunk: int, position: int, data: bytes, out: memoryview
) -> None:
    generation, sealed = split_segment(data)
    key = header.ring.key(generation)
    if len(sealed) != len(out) + OVERHEAD:
        raise Damaged("a segment of it has another size than its header says")
    try:
        key.key.open_into(sealed, key.associated(SealPurpose.SEGMENT, chunk, position), out)
    except OpenFailed:
        raise Damaged("a segment of it does not open under its key") from None


def check_leaf(header: FileHeader, chunk: int, leaf: Leaf) -> None:
    """Raise Damaged unless the leaf has as many segments as the chunk should."""
    expected = len(segment_sizes(header.shape, held(header, chunk)))
    if len(leaf.segments) != expected:
        raise Damaged("a chunk of it has another number of segments than its header says")


def chunk_leaf(keys: NodeKeys, chunk: int, cids: bytes) -> tuple[bytes, Leaf]:
    """The label and leaf of a chunk, from the CIDs of its segments joined together."""
    label = keys.chunk_label(chunk)
    segments = tuple(Cid(cids[start : start + CID_SIZE]) for start in range(0, len(cids), CID_SIZE))
    return label, Leaf(keys.lock(label).public, segments=segments)
