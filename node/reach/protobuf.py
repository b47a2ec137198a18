"""The little of Protocol Buffers that libp2p's messages need: numbers and bytes, by field number.

A message is a run of (field number and wire type, value). Groups are refused,
fixed-size numbers are passed over, unknown fields are kept out of the way.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from formats.errors import Malformed
from formats.varint import varint

MAX_FIELDS: Final = 256
MAX_VARINT: Final = 10
"""Bytes of the longest number."""

_VARINT: Final = 0
_FIXED_64: Final = 1
_BYTES: Final = 2
_FIXED_32: Final = 5

Field = tuple[int, int | bytes]


class Message:
    """The fields of a message that was read."""

    def __init__(self, data: bytes) -> None:
        self._numbers: dict[int, int] = {}
        self._texts: dict[int, list[bytes]] = {}
        for number, value in _read(data):
            if isinstance(value, int):
                self._numbers[number] = value
            else:
                self._texts.setdefault(number, []).append(value)

    def number(self, field: int, default: int = 0) -> int:
        """The last number under that field."""
        return self._numbers.get(field, default)

    def bytes_(self, field: int) -> bytes:
        """The last bytes under that field, none if there are none."""
        return self._texts.get(field, [b""])[-1]

    def all(self, field: int) -> list[bytes]:
        """All bytes under that field, in their order."""
        return self._texts.get(field, [])

    def has(self, field: int) -> bool:
        """Whether there are bytes under that field."""
        return field in self._texts

    def message(self, field: int) -> "Message":
        """The message under that field, an empty one if there is none. Raises Malformed."""
        return Message(self.bytes_(field))


def encode(fields: Iterable[Field]) -> bytes:
    """The message with these fields, in this order."""
    return b"".join(_field(number, value) for number, value in fields)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """A number, and where the next thing begins. Raises Malformed."""
    value = 0
    for count in range(MAX_VARINT):
        if at + count >= len(data):
            raise Malformed("a number breaks off")
        byte = data[at + count]
        value |= (byte & 0x7F) << 7 * count
        if byte < 0x80:
            if value >= 1 << 64:
                break
            return value, at + count + 1
    raise Malformed("a number of more than 64 bits")


def _field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3 | _VARINT) + varint(value)
    return varint(number << 3 | _BYTES) + varint(len(value)) + value


def _read(data: bytes) -> Iterator[Field]:
    at = count = 0
    while at < len(data):
        count += 1
        if count > MAX_FIELDS:
            raise Malformed(f"a message of more than {MAX_FIELDS} fields")
        tag, at = read_varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, at = read_varint(data, at)
            yield number, value
            continue
        at, end = _extent(data, at, kind)
        if kind == _BYTES:
            yield number, data[at:end]
        at = end


def _extent(data: bytes, at: int, kind: int) -> tuple[int, int]:
    """Where the bytes of a field begin and end."""
    if kind == _BYTES:
        size, at = read_varint(data, at)
    elif kind in (_FIXED_64, _FIXED_32):
        size = 8 if kind == _FIXED_64 else 4
    else:
        raise Malformed(f"a field of wire type {kind}")
    if at + size > len(data):
        raise Malformed("a field breaks off")
    return at, at + size
