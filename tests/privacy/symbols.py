"""What remains of bytes for who cannot open them: shapes, sizes, and which of them are the same.

Ciphertext, keys, hashes and signatures are random to such a party, so each becomes its length and
a number: the number of the place where it first turned up. What is readable stays: the keys of
maps, small numbers, words, and everything within bytes that are CBOR themselves. Two runs
whose symbols are alike look the same to whoever only counts, measures and compares.
"""

from typing import Final

from formats.dag_cbor import Value, decode
from formats.errors import Malformed

SHORT: Final = 8
"""Bytes of fewer are not random: they stay."""
BIG: Final = 10**9
"""Numbers from here on are times, and pieces of hashes."""
_CBOR: Final = range(0x80, 0xC0)
"""The first byte of a list or a map."""


class Symbols:
    """The symbols of one party in one run: what comes again has the number it had."""

    def __init__(self) -> None:
        self._numbers: Final[dict[bytes, int]] = {}

    def of(self, value: object) -> str:
        """A value as text."""
        match value:
            case bytes():
                return self._bytes(value)
            case dict():
                items = (f"{key}={self.of(item)}" for key, item in value.items())
                return f"{{{' '.join(items)}}}"
            case list() | tuple():
                return f"[{' '.join(map(self.of, value))}]"
            case int() if not isinstance(value, bool) and abs(value) >= BIG:
                return "big"
            case _:
                return str(value)

    def _bytes(self, data: bytes) -> str:
        if len(data) < SHORT:
            return data.hex()
        inside = _inside(data)
        return f"{len(data)}:{self._number(data) if inside is None else self.of(inside)}"

    def _number(self, data: bytes) -> int:
        return self._numbers.setdefault(data, len(self._numbers))


def _inside(data: bytes) -> Value:
    """What the bytes say if they are a list or a map of CBOR, else None."""
    if data[0] not in _CBOR:
        return None
    try:
        return decode(data)
    except Malformed:
        return None
