"""Which bytes of a file a request is for: one range, or all of it (RFC 9110, 14.2)."""

import re
from dataclasses import dataclass
from typing import Final

_ONE: Final = re.compile(r"bytes=(\d{0,16})-(\d{0,16})")


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes ``start`` to before ``end`` of a file of ``size``."""

    start: int
    end: int
    size: int

    @property
    def said(self) -> str:
        """As ``Content-Range`` has it."""
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


class NoSuchPart(Exception):
    """The range begins behind the end of the file."""


def asked_part(text: str, size: int) -> Part | None:
    """What a ``Range`` header asks for; None for all: without one, or one of several parts.

    Raises NoSuchPart.
    """
    found = _ONE.fullmatch(text.strip())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= end:
        raise NoSuchPart
    return Part(start, end, size)
