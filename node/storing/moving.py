"""Bringing a node's store to where the settings say.

    HOME/node/store-move.json    where it goes, as long as it is under way; a place (place.py)
    HOME/node/store-move.old     the node ran meanwhile: what was moved so far is out of date

The old store is in use until the new one is complete and was compared; then one file
(``store.json``) says that the new one is. Nothing is removed: the old store stays until the
node's owner removes it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import trio

from formats.errors import Unfit
from node.folder import NodeFolder
from node.storing.opening import check_keys, open_place
from node.storing.place import (
    FOLDER,
    MOVE,
    NAME,
    OUTDATED,
    StorePlace,
    place_in_use,
    read_place,
    write_place,
)
from node.storing.settings import StoreSettings
from storage.contracts import Store
from storage.moving import Mark, begin, move, weight

Step = Callable[[str, int, int, int, int], None]
"""Called with what is done, blocks and bytes of it so far, and how many there are."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """From where to where, and what it came to. ``left``: the folder of the old store."""

    before: StorePlace
    after: StorePlace
    left: Path
    moved: Mark


async def migrate(
    node: NodeFolder, settings: StoreSettings, environ: Mapping[str, str], step: Step
) -> Migrated:
    """Move the store, or go on moving it. The caller holds the data folder, so no node runs.

    Raises Unfit when it is there already or there is none, and what opening and moving do.
    """
    settings.check()
    check_keys(settings, environ)
    before = _before(node, settings)
    after = _after(node, before, settings)
    source = await open_place(node, before, environ)
    try:
        target = await open_place(node, after, environ)
        try:
            moved = await _move(node, source, target, step)
        finally:
            await _close(target)
    finally:
        await _close(source)
    write_place(node.path / NAME, after)
    (node.path / MOVE).unlink(missing_ok=True)
    return Migrated(before, after, node.path / before.folder, moved)


async def _move(node: NodeFolder, source: Store, target: Store, step: Step) -> Mark:
    outdated = node.path / OUTDATED
    await begin(source, target, anew=outdated.exists())
    outdated.unlink(missing_ok=True)
    blocks, total = await weight(source)
    return await move(source, target, lambda what, n, size: step(what, n, size, blocks, total))


async def _close(store: Store) -> None:
    with trio.CancelScope(shield=True):
        await store.aclose()


def _before(node: NodeFolder, settings: StoreSettings) -> StorePlace:
    used = place_in_use(node)
    if used is None:
        raise Unfit(f"there is no store in {node.home} yet", hint="run 'holdfast up' or 'serve'")
    if used.where == StorePlace(settings).where:
        raise Unfit(
            f"the store is {used} already",
            hint="say where it should be below [store] of config.toml, and run this again",
        )
    return used


def _after(node: NodeFolder, before: StorePlace, settings: StoreSettings) -> StorePlace:
    """Where it goes: where it was going, if that is still what the settings say."""
    begun, wanted = read_place(node.path / MOVE), StorePlace(settings)
    if begun is not None and begun.folder != before.folder and begun.where == wanted.where:
        return begun.reached_by(settings)
    names = (FOLDER if number == 1 else f"{FOLDER}-{number}" for number in count(1))
    free = next(name for name in names if not (node.path / name).exists())
    after = StorePlace(settings, free)
    (node.path / OUTDATED).unlink(missing_ok=True)
    write_place(node.path / MOVE, after)
    return after
