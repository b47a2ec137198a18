"""The twelve bytes before everything: version, type, flags, stream, length. Big-endian.

    0        1        2             4                        8                        12
    version  type     flags         stream                   length

Of data the length is that of the body that follows; of a window update the bytes
that may be sent in addition; of a ping a value to be sent back; of a farewell why.
"""

from enum import IntEnum
from struct import Struct
from typing import Final, NamedTuple

from formats.errors import ProtocolViolation

PROTOCOL: Final = "/yamux/1.0.0"

HEADER: Final = Struct("!BBHII")
SIZE: Final = HEADER.size

INITIAL: Final = 256 * 1024
"""Bytes that may be sent on a fresh stream before anything was said about it."""

MOST_CREDIT: Final = 2**32 - 1

SYN: Final = 1
ACK: Final = 2
FIN: Final = 4
RST: Final = 8
_FLAGS: Final = SYN | ACK | FIN | RST


class Kind(IntEnum):
    """What a frame is."""

    DATA = 0
    WINDOW = 1
    PING = 2
    GO_AWAY = 3


class Goodbye(IntEnum):
    """Why a connection ends. Other programs have further numbers."""

    NORMAL = 0
    PROTOCOL = 1
    INTERNAL = 2


class Header(NamedTuple):
    """One header."""

    kind: Kind
    flags: int
    stream: int
    length: int


def packed(kind: Kind, flags: int, stream: int, length: int) -> bytes:
    """A header as it travels."""
    return HEADER.pack(0, kind, flags, stream, length)


def unpacked(data: bytes) -> Header:
    """The header of these ``SIZE`` bytes. Raises ProtocolViolation for one that cannot be."""
    version, kind, flags, stream, length = HEADER.unpack(data)
    if version:
        raise ProtocolViolation(f"yamux version {version}, where there is only 0")
    if kind > Kind.GO_AWAY:
        raise ProtocolViolation(f"a frame of type {kind}, which there is not")
    if flags & ~_FLAGS:
        raise ProtocolViolation(f"a frame with flags {flags:#x}, some of which there are not")
    header = Header(Kind(kind), flags, stream, length)
    _check(header)
    return header


def _check(header: Header) -> None:
    """Return if type, flags and stream go together; raises ProtocolViolation."""
    kind, flags, stream, _ = header
    if (stream == 0) is (kind in (Kind.DATA, Kind.WINDOW)):
        raise ProtocolViolation(f"{kind.name} on stream {stream}")
    if kind is Kind.PING and flags not in (SYN, ACK):
        raise ProtocolViolation("a ping that neither asks nor answers")
    if kind is Kind.GO_AWAY and flags:
        raise ProtocolViolation("a farewell with flags")
    if flags & SYN and flags & (ACK | RST):
        raise ProtocolViolation("a stream that is opened and answered or reset at once")
