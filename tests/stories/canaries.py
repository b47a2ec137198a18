"""Random words that are planted in names and contents, and must not turn up where a stranger reads.

Also every name of twelve letters or more in the tree is one: real names of real
files, which no story would think of planting.
"""

import base64
import string
import unicodedata
from pathlib import Path
from random import Random
from typing import Final

LETTERS: Final = 24
"""Letters of a canary: none appears by chance."""
LONG_NAME: Final = 12
"""Letters from which on a name of the tree counts as a canary itself."""


class Canaries:
    """Makes canaries and remembers them. ``random`` decides which."""

    def __init__(self, random: Random) -> None:
        self._random: Final = random
        self.names: Final[set[str]] = set()
        self.contents: Final[set[str]] = set()

    def name(self) -> str:
        """A word for a name."""
        self.names.add(word := self._word())
        return word

    def content(self) -> str:
        """A word for the inside of a file."""
        self.contents.add(word := self._word())
        return word

    def words(self, *trees: Path) -> dict[bytes, str]:
        """What to look for, and what each is: canaries in several guises, long names of trees."""
        found: dict[bytes, str] = {}
        for word in self.names:
            found |= _guises(word, f"the planted name {word}")
        for word in self.contents:
            found |= _guises(word, f"the planted content {word}")
        for tree in trees:
            for name in long_names(tree):
                found[name.encode()] = f"the file name {name}"
        return found

    def _word(self) -> str:
        return "".join(self._random.choices(string.ascii_lowercase, k=LETTERS))


def long_names(tree: Path) -> set[str]:
    """Every name below (and of) a tree with ``LONG_NAME`` letters or more, as it is kept (NFC)."""
    names = {tree.name, *(path.name for path in tree.rglob("*"))}
    return {
        unicodedata.normalize("NFC", name)
        for name in names
        if len(name) >= LONG_NAME and _is_utf8(name)
    }


def _is_utf8(name: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _guises(word: str, what: str) -> dict[bytes, str]:
    """A word as it is, in hexadecimal, in base64 (whatever stands before it)."""
    data = word.encode()
    found = {data: what, data.hex().encode(): f"{what}, in hexadecimal"}
    for shift in range(3):
        # The middle of the encoding depends on the word alone.
        middle = base64.b64encode(b"\0" * shift + data)[4:-4]
        found[middle] = f"{what}, in base64"
    return found
