"""Is something at or below this shared? Answered by where shared things were last known to be.

Who has access is kept by id, with the path where it was when it was shared. As long as it
stands there, that is all to be asked, however much is below the folder in question.
Only for things that were moved since is it walked, folder by folder.
"""

from collections.abc import Sequence

from client.drive.edit import TreeEdit
from client.drive.entry import Entry
from client.drive.folder import FolderView
from client.drive.node import FolderNode, open_nodes
from client.sharing import access
from client.sharing.access import Access
from client.social.store import System
from client.space.reading import Changing
from formats.errors import NotAFolder, NotFound


async def shares_within(system: System, entry: Entry, parts: Sequence[str]) -> bool:
    """Whether anybody has access to the thing at ``parts`` of the home, or to something below."""
    moved: set[bytes] = set()
    for known in await access.everything(system):
        if known.id == entry.id:
            return True
        if known.space is not None:
            continue  # in a space of its own, which is below nothing here
        if not await _stands(system.edit, known):
            moved.add(known.id)
        elif known.parts[: len(parts)] == tuple(parts):
            return True
    return bool(moved) and await any_below(system.changing, entry, moved)


async def _stands(edit: TreeEdit, known: Access) -> bool:
    """Whether a shared thing is where it was when it was shared."""
    try:
        if not known.parts:
            return (await edit.folder(())).node.header.id == known.id
        entry = await (await edit.folder(known.parts[:-1])).get(known.parts[-1])
    except (NotFound, NotAFolder):
        return False
    return entry is not None and entry.id == known.id


async def any_below(changing: Changing, entry: Entry, wanted: set[bytes]) -> bool:
    """Whether one of these ids is in a folder at or below an entry. What cannot be read is passed.

    Nobody is led to a thing by a page that its owner cannot read.
    """
    level = [entry] if entry.is_folder else []
    while level:
        nodes = await open_nodes(changing, [(each.keys, each.name) for each in level])
        level = []
        for node in nodes:
            if isinstance(node, FolderNode):
                entries = (await FolderView(changing, node, "").listing()).entries
                if any(each.id in wanted for each in entries):
                    return True
                level += [each for each in entries if each.is_folder]
    return False
