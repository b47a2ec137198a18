"""Upgrades of the database, from each version there was: backed up, safe to kill anywhere."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from storage.embedded.schema import MIGRATIONS, prepare
from tests.architecture.tree import ROOT

OLD = range(1, len(MIGRATIONS))
"""Versions that a database may have that is not of today."""

KILLED = 9


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def make(path: Path, version: int) -> None:
    """A database of that version with something in every table, NULL where that is allowed."""
    with opened(path) as connection:
        prepare(connection, path, MIGRATIONS[:version])
        for table in tables(connection):
            if table != "migration":
                fill(connection, table)


def tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in rows if not name.startswith("sqlite_")]


def fill(connection: sqlite3.Connection, table: str) -> None:
    """Three rows with values of the columns' kinds."""
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    for number in range(1, 4):
        values = [value(kind, number) for _, _, kind, *_ in columns]
        marks = ", ".join("?" * len(values))
        connection.execute(f"INSERT INTO {table} VALUES ({marks})", values)


def value(kind: str, number: int) -> object:
    if kind == "BLOB":
        return bytes([number]) * 32
    return f"text {number}" if kind == "TEXT" else number


def contents(path: Path, of: list[str], columns: dict[str, list[str]]) -> dict[str, list[object]]:
    """The rows of some tables, in some columns."""
    with opened(path) as connection:
        return {
            table: sorted(connection.execute(f"SELECT {', '.join(columns[table])} FROM {table}"))
            for table in of
        }


def layout(path: Path) -> dict[str, list[str]]:
    """The columns of each table."""
    with opened(path) as connection:
        return {
            table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            for table in tables(connection)
            if table != "migration"
        }


def version_of(path: Path) -> int:
    with opened(path) as connection:
        found: int = connection.execute("PRAGMA user_version").fetchone()[0]
        return found


def upgrade(path: Path) -> None:
    with opened(path) as connection:
        prepare(connection, path, MIGRATIONS)


@pytest.mark.parametrize("version", OLD)
def test_all_that_was_there_is_there_and_in_the_backup(tmp_path: Path, version: int) -> None:
    path = tmp_path / "index.db"
    make(path, version)
    columns = layout(path)
    before = contents(path, list(columns), columns)
    upgrade(path)
    assert version_of(path) == len(MIGRATIONS)
    assert contents(path, list(columns), columns) == before
    backup = tmp_path / f"index.db.version-{version}"
    assert version_of(backup) == version
    assert contents(backup, list(columns), columns) == before


@pytest.mark.parametrize("version", OLD)
def test_it_ends_as_a_new_database_begins(tmp_path: Path, version: int) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    make(old, version)
    upgrade(old)
    make(new, len(MIGRATIONS))
    assert layout(old) == layout(new)


KILL = """
import os, sqlite3, sys
from pathlib import Path
from storage.embedded.schema import MIGRATIONS, prepare

path, left = Path(sys.argv[1]), int(sys.argv[2])
connection = sqlite3.connect(path, isolation_level=None)

def step(_statement):
    global left
    left -= 1
    if left < 0:
        os._exit(9)

connection.set_trace_callback(step)
prepare(connection, path, MIGRATIONS)
"""


@pytest.mark.slow
@pytest.mark.parametrize("version", OLD)
def test_killed_before_any_of_its_steps_it_goes_on(tmp_path: Path, version: int) -> None:
    before: dict[str, list[object]] = {}
    killed = 0
    while True:
        folder = tmp_path / str(killed)
        folder.mkdir()
        path = folder / "index.db"
        make(path, version)
        columns = layout(path)
        before = contents(path, list(columns), columns)
        words = [sys.executable, "-c", KILL, str(path), str(killed)]
        code = subprocess.run(words, cwd=ROOT, check=False).returncode
        assert code in (0, KILLED)
        upgrade(path)
        assert version_of(path) == len(MIGRATIONS)
        assert contents(path, list(columns), columns) == before
        if code == 0:
            break
        killed += 1
    print(f"killed at {killed} steps from version {version}")
    assert killed > 5
