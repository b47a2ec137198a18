"""Rotations of one space, step by step: bounded commits, until no folder is noted as due.

One step takes a folder from ``system/rotations``, rotates the children on some of
its pages, notes those that are folders, and strikes it off when no page is due. All
that in one commit, so it can be cut off anywhere, and two devices may do it at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from client.drive.entry import Entry
from client.drive.folder import FolderEdit
from client.drive.node import OF_ONE_NODE, FolderNode, open_folder
from client.session import Session
from client.sharing import underway
from client.sharing.revoke import settle
from client.sharing.rotate import due_pages, rotate_pages
from client.social.store import GUESTS, MOVES, ROTATIONS, System
from client.space.committer import OwnSpace
from client.space.reading import Changing
from formats.errors import NotFound
from formats.limits import INLINE

ENOUGH: Final = 48 * 1024 * 1024
"""Bytes that one commit rotates, about: many small folders share one. A commit writes anew the
tree's nodes above what it changes, so one of many costs much less than many of few."""
BROKEN: Final = (NotFound, *OF_ONE_NODE)
"""What is wrong with a space whose system folder, or what leads to it, nobody can open."""
TOGETHER: Final = 8
"""Pages whose children are read together: at most some thousand small files."""
_NODE: Final = 2 * 1024
"""What a node counts besides what is in it: its header, its leaf, its part of the tree."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A space in which files change, and its system folder within an operation."""

    space: OwnSpace
    system: Callable[[Changing], System]


def root_ground(session: Session) -> Ground:
    """One's own root space."""
    return Ground(session.space, lambda changing: System(session, changing))


async def finish_in(ground: Ground) -> int:
    """Finish the rotations of one space; how many commits it took."""
    commits = 0
    while await step(ground):
        commits += 1
    return commits


async def step(ground: Ground) -> bool:
    """One commit of it; False if nothing is due."""
    most = 2 * ENOUGH

    async def operation(changing: Changing) -> bool:
        nonlocal most
        most //= 2  # again, because others commit meanwhile: less, and so sooner done
        system = ground.system(changing)
        folder = await system.find(ROTATIONS)
        rotated = 0
        while folder is not None and rotated < most and (due := await _first(folder)):
            rotated += await _go_on(system, folder, due, most - rotated)
        if rotated:
            await underway.went_on(system, changing.taken_away)
        await system.flush()
        return rotated > 0

    return await ground.space.commit(operation)


async def is_pending(system: System) -> bool:
    """Whether a rotation is not finished, a folder on its way, or guests do not follow a circle."""
    for name in (ROTATIONS, MOVES, GUESTS):
        folder = await system.find(name)
        if folder is not None and await _first(folder) is not None:
            return True
    return False


async def is_pending_there(tree: System) -> bool:
    """The same of a space in which guests write: what they broke cannot be finished."""
    try:
        return await is_pending(tree)
    except BROKEN:
        return False


async def _first(folder: FolderEdit) -> Entry | None:
    entries = (await folder.listing()).entries
    return entries[0] if entries else None


async def _go_on(system: System, noted: FolderEdit, due: Entry, most: int) -> int:
    """Rotate the children on some pages of a folder that is due; how many bytes, counting it."""
    try:
        folder: FolderNode = await open_folder(system.changing, due.keys, "a folder")
        pages = await due_pages(system.changing, folder)
    except OF_ONE_NODE:
        # Deleted meanwhile, or damaged: nobody can read what is below it.
        await noted.remove(due.name)
        return _NODE
    rotated, size = list[Entry](), _NODE
    while pages and (size < most or not rotated):
        # Each page but the root page has a leaf of its own; the root page's is the folder's.
        some, pages = pages[:TOGETHER], pages[TOGETHER:]
        children = await rotate_pages(system.changing, folder, some)
        rotated += children
        size += sum(map(_size, children)) + len(some) * _NODE
    await settle(system, rotated)
    if not pages:
        await noted.remove(due.name)
    return size


def _size(entry: Entry) -> int:
    """Bytes that rotating a file or folder writes, about: the content of a small file is in it."""
    return _NODE + (entry.size if entry.size <= INLINE else 0)
