"""Headers: the sealed heart of a file or folder. Keys, times, and how the content lies.

    sealed header = committed seal under the node's header key, associated data (HEADER)
    content       = canonical DAG-CBOR, padded to a multiple of 512 bytes

The associated data names neither space nor label: the key follows from a node
secret that is used nowhere else, and a subtree that moves into a space of its
own takes its leaves along as they are (docs/decisions/0070). Keys that a newer
program put into a header survive being rewritten by an older one.

Times are nanoseconds since 1970, so that what ``get`` restores is what ``put`` saw.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from client.drive.padding import PREFIX, bucket, pad, unpad
from client.drive.places import Names
from client.drive.ring import FILE_ID, KEY_SIZE, Ring
from client.drive.types import PICTURES
from client.keys import NodeKeys
from crypto.errors import OpenFailed
from crypto.purposes import SealPurpose
from crypto.sealing import COMMITTED_OVERHEAD, Associated
from crypto.secret import Secret, random_secret
from formats.dag_cbor import Value, decode, encode
from formats.errors import Damaged, Malformed
from formats.fields import Fields
from formats.leaf import MAX_HEADER
from formats.limits import CHUNK, FILE, INLINE, KIB, SEGMENT, SEGMENTS_PER_CHUNK

HEADER_STEP: Final = 512
"""A header's content is padded to a multiple of this."""
MAX_CONTENT: Final = (MAX_HEADER - COMMITTED_OVERHEAD) // HEADER_STEP * HEADER_STEP
MAX_TYPE: Final = 255
"""A content type."""
MAX_HOLES: Final = 256
"""Runs of chunks that are not stored because they are zero."""
MIN_SEGMENT: Final = 4 * KIB
MAX_TIME: Final = 2**63 - 1
MIN_TIME: Final = -(2**63)
_HASH: Final = 32
_FILE: Final = "file"
_FOLDER: Final = "folder"
_WHAT: Final = "header"
_ASSOCIATED: Final = Associated(SealPurpose.HEADER)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is cut: bytes of a chunk (one leaf each) and of a segment of it."""

    chunk: int = CHUNK
    segment: int = SEGMENT

    def __post_init__(self) -> None:
        if not MIN_SEGMENT <= self.segment <= SEGMENT or self.segment % MIN_SEGMENT:
            raise Malformed(f"{_WHAT}: segments of {self.segment} bytes")
        if self.chunk % self.segment or not 1 <= self.per_chunk <= SEGMENTS_PER_CHUNK:
            raise Malformed(f"{_WHAT}: chunks of {self.chunk} bytes")

    @property
    def per_chunk(self) -> int:
        """Segments of a full chunk."""
        return self.chunk // self.segment

    def chunks(self, size: int) -> int:
        """Chunks of a file of ``size`` bytes, holes included."""
        return -(-size // self.chunk)


@dataclass(frozen=True, slots=True)
class FileHeader:
    """A file: its content is in the leaf's body (``inline``) or in chunks.

    ``holes`` are runs (first chunk, number of chunks) that are zero and not stored.
    ``thumb``: there is a thumbnail, which only files of some types have.
    """

    id: bytes
    ring: Ring
    size: int
    created: int
    modified: int
    executable: bool = False
    inline: bool = True
    type: str | None = None
    holes: tuple[tuple[int, int], ...] = ()
    hash: bytes | None = None
    shape: Shape = Shape()
    thumb: bool = False
    extra: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.inline and (self.size > INLINE or self.holes):
            raise Malformed(f"{_WHAT}: inline content of {self.size} bytes, or with holes")
        if self.thumb and self.type not in PICTURES:
            raise Malformed(f"{_WHAT}: a thumbnail of what is no picture")
        _check_holes(self.holes, self.shape.chunks(self.size))

    @property
    def chunks(self) -> int:
        """Chunks of the file, holes included; 0 when it is inline."""
        return 0 if self.inline else self.shape.chunks(self.size)

    def is_hole(self, chunk: int) -> bool:
        """Whether this chunk is zero and not stored."""
        return any(first <= chunk < first + count for first, count in self.holes)

    def stored_chunks(self) -> Iterator[int]:
        """The chunks that have a leaf, in order."""
        start = 0
        for first, count in self.holes:
            yield from range(start, first)
            start = first + count
        yield from range(start, self.chunks)

    @property
    def value(self) -> Value:
        """As it stands inside the seal."""
        shape = {"chunk": self.shape.chunk, "segment": self.shape.segment}
        holes: Value = [[first, count] for first, count in self.holes] or None
        return {
            **self.extra,
            **given({"type": self.type, "holes": holes, "hash": self.hash}),
            **given({"thumb": self.thumb or None}),
            **_common(_FILE, self.id, self.ring, self.created),
            **shape,
            "size": self.size,
            "modified": self.modified,
            "exec": self.executable,
            "inline": self.inline,
        }


@dataclass(frozen=True)
class FolderHeader:
    """A folder. ``names`` is the key of its names' places; rotating data keys moves no name."""

    id: bytes
    ring: Ring
    names: Secret
    created: int
    settings: Mapping[str, Value] = field(default_factory=dict)
    extra: Mapping[str, Value] = field(default_factory=dict)

    @classmethod
    def new(cls, file_id: bytes, created: int, names: Secret | None = None) -> "FolderHeader":
        """The header of a folder that is made now."""
        return cls(file_id, Ring.new(file_id), names or random_secret(KEY_SIZE), created)

    @cached_property
    def places(self) -> Names:
        """Where names stand in its pages."""
        return Names(self.names)

    @property
    def value(self) -> Value:
        """As it stands inside the seal."""
        return {
            **self.extra,
            **_common(_FOLDER, self.id, self.ring, self.created),
            "names": self.names.reveal(),
            "settings": dict(self.settings),
        }


