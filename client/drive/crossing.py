"""Which drive a path is in: one's own, or that of a shared folder with a space of its own.

A verb asks before it begins, and goes on in the drive it is told:

    drive = await inside(drive, target)
    at = drive.own(target)

On the way through folders of the own home nothing is asked of the home that is not known here.
"""

from client.drive.drive import HOME, Drive
from client.drive.edit import TreeEdit
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderView
from client.drive.node import OF_ONE_NODE, open_folder
from client.drive.paths import DrivePath
from client.space.overlay import Overlay
from formats.errors import Denied, NotFound


async def inside(drive: Drive, text: str) -> Drive:
    """The drive in which what a path names is; what is mounted there is in its own."""
    path = drive.path(text)
    return await _crossed(drive, path, path.parts)


async def holding(drive: Drive, text: str) -> Drive:
    """The drive that has the entry of what a path names: that of the folder it stands in."""
    path = drive.path(text)
    return await _crossed(drive, path, path.parts[:-1])


async def _crossed(drive: Drive, path: DrivePath, parts: tuple[str, ...]) -> Drive:
    if path.person is None or not parts:
        return drive
    if path.person != drive.name:
        if drive.outer is not None:
            return await _crossed(drive.outer, path, parts)
        mount, depth = await _shared(drive, path.person, parts[0]), 1
    else:
        mount, depth = await _on_the_way(drive, parts)
    if mount is None:
        return drive
    at = DrivePath(path.person, parts[:depth])
    return await drive.shares.within(drive, at, mount) or drive


async def _on_the_way(drive: Drive, parts: tuple[str, ...]) -> tuple[Entry | None, int]:
    """The first mount on a way down the own home, and how deep it is."""
    edit = TreeEdit(Overlay(await drive.space.at_hand()), drive.root)
    try:
        folder = await edit.hidden_folder(HOME)
        for depth, part in enumerate(parts, 1):
            entry = await folder.get(part)
            if entry is not None and entry.kind is Kind.MOUNT:
                return entry, depth
            if entry is None or not entry.is_folder:
                break
            folder = await edit.open_entry(folder, entry)
    except (NotFound, *OF_ONE_NODE):
        pass  # what is wrong with the way is for the verb to say
    return None, 0


async def _shared(drive: Drive, person: str, name: str) -> Entry | None:
    """What a contact shares under a name, if it is a mount."""
    try:
        reading, keys = await drive.shares.open(person)
    except (Denied, NotFound):
        return None  # nobody's, or nothing is shared: the verb says that it is not ours
    view = FolderView(reading, await open_folder(reading, keys, person), person)
    entry = await view.get(name)
    return entry if entry is not None and entry.kind is Kind.MOUNT else None
