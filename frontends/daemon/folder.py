"""The data folder made ready for a daemon: there, its owner's alone, held by one daemon only."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from formats.errors import AlreadyRunning, BadConfig, Denied, DiskFull, StorageFailed
from frontends.place import Place

NO_ROOM = (28, 122)
"""ENOSPC, EDQUOT."""


def prepare(place: Place) -> None:
    """Make the folder if it is new, and see that nobody else can look into it.

    A folder that others can look into and that holds other things is left as it
    is, and refused: it was not meant for us.
    """
    try:
        os.makedirs(place.home, mode=0o700, exist_ok=True)
        found = os.stat(place.home)
        inside = os.listdir(place.home)
    except OSError as error:
        raise _failed(place.home, error) from None
    if found.st_uid != os.geteuid():
        raise Denied(
            f"{place.home} belongs to somebody else",
            hint="choose a data folder of your own with --home",
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        _close_to_others(place, inside)


def _close_to_others(place: Place, inside: list[str]) -> None:
    if inside and os.path.basename(place.lock) not in inside:
        raise BadConfig(
            f"{place.home} has other things in it, and others may look into it",
            hint="choose an empty or a new folder with --home",
        )
    try:
        os.chmod(place.home, 0o700)
    except OSError as error:
        raise _failed(place.home, error) from None


@contextmanager
def held(place: Place) -> Iterator[None]:
    """Hold the data folder; raises AlreadyRunning when a daemon holds it.

    The kernel lets go when the process ends, however it ends, so a lock is never stale.
    """
    try:
        handle = os.open(place.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _failed(place.lock, error) from None
    try:
        _lock(place, handle)
        yield
    finally:
        os.close(handle)


def _lock(place: Place, handle: int) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.truncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode("ascii"))
    except BlockingIOError:
        holder = os.read(handle, 20).decode("ascii", "replace").strip()
        raise AlreadyRunning(
            f"a daemon runs for {place.home} already" + (f" (process {holder})" if holder else "")
        ) from None
    except OSError as error:
        raise _failed(place.lock, error) from None


def _failed(path: str, error: OSError) -> StorageFailed:
    if error.errno in NO_ROOM:
        raise DiskFull(f"{path}: {error.strerror}") from None
    return StorageFailed(f"{path}: {error.strerror}", hint="choose another folder with --home")
