"""The tables, their version, upgrades, and the backup that is taken before one.

A block costs the index about 95 bytes: a row of ``block`` (its digest once, small
integers), an entry of ``block_by_head`` (8 bytes of the digest, which are enough
to find it), and a row of ``reference``. Everything refers to blocks, spaces and
owners by row number. ``docs/spec/storage.md`` explains each table, and
``storage/postgres/schema.py`` has the same ones: a test compares them.
"""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from formats.errors import SchemaTooNew, StorageFailed

APPLICATION: Final = 0x486F6C64
"""'Hold': the file is a database of ours."""

PAGE: Final = 4096

_FIRST: Final = """
CREATE TABLE migration (version INTEGER PRIMARY KEY, applied TEXT NOT NULL);

CREATE TABLE block (
    id INTEGER PRIMARY KEY,
    head INTEGER NOT NULL,    -- first 8 bytes of the digest, big-endian, signed
    tail BLOB NOT NULL,       -- the codec's byte, then the other 24 bytes of the digest
    size INTEGER NOT NULL,
    holders INTEGER NOT NULL, -- sessions that staged it + spaces that refer to it
    pack INTEGER NOT NULL,    -- 0: the bytes are in the table inline
    place INTEGER NOT NULL    -- where in the pack its bytes begin
);
CREATE INDEX block_by_head ON block (head);
CREATE TABLE inline (block INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE garbage (block INTEGER PRIMARY KEY);
CREATE TABLE pack (
    id INTEGER PRIMARY KEY,
    length INTEGER NOT NULL,  -- bytes of the file that count; what follows is no part of it
    live INTEGER NOT NULL     -- bytes of the records that blocks point to
);
CREATE INDEX pack_sparse ON pack (id) WHERE live * 5 <= length * 3;

CREATE TABLE owner (
    id INTEGER PRIMARY KEY, owner BLOB NOT NULL UNIQUE,
    used INTEGER NOT NULL, reserved INTEGER NOT NULL
);
CREATE TABLE space (
    id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, space BLOB NOT NULL,
    used INTEGER NOT NULL, UNIQUE (owner, space)
);
CREATE TABLE space_record (
    space INTEGER PRIMARY KEY, record BLOB NOT NULL, pointer BLOB NOT NULL,
    seq INTEGER NOT NULL, root BLOB NOT NULL
);
CREATE TABLE history (
    space INTEGER, seq INTEGER, body BLOB NOT NULL, PRIMARY KEY (space, seq)
) WITHOUT ROWID;
CREATE TABLE retained (
    space INTEGER NOT NULL, seq INTEGER NOT NULL, root BLOB NOT NULL,
    pointer BLOB NOT NULL, superseded INTEGER NOT NULL, UNIQUE (space, seq)
);
CREATE INDEX retained_by_time ON retained (superseded);
CREATE TABLE reference (
    space INTEGER, block INTEGER, count INTEGER NOT NULL, kind INTEGER NOT NULL,
    PRIMARY KEY (space, block)
) WITHOUT ROWID;

CREATE TABLE session (
    id INTEGER PRIMARY KEY, session BLOB NOT NULL UNIQUE, space INTEGER NOT NULL,
    member BLOB NOT NULL, expires INTEGER NOT NULL, reserved INTEGER NOT NULL
);
CREATE INDEX session_by_time ON session (expires);
CREATE TABLE staged (
    session INTEGER, block INTEGER, PRIMARY KEY (session, block)
) WITHOUT ROWID;

CREATE TABLE account (
    name TEXT PRIMARY KEY, id BLOB NOT NULL UNIQUE, sign_in BLOB NOT NULL,
    quota INTEGER NOT NULL, created INTEGER NOT NULL, signed_up BLOB NOT NULL
);
CREATE TABLE identity (id BLOB PRIMARY KEY, whereabouts BLOB NOT NULL);
CREATE TABLE identity_record (
    id BLOB, place INTEGER, record BLOB NOT NULL, PRIMARY KEY (id, place)
);
CREATE TABLE invite (
    hash BLOB PRIMARY KEY, expires INTEGER NOT NULL, quota INTEGER NOT NULL,
    created INTEGER NOT NULL, used_by TEXT NOT NULL
);
CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL);

CREATE TABLE inbox (
    id INTEGER PRIMARY KEY, target BLOB NOT NULL UNIQUE, last INTEGER NOT NULL,
    messages INTEGER NOT NULL, bytes INTEGER NOT NULL
);
CREATE TABLE message (
    id INTEGER PRIMARY KEY, inbox INTEGER NOT NULL, seq INTEGER NOT NULL,
    arrived INTEGER NOT NULL, sealed BLOB NOT NULL, UNIQUE (inbox, seq)
);
CREATE TABLE token (
    target BLOB, hash BLOB, expires INTEGER NOT NULL, uses INTEGER NOT NULL,
    PRIMARY KEY (target, hash)
) WITHOUT ROWID;
CREATE INDEX token_by_time ON token (expires);
"""

