"""Where a file is now: others may have renamed or moved it since it was opened.

A handle follows the file id. The file is looked for where it was last; then in the
whole home, which takes as long as listing it, and is needed only when somebody
moved it, or a folder above it, meanwhile.
"""

from contextlib import aclosing
from dataclasses import dataclass

from client.drive.drive import Drive
from client.drive.edit import TreeEdit
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderEdit
from client.drive.paths import DrivePath
from client.drive.resolve import Found
from client.drive.walk import walk
from client.space.reading import Reading
from formats.errors import HoldfastError, NotAFolder, NotFound


@dataclass(frozen=True, slots=True)
class Place:
    """A file in a state that is being changed: its folder, its entry there, its path."""

    folder: FolderEdit
    entry: Entry
    path: DrivePath


async def find_file(drive: Drive, edit: TreeEdit, path: DrivePath, id: bytes) -> Place | None:
    """Where the file with this id is, at best at ``path``; None if no folder names it any more."""
    try:
        folder = await edit.folder(path.parent.parts)
    except (NotFound, NotAFolder):
        return await _anywhere(drive, edit, id)
    entry = await folder.get(path.name)
    if entry is not None and _is_it(entry, id):
        return Place(folder, entry, path)
    return await _anywhere(drive, edit, id)


async def _anywhere(drive: Drive, edit: TreeEdit, id: bytes) -> Place | None:
    """A walk through the home, as it is in this state."""
    top = await edit.folder(())

    async def same() -> Reading:
        return edit.changing

    home = Found(drive.at(), edit.changing, top.node.keys, None, same)
    problems: list[HoldfastError] = []  # what cannot be read cannot be changed either
    async with aclosing(walk(home, problems)) as visits:
        async for visit in visits:
            for entry in visit.listing.entries:
                if _is_it(entry, id):
                    folder = await edit.folder(visit.path.parts)
                    return Place(folder, entry, visit.path.child(entry.name))
    return None


def _is_it(entry: Entry, id: bytes) -> bool:
    return entry.kind is Kind.FILE and entry.id == id
