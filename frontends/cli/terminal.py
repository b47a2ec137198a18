"""What a terminal can show: safe text, columns, sizes, times."""

import os
import sys
import time
from collections.abc import Sequence
from typing import Final

UNITS: Final = ("KiB", "MiB", "GiB", "TiB", "PiB")
YEAR_10000: Final = 253_402_300_800_000 - 86_400_000
"""Milliseconds since 1970, less a day of time zones."""

JOINER: Final = "\u200d"
"""Zero-width joiner: invisible, and part of many emoji."""


def safe(text: str) -> str:
    r"""The text with everything escaped that moves a cursor, hides or reorders letters.

    ``'a\x1b[2Jb'`` comes out as its escape, ``'Grüße'`` as it is.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == JOINER else _escaped(c) for c in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def width(text: str) -> int:
    """Columns a terminal needs for it."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(
        0 if combining(c) or c == JOINER else 2 if east_asian_width(c) in "WF" else 1 for c in text
    )


def terminal_width() -> int:
    """Columns of the terminal that is written to; 80 if it does not say."""
    for stream in (sys.stdout, sys.stderr):
        try:
            return os.get_terminal_size(stream.fileno()).columns or 80
        except (OSError, ValueError):
            continue
    return 80


def size(count: int) -> str:
    """Bytes for people: ``512 B``, ``3.4 MiB``."""
    if count < 1024:
        return f"{count} B"
    number, units = count / 1024, iter(UNITS)
    unit = next(units)
    while number >= 1023.95 and unit != UNITS[-1]:
        number, unit = number / 1024, next(units)
    return f"{number:.1f} {unit}"


def moment(milliseconds: int) -> str:
    """A time of this machine's clock, to the minute; question marks for what no clock has shown."""
    if not 0 <= milliseconds < YEAR_10000:
        return "????-??-?? ??:??"
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(milliseconds / 1000))


def duration(seconds: float) -> str:
    """How long something takes: ``45 s``, ``3 min``, ``2 h 10 min``."""
    whole = max(0, round(seconds))
    if whole < 100:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def counted(number: int, one: str, many: str = "") -> str:
    """``1 file``, ``2 files``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """A table: each column as wide as its widest cell, the last one open at its end."""
    wide = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell + " " * (room - width(cell)) for cell, room in zip(row, wide, strict=True)
        ).rstrip()
        for row in rows
    ]


def columns(cells: Sequence[str], total: int) -> list[str]:
    """Short names in as many columns as fit, read downwards, like ls."""
    if not cells:
        return []
    widths = [width(cell) for cell in cells]
    for count in range(min(len(cells), max(1, total // 3)), 0, -1):
        rows = -(-len(cells) // count)
        starts = range(0, len(cells), rows)
        wide = [max(widths[start : start + rows]) for start in starts]
        if sum(wide) + 2 * (len(wide) - 1) <= total or count == 1:
            return [_row(cells, widths, wide, rows, row) for row in range(rows)]
    return list(cells)


def _row(
    cells: Sequence[str], widths: Sequence[int], wide: Sequence[int], rows: int, row: int
) -> str:
    parts = []
    for column, room in enumerate(wide):
        at = column * rows + row
        if at < len(cells):
            parts.append(cells[at] + " " * (room - widths[at]))
    return "  ".join(parts).rstrip()
