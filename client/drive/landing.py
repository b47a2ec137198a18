"""Putting files down on the local disk, below one folder and nowhere else.

Every folder on the way is opened by itself, never through a link, so neither
names nor links that stand there lead out of the destination. A file is written
under a temporary name in its folder and gets its own when it is whole. What is
there is never overwritten unless ``force`` is said, and then not before the new
file is on the disk.

Everything here blocks: for worker threads.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from client.drive.disk import local_error
from client.drive.events import LeftOut
from crypto.secret import random_bytes
from formats.errors import Exists, Unfit

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OLD: Final = os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_NO_HARD_LINKS: Final = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS)

Parts = tuple[str, ...]


class Landing:
    """A local folder that things are put into. Close it at the end."""

    def __init__(self, path: str, force: bool) -> None:
        """Open ``path``, which may itself be reached through links; raises OSError."""
        self.path: Final = path
        self.force: Final = force
        self.made: Final[set[Parts]] = set()
        """Folders that were made here."""
        self._fd: Final = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._fd)

    def shown(self, parts: Parts) -> str:
        """The local path of something below."""
        return os.path.join(self.path, *parts)

    def folder(self, parts: Parts) -> None:
        """Make a folder, and those above it, where they are not there."""
        with self._opened(parts):
            return

    def file(self, parts: Parts, content: bytes, modified: int, executable: bool) -> None:
        """Put a whole file in its place."""
        new = self.begin(parts, executable)
        try:
            with self.errors(parts):
                view = memoryview(content)
                while view:
                    view = view[os.write(new.fd, view) :]
            new.finish(modified)
        except BaseException:
            new.abandon()
            raise

    def begin(self, parts: Parts, executable: bool) -> "ComingFile":
        """A file to be written, under a temporary name: ``finish`` or ``abandon`` it."""
        with self.errors(parts), self._opened(parts[:-1]) as above:
            name = _temporary_name()
            fd = os.open(name, _NEW, 0o777 if executable else 0o666, dir_fd=above)
            return ComingFile(self, parts, os.dup(above), name, fd)

    def go_on(self, parts: Parts, name: str) -> "ComingFile":
        """A file that was begun before under this temporary name, and kept."""
        with self.errors(parts), self._opened(parts[:-1]) as above:
            fd = os.open(name, _OLD, dir_fd=above)
            return ComingFile(self, parts, os.dup(above), name, fd)

    def link(self, parts: Parts, target: str, modified: int) -> None:
        """Put a symbolic link in its place. Where it points to is not looked at."""
        with self.errors(parts), self._opened(parts[:-1]) as folder:
            name = _temporary_name()
            os.symlink(target, name, dir_fd=folder)
            try:
                os.utime(name, ns=(modified, modified), dir_fd=folder, follow_symlinks=False)
                self.place(folder, name, parts, None)
            except BaseException:
                _forget(folder, name)
                raise

    def set_time(self, parts: Parts, modified: int) -> None:
        """Set the time of a folder, after everything in it."""
        with self.errors(parts), self._opened(parts) as folder:
            os.utime(folder, ns=(modified, modified))

    @contextmanager
    def _opened(self, parts: Parts) -> Iterator[int]:
        """A folder below, reached step by step without following anything."""
        fd = os.dup(self._fd)
        try:
            for end, name in enumerate(parts, 1):
                with self.errors(parts[:end]):
                    fd = self._step(fd, name, parts[:end])
            yield fd
        finally:
            os.close(fd)

    def _step(self, above: int, name: str, parts: Parts) -> int:
        """The folder ``name`` in ``above``, made if it is not there; closes ``above``."""
        try:
            below = os.open(name, _FOLDER, dir_fd=above)
        except FileNotFoundError:
            with suppress(FileExistsError):  # another thread was quicker
                os.mkdir(name, dir_fd=above)
                self.made.add(parts)
            below = os.open(name, _FOLDER, dir_fd=above)
        except NotADirectoryError:
            what = "a symbolic link" if _is_link(above, name) else "something else"
            message = f"{self.shown(parts)}: {what} stands where a folder should be"
            raise LeftOut(Unfit(message, hint="move it away, or choose another place")) from None
        os.close(above)
        return below

    def place(self, folder: int, temporary: str, parts: Parts, fd: int | None) -> None:
        """Give what has a temporary name in ``folder`` its own."""
        name = parts[-1]
        if not self.force:
            self._place_beside(folder, temporary, parts)
            return
        if fd is not None and _is_there(folder, name):
            os.fsync(fd)  # what is replaced must not be lost before this is on the disk
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)

    def _place_beside(self, folder: int, temporary: str, parts: Parts) -> None:
        """Give the file its name, if nothing has it."""
        try:
            os.link(
                temporary,
                parts[-1],
                src_dir_fd=folder,
                dst_dir_fd=folder,
                follow_symlinks=False,
            )
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            if _is_there(folder, parts[-1]):
                raise self._exists(parts) from None
            os.rename(temporary, parts[-1], src_dir_fd=folder, dst_dir_fd=folder)
        else:
            os.unlink(temporary, dir_fd=folder)

    @contextmanager
    def errors(self, parts: Parts) -> Iterator[None]:
        """The disk's errors, told of a local path."""
        try:
            yield
        except FileExistsError:
            raise self._exists(parts) from None
        except OSError as error:
            raise LeftOut(local_error(self.shown(parts), error)) from error

    def _exists(self, parts: Parts) -> LeftOut:
        there = f"{self.shown(parts)} is there already"
        return LeftOut(Exists(there, hint="use --force to replace files, or another place"))


class ComingFile:
    """A file on its way: ``fd`` is open for writing, at any offset."""

    def __init__(self, landing: Landing, parts: Parts, folder: int, name: str, fd: int) -> None:
        self.fd: Final = fd
        self._landing: Final = landing
        self._parts: Final = parts
        self._folder: Final = folder
        self._name: Final = name
        self._is_open = True

    def finish(self, modified: int) -> None:
        """Put it in its place. Whatever goes wrong, ``abandon`` it then."""
        with self._landing.errors(self._parts):
            os.utime(self.fd, ns=(modified, modified))
            self._landing.place(self._folder, self._name, self._parts, self.fd)
        self._close()

    def abandon(self) -> None:
        """Leave nothing of it, unless it is finished."""
        if self._is_open:
            _forget(self._folder, self._name)
            self._close()

    @property
    def name(self) -> str:
        """What it is called until it is finished."""
        return self._name

    def keep(self) -> None:
        """Leave it under its temporary name, unless it is finished: it will be gone on with."""
        if self._is_open:
            self._close()

    def _close(self) -> None:
        self._is_open = False
        os.close(self.fd)
        os.close(self._folder)


def _is_link(folder: int, name: str) -> bool:
    return stat.S_ISLNK(os.lstat(name, dir_fd=folder).st_mode)


def _temporary_name() -> str:
    return f".holdfast-{random_bytes(8).hex()}.part"


def _forget(folder: int, name: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


def _is_there(folder: int, name: str) -> bool:
    try:
        os.lstat(name, dir_fd=folder)
    except FileNotFoundError:
        return False
    return True
