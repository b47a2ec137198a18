"""CIDs and blocks: the names of bytes, and bytes that carry their name.

A CID here is always 36 bytes: version 1, a codec (``raw`` or ``dag-cbor``),
sha2-256, and the digest. Other versions, codecs and hashes are refused, so
equal content has one name per codec. A CID is a ``bytes``, cheap to make, compare
and keep; ``docs/spec/cid.md`` has the layout.
"""

from base64 import b32decode, b32encode
from dataclasses import dataclass
from typing import Final, Self

from crypto.hashing import sha256
from formats.errors import BadBlock, Malformed

RAW: Final = 0x55
"""Multicodec number of ``raw``: bytes without structure."""

CBOR: Final = 0x71
"""Multicodec number of ``dag-cbor``: structure that may name other blocks."""

CID_SIZE: Final = 36
"""Bytes in every CID."""

MAX_BLOCK: Final = 1024 * 1024
"""Most bytes in one block."""

_RAW_PREFIX: Final = b"\x01\x55\x12\x20"
_CBOR_PREFIX: Final = b"\x01\x71\x12\x20"
_PREFIXES: Final = frozenset({_RAW_PREFIX, _CBOR_PREFIX})
_TEXT_SIZE: Final = 59


class Cid(bytes):
    """The name of a block: ``01 codec 12 20`` and the 32-byte SHA-256 of its bytes.

    Compares and hashes like the ``bytes`` it is. Raises Malformed for anything
    but 36 bytes of that shape.
    """

    __slots__ = ()

    def __new__(cls, value: bytes) -> Self:
        if len(value) != CID_SIZE:
            raise Malformed(f"CID: {len(value)} bytes, expected {CID_SIZE}")
        if value[:4] not in _PREFIXES:
            raise Malformed(f"CID: begins with {value[:4].hex()}, expected 01551220 or 01711220")
        return bytes.__new__(cls, value)

    @classmethod
    def of_raw(cls, data: bytes) -> Self:
        """The CID of ``data`` as a ``raw`` block."""
        return bytes.__new__(cls, _RAW_PREFIX + sha256(data))

    @classmethod
    def of_cbor(cls, data: bytes) -> Self:
        """The CID of ``data`` as a ``dag-cbor`` block; ``data`` is not decoded."""
        return bytes.__new__(cls, _CBOR_PREFIX + sha256(data))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The CID that ``str(cid)`` writes so: ``b`` and 58 letters of lower-case base32."""
        if len(text) != _TEXT_SIZE or not text.isascii() or text[0] != "b":
            raise Malformed("CID: expected 59 letters beginning with b")
        try:
            cid = cls(b32decode(text[1:].upper() + "======"))
        except ValueError:
            raise Malformed("CID: not base32") from None
        if str(cid) != text:
            raise Malformed("CID: not in its one lower-case spelling")
        return cid

    @property
    def codec(self) -> int:
        """``RAW`` or ``CBOR``."""
        return self[1]

    @property
    def is_raw(self) -> bool:
        """Whether the block is bytes without structure."""
        return self[1] == RAW

    @property
    def digest(self) -> bytes:
        """The 32-byte SHA-256 of the block."""
        return self[4:]

    def matches(self, data: bytes) -> bool:
        """Whether ``data`` hashes to this CID."""
        return sha256(data) == self[4:]

    def __str__(self) -> str:
        return "b" + b32encode(self).decode("ascii").rstrip("=").lower()

    def __repr__(self) -> str:
        return f"Cid({'raw' if self.is_raw else 'cbor'} {self[4:8].hex()}…)"


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Block:
    """Bytes whose CID was computed from them by this program, at most ``MAX_BLOCK`` of them.

    Only ``raw``, ``cbor`` and ``checked`` make one, and each of them hashes: who
    holds a Block need not hash it again.
    """

    cid: Cid
    data: bytes

    def __init__(self) -> None:
        raise TypeError("a Block is made by Block.raw, Block.cbor or Block.checked")

    @classmethod
    def raw(cls, data: bytes) -> Self:
        """The ``raw`` block of ``data``; raises Malformed over ``MAX_BLOCK``."""
        return cls._made(Cid.of_raw(data), data)

    @classmethod
    def cbor(cls, data: bytes) -> Self:
        """The ``dag-cbor`` block of ``data``, not decoded; raises Malformed over ``MAX_BLOCK``."""
        return cls._made(Cid.of_cbor(data), data)

    @classmethod
    def checked(cls, cid: Cid, data: bytes) -> Self:
        """The block ``cid`` if ``data`` hashes to it; raises BadBlock otherwise."""
        if not cid.matches(data):
            raise BadBlock(f"{len(data)} bytes do not hash to {cid!r}")
        return cls._made(cid, data)

    @classmethod
    def _made(cls, cid: Cid, data: bytes) -> Self:
        if len(data) > MAX_BLOCK:
            raise Malformed(f"block: {len(data)} bytes, at most {MAX_BLOCK}")
        block = object.__new__(cls)
        object.__setattr__(block, "cid", cid)
        object.__setattr__(block, "data", data)
        return block

    def __repr__(self) -> str:
        return f"Block({self.cid!r}, {len(self.data)} bytes)"
