"""Errors of this machine's disk, in words of the closed list."""

import errno
import os

from formats.errors import (
    Denied,
    DiskFull,
    Exists,
    HoldfastError,
    NotAFolder,
    NotFound,
    StorageFailed,
    Unfit,
)


def shown(path: str) -> str:
    """A local path as it can be printed: bytes that are not UTF-8 as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def local_error(path: str, error: OSError) -> HoldfastError:
    """An error of this machine's disk, of the closed list, naming the local path."""
    said = f"{shown(path)}: {error.strerror or error}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(said)
    if isinstance(error, FileNotFoundError):
        return NotFound(said, hint="check the local path")
    if isinstance(error, FileExistsError):
        return Exists(said)
    if isinstance(error, PermissionError):
        return Denied(said, hint="check the permissions of the local file or folder")
    if isinstance(error, NotADirectoryError):
        return NotAFolder(said)
    if error.errno == errno.ELOOP:
        return Unfit(f"{shown(path)}: a symbolic link stands there", hint="move it away")
    return StorageFailed(said, hint="this is on the local disk; nothing at the home is affected")
