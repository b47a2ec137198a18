"""The tables: the same ones as in SQLite; versions that are newer, older, or not ours."""

from pathlib import Path

import pytest

from formats.errors import SchemaTooNew, StorageFailed
from storage.embedded import schema as embedded
from storage.embedded.sql import connect
from storage.postgres.address import Address
from storage.postgres.schema import MIGRATIONS
from tests.storage.postgres.stores import opened
from tests.world.postgres import Cluster

ONLY_OF_A_SITE = {"doomed", "writer"}
"""Tables by which several nodes share a store."""

Columns = dict[str, set[str]]


def columns(rows: list[tuple[object, ...]]) -> Columns:
    """The columns of each table."""
    found: Columns = {}
    for table, column in rows:
        found.setdefault(str(table), set()).add(str(column))
    return found


def of_sqlite(path: Path) -> Columns:
    connection = connect(path, cache=1000)
    embedded.prepare(connection, path, embedded.MIGRATIONS)
    rows = connection.execute(
        "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c"
        " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'"
    ).fetchall()
    connection.close()
    return columns(rows)


async def test_tables_are_those_of_the_embedded_store(
    cluster: Cluster, address: Address, tmp_path: Path
) -> None:
    async with opened(address, tmp_path / "packs"):
        pass
    rows = cluster.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public'",
        cluster.name_of(address),
    )
    ours = {name: held for name, held in columns(rows).items() if name not in ONLY_OF_A_SITE}
    assert ours == of_sqlite(tmp_path / "index.db")


async def test_a_newer_schema_is_refused_and_left_alone(
    cluster: Cluster, address: Address, tmp_path: Path
) -> None:
    newer = (*MIGRATIONS, "CREATE TABLE future (a BIGINT)")
    async with opened(address, tmp_path / "packs", migrations=newer) as store:
        await store.write(lambda tx: tx.put_setting("a", b"b"))
    with pytest.raises(SchemaTooNew):
        async with opened(address, tmp_path / "packs"):
            raise AssertionError
    async with opened(address, tmp_path / "packs", migrations=newer) as store:
        assert await store.read(lambda view: view.setting("a")) == b"b"


async def test_a_node_that_runs_an_older_program_writes_no_more_after_an_upgrade(
    address: Address, tmp_path: Path
) -> None:
    newer = (*MIGRATIONS, "CREATE TABLE future (a BIGINT)")
    async with opened(address, tmp_path / "packs") as old:
        await old.write(lambda tx: tx.put_setting("a", b"1"))
        async with opened(address, tmp_path / "packs", migrations=newer) as new:
            with pytest.raises(SchemaTooNew):
                await old.write(lambda tx: tx.put_setting("a", b"2"))
            assert await new.read(lambda view: view.setting("a")) == b"1"
            await new.write(lambda tx: tx.put_setting("a", b"3"))
        assert await old.read(lambda view: view.setting("a")) == b"3"


async def test_an_upgrade_that_fails_changes_nothing(address: Address, tmp_path: Path) -> None:
    async with opened(address, tmp_path / "packs") as store:
        await store.write(lambda tx: tx.put_setting("a", b"b"))
    broken = (*MIGRATIONS, "CREATE TABLE future (a BIGINT); DROP TABLE setting; SELECT 1 / 0")
    with pytest.raises(StorageFailed, match="DivisionByZero"):
        async with opened(address, tmp_path / "packs", migrations=broken):
            raise AssertionError
    async with opened(address, tmp_path / "packs") as store:
        assert await store.read(lambda view: view.setting("a")) == b"b"


async def test_tables_of_somebody_else_are_refused_and_left_alone(
    cluster: Cluster, address: Address, tmp_path: Path
) -> None:
    name = cluster.name_of(address)
    cluster.execute("CREATE TABLE theirs (a BIGINT)", name)
    with pytest.raises(StorageFailed, match="not Holdfast's"):
        async with opened(address, tmp_path / "packs"):
            raise AssertionError
    assert cluster.execute("SELECT count(*) FROM theirs", name) == [(0,)]
    assert cluster.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", name) == [
        (1,)
    ]
