"""Where a tree that is searched is read: a home, what somebody shares, a shared folder's own space.

Each is a call that gives the newest reading and the keys of the folder at the top.
"""

from collections.abc import Awaitable, Callable

from client.drive.drive import Drive
from client.drive.entry import Entry
from client.drive.resolve import resolve
from client.keys import NodeKeys
from client.space.reading import Reading
from formats.errors import NotFound

Source = Callable[[], Awaitable[tuple[Reading, NodeKeys]]]


async def of_person(drive: Drive, person: str) -> tuple[Reading, NodeKeys]:
    """One's own home, or what a contact shares."""
    return await drive.shares.open(person) if person != drive.name else await _of_home(drive)


async def of_mount(drive: Drive, path: str, entry: Entry) -> tuple[Reading, NodeKeys]:
    """The space of a shared folder, from the mount that stands at ``path``."""
    inner = await drive.shares.within(drive, drive.path(path), entry)
    if inner is not None:
        return await _of_home(inner)
    owner, space = entry.owner or b"", entry.space or b""
    return await drive.shares.mounted(owner, space, entry.keys), entry.keys


async def _of_home(drive: Drive) -> tuple[Reading, NodeKeys]:
    home = await resolve(drive, drive.at())
    if home.keys is None:
        raise NotFound("there is no home folder")
    return await drive.space.reading(), home.keys
