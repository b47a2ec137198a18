"""A file that is being written: ``FILE.part``, which becomes ``FILE`` when it is whole.

It can be cut off at any byte. What is in it then is read again from the beginning, and
believed as far as it opens; what comes after is cut away, and written anew.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from client.archive.frames import Reader, Writer
from client.archive.inside import Inside
from client.drive.disk import local_error, shown
from client.identity.password import PasswordKeys
from crypto.passwords import PasswordParameters
from formats.errors import AlreadyRunning, DiskFull, Exists, HoldfastError, Unfit, WrongPassword

SUFFIX: Final = ".part"


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """The unfinished file, for this process alone; raises Exists, AlreadyRunning, and so on."""
    if os.path.lexists(path):
        raise Exists(f"{shown(path)} is there already", hint="name a file that is not")
    part = path + SUFFIX
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        handle = os.open(part, flags, 0o600)
    except OSError as error:
        raise local_error(part, error) from None
    with open(handle, "rb") as file:
        check_regular(part, handle)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"{shown(part)} is being written by somebody else", hint="wait for its end"
            ) from None
        yield file


def check_regular(path: str, handle: int) -> None:
    """Return for a plain file; raises Unfit for a pipe, a device, and whatever else may wait."""
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise Unfit(f"{shown(path)} is no plain file", hint="name another one")


class Part:
    """One file that is written. All of it takes a worker thread."""

    def __init__(self, path: str, file: BinaryIO) -> None:
        self._path: Final = path
        self._file: Final = file
        self._end = 0

    def begin(
        self, keys: PasswordKeys, parameters: PasswordParameters, device: bool
    ) -> tuple[Writer, Inside, bool]:
        """What writes on, what is in it so far, and whether it is finished but for its name.

        Raises Unfit where an unfinished file is of another account or password.
        """
        found = self._go_on(keys)
        if found is not None:
            return found
        writer = Writer.begin(keys, parameters, device)
        self.cut(0)
        self.append(writer.beginning)
        return writer, Inside(), False

    def append(self, data: bytes) -> None:
        """Write on; raises DiskFull, StorageFailed."""
        left = memoryview(data)
        try:
            while left:
                written = os.pwrite(self._file.fileno(), left, self._end)
                self._end, left = self._end + written, left[written:]
        except OSError as error:
            raise _stopped(self._path, error) from None

    def cut(self, size: int) -> None:
        """Take away all from there on."""
        try:
            os.ftruncate(self._file.fileno(), size)
        except OSError as error:
            raise local_error(self._path + SUFFIX, error) from None
        self._end = size

    def finish(self) -> None:
        """Give it its name, synced; raises Exists, DiskFull, StorageFailed."""
        try:
            os.fsync(self._file.fileno())
            _name(self._path + SUFFIX, self._path)
            folder = os.open(Path(self._path).parent, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise _stopped(self._path, error) from None

    def _go_on(self, keys: PasswordKeys) -> tuple[Writer, Inside, bool] | None:
        """The state of a file that was cut off; None where nothing of it is of use."""
        try:
            reader = Reader(self._file)
        except HoldfastError:
            return None
        try:
            key = reader.open(keys)
        except WrongPassword:
            raise Unfit(
                f"{shown(self._path + SUFFIX)} is of another account, or of another password",
                hint="remove it, or name another file",
            ) from None
        inside, whole = Inside(), self._file.tell()
        try:
            while (blocks := reader.next()) is not None:
                for block in blocks:
                    inside.take(block)
                whole = self._file.tell()
        except HoldfastError:
            if inside.blocks and not inside.has_records:
                return None
        self.cut(whole)
        number = reader.number
        return Writer(reader.head, key, number), inside, reader.finished


def _name(part: str, path: str) -> None:
    """Give the file its name, in place of nothing; some disks have no second names for a file."""
    try:
        os.link(part, path, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        os.rename(part, path)
        return
    os.unlink(part)


def _stopped(path: str, error: OSError) -> HoldfastError:
    found = local_error(path + SUFFIX, error)
    if isinstance(found, DiskFull):
        return DiskFull(
            found.message,
            hint="make room there and run the same command: it goes on where it stopped",
        )
    return found
