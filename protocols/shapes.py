"""Shapes of message fields: the limits that stand beside each field's type.

A message is a frozen dataclass whose fields are ``Annotated`` with one of
these. ``wire`` checks them on the way in and on the way out. Integers are
unsigned; an ``X | None`` field is absent when None; a ``tuple[Block, ...]``
field travels as body frames behind the head.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from formats.cid import Block

UINT_MAX: Final = 2**53


@dataclass(frozen=True, slots=True)
class Exactly:
    """Bytes of one size."""

    size: int


@dataclass(frozen=True, slots=True)
class AtMost:
    """Bytes, or text counted in UTF-8 bytes, of at most this size."""

    size: int


@dataclass(frozen=True, slots=True)
class Below:
    """An unsigned integer of at most this value."""

    value: int


@dataclass(frozen=True, slots=True)
class Count:
    """A tuple of at most this many elements."""

    most: int


Uint = Annotated[int, Below(UINT_MAX)]
Id = Annotated[bytes, Exactly(32)]
Key = Annotated[bytes, AtMost(2048)]
"""An encoded hybrid verify key."""
Signature = Annotated[bytes, AtMost(4096)]
PeerId = Annotated[bytes, AtMost(64)]
Token = Annotated[bytes, Exactly(16)]
AccountName = Annotated[str, AtMost(32)]
Record = Annotated[bytes, AtMost(256 * 1024)]
"""A signed envelope; the largest is a space record with 1,024 members."""
Body = Annotated[bytes, AtMost(1024)]
"""The body of a pointer record, without its signature."""
Blocks = Annotated[tuple[Block, ...], Count(4096)]
