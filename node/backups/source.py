"""A backup as a place to mend lost blocks from (``node.checking.repair.Source``)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from formats.cid import Cid
from node.backups.folder import find_backup
from node.checking.blocks import bytes_of
from storage.contracts import Store
from storage.embedded.copied import CopiedStore


class BackupSource:
    """Looks blocks up in a store that nobody changes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, cid: Cid) -> bytes | None:
        """What the backup has under that name, whatever it is."""
        return await self._store.read(partial(bytes_of, cid=cid))


@asynccontextmanager
async def opened_backup(path: Path) -> AsyncIterator[Store]:
    """The store of a backup, or of the newest in a folder of them; raises StorageFailed."""
    store = CopiedStore(find_backup(path) / "store")
    try:
        yield store
    finally:
        await store.aclose()
