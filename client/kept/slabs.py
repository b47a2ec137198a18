"""Slabs: files that blocks are appended to, and that go as a whole.

A slab is written by the one that made it and by nobody else, which a lock on the
file shows (the kernel lets go of it when a process ends, however it ends). So two
sessions of one account may share a folder, and none takes the other's file away
while it is being written.
"""

import fcntl
import os
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Final

SUFFIX: Final = ".slab"
MAX_OPEN: Final = 64
"""Slabs held open for reading."""
_ZEROS: Final = bytes(64 * 1024)


class Slab:
    """A slab being written. Raises OSError (no room, no permission)."""

    def __init__(self, folder: Path, number: int) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self.number: Final = number
        self.used = 0
        self._handle: Final = os.open(path_of(folder, number), flags, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def append(self, data: bytes) -> int:
        """Write at the end; returns where that was."""
        at, rest = self.used, memoryview(data)
        while rest:
            written = os.pwrite(self._handle, rest, self.used)
            self.used += written
            rest = rest[written:]
        return at

    def close(self) -> None:
        """Others may take it away from now on."""
        os.close(self._handle)


class Readers:
    """Slabs open for reading, the least recently used closed first. Hold a lock around calls."""

    def __init__(self, folder: Path) -> None:
        self._folder: Final = folder
        self._open: Final[OrderedDict[int, int]] = OrderedDict()

    def read(self, number: int, at: int, size: int) -> bytes:
        """Bytes of a slab, fewer if it is shorter, none if it is not there any more."""
        try:
            return os.pread(self._handle(number), size, at)
        except OSError:
            return b""

    def forget(self, number: int) -> None:
        """Close a slab, if it is open."""
        handle = self._open.pop(number, None)
        if handle is not None:
            os.close(handle)

    def close(self) -> None:
        """Close all of them."""
        for number in list(self._open):
            self.forget(number)

    def _handle(self, number: int) -> int:
        handle = self._open.get(number)
        if handle is None:
            if len(self._open) >= MAX_OPEN:
                self.forget(next(iter(self._open)))
            handle = os.open(path_of(self._folder, number), os.O_RDONLY | os.O_CLOEXEC)
            self._open[number] = handle
        self._open.move_to_end(number)
        return handle


def path_of(folder: Path, number: int) -> Path:
    """Where a slab is."""
    return folder / f"{number}{SUFFIX}"


def found(folder: Path) -> list[int]:
    """The numbers of the slabs in a folder, the oldest first."""
    names = [each.name.removesuffix(SUFFIX) for each in folder.glob(f"*{SUFFIX}")]
    return sorted(int(name) for name in names if name.isascii() and name.isdigit())


def take_away(folder: Path, number: int) -> bool:
    """Remove a slab, unless somebody writes it; True if it is not there now."""
    try:
        handle = os.open(path_of(folder, number), os.O_WRONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path_of(folder, number).unlink(missing_ok=True)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


def blank(folder: Path, number: int, at: int, size: int) -> None:
    """Write zeros over a block; a slab that is gone has none to write over."""
    with suppress(FileNotFoundError):
        handle = os.open(path_of(folder, number), os.O_WRONLY | os.O_CLOEXEC)
        try:
            for start in range(at, at + size, len(_ZEROS)):
                os.pwrite(handle, _ZEROS[: at + size - start], start)
        finally:
            os.close(handle)
