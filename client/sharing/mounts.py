"""Folders of mine with spaces of their own do not go along unseen when something else is removed.

A mount is what leads to its space. Who removes a folder means what is in that folder, and may
not know that others work on something further down.
"""

from collections.abc import Sequence

from client.drive.edit import TreeEdit
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderView
from client.drive.node import FolderNode, open_nodes
from client.sharing import access, guests
from client.sharing.guests import Apart
from client.social.store import System
from client.space.reading import Reading
from formats.errors import NotAFolder, NotFound, Unfit


async def check_goes(
    system: System, entry: Entry, what: str, parts: Sequence[str] | None = None
) -> None:
    """Return if an entry may be removed; raises Unfit naming the shared folder that it would take.

    ``what`` is its path. ``parts``: its names below the home, if it stands there: then
    nothing is walked for shared folders that stand where they were last known to be.
    """
    if entry.kind is Kind.MOUNT and await access.get(system, entry.id) is not None:
        raise Unfit(
            f"{entry.name} is shared, and has a space of its own",
            hint="take it back first: 'holdfast access' says who has it",
        )
    if not entry.is_folder:
        return
    lost = list[Apart]()
    for apart in await guests.everything(system):
        if parts is None or not await _stands(system.edit, apart):
            lost.append(apart)
        elif apart.parts[: len(parts)] == tuple(parts):
            raise _takes("/".join(apart.parts[len(parts) :]), what)
    below = await _mount_below(system.changing, entry) if lost else None
    if below is not None:
        raise _takes(below, what)


async def _stands(edit: TreeEdit, apart: Apart) -> bool:
    """Whether its mount is where it was when it was shared."""
    try:
        entry = await (await edit.folder(apart.parts[:-1])).get(apart.parts[-1])
    except (NotFound, NotAFolder):
        return False
    return entry is not None and entry.kind is Kind.MOUNT and entry.id == apart.id


async def _mount_below(reading: Reading, entry: Entry) -> str | None:
    """The way from a folder to the first mount below it. What cannot be read is passed."""
    level = [("", entry)]
    while level:
        nodes = await open_nodes(reading, [(each.keys, each.name) for _, each in level])
        below: list[tuple[str, Entry]] = []
        for (way, _), node in zip(level, nodes, strict=True):
            if not isinstance(node, FolderNode):
                continue
            for each in (await FolderView(reading, node, "").listing()).entries:
                if each.kind is Kind.MOUNT:
                    return way + each.name
                if each.is_folder:
                    below.append((f"{way}{each.name}/", each))
        level = below
    return None


def _takes(way: str, what: str) -> Unfit:
    return Unfit(
        f"{what}/{way} is a shared folder with a space of its own, and would go with {what}",
        hint="move it elsewhere first, or take it back and remove it by itself",
    )
