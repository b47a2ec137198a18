"""Whatever a handler raised, as one error of the closed list.

What is not in the list is a bug of ours: the caller is told so, the log gets the
kind of exception and the place, and no text of it, which might hold a name.
"""

import traceback
from typing import Final

from formats.errors import DiskFull, HoldfastError, Internal, StorageFailed

NO_ROOM: Final = (28, 122)
"""ENOSPC, EDQUOT."""


def as_error(raised: Exception) -> HoldfastError:
    """The one error to tell of: of several raised together, the first."""
    first = _first(raised)
    if isinstance(first, HoldfastError):
        return first
    if isinstance(first, OSError):
        kind = DiskFull if first.errno in NO_ROOM else StorageFailed
        return kind(
            f"{first.strerror or first}: {first.filename}" if first.filename else f"{first}"
        )
    place = where(first) or where(raised)
    return Internal(f"a fault of the daemon ({type(first).__name__} at {place})")


def where(raised: BaseException) -> str:
    """``content.py:120``: the innermost line, for a bug report; empty when it is not known."""
    frames = traceback.extract_tb(raised.__traceback__)
    if not frames:
        return ""
    last = frames[-1]
    return f"{last.filename.rsplit('/', 1)[-1]}:{last.lineno}"


def _first(raised: BaseException) -> BaseException:
    """Out of a group, the first error of the closed list, else the first of all."""
    if not isinstance(raised, BaseExceptionGroup):
        return raised
    leaves = [_first(each) for each in raised.exceptions]
    return next((leaf for leaf in leaves if isinstance(leaf, HoldfastError)), leaves[0])
