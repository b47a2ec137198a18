"""Many words looked for in gigabytes, by the standard library alone.

Sealed bytes are random, so twelve printable letters in a row are rare in them.
Only where there are some, words are compared: a gigabyte takes seconds, however
many words there are. Every second byte is looked at too, where UTF-16 would have
its letters.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

RUN: Final = 12
"""Printable bytes in a row from which on it is worth looking closer."""
PIECE: Final = 8 * 1024 * 1024
"""Bytes looked at at once."""

_PRINTABLE: Final = bytes(0x20 <= byte < 0x7F for byte in range(256))
_RUN: Final = b"\1" * RUN


@dataclass(frozen=True, slots=True)
class Hit:
    """A word found in a file. ``at``: its offset in bytes."""

    word: bytes
    file: Path
    at: int


class Words:
    """Words to look for; printable ones are found fast, a few others one by one."""

    def __init__(self, words: Iterable[bytes]) -> None:
        self._by_start: Final[dict[bytes, list[bytes]]] = {}
        self._others: Final[list[bytes]] = []
        self.longest = RUN
        for word in words:
            self.longest = max(self.longest, len(word))
            if len(word) >= RUN and word.isascii() and word.decode().isprintable():
                self._by_start.setdefault(word[:RUN], []).append(word)
            else:
                self._others.append(word)

    def in_bytes(self, data: bytes) -> Iterator[tuple[bytes, int]]:
        """Every word that is in ``data``, and where."""
        for word in self._others:
            at = data.find(word)
            if at >= 0:
                yield word, at
        mask = data.translate(_PRINTABLE)
        begin = mask.find(_RUN)
        while begin >= 0:
            end = mask.find(b"\0", begin)
            end = len(data) if end < 0 else end
            yield from self._in_run(data, begin, end)
            begin = mask.find(_RUN, end)

    def wide_in_bytes(self, data: bytes) -> Iterator[tuple[bytes, int]]:
        """Every word that is in ``data`` in two bytes a letter, as UTF-16 has it, and where."""
        for first in (0, 1):
            yield from ((word, 2 * at + first) for word, at in self.in_bytes(data[first::2]))

    def in_file(self, file: Path) -> Iterator[Hit]:
        """Every word that is in a file; the same one may come twice."""
        before, offset = b"", 0
        with file.open("rb") as source:
            while piece := source.read(PIECE):
                data = before + piece
                for word, at in (*self.in_bytes(data), *self.wide_in_bytes(data)):
                    yield Hit(word, file, offset - len(before) + at)
                offset += len(piece)
                before = data[-2 * self.longest :]

    def _in_run(self, data: bytes, begin: int, end: int) -> Iterator[tuple[bytes, int]]:
        for at in range(begin, end - RUN + 1):
            for word in self._by_start.get(data[at : at + RUN], ()):
                if data.startswith(word, at):
                    yield word, at


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search looked at, and what it found."""

    files: int
    bytes: int
    hits: tuple[Hit, ...]


def search(words: Words, folders: Iterable[Path]) -> Searched:
    """Look for the words in every file below the folders, and in the names of those files."""
    hits: list[Hit] = []
    files = size = 0
    for folder in folders:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            files += 1
            size += file.stat().st_size
            hits += words.in_file(file)
            name = str(file.relative_to(folder)).encode("utf-8", "surrogateescape")
            hits += (Hit(word, file, -1) for word, _ in words.in_bytes(name))
    return Searched(files, size, tuple(hits))
