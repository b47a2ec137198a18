"""Files with a space of their own, as they stand in a folder of another one.

What their mounts say of size and time is from when they were shared. Whoever lists them is
told what is so now, from their headers; where that cannot be read, what the mount says.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from client.drive.entry import Entry
from client.drive.node import OF_ONE_NODE
from client.drive.paths import DrivePath
from client.drive.resolve import Found, enter
from formats.errors import NotFound, Unreachable

MOST: Final = 64
"""Files of one listing that are looked at: a request each where nothing of them is known yet."""


async def as_they_are(above: Found, path: DrivePath, entries: Iterable[Entry]) -> list[Entry]:
    """Entries of the folder ``path``, somewhere below ``above``: mounted files as they are now."""
    shown, looked = list[Entry](), 0
    for entry in entries:
        if entry.is_mounted_file and looked < MOST:
            looked += 1
            shown.append(await _as_it_is(above, path.child(entry.name), entry))
        else:
            shown.append(entry)
    return shown


async def _as_it_is(above: Found, path: DrivePath, entry: Entry) -> Entry:
    try:
        header = (await (await enter(above, path, entry)).file()).header
    except (NotFound, Unreachable, *OF_ONE_NODE):
        return entry
    size, modified = header.size, header.modified
    executable, type_ = header.executable, header.type
    return replace(entry, size=size, modified=modified, executable=executable, type=type_)
