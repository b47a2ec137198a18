"""One journal: a sealed file that is only added to, and ends where it was cut off.

    record n = length (4 bytes, big-endian) | sealed, associated data (UPLOADS, id, n)

Each record is sealed under its number and the journal's id, so none can be
altered, moved, left out in the middle or taken from another journal. What was cut off
while it was written does not open, and is as if it had never been written. Records
are not synced: they survive kill -9, and after a power cut the newest may be gone,
which means that a little is sent again.
"""

import os
from pathlib import Path
from typing import Final

from client.drive.disk import local_error
from crypto.errors import OpenFailed
from crypto.purposes import SealPurpose
from crypto.sealing import Associated, SealingKey
from formats.dag_cbor import Value, decode, encode
from formats.errors import Malformed

_LENGTH: Final = 4
MAX_RECORD: Final = 256 * 1024
_NEW: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_OLD: Final = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW


class Journal:
    """An open journal. Everything blocks, and no longer than writing a few kilobytes does."""

    def __init__(self, path: Path, id: bytes, key: SealingKey, fd: int, count: int) -> None:
        self.path: Final = path
        self.id: Final = id
        self._key: Final = key
        self._fd: Final = fd
        self._count = count

    @classmethod
    def create(cls, path: Path, id: bytes, key: SealingKey) -> "Journal":
        """A new one, empty, for the owner's eyes (0600)."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return cls(path, id, key, os.open(path, _NEW, 0o600), 0)
        except OSError as error:
            raise local_error(str(path), error) from error

    @classmethod
    def open(cls, path: Path, id: bytes, key: SealingKey) -> tuple["Journal", list[Value]]:
        """One that is there, and what is in it up to where it was cut off."""
        try:
            fd = os.open(path, _OLD)
        except OSError as error:
            raise local_error(str(path), error) from error
        try:
            with os.fdopen(os.dup(fd), "rb") as file:
                values, end = _read(file.read(), id, key)
            os.ftruncate(fd, end)
            os.lseek(fd, end, os.SEEK_SET)
        except OSError as error:
            os.close(fd)
            raise local_error(str(path), error) from error
        return cls(path, id, key, fd, len(values)), values

    def add(self, value: Value) -> None:
        """One more record; it survives this process when this returns."""
        sealed = self._key.seal(encode(value), _what(self.id, self._count))
        record = len(sealed).to_bytes(_LENGTH, "big") + sealed
        try:
            written = os.write(self._fd, record)
            while written < len(record):
                written += os.write(self._fd, record[written:])
        except OSError as error:
            raise local_error(str(self.path), error) from error
        self._count += 1

    def close(self) -> None:
        """Leave it as it is."""
        os.close(self._fd)

    def remove(self) -> None:
        """There is nothing to go on with any more."""
        self.path.unlink(missing_ok=True)


def read_journal(path: Path, id: bytes, key: SealingKey) -> list[Value]:
    """What is in a journal; nothing for one that is gone, altered at its start or foreign."""
    try:
        return _read(path.read_bytes(), id, key)[0]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise local_error(str(path), error) from error


def _read(data: bytes, id: bytes, key: SealingKey) -> tuple[list[Value], int]:
    """Records that open, in order, and where the last of them ends."""
    values: list[Value] = []
    at = 0
    while (end := _end(data, at)) is not None:
        try:
            plain = key.open(memoryview(data)[at + _LENGTH : end], _what(id, len(values)))
            values.append(decode(plain))
        except (OpenFailed, Malformed):
            break
        at = end
    return values, at


def _end(data: bytes, at: int) -> int | None:
    """Where the record that begins here ends, if it is whole."""
    size = int.from_bytes(data[at : at + _LENGTH], "big")
    end = at + _LENGTH + size
    return end if 0 < size <= MAX_RECORD and end <= len(data) else None


def _what(id: bytes, number: int) -> Associated:
    return Associated(SealPurpose.UPLOADS, id, number)
