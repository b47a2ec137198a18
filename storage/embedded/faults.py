"""What a failed system call or SQLite call means to the caller.

No room is ``DiskFull``: the person can act on it. Anything else that the disk
refuses is ``StorageFailed``, with the system's own word for it.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from formats.errors import DiskFull, StorageFailed

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def of_system(error: OSError) -> DiskFull | StorageFailed:
    """The error for a system call that failed."""
    if error.errno in _NO_ROOM:
        return DiskFull("the disk has no room for this")
    name = errno.errorcode.get(error.errno or 0, "an unnamed error")
    return StorageFailed(f"the disk refused: {name}")


def of_sqlite(error: sqlite3.Error) -> DiskFull | StorageFailed:
    """The error for a statement that failed."""
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    if name == "SQLITE_FULL":
        return DiskFull("the disk has no room for this")
    return StorageFailed(f"the index database failed: {name}")


@contextmanager
def told() -> Iterator[None]:
    """Raise what goes wrong with files or SQLite inside as one of the two errors."""
    try:
        yield
    except OSError as error:
        raise of_system(error) from error
    except sqlite3.Error as error:
        raise of_sqlite(error) from error
