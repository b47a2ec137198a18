"""What the later of two conflicting edits is called.

    name (conflict from DEVICE 2026-11-23).ext

Numbered from the second one on: ``name (conflict from DEVICE 2026-11-23, 2).ext``. What
a conflict copy conflicts with is named after the file it was a copy of. The date is
that of the writing device's clock, in UTC.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Final

from formats.limits import NAME
from formats.names import check_name

MAX_SUFFIX: Final = 32
"""Bytes of what follows a name's last dot and is kept as its ending."""

_MARK: Final = re.compile(r"(.+) \(conflict from [^()]+\)", re.DOTALL)


def conflict_names(name: str, device: str, now: int) -> Iterator[str]:
    """Names for what conflicts with ``name``, best first, without end. ``now`` in milliseconds.

    Each is a name that a file can have: the beginning is cut where it would be too long.
    """
    stem, suffix = _parted(name)
    day = datetime.fromtimestamp(now / 1000, UTC).date().isoformat()
    for number in count(1):
        nth = "" if number == 1 else f", {number}"
        end = f" (conflict from {device} {day}{nth}){suffix}"
        yield check_name(_cut(stem, NAME - len(end.encode())) + end)


def is_conflict_copy(name: str) -> bool:
    """Whether a name is one that ``conflict_names`` gives."""
    stem, dot, suffix = name.rpartition(".")
    return bool(_MARK.fullmatch(name) or (dot and "(" not in suffix and _MARK.fullmatch(stem)))


def _parted(name: str) -> tuple[str, str]:
    """The name without its ending and without the mark of a conflict copy; the ending."""
    stem, dot, suffix = name.rpartition(".")
    if not stem.strip(".") or len(suffix.encode()) > MAX_SUFFIX or not suffix.isalnum():
        stem, dot, suffix = name, "", ""
    marked = _MARK.fullmatch(stem)
    return marked[1] if marked else stem, dot + suffix


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode("utf-8", "ignore")
