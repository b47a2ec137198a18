"""Making a sealed version the file's: one commit of what changed, or nothing.

The operation finds the file by its id and looks whether it still is the version
that the handle stands on. What it notes is the header leaf, the chunk leaves that
are new, and the one page that has the file's entry.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

from client.drive.drive import Drive
from client.drive.entry import Entry
from client.drive.handle.place import Place, find_file
from client.drive.handle.saving import Sealed
from client.drive.handle.version import Version
from client.drive.node import open_file
from client.drive.paths import DrivePath
from client.drive.target import home_edit
from client.keys import NodeKeys
from client.space.reading import Changing
from formats.errors import Conflict


@dataclass(frozen=True, slots=True)
class Committed:
    """It is the file's version now; ``path`` is where the file is."""

    path: DrivePath


@dataclass(frozen=True, slots=True)
class Gone:
    """No folder names the file any more; nothing was noted."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """The file has other keys now, for access to it was taken back; nothing was noted."""

    path: DrivePath
    keys: NodeKeys


Answer: TypeAlias = Committed | Gone | Renewed


async def commit_version(
    drive: Drive, path: DrivePath, version: Version, sealed: Sealed, session: bytes | None
) -> Answer:
    """Replace ``version`` by what is sealed; raises Conflict if it is not the newest any more."""

    async def operation(changing: Changing) -> Answer:
        edit = home_edit(drive, changing)
        place = await find_file(drive, edit, path, version.header.id)
        if place is None:
            return Gone()
        if place.entry.secret != sealed.keys.secret:
            return Renewed(place.path, place.entry.keys)
        node = await open_file(changing, sealed.keys, str(place.path))
        if node.leaf.header != version.node.leaf.header:
            raise changed_meanwhile(place.path)
        if session is not None:
            changing.use_staging(session)
        _note(changing, sealed)
        if node.header.thumb:  # of what is not there any more
            changing.delete(sealed.keys.thumb_label)
        await place.folder.put(_entry(place, sealed))
        await edit.flush()
        return Committed(place.path)

    return await drive.space.commit(operation)


def changed_meanwhile(path: DrivePath) -> Conflict:
    """For a file that has a newer version than the one that was opened."""
    return Conflict(
        f"{path} was changed by somebody else since it was opened",
        hint="what was written can be kept beside it",
    )


def _note(changing: Changing, sealed: Sealed) -> None:
    changing.put(sealed.keys.label, sealed.leaf)
    for chunk, leaf in sealed.chunks.items():
        changing.put(sealed.keys.chunk_label(chunk), leaf)
    for chunk in sealed.gone:
        changing.delete(sealed.keys.chunk_label(chunk))


def _entry(place: Place, sealed: Sealed) -> Entry:
    header = sealed.header
    return replace(
        place.entry, size=header.size, modified=header.modified, executable=header.executable
    )
