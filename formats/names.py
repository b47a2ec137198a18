"""Names: what a file, a folder or an account may be called. The one validator.

It runs on what a person types and on what a folder page says. A page written
by a hostile member may hold anything, so whoever decodes an entry asks here
before the name reaches a disk or a screen.
"""

import re
import unicodedata
from typing import Final

from formats.errors import BadName
from formats.limits import NAME

MAX_ACCOUNT_NAME: Final = 32

_ACCOUNT_NAME: Final = re.compile(r"[a-z0-9_-]{1,32}", re.ASCII)
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
_ACCOUNT_HINT: Final = "account names have 1 to 32 of the letters a to z, digits, '_' and '-'"


def check_name(name: str) -> str:
    """``name``, if a file or folder can have it; raises BadName saying what is wrong.

    Valid is NFC text of 1 to 255 bytes of UTF-8 without ``/``, NUL and other
    control characters (C0, DEL, C1), other than ``.`` and ``..``. The message
    does not repeat the name.
    """
    size = _utf8_size(name)
    if size == 0:
        raise BadName("a name is empty")
    if size > NAME:
        raise BadName(f"a name has {size} bytes, at most {NAME}")
    _check_characters(name)
    if not unicodedata.is_normalized("NFC", name):
        raise BadName("a name is not in Unicode normal form C")
    return name


def normalise_name(name: str) -> str:
    """``name`` in Unicode normal form C, checked like ``check_name``: for names people give."""
    _utf8_size(name)
    return check_name(unicodedata.normalize("NFC", name))


def as_written(name: str) -> str:
    """``name`` in Unicode normal form C, whatever it is: for looking up what people give."""
    return unicodedata.normalize("NFC", name)


def check_account_name(name: str) -> str:
    """``name``, if an account (and so a contact card) can have it; raises BadName."""
    if _ACCOUNT_NAME.fullmatch(name) is None:
        raise BadName("not a name for an account", hint=_ACCOUNT_HINT)
    return name


def _utf8_size(name: str) -> int:
    try:
        return len(name.encode())
    except UnicodeEncodeError:
        raise BadName("a name is not valid UTF-8") from None


def _check_characters(name: str) -> None:
    if name in (".", ".."):
        raise BadName(f"a name is {name!r}, which means a place and no file")
    if "/" in name:
        raise BadName("a name has a '/'")
    control = _CONTROL.search(name)
    if control is not None:
        raise BadName(f"a name has the control character U+{ord(control.group()):04X}")
