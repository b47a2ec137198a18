"""Where a node keeps its things: the part of the data folder that is the node's.

    HOME/config.toml      settings (node/config.py)
    HOME/node/            0700
        node.key          0600: 32 bytes, the seed of the key that the peer id is made of
        port              the port that was free the first time, as text
        store/            the embedded store, or store-2/ and so on, if it was moved
        store.json        where the store is (node/storing/place.py)
        store-move.json   where it is being moved to (node/storing/moving.py)
        backup.json       the last backup that was taken (node/backups/last.py)
        aside/            damaged blocks that were replaced (node/checking/aside.py)

The rest of the data folder belongs to the person's side of the program.
"""

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crypto.secret import Secret, random_secret
from formats.errors import DiskFull, StorageFailed

SEED_SIZE: Final = 32


@dataclass(frozen=True, slots=True)
class NodeFolder:
    """The node's folder inside the data folder ``home``."""

    home: Path

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self.home / "node"

    @property
    def store(self) -> Path:
        """Where the embedded store is, unless it was moved: see ``store.json``."""
        return self.path / "store"

    @property
    def aside(self) -> Path:
        """Where damaged blocks that were replaced are kept."""
        return self.path / "aside"

    @property
    def backup_file(self) -> Path:
        """What is known of the last backup; need not exist."""
        return self.path / "backup.json"

    @property
    def key_file(self) -> Path:
        """The seed of the node's key."""
        return self.path / "node.key"

    @property
    def port_file(self) -> Path:
        """The port that was kept."""
        return self.path / "port"

    def make(self) -> None:
        """Make the folder, readable for its owner only."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.chmod(0o700)
        except OSError as error:
            raise failed("the data folder cannot be made", error) from None

    def size(self) -> int:
        """Bytes that the store takes on the disk. Walks its files: not for the event loop."""
        return sum(_on_disk(file) for each in self.path.glob("store*") for file in each.rglob("*"))

    def key(self) -> Secret:
        """The seed of the node's key; made the first time."""
        self.make()
        if not self.key_file.exists():
            write_whole(self.key_file, random_secret(SEED_SIZE).reveal())
        try:
            seed = self.key_file.read_bytes()
        except OSError as error:
            raise failed("the node's key cannot be read", error) from None
        if len(seed) != SEED_SIZE:
            raise StorageFailed(
                f"the node's key, {self.key_file}, has {len(seed)} bytes, not {SEED_SIZE}",
                hint="put the file back from a backup; with another key this is another node",
            )
        return Secret(seed)

    def kept_port(self) -> int | None:
        """The port that was kept, if one was."""
        try:
            text = self.port_file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise failed("the kept port cannot be read", error) from None
        return int(text) if text.isdecimal() and 0 < int(text) < 65536 else None

    def keep_port(self, port: int) -> None:
        """Listen on this port from now on, unless the configuration says another."""
        self.make()
        write_whole(self.port_file, f"{port}\n".encode("ascii"))


def write_whole(file: Path, data: bytes) -> None:
    """Write the whole file, synced, or none of it (0600), in a folder that is made if need be.

    Raises DiskFull or StorageFailed.
    """
    draft = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise failed(f"{file.name} cannot be written", error) from None


def _on_disk(file: Path) -> int:
    try:
        return file.lstat().st_blocks * 512
    except FileNotFoundError:
        return 0  # it went meanwhile


def sync_folder(path: Path) -> None:
    """Return once the names in a folder are on the disk; raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def failed(what: str, error: OSError | UnicodeDecodeError) -> StorageFailed | DiskFull:
    """The error to raise for one of the system's."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return (DiskFull if full else StorageFailed)(f"{what}: {error}")
