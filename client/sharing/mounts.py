"""Where folders of mine with spaces of their own stand: none is removed unseen with what is above.

A mount is what leads to its space. Who removes a folder means what is in that folder, and may
not know that others work on something further down.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from client.drive.drive import HOME
from client.drive.edit import TreeEdit, need
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderView
from client.drive.node import FolderNode, open_nodes
from client.session import Session
from client.sharing import access, guests
from client.sharing.guests import Apart
from client.sharing.place import full_path
from client.social.store import System
from client.space.overlay import Overlay
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
    if not lost:
        return
    async with aclosing(_mounts_below(system.changing, entry)) as below:
        async for way, _ in below:
            raise _takes(way, what)


async def shared_folders(session: Session) -> list[str]:
    """The paths of what is mine and has a space of its own, sorted. In the trash is none."""
    return sorted((await shared_spaces(session)).values())


async def shared_spaces(session: Session) -> dict[bytes, str]:
    """The path of each space of mine but the root space, by its id.

    The home is walked only if one is not where it is said to be.
    """
    changing = Overlay(await session.space.reading())
    edit = TreeEdit(changing, session.root.keys, "", HOME)
    aparts = await guests.everything(System(session, changing, edit))
    if all([await _stands(edit, apart) for apart in aparts]):
        return {apart.space: full_path(session, apart.parts) for apart in aparts}
    top = await need(await edit.hidden_folder(()), *HOME)
    own = {apart.id: apart.space for apart in aparts}
    async with aclosing(_mounts_below(changing, top)) as below:
        return {own[id]: full_path(session, (way,)) async for way, id in below if id in own}


async def _stands(edit: TreeEdit, apart: Apart) -> bool:
    """Whether its mount is where it was when it was shared."""
    try:
        entry = await (await edit.folder(apart.parts[:-1])).get(apart.parts[-1])
    except (NotFound, NotAFolder):
        return False
    return entry is not None and entry.kind is Kind.MOUNT and entry.id == apart.id


async def _mounts_below(
    reading: Reading, entry: Entry
) -> AsyncGenerator[tuple[str, bytes | None], None]:
    """The way from a folder to each mount below it, and its id. What cannot be read is passed."""
    level = [("", entry)]
    while level:
        nodes = await open_nodes(reading, [(each.keys, each.name) for _, each in level])
        below: list[tuple[str, Entry]] = []
        for (way, _), node in zip(level, nodes, strict=True):
            if not isinstance(node, FolderNode):
                continue
            for each in (await FolderView(reading, node, "").listing()).entries:
                if each.kind is Kind.MOUNT:
                    yield way + each.name, each.id
                if each.is_folder:
                    below.append((f"{way}{each.name}/", each))
        level = below


def _takes(way: str, what: str) -> Unfit:
    return Unfit(
        f"{what}/{way} is a shared folder with a space of its own, and would go with {what}",
        hint="move it elsewhere first, or take it back and remove it by itself",
    )