_PAST: Final = """
-- How long superseded states are kept is the owner's to say, and some are pinned.
ALTER TABLE account ADD COLUMN keep INTEGER; -- seconds; NULL: as the node says
CREATE TABLE pin (
    space INTEGER, seq INTEGER, made INTEGER NOT NULL, note BLOB NOT NULL,
    PRIMARY KEY (space, seq)
) WITHOUT ROWID;
-- All that thinning reads of a state, without its pointer.
DROP INDEX retained_by_time;
CREATE INDEX retained_in_short ON retained (space, seq, superseded, root);
"""

_RELEASES: Final = """
CREATE TABLE release (        -- links that a space is about to give back
    id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, space INTEGER NOT NULL,
    block INTEGER NOT NULL, kind INTEGER NOT NULL
);
CREATE INDEX release_by_owner ON release (owner, id);
ALTER TABLE garbage ADD COLUMN since INTEGER;  -- NULL: it does not rest yet
CREATE INDEX garbage_by_time ON garbage (since, block);
"""

_REPLICAS: Final = """
ALTER TABLE invite ADD COLUMN replica INTEGER NOT NULL DEFAULT 0;
CREATE TABLE replica (
    owner BLOB, peer BLOB, granted BLOB NOT NULL, noted BLOB NOT NULL,
    PRIMARY KEY (owner, peer)
);
"""

_CHARGES: Final = """
CREATE TABLE charge (         -- blocks that count as a member's, who may add so much and no more
    space INTEGER, block INTEGER, payer INTEGER NOT NULL, size INTEGER NOT NULL,
    PRIMARY KEY (space, block)
) WITHOUT ROWID;
CREATE TABLE payer (
    id INTEGER PRIMARY KEY, space INTEGER NOT NULL, member BLOB NOT NULL,
    used INTEGER NOT NULL, UNIQUE (space, member)
);
"""

_FACTORS: Final = """
ALTER TABLE account ADD COLUMN factors BLOB NOT NULL DEFAULT x''; -- none
"""

_SESSIONS: Final = """
CREATE INDEX session_by_space ON session (space, member); -- how many somebody has open
"""

_DEPARTURES: Final = """
CREATE TABLE departure (      -- accounts that their owners had deleted
    id BLOB PRIMARY KEY, farewell BLOB NOT NULL, receipt BLOB NOT NULL, until INTEGER NOT NULL
);
"""

MIGRATIONS: Final[tuple[str, ...]] = (
    _FIRST,
    _PAST,
    _RELEASES,
    _REPLICAS,
    _CHARGES,
    _FACTORS,
    _SESSIONS,
    _DEPARTURES,
)
"""Script number i brings a database of version i to version i + 1. Never edit one that shipped."""


def prepare(connection: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    """Bring the database to the newest version, with a backup beside it if it held anything.

    Raises ``SchemaTooNew`` for a newer one and ``StorageFailed`` for somebody
    else's; neither is touched. An interrupted upgrade leaves the old version.
    """
    version = check_version(connection, path, len(migrations))
    if version == 0:
        _set_up(connection)
    if 0 < version < len(migrations):
        _back_up(connection, path.with_name(f"{path.name}.version-{version}"))
    for number in range(version, len(migrations)):
        _upgrade(connection, number + 1, migrations[number])


def check_version(connection: sqlite3.Connection, path: Path, newest: int) -> int:
    """The version of the database, 0 for an empty one; raises SchemaTooNew, StorageFailed."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    owner: int = connection.execute("PRAGMA application_id").fetchone()[0]
    tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if (version or tables) and owner != APPLICATION:
        raise StorageFailed(f"{path} is not a Holdfast database", "choose another folder")
    if version > newest:
        raise SchemaTooNew(f"{path} has schema {version}; this program knows {newest}")
    return version


def _set_up(connection: sqlite3.Connection) -> None:
    # Page size and vacuum mode only take hold before the first page is written.
    connection.execute(f"PRAGMA page_size = {PAGE}")
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL").fetchone()


def _back_up(connection: sqlite3.Connection, path: Path) -> None:
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    copy = sqlite3.connect(path)
    try:
        connection.backup(copy)
    finally:
        copy.close()


def _upgrade(connection: sqlite3.Connection, version: int, script: str) -> None:
    steps = [
        "BEGIN IMMEDIATE;",
        script,
        f"INSERT INTO migration VALUES ({version}, datetime('now'));",
        f"PRAGMA application_id = {APPLICATION};",
        f"PRAGMA user_version = {version};",
        "COMMIT;",
    ]
    try:
        connection.executescript("\n".join(steps))
    finally:
        if connection.in_transaction:
            connection.rollback()
