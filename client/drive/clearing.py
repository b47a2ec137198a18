"""Clearing what was removed: the leaves below an entry that nobody sees any more.

Little goes in the commit that takes the entry away. Much would make that commit
as large as what it removes; then the entry moves to a journal instead,
``system/jobs`` below the root, in the same commit. From there its labels are
deleted in commits of bounded size, each folder after what is in it, and at last
the journal's entry. A crash leaves the entry there, and ``clear`` goes on with it.
"""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

from client.drive.drive import JOBS, Drive
from client.drive.edit import TreeEdit
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderEdit, FolderView
from client.drive.node import OF_ONE_NODE, FileNode, FolderNode, open_node
from client.drive.resolve import descend, find_hidden
from client.drive.walk import file_labels, is_one_leaf, labels_below
from client.keys import NodeKeys
from client.space.reading import Changing
from crypto.secret import random_bytes
from formats.errors import HoldfastError

AT_ONCE: Final = 256
"""Labels that go in the commit that removes the entry."""
BATCH: Final = 4096
"""Labels that one commit of clearing deletes, about."""
CLEAR: Final = "clear-"
"""How the names of such entries in the journal begin."""


async def discard(drive: Drive, edit: TreeEdit, entry: Entry, what: str) -> bool:
    """Let go of a node whose entry is being removed. True if ``clear`` has to do the rest."""
    if entry.kind is Kind.LINK:
        return False
    await drive.grants.removed(edit, entry)
    return await let_go(drive, edit, entry, what)


async def let_go(drive: Drive, edit: TreeEdit, entry: Entry, what: str) -> bool:
    """As ``discard``, of something to which nobody else has access any more."""
    if entry.kind is Kind.LINK:
        return False
    labels = None if entry.kind is Kind.MOUNT else await _few_labels(edit, entry, what)
    if labels is not None:
        for label in labels:
            edit.changing.delete(label)
        edit.forget(entry.keys)
        return False
    jobs = await jobs_folder(drive, edit)
    await jobs.put(replace(entry, name=CLEAR + random_bytes(8).hex(), extra={}))
    return True


async def jobs_folder(drive: Drive, edit: TreeEdit) -> FolderEdit:
    """The journal's folder; made if it is not there."""
    return await edit.way(await edit.hidden_folder(()), JOBS, drive.now_ns())


async def clear(drive: Drive) -> int:
    """Clear everything in the journal; how many entries that were. Idempotent, resumable."""
    cleared = 0
    for entry in await _journal(drive):
        await _clear(drive, entry)
        cleared += 1
    return cleared


async def _journal(drive: Drive) -> list[Entry]:
    """The entries to be cleared."""
    jobs = await find_hidden(drive, JOBS)
    if jobs is None:
        return []
    view = FolderView(jobs.reading, await jobs.folder(), str(jobs.path))
    entries = (await view.listing()).entries
    return [entry for entry in entries if entry.name.startswith(CLEAR)]


async def _clear(drive: Drive, entry: Entry) -> None:
    """Delete every label below an entry, what is deepest first, then the entry itself."""
    jobs = await find_hidden(drive, JOBS)
    if jobs is None:
        return
    if entry.kind is Kind.MOUNT:
        await _clear_space(drive, entry)
        return
    found = await descend(drive, jobs, [entry.name])
    problems: list[HoldfastError] = []  # what cannot be read holds nothing that can be found
    async with aclosing(labels_below(found, problems)) as below:
        folders = [labels async for labels in below]
    batch: list[bytes] = []
    for labels in reversed(folders):
        for label in reversed(labels.labels):  # whatever leads to others goes after them
            batch.append(label)
            if len(batch) >= BATCH:
                await _delete(drive, batch, None)
                batch = []
    await _delete(drive, batch, entry)


async def _clear_space(drive: Drive, entry: Entry) -> None:
    """Nothing more in a space of one's own that was mounted; somebody else's is let be."""
    inner = await drive.shares.within(drive, drive.at(entry.name), entry)
    if inner is not None and entry.owner == (await drive.space.at_hand()).owner:

        async def empty(changing: Changing) -> None:
            changing.empty()

        await inner.space.commit(empty)
    await _delete(drive, [], entry)


async def try_clear(drive: Drive) -> HoldfastError | None:
    """As ``clear``; why it could not be finished. The journal has the rest for the next time."""
    try:
        await clear(drive)
    except HoldfastError as error:
        return error
    return None


async def _delete(drive: Drive, labels: Sequence[bytes], entry: Entry | None) -> None:
    async def operation(changing: Changing) -> None:
        for label in labels:
            changing.delete(label)
        if entry is not None:
            edit = TreeEdit(changing, drive.root, "/")
            await (await jobs_folder(drive, edit)).remove(entry.name)
            await edit.flush()

    await drive.space.commit(operation)


async def _few_labels(edit: TreeEdit, entry: Entry, what: str) -> list[bytes] | None:
    """Every label below an entry, if they are few and all of it can be read; else None."""
    few = _Few([], [(entry.keys, what)])
    while few.ahead:
        keys, path = few.ahead.pop()
        if not await few.add(edit.changing, keys, path) or len(few.labels) > AT_ONCE:
            return None
    return few.labels


@dataclass(slots=True)
class _Few:
    """Labels found so far, and nodes still to be looked at."""

    labels: list[bytes]
    ahead: list[tuple[NodeKeys, str]]

    async def add(self, changing: Changing, keys: NodeKeys, what: str) -> bool:
        """Add a node's labels; False if it cannot be read."""
        try:
            node = await open_node(changing, keys, what)
        except OF_ONE_NODE:
            return False
        if isinstance(node, FileNode):
            if node.header.chunks > AT_ONCE:
                return False
            self.labels += file_labels(node)
            return True
        return await self._add_folder(changing, node, what)

    async def _add_folder(self, changing: Changing, node: FolderNode, what: str) -> bool:
        view = FolderView(changing, node, what)
        listing = await view.listing()
        self.labels += [node.keys.label, *await view.labels([])]
        for entry in listing.entries:
            if entry.kind is Kind.FILE and is_one_leaf(entry):
                self.labels.append(entry.keys.label)
            elif entry.kind in (Kind.FILE, Kind.FOLDER):
                self.ahead.append((entry.keys, f"{what}/{entry.name}"))
        return not listing.problems and len(self.labels) + len(self.ahead) <= AT_ONCE
