"""Leaves and segments: what a tree holds under a label, as far as a home may see.

    leaf block    = {lock, header?, body?, segments?: [CID]}     dag-cbor, no version: see below
    segment block = generation (4 bytes, big-endian) | sealed    raw

``lock`` is the public key that checks a reader's proof. ``header`` is sealed:
keys and settings of a file or folder. ``body`` is sealed: a small file's
content, or a page of a folder, apart from the header so that the one changes
without the other. ``segments`` are blocks of a chunk. At least one of the three
is there. A leaf has no version field: the spaces of a large tree hold millions, and a
later shape would be another codec's or another key's affair.

Sizes say which bucket something was padded to, and nothing else.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from crypto.sealing import OVERHEAD
from crypto.signing import LOCK_KEY_SIZE
from formats.cid import Block, Cid
from formats.dag_cbor import Value, decode, encode
from formats.envelope import present
from formats.errors import Malformed
from formats.fields import Fields
from formats.limits import INLINE, KIB, SEGMENT, SEGMENTS_PER_CHUNK

MAX_HEADER: Final = 8 * KIB
"""Most bytes of a sealed header."""

MAX_BODY: Final = INLINE + 4 * KIB
"""Most bytes of a sealed body: 64 KiB, their padding and sealing."""

MAX_LEAF: Final = MAX_HEADER + MAX_BODY + 2 * KIB
"""Most bytes of a leaf block."""

GENERATION_SIZE: Final = 4
MAX_GENERATION: Final = 2 ** (8 * GENERATION_SIZE) - 1

MIN_SEGMENT_BLOCK: Final = GENERATION_SIZE + OVERHEAD
MAX_SEGMENT_BLOCK: Final = MIN_SEGMENT_BLOCK + SEGMENT
"""Most bytes of a segment block."""

_SMALL: Final = 4 * KIB
_KEPT: Final = 256
"""So many small leaves stay read: chunks and folders that are asked for again and again."""

_WHAT: Final = "leaf"


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a label stands for. ``segments`` is empty where the leaf has none."""

    lock: bytes
    header: bytes | None = None
    body: bytes | None = None
    segments: tuple[Cid, ...] = ()

    def __post_init__(self) -> None:
        # Here, so that no leaf is made that nobody would accept.
        if len(self.lock) != LOCK_KEY_SIZE:
            raise Malformed(f"{_WHAT}: lock of {len(self.lock)} bytes, expected {LOCK_KEY_SIZE}")
        if self.header is None and self.body is None and not self.segments:
            raise Malformed(f"{_WHAT}: it holds nothing")
        _check_size("header", self.header, MAX_HEADER)
        _check_size("body", self.body, MAX_BODY)
        if len(self.segments) > SEGMENTS_PER_CHUNK:
            raise Malformed(f"{_WHAT}: over {SEGMENTS_PER_CHUNK} segments")
        if not all(segment.is_raw for segment in self.segments):
            raise Malformed(f"{_WHAT}: a segment is a raw block")

    @classmethod
    def decode(cls, data: bytes) -> "Leaf":
        """Read a leaf block; raises Malformed."""
        if len(data) > MAX_LEAF:
            raise Malformed(f"{_WHAT}: {len(data)} bytes, at most {MAX_LEAF}")
        return _read_small(data) if len(data) <= _SMALL else _read(data)

    @property
    def block(self) -> Block:
        """The block it is stored as."""
        segments: Value = [*self.segments] or None
        return Block.cbor(
            encode(
                present(
                    {
                        "lock": self.lock,
                        "header": self.header,
                        "body": self.body,
                        "segments": segments,
                    }
                )
            )
        )


def join_segment(generation: int, sealed: bytes) -> bytes:
    """The bytes of a segment block: which data key seals it, and what it seals."""
    data = generation.to_bytes(GENERATION_SIZE, "big") + sealed
    check_segment(data)
    return data


def split_segment(data: bytes) -> tuple[int, memoryview]:
    """The data key's generation, and the sealed bytes (a view of ``data``); raises Malformed."""
    check_segment(data)
    return int.from_bytes(data[:GENERATION_SIZE], "big"), memoryview(data)[GENERATION_SIZE:]


def check_segment(data: bytes) -> None:
    """Return if ``data`` can be a segment block; raises Malformed."""
    if not MIN_SEGMENT_BLOCK < len(data) <= MAX_SEGMENT_BLOCK:
        raise Malformed(
            f"segment: {len(data)} bytes, over {MIN_SEGMENT_BLOCK} and at most {MAX_SEGMENT_BLOCK}"
        )


def _read(data: bytes) -> Leaf:
    fields = Fields(decode(data, max_depth=2), _WHAT)
    leaf = Leaf(
        lock=fields.bytes_("lock", LOCK_KEY_SIZE),
        header=fields.optional_bytes("header", minimum=1, maximum=MAX_HEADER),
        body=fields.optional_bytes("body", minimum=1, maximum=MAX_BODY),
        segments=_read_segments(fields),
    )
    fields.done()
    return leaf


_read_small: Final = lru_cache(maxsize=_KEPT)(_read)


def _check_size(name: str, sealed: bytes | None, maximum: int) -> None:
    if sealed is not None and not 1 <= len(sealed) <= maximum:
        raise Malformed(f"{_WHAT}: {name} of {len(sealed)} bytes, 1 to {maximum}")


def _read_segments(fields: Fields) -> tuple[Cid, ...]:
    items = fields.optional_list("segments", SEGMENTS_PER_CHUNK)
    if items is None:
        return ()
    cids = tuple(item for item in items if isinstance(item, Cid))
    if not items or len(cids) != len(items):
        raise Malformed(f"{_WHAT}: field 'segments' is no list of links")
    return cids
