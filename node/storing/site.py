"""The store of a site: records in PostgreSQL, larger blocks in a bucket or a folder.

Several processes may serve one site: they are one node, with one key and one peer id, and
each has a data folder of its own for the key, its port and its cache.
"""

import importlib.util
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

import trio

from formats.errors import BadConfig, Unfit
from node.folder import NodeFolder
from node.peer import peer_id
from node.storing.settings import FILES, StoreSettings
from storage.contracts import Store, Transaction
from storage.embedded.files import FOLDER_MODE, Files
from storage.embedded.local import LocalPacks
from storage.moving import PEER
from storage.packs import Packs
from storage.postgres.address import Address, read_password
from storage.s3.opening import open_packs

CACHE: Final = "cache"
"""Below the folder of a store: pieces of packs that are in a bucket."""


async def open_site(
    node: NodeFolder, settings: StoreSettings, folder: Path, environ: Mapping[str, str]
) -> Store:
    """The store; made if the database is empty. ``folder``: for what is kept on this disk.

    Raises BadConfig, Unfit for the records of another node, and what opening a store does.
    """
    address = check_site(settings)
    from storage.postgres.store import PostgresStore

    packs = await trio.to_thread.run_sync(_packs, settings, folder, environ)
    store = await PostgresStore.open(address, packs)
    ours = False
    try:
        await store.write(partial(_check_peer, peer=peer_id(node.key())))
        ours = True
    finally:
        if not ours:
            with trio.CancelScope(shield=True):
                await store.aclose()
    return store


def check_site(settings: StoreSettings) -> Address:
    """Where the records are, and how to get there; raises BadConfig."""
    if importlib.util.find_spec("psycopg") is None:
        raise BadConfig(
            "records in PostgreSQL need psycopg, which is not installed",
            hint="install Holdfast as 'holdfast[site]'",
        )
    file = settings.postgres_password
    return Address(settings.postgres_url, read_password(Path(file)) if file else None)


def _packs(settings: StoreSettings, folder: Path, environ: Mapping[str, str]) -> Packs:
    if settings.blocks != FILES:
        return open_packs(settings.s3, environ, folder / CACHE, settings.s3_cache)
    packs = Path(settings.blocks_folder) if settings.blocks_folder else folder / "packs"
    packs.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    return LocalPacks(Files(), packs)


def _check_peer(tx: Transaction, peer: bytes) -> None:
    """Return if these are the records of the node with this peer id, or of none yet."""
    kept = tx.setting(PEER)
    if kept is None:
        tx.put_setting(PEER, peer)
    elif kept != peer:
        raise Unfit(
            "the records in the database are those of another node",
            hint="every node of a site has the same key: copy node/node.key of the first one"
            " into this data folder; or name another database",
        )
