"""Where things that are shared stand now: by the path they had, else by looking for their ids."""

from collections.abc import Iterable, Sequence

from client.drive.entry import Entry
from client.drive.folder import FolderView
from client.drive.node import FolderNode, open_nodes
from client.session import HOME
from client.sharing.access import Access
from client.sharing.place import Place
from client.social.store import System
from formats.errors import NotAFolder, NotFound


async def find_places(system: System, wanted: Iterable[Access]) -> dict[bytes, Place]:
    """Each of these by its id, where it can be found. Call it before anything is changed.

    Only for what was moved since it was shared is the home walked.
    """
    found: dict[bytes, Place] = {}
    moved: set[bytes] = set()
    for each in wanted:
        place = await _at(system, each.parts)
        if place is not None and place.entry.id == each.id:
            found[each.id] = place
        else:
            moved.add(each.id)
    for id, parts in (await _walk(system, moved) if moved else {}).items():
        place = await _at(system, parts)
        if place is not None:
            found[id] = place
    return found


def topmost(places: dict[bytes, Place]) -> list[Place]:
    """Those that are not below another of them."""
    return [
        place for place in places.values() if not any(folder.id in places for folder in place.above)
    ]


async def _at(system: System, parts: tuple[str, ...]) -> Place | None:
    try:
        return await Place.find(system, parts)
    except (NotFound, NotAFolder):
        return None


async def _walk(system: System, wanted: set[bytes]) -> dict[bytes, tuple[str, ...]]:
    """Names on the way to each, level by level. What cannot be read is passed."""
    top = await (await system.edit.hidden_folder(())).get(HOME)
    level: list[tuple[tuple[str, ...], Entry]] = [] if top is None else [((), top)]
    found: dict[bytes, tuple[str, ...]] = {}
    while level and len(found) < len(wanted):
        below = await _children(system, level)
        found |= {each.id: names for names, each in below if each.id in wanted}
        level = [(names, each) for names, each in below if each.is_folder]
    return found


async def _children(
    system: System, level: Sequence[tuple[tuple[str, ...], Entry]]
) -> list[tuple[tuple[str, ...], Entry]]:
    nodes = await open_nodes(system.changing, [(each.keys, each.name) for _, each in level])
    below: list[tuple[tuple[str, ...], Entry]] = []
    for (names, _), node in zip(level, nodes, strict=True):
        if isinstance(node, FolderNode):
            entries = (await FolderView(system.changing, node, "").listing()).entries
            below += [((*names, each.name), each) for each in entries]
    return below
