"""Stores on a PostgreSQL of the tests, with packs in a folder that all of them share."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from storage.embedded.files import Files
from storage.embedded.local import LocalPacks
from storage.postgres.address import Address
from storage.postgres.schema import MIGRATIONS
from storage.postgres.store import PostgresStore

PACK = 300_000
"""Bytes of a pack: small, so that there are many."""


@asynccontextmanager
async def opened(
    address: Address, packs: Path, *, migrations: Sequence[str] = MIGRATIONS, readers: int = 2
) -> AsyncIterator[PostgresStore]:
    """A store, closed afterwards. Several may have one database and one folder."""
    packs.mkdir(exist_ok=True)  # noqa: ASYNC240
    local = LocalPacks(Files(), packs, PACK)
    store = await PostgresStore.open(address, local, readers=readers, migrations=migrations)
    try:
        yield store
    finally:
        await store.aclose()
