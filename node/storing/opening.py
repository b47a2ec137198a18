"""The store of a place, opened."""

from collections.abc import Mapping
from typing import Final

from formats.errors import Unfit
from node.folder import NodeFolder, write_whole
from node.storing.place import (
    MOVE,
    NAME,
    OUTDATED,
    StorePlace,
    place_in_use,
    read_place,
    write_place,
)
from node.storing.settings import FILES, POSTGRES, S3, StoreSettings
from node.storing.site import CACHE, check_site, open_site
from storage.contracts import Store
from storage.embedded.store import EmbeddedStore
from storage.s3.opening import open_packs
from storage.s3.settings import credentials

READERS: Final = 12
"""Threads that read when blocks are far away: who waits for one keeps nobody else waiting."""


async def open_store(
    node: NodeFolder, settings: StoreSettings, environ: Mapping[str, str]
) -> Store:
    """The node's store, which must be where the settings say; a new one is begun there.

    Raises Unfit when it is elsewhere, BadConfig, and what opening a store does.
    """
    settings.check()
    wanted, used = StorePlace(settings), place_in_use(node)
    if used is not None and used.where != wanted.where:
        raise Unfit(
            f"the store is {used}, and the settings say {wanted}",
            hint="run 'holdfast node storage migrate' to bring it there, or set [store] of"
            " config.toml back",
        )
    place = wanted if used is None else used.reached_by(settings)
    opened = await open_place(node, place, environ)
    if place != used:
        write_place(node.path / NAME, place)
    _outdate(node, place)
    return opened


def _outdate(node: NodeFolder, used: StorePlace) -> None:
    """A store that was being moved changes from now on: what was moved so far is out of date."""
    move = read_place(node.path / MOVE)
    if move is not None and move.folder == used.folder:
        (node.path / MOVE).unlink(missing_ok=True)  # it was complete
    elif move is not None:
        write_whole(node.path / OUTDATED, b"")


def check_keys(settings: StoreSettings, environ: Mapping[str, str]) -> None:
    """Raise BadConfig when the settings need keys that are not there."""
    if settings.blocks == S3:
        credentials(settings.s3, environ)
    if settings.records == POSTGRES:
        check_site(settings)


async def open_place(node: NodeFolder, place: StorePlace, environ: Mapping[str, str]) -> Store:
    """The store of a place; made if it is new."""
    settings, folder = place.settings, node.path / place.folder
    if settings.records == POSTGRES:
        return await open_site(node, settings, folder, environ)
    if settings.blocks == FILES:
        return await EmbeddedStore.open(folder)
    packs = open_packs(settings.s3, environ, folder / CACHE, settings.s3_cache)
    return await EmbeddedStore.open(folder, packs=packs, readers=READERS)
