"""High-water marks: the newest state of each space this person has verified.

A home that answers with an older or another state than one already seen is
caught by these, also after a restart. They are kept on this machine, sealed,
each under a name that only the account key gives: a thief of the disk learns
from them neither spaces nor friends.

A mark is written before the state it stands for is acted upon. It is not
synced: it survives kill -9, and after a power cut the newest few may be older,
which costs some vigilance and never a refusal of the truth.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from crypto.errors import CryptoError
from crypto.kdf import derive, prf
from crypto.purposes import KdfPurpose, SealPurpose
from crypto.sealing import Associated, SealingKey
from crypto.secret import Secret
from formats.dag_cbor import decode, encode
from formats.errors import HoldfastError, StorageFailed
from formats.fields import Fields

_SCHEMA: Final = "CREATE TABLE IF NOT EXISTS marks (name BLOB PRIMARY KEY, sealed BLOB NOT NULL)"


@dataclass(frozen=True, slots=True)
class Mark:
    """The newest verified state of a space: pointer, space record and identity in force."""

    seq: int
    hash: bytes
    epoch: int
    identity_seq: int


class Marks(Protocol):
    """Where marks are kept between runs."""

    def get(self, owner: bytes, space: bytes) -> Mark | None:
        """The mark of a space, or None when it was never seen."""
        ...

    def put(self, owner: bytes, space: bytes, mark: Mark) -> None:
        """Remember a newer mark."""
        ...


class MemoryMarks:
    """Marks that last as long as the process."""

    def __init__(self) -> None:
        self._marks: dict[tuple[bytes, bytes], Mark] = {}

    def get(self, owner: bytes, space: bytes) -> Mark | None:
        """The mark of a space, or None."""
        return self._marks.get((owner, space))

    def put(self, owner: bytes, space: bytes, mark: Mark) -> None:
        """Remember it."""
        self._marks[owner, space] = mark


class SealedMarks:
    """Marks in a small database file, sealed under the account key (0600)."""

    def __init__(self, path: Path, account_key: Secret) -> None:
        self._known: dict[tuple[bytes, bytes], Mark] = {}  # what the file says, once it was read
        self._names = derive(account_key, KdfPurpose.MARKS, b"names")
        self._key = SealingKey(derive(account_key, KdfPurpose.MARKS, b"marks"))
        try:
            path.touch(mode=0o600)
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.execute(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise StorageFailed(f"cannot open the marks of this account: {error}") from error

    def get(self, owner: bytes, space: bytes) -> Mark | None:
        """The mark of a space, or None. An altered row is ``StorageFailed``: never ignored."""
        known = self._known.get((owner, space))
        if known is not None:
            return known
        name = self._name(owner, space)
        row = self._run("SELECT sealed FROM marks WHERE name = ?", (name,)).fetchone()
        if row is None:
            return None
        mark = self._known[owner, space] = self._open(name, row[0])
        return mark

    def put(self, owner: bytes, space: bytes, mark: Mark) -> None:
        """Remember it; in the file when this returns."""
        name = self._name(owner, space)
        value = encode(
            {"seq": mark.seq, "hash": mark.hash, "epoch": mark.epoch, "id": mark.identity_seq}
        )
        sealed = self._key.seal(value, Associated(SealPurpose.MARKS, name))
        self._run("INSERT OR REPLACE INTO marks VALUES (?, ?)", (name, sealed))
        self._known[owner, space] = mark

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _name(self, owner: bytes, space: bytes) -> bytes:
        return prf(self._names, KdfPurpose.MARKS, owner, space)

    def _run(self, sql: str, values: tuple[bytes, ...]) -> sqlite3.Cursor:
        try:
            return self._database.execute(sql, values)
        except sqlite3.Error as error:
            raise StorageFailed(f"the marks of this account: {error}") from error

    def _open(self, name: bytes, sealed: bytes) -> Mark:
        try:
            plain = self._key.open(sealed, Associated(SealPurpose.MARKS, name))
            fields = Fields(decode(plain), "mark")
            return Mark(
                fields.uint("seq"),
                fields.bytes_("hash", 32),
                fields.uint("epoch"),
                fields.uint("id"),
            )
        except (CryptoError, HoldfastError) as error:
            raise StorageFailed("a mark of this account was altered on disk") from error
