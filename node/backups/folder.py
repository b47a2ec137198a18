"""What a backup folder looks like.

    DIR/holdfast-backups            says what the folder is: its format, 1
    DIR/20261128T172000Z/           one backup, complete, named by the time (UTC) it was begun
        store/                      a copy of the node's store, which can be opened as one
        node.key, port              what makes the node that node, and where it listened
        config.toml                 its settings, if there were any
        backup.json                 written last
    DIR/unfinished/                 one that is being taken, or was stopped

Files that did not change are the same file in several backups (hard links), where the disk has
such. So each backup is whole by itself: any of them may be removed, copied or restored.
All of it is as sealed as the node's own disk, but for ``node.key``: who has that can
pose as the node, and still reads nothing. Folders are 0700 and files 0600.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from formats.errors import AlreadyRunning, Malformed, StorageFailed, Unfit, UnknownVersion
from node.folder import failed, sync_folder, write_whole

MARKER: Final = "holdfast-backups"
UNFINISHED: Final = "unfinished"
FORMAT: Final = 1
MAX_NOTE: Final = 64 * 1024
_NAME: Final = re.compile(r"\d{8}T\d{6}Z(-\d{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Note:
    """What ``backup.json`` says. ``made``: when it was begun, in ms. ``lacking``: lost before."""

    made: int
    peer: bytes
    lacking: int

    def write(self, folder: Path) -> None:
        """Write it, synced."""
        said = {"format": FORMAT, "made": self.made, "peer": self.peer.hex()}
        write_whole(folder / "backup.json", json.dumps(said | {"lacking": self.lacking}).encode())

    @classmethod
    def read(cls, folder: Path) -> "Note":
        """Read it; raises Malformed, UnknownVersion, StorageFailed."""
        try:
            said = json.loads(read_plain(folder / "backup.json", MAX_NOTE))
            if said["format"] != FORMAT:
                raise UnknownVersion(f"{folder.name}: backup format {said['format']}")
            return cls(int(said["made"]), bytes.fromhex(said["peer"]), int(said["lacking"]))
        except (ValueError, KeyError, TypeError):
            raise Malformed(f"{folder / 'backup.json'} does not say what it should") from None


class BackupFolder:
    """The folder ``path``, with its backups."""

    def __init__(self, path: Path) -> None:
        self.path: Final = path

    @property
    def unfinished(self) -> Path:
        """The backup that is being taken."""
        return self.path / UNFINISHED

    def backups(self) -> list[Path]:
        """The complete backups, oldest first."""
        try:
            found = [each for each in self.path.iterdir() if _NAME.fullmatch(each.name)]
        except OSError as error:
            raise failed("the backups cannot be listed", error) from None
        return sorted(each for each in found if each.is_dir() and not each.is_symlink())

    def prepare(self) -> None:
        """Make the folder, or see that it is one of ours; raises Unfit for any other."""
        if (self.path / MARKER).exists():
            return
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            taken = any(self.path.iterdir())
        except OSError as error:
            raise failed("the backup folder cannot be made", error) from None
        if taken:
            raise Unfit(
                f"{self.path} has other things in it",
                hint="name a new folder, an empty one, or one that backups were made in",
            )
        write_whole(self.path / MARKER, b"1\n")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder; raises AlreadyRunning while another backup is taken in it."""
        handle = os.open(self.path / MARKER, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise AlreadyRunning(
                f"another backup is being taken in {self.path}", hint="wait for its end"
            ) from None
        finally:
            os.close(handle)

    def begin(self) -> None:
        """Begin a backup, or go on with one that was stopped."""
        try:
            if self.unfinished.is_symlink():
                self.unfinished.unlink()
            self.unfinished.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise failed("the backup cannot be begun", error) from None

    def complete(self, name: str) -> Path:
        """The unfinished backup is complete: give it its name."""
        target, number = self.path / name, 1
        while os.path.lexists(target):
            number += 1
            target = self.path / f"{name}-{number}"
        try:
            sync_folder(self.unfinished)
            self.unfinished.rename(target)
            sync_folder(self.path)
        except OSError as error:
            raise failed("the backup cannot be completed", error) from None
        return target

    def thin(self, keep: int) -> int:
        """Remove all but the newest ``keep`` backups; how many went."""
        gone = self.backups()[:-keep] if keep > 0 else []
        for each in gone:
            try:
                shutil.rmtree(each)
            except OSError as error:
                raise failed("an old backup cannot be removed", error) from None
        return len(gone)


def find_backup(path: Path) -> Path:
    """The backup that is meant: ``path`` itself, or the newest in it; raises StorageFailed."""
    if (path / "backup.json").exists():
        return path
    found = BackupFolder(path).backups()
    if not found:
        raise StorageFailed(
            f"there is no complete backup in {path}", hint="name a folder that backups were made in"
        )
    return found[-1]


def read_plain(file: Path, most: int) -> bytes:
    """The bytes of a small file that is no link; raises StorageFailed."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise failed(f"{file.name} cannot be read", error) from None
