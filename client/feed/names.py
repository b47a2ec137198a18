"""What the folders of months and the files of posts are called: times first, in UTC."""

import time
from typing import Final

from client.feed.items import ITEM

_MONTH: Final = 7
_DIGITS: Final = 16
_LAST: Final = 253_402_300_799_000
"""The end of the year 9999, in ms."""


def month_of(when: int) -> str:
    """The month (UTC) of a time in ms: the name of its folder."""
    return time.strftime("%Y-%m", time.gmtime(min(when, _LAST) / 1000))


def is_month(name: str) -> bool:
    """Whether a name is that of a month's folder."""
    return (
        len(name) == _MONTH
        and name[4] == "-"
        and (name[:4] + name[5:]).isascii()
        and (name[:4] + name[5:]).isdigit()
    )


def stem(when: int, id: bytes) -> str:
    """The name of a post's file: its time first, so that names say which are the newest."""
    return f"{when:0{_DIGITS}d}-{id.hex()}"


def read_stem(name: str) -> tuple[int, bytes] | None:
    """The time and the id in the name of a post's file; None for what is no post."""
    digits, dash, letters = name.partition("-")
    if not dash or len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        id = bytes.fromhex(letters)
    except ValueError:
        return None
    return (int(digits), id) if len(id) == ITEM and letters == id.hex() else None
