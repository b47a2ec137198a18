"""Handles: a name and a fingerprint of the id, to say aloud and to compare.

    alice~k7q2-xw9m-3tab-9c4d

The fingerprint is the first 80 bits of the identity id in Crockford's base32,
lower case, in groups of four. Reading is forgiving: case, hyphens and spaces
do not matter, ``o`` is 0, ``i`` and ``l`` are 1. A handle is a hint: an id that was
pinned is what counts, and two ids under one handle are both shown.
"""

from dataclasses import dataclass
from typing import Final

from formats.errors import Usage
from formats.names import check_account_name

FINGERPRINT_SIZE: Final = 10
"""Bytes of an id that a handle shows: 80 bits."""

_LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES: Final = {letter: value for value, letter in enumerate(_LETTERS)} | {"o": 0, "i": 1, "l": 1}
_LENGTH: Final = 16
_GROUP: Final = 4
_HINT: Final = "a handle looks like alice~k7q2-xw9m-3tab-9c4d"


@dataclass(frozen=True, slots=True)
class Handle:
    """A name, and the first 10 bytes of an id."""

    name: str
    fingerprint: bytes

    def matches(self, id: bytes) -> bool:
        """Whether an identity id begins with the fingerprint."""
        return id[:FINGERPRINT_SIZE] == self.fingerprint

    def __str__(self) -> str:
        return f"{self.name}~{_grouped(self.fingerprint)}"


def handle(name: str, id: bytes) -> str:
    """The handle of an account name and an identity id; raises BadName."""
    return f"{check_account_name(name)}~{fingerprint(id)}"


def fingerprint(id: bytes) -> str:
    """The part behind the ``~``: 16 letters in groups of four."""
    return _grouped(id[:FINGERPRINT_SIZE])


def parse_handle(text: str) -> Handle:
    """Read what somebody typed; raises Usage, or BadName for an impossible name."""
    name, separator, letters = text.strip().lower().partition("~")
    if not separator:
        raise Usage("not a handle: it has no '~'", hint=_HINT)
    try:
        return Handle(check_account_name(name), read_letters(letters))
    except Usage as error:
        raise Usage(f"not a handle: behind the '~', {error.message}", hint=_HINT) from None


def read_letters(text: str) -> bytes:
    """The 10 bytes that 16 letters say, however they are grouped; raises Usage."""
    letters = text.replace("-", "").replace(" ", "")
    if len(letters) != _LENGTH or not all(letter in _VALUES for letter in letters):
        raise Usage(f"there are to be {_LENGTH} letters and digits")
    value = 0
    for letter in letters:
        value = value << 5 | _VALUES[letter]
    return value.to_bytes(FINGERPRINT_SIZE, "big")


def _grouped(data: bytes) -> str:
    value = int.from_bytes(data, "big")
    letters = "".join(_LETTERS[value >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))