Header = FileHeader | FolderHeader


def seal_header(keys: NodeKeys, header: Header) -> bytes:
    """The sealed header for the leaf at ``keys.label``; raises Malformed if it is too large."""
    content = encode(header.value)
    size = bucket(PREFIX + len(content), HEADER_STEP)
    if size > MAX_CONTENT:
        raise Malformed(f"{_WHAT}: {len(content)} bytes, at most {MAX_CONTENT - PREFIX}")
    return keys.header_key.seal_committed(pad(content, size), _ASSOCIATED)


def open_header(keys: NodeKeys, sealed: bytes) -> Header:
    """The header; raises Damaged (does not open), Malformed or UnknownVersion (says odd things)."""
    try:
        padded = keys.header_key.open_committed(sealed, _ASSOCIATED)
    except OpenFailed:
        raise Damaged("its header does not open under its key") from None
    return decode_header(unpad(padded))


def decode_header(content: bytes) -> Header:
    """A header from what was inside the seal; raises Malformed, UnknownVersion."""
    fields = Fields(decode(content), _WHAT)
    fields.version()
    kind = fields.text("kind", 16)
    if kind == _FILE:
        return _read_file(fields)
    if kind == _FOLDER:
        return _read_folder(fields)
    raise Malformed(f"{_WHAT}: of a kind this version does not know")


def given(fields: Mapping[str, Value]) -> dict[str, Value]:
    """The fields that are not None: an absent field is absent."""
    return {name: value for name, value in fields.items() if value is not None}


def read_time(fields: Fields, name: str) -> int:
    """A time in nanoseconds since 1970; may be before."""
    return fields.integer(name, MIN_TIME, MAX_TIME)


def _common(kind: str, file_id: bytes, ring: Ring, created: int) -> dict[str, Value]:
    return {"v": 1, "kind": kind, "id": file_id, "ring": ring.value, "created": created}


def _read_file(fields: Fields) -> FileHeader:
    return FileHeader(
        id=fields.bytes_("id", FILE_ID),
        ring=Ring.read(fields),
        size=fields.uint("size", FILE),
        created=read_time(fields, "created"),
        modified=read_time(fields, "modified"),
        executable=fields.flag("exec"),
        inline=fields.flag("inline"),
        type=fields.optional_text("type", MAX_TYPE),
        holes=_read_holes(fields),
        hash=fields.optional_bytes("hash", _HASH),
        shape=Shape(fields.uint("chunk"), fields.uint("segment")),
        thumb=_read_thumb(fields),
        extra=fields.rest(),
    )


def _read_thumb(fields: Fields) -> bool:
    """Whether there is a thumbnail: said if there is one, else not said."""
    thumb = fields.optional_flag("thumb")
    if thumb is False:
        raise Malformed(f"{_WHAT}: it says of nothing that it is not there")
    return thumb is True


def _read_folder(fields: Fields) -> FolderHeader:
    return FolderHeader(
        id=fields.bytes_("id", FILE_ID),
        ring=Ring.read(fields),
        names=Secret(fields.bytes_("names", KEY_SIZE)),
        created=read_time(fields, "created"),
        settings=fields.map_("settings"),
        extra=fields.rest(),
    )


def _read_holes(fields: Fields) -> tuple[tuple[int, int], ...]:
    rows = fields.optional_list("holes", MAX_HOLES)
    if rows is None:
        return ()
    holes = []
    for row in rows:
        if not isinstance(row, list) or len(row) != 2:
            raise Malformed(f"{_WHAT}: a hole is not [first chunk, number of chunks]")
        pair = Fields({"first": row[0], "count": row[1]}, _WHAT)
        holes.append((pair.uint("first"), pair.integer("count", 1, FILE)))
    return tuple(holes)


def _check_holes(holes: tuple[tuple[int, int], ...], chunks: int) -> None:
    """Holes rise, do not touch, and end before the last chunk does."""
    free = 0
    for first, count in holes:
        if first < free or count < 1:
            raise Malformed(f"{_WHAT}: holes out of order")
        free = first + count + 1
    if holes and free - 1 > chunks:
        raise Malformed(f"{_WHAT}: a hole beyond the end")
