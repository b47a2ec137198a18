"""What is asked, what fits, and what fits best. Pure rules over names and numbers.

A word fits a name in which its letters are, whatever their case and marks: ``uber``
fits ``Über``. A word with ``*`` or ``?`` must fit the whole name. Of several words each
must be in the name or in the folders above it, and one at least in the name.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import chain
from typing import Final

from client.drive.entry import Entry, Kind
from formats.errors import TooLarge, TooMany, Usage
from formats.limits import NAME

MAX_WORDS: Final = 16
KINDS: Final = frozenset({str(kind) for kind in Kind})
FAMILIES: Final = {
    "image": ("image/*",),
    "video": ("video/*",),
    "audio": ("audio/*",),
    "text": ("text/*",),
    "document": (
        "application/pdf",
        "application/epub+zip",
        "application/rtf",
        "application/msword",
        "application/vnd.ms-*",
        "application/vnd.openxmlformats-*",
        "application/vnd.oasis.opendocument.*",
        "text/*",
    ),
    "archive": (
        "application/zip",
        "application/gzip",
        "application/x-tar",
        "application/x-7z-compressed",
        "application/x-bzip2",
        "application/x-xz",
        "application/zstd",
        "application/vnd.rar",
    ),
}
"""Words for many content types at once."""

_LETTERS: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
"""Letters that Unicode does not take apart."""
_BORDER: Final = re.compile(r"[\W_]")


def fold(text: str) -> str:
    """The text without case and marks: what names are compared by."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return bare.translate(_LETTERS)


@dataclass(frozen=True, slots=True)
class Item:
    """One name in one folder, as much of it as is searched. Times in ns since 1970."""

    name: str
    folded: str
    kind: Kind
    size: int
    modified: int
    type: str | None

    @classmethod
    def of(cls, entry: Entry) -> "Item":
        """What an entry says."""
        name, folded = entry.name, fold(entry.name)
        folded = name if folded == name else folded  # mostly: then one text is kept, not two
        return cls(name, folded, entry.kind, entry.size, entry.modified, entry.type)


@dataclass(frozen=True, eq=False)
class Query:
    """What somebody looks for; None is anything. Sizes in bytes, times in ns, ends included.

    ``type``: a kind, a word of ``FAMILIES``, a content type or a pattern of one. ``below``: a
    path. Raises Usage if nothing is asked, TooMany and TooLarge for too many or long words.
    """

    words: Sequence[str] = ()
    type: str | None = None
    min_size: int | None = None
    max_size: int | None = None
    since: int | None = None
    until: int | None = None
    below: str = ""
    limit: int = 200

    def __post_init__(self) -> None:
        if len(self.words) > MAX_WORDS:
            raise TooMany(f"{len(self.words)} words; {MAX_WORDS} are the most")
        if any(len(word) > NAME for word in self.words):
            raise TooLarge(f"a word is longer than a name can be ({NAME})")
        bounds = (self.type, self.min_size, self.max_size, self.since, self.until)
        if not any(map(fold, self.words)) and all(bound is None for bound in bounds):
            raise Usage("nothing is looked for", hint="give words, --type, --size or --since")

    def named(self, name: str, above: str) -> bool:
        """Whether a folded name has what the words say; ``above``: its folder's folded path."""
        words = self._plain
        if not all(word in name for word in words):
            here = any(word in name for word in words)
            if not here or not all(word in name or word in above for word in words):
                return False
        return all(pattern.fullmatch(name) for pattern in self._patterns)

    @cached_property
    def fits(self) -> Callable[[Item], bool]:
        """Whether an item is of the type, size and time that is asked for."""
        checks: list[Callable[[Item], bool]] = []
        if self.type is not None:
            checks.append(self._is_type)
        if self.since is not None or self.until is not None:
            checks.append(lambda item: _within(item.modified, self.since, self.until))
        if self.min_size is not None or self.max_size is not None:
            checks.append(self._is_size)
        if len(checks) == 1:
            return checks[0]
        return lambda item: all(check(item) for check in checks)

    def lines(self, names: str, above: str) -> Iterator[int] | None:
        """Positions in ``names``, one name a line, where one that fits may be; None: anywhere.

        A quick look: what it finds must still match, and what it does not find cannot.
        """
        here = [word for word in self._plain if word not in above]
        if here:
            return _positions(max(here, key=len), names)
        if self._plain:
            return chain.from_iterable(_positions(word, names) for word in self._plain)
        if self._patterns:
            return (found.start() for found in self._patterns[0].finditer(names))
        return None

    def rank(self, item: Item) -> int:
        """How well the name fits: less is better."""
        words = self._plain
        return sum([_rank(word, item.folded) for word in words]) if words else 0

    def _is_size(self, item: Item) -> bool:
        return item.kind is Kind.FILE and _within(item.size, self.min_size, self.max_size)

    def _is_type(self, item: Item) -> bool:
        if self.type in KINDS:
            return item.kind == self.type
        known = self._seen.get(item.type)
        if known is None:
            kind = item.type or ""
            known = any(fnmatchcase(kind, each) for each in self._types)
            self._seen[item.type] = known
        return known and item.kind is Kind.FILE

    @cached_property
    def _seen(self) -> dict[str | None, bool]:
        """Content types that were looked at."""
        return {}

    @cached_property
    def _types(self) -> Sequence[str]:
        asked = (self.type or "").lower()
        return FAMILIES.get(asked, (asked if "/" in asked else f"{asked}/*",))

    @cached_property
    def _plain(self) -> Sequence[str]:
        return [fold(word) for word in self.words if not _is_pattern(word)]

    @cached_property
    def _patterns(self) -> Sequence[re.Pattern[str]]:
        return [_pattern(fold(word)) for word in self.words if _is_pattern(word)]


def _pattern(word: str) -> re.Pattern[str]:
    """``*`` is any letters, ``?`` is one; of a whole line.

    What stands between two stars is sought once and kept (an atomic group): else a name of
    many equal letters would take a pattern of many stars for ever.
    """
    first, *between = [_literal(part) for part in re.sub(r"\*+", "*", word).split("*")]
    if not between:
        return re.compile(f"^{first}$", re.MULTILINE)
    *middle, last = between
    sought = "".join(f"(?>[^\\n]*?{part})" for part in middle)
    return re.compile(f"^{first}{sought}[^\\n]*{last}$", re.MULTILINE)


def _literal(part: str) -> str:
    return "".join("[^\\n]" if char == "?" else re.escape(char) for char in part)


def _positions(word: str, names: str) -> Iterator[int]:
    """Where the word is, once in each line."""
    at = names.find(word)
    while at >= 0:
        yield at
        end = names.find("\n", at)
        at = names.find(word, end)


def _is_pattern(word: str) -> bool:
    return "*" in word or "?" in word


def _rank(word: str, name: str) -> int:
    """0 the whole name (or all but its ending), 1 how it begins, 2 how a word in it begins."""
    if word in (name, name.rpartition(".")[0]):
        return 0
    at = name.find(word)
    if at <= 0:
        return 1 if at == 0 else 4
    while at > 0:
        if _BORDER.match(name[at - 1]):
            return 2
        at = name.find(word, at + 1)
    return 3


def _within(value: int, least: int | None, most: int | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)
