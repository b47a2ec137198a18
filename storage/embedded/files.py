"""Every call to the operating system about pack files, so that tests can make each one fail.

Thin on purpose: no policy, no state. All raise ``OSError``.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700

if sys.platform == "darwin":
    import fcntl

    def _sync(handle: int) -> None:
        # fsync on a Mac stops at the drive's cache; this one does not.
        fcntl.fcntl(handle, fcntl.F_FULLFSYNC)

else:
    _sync = os.fdatasync


class Files:
    """The operating system."""

    def create(self, path: Path) -> int:
        """A new file for reading and writing, for its owner alone; it must not exist."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)

    def reopen(self, path: Path) -> int:
        """An existing file for reading and writing."""
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def open(self, path: Path) -> int:
        """An existing file for reading."""
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def write(self, handle: int, parts: Sequence[bytes], offset: int) -> int:
        """Write the parts one after another at ``offset``; returns how many bytes went."""
        return os.pwritev(handle, parts, offset)

    def read(self, handle: int, size: int, offset: int) -> bytes:
        """Up to ``size`` bytes from ``offset``; fewer at the end of the file."""
        return os.pread(handle, size, offset)

    def sync(self, handle: int) -> None:
        """Return once the file's bytes and length are on the disk."""
        _sync(handle)

    def sync_folder(self, path: Path) -> None:
        """Return once the names in a folder are on the disk."""
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def truncate(self, handle: int, size: int) -> None:
        """Cut a file to ``size`` bytes."""
        os.ftruncate(handle, size)

    def allocate(self, handle: int, size: int) -> None:
        """Make an empty file ``size`` bytes long, with room on the disk for each of them."""
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(handle, 0, size)
        else:
            os.pwrite(handle, bytes(size), 0)

    def remove(self, path: Path) -> None:
        """Unlink a file."""
        path.unlink()

    def close(self, handle: int) -> None:
        """Let go of a file."""
        os.close(handle)

    def sizes(self, folder: Path) -> Iterator[tuple[str, int]]:
        """Name and size of each file of a folder."""
        with os.scandir(folder) as entries:
            for entry in entries:
                yield entry.name, entry.stat().st_size
