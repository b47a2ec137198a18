"""Walking what is below a folder: each folder once, a bulk read for all of its subfolders.

A shared folder that has a space of its own is entered where its mount stands, if that is asked for.

A hostile member may have written the pages: a folder that was visited already,
above or elsewhere, is told as a problem and not entered again, so a walk ends. Nor
is one entered that is deeper than a path can name: each level costs as many steps.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from client.drive.entry import Entry, Kind
from client.drive.folder import FolderView, Listing
from client.drive.node import OF_ONE_NODE, FileNode, FolderNode, Node, of_path, open_nodes
from client.drive.paths import DrivePath
from client.drive.resolve import Found, enter
from client.drive.types import PICTURES
from client.keys import NodeKeys
from client.space.reading import Reading
from formats.errors import HoldfastError, NotAFolder, NotFound, TooLarge, Unfit
from formats.limits import INLINE, PATH

MAX_LEVELS: Final = PATH // 2
"""Folders in each other that are walked: as many as a path can name."""
BULK: Final = 512
"""Header leaves opened with one read."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A folder on the way: its path, itself opened, and what is in it.

    ``found`` is where the walk came into the space that the folder is in.
    """

    path: DrivePath
    node: FolderNode
    listing: Listing
    found: Found

    @property
    def reading(self) -> Reading:
        """Its space."""
        return self.found.reading


@dataclass(slots=True)
class _Ahead:
    """A folder that is still to be visited, or the mount of one."""

    path: DrivePath
    node: Node | Entry | HoldfastError
    found: Found


@dataclass(slots=True)
class _Walk:
    """What a walk was told, and what it met: spaces and labels in them."""

    problems: list[HoldfastError]
    most: int | None
    across: bool
    seen: set[tuple[bytes, bytes]] = field(default_factory=set)


async def walk(
    found: Found, problems: list[HoldfastError], any_depth: bool = False, across: bool = False
) -> AsyncGenerator[Visit, None]:
    """Every folder from ``found`` down, parents first, names in order.

    ``across``: mounts are entered, too; one that cannot be is noted in ``problems``. Not
    entered are folders deeper than ``MAX_LEVELS``, unless ``any_depth`` is said: for one's own.
    Folders that cannot be read are noted in ``problems``; so are pages of them.
    Close it (``contextlib.aclosing``) if it may be left early.
    """
    going = _Walk(problems, None if any_depth else MAX_LEVELS, across)
    top = await found.folder()
    going.seen.add((found.reading.space, top.keys.label))
    ahead = [_Ahead(found.path, top, found)]
    while ahead:
        at = ahead.pop()
        if isinstance(at.node, Entry):
            at = await _entered(going, at, at.node)
        if not isinstance(at.node, FolderNode):
            problems.append(_why_not(at))
            continue
        view = FolderView(at.found.reading, at.node, str(at.path))
        listing = await view.listing()
        problems += listing.problems
        yield Visit(at.path, at.node, listing, at.found)
        ahead += reversed(await _below(going, at.found, at.path, listing))


async def open_files(
    reading: Reading, entries: Sequence[Entry], path: DrivePath
) -> list[tuple[Entry, Node | HoldfastError]]:
    """The nodes of entries of one folder, opened with bulk reads."""
    opened: list[tuple[Entry, Node | HoldfastError]] = []
    for start in range(0, len(entries), BULK):
        some = entries[start : start + BULK]
        items = [(entry.keys, str(path.child(entry.name))) for entry in some]
        opened += zip(some, await open_nodes(reading, items), strict=True)
    return opened


@dataclass(slots=True)
class Labels:
    """Labels of one folder's own leaves and of the files in it; ``path`` says which folder."""

    path: DrivePath
    labels: list[bytes] = field(default_factory=list)


async def labels_below(found: Found, problems: list[HoldfastError]) -> AsyncGenerator[Labels, None]:
    """Every label of a node and of all below it, a folder at a time, parents first.

    Header leaves, pages and chunks. What cannot be read leaves its labels out and is noted.
    """
    keys = found.keys
    if keys is None:
        return
    if not found.is_folder:
        yield Labels(found.path, await _file_labels(found, keys, problems))
        return
    try:
        await found.folder()
    except OF_ONE_NODE as error:
        problems.append(error)
        yield Labels(found.path, [keys.label])
        return
    async with aclosing(walk(found, problems, any_depth=True)) as visits:
        async for visit in visits:
            view = FolderView(found.reading, visit.node, str(visit.path))
            labels = [visit.node.keys.label, *await view.labels(problems)]
            labels += await labels_of_files(visit, problems)
            yield Labels(visit.path, labels)


def file_labels(node: FileNode) -> list[bytes]:
    """The labels of a file: its header leaf, its thumbnail and its chunks."""
    chunks = map(node.keys.chunk_label, node.header.stored_chunks())
    thumbnail = [node.keys.thumb_label] if node.header.thumb else []
    return [node.keys.label, *thumbnail, *chunks]


def is_one_leaf(entry: Entry) -> bool:
    """Whether a file is known to have no label but its own, without being opened."""
    return entry.size <= INLINE and entry.type not in PICTURES


async def _file_labels(found: Found, keys: NodeKeys, problems: list[HoldfastError]) -> list[bytes]:
    (node,) = await open_nodes(found.reading, [(keys, str(found.path))])
    if isinstance(node, FileNode):
        return file_labels(node)
    problems.append(node if isinstance(node, HoldfastError) else NotAFolder(str(found.path)))
    return [keys.label]


async def labels_of_files(visit: Visit, problems: list[HoldfastError]) -> list[bytes]:
    """Labels of the files in a folder. Most small ones have one, without being opened."""
    files = [entry for entry in visit.listing.entries if entry.kind is Kind.FILE]
    labels = [entry.keys.label for entry in files if is_one_leaf(entry)]
    others = [entry for entry in files if not is_one_leaf(entry)]
    for entry, node in await open_files(visit.reading, others, visit.path):
        if isinstance(node, FileNode):
            labels += file_labels(node)
        else:
            labels.append(entry.keys.label)
            if isinstance(node, HoldfastError):
                problems.append(node)
    return labels


async def _below(going: _Walk, found: Found, path: DrivePath, listing: Listing) -> list[_Ahead]:
    """The subfolders of a folder, opened, and the mounts in it as they stand."""
    folders: list[Entry] = []
    ahead: dict[str, Node | Entry | HoldfastError] = {}
    for entry in listing.entries:
        child = path.child(entry.name)
        if not _leads_on(going, entry):
            continue
        if going.most is not None and len(child.parts) > going.most:
            going.problems.append(TooLarge(f"{_short(child)} is over {going.most} folders deep"))
        elif entry.kind is Kind.MOUNT:
            ahead[entry.name] = entry
        elif _is_new(going, found, child, entry.keys):
            folders.append(entry)
    ahead |= {entry.name: node for entry, node in await open_files(found.reading, folders, path)}
    names = (entry.name for entry in listing.entries if entry.name in ahead)
    return [_Ahead(path.child(name), ahead[name], found) for name in names]


def _leads_on(going: _Walk, entry: Entry) -> bool:
    """Whether there may be something below it that is walked."""
    is_mounted_folder = entry.kind is Kind.MOUNT and not entry.is_mounted_file
    return entry.is_folder or (going.across and is_mounted_folder)


def _is_new(going: _Walk, found: Found, path: DrivePath, keys: NodeKeys) -> bool:
    """Note a folder as met. One that was is told, so that nobody is led in circles."""
    met = (found.reading.space, keys.label)
    if met in going.seen:
        going.problems.append(_met(path))
        return False
    going.seen.add(met)
    return True


async def _entered(going: _Walk, at: _Ahead, mount: Entry) -> _Ahead:
    """The folder that a mount leads to, opened in its own space; or why it is not."""
    try:
        found = await enter(at.found, at.path, mount)
        node = await found.folder()
    except (NotFound, *OF_ONE_NODE) as error:
        return _Ahead(at.path, _named(error, at.path), at.found)
    met = (found.reading.space, node.keys.label)
    if met in going.seen:
        return _Ahead(at.path, _met(at.path), at.found)
    going.seen.add(met)
    return _Ahead(at.path, node, found)


def _named(error: HoldfastError, path: DrivePath) -> HoldfastError:
    """An error that says which path it is about."""
    return error if str(path) in error.message else of_path(error, str(path))


def _why_not(at: _Ahead) -> HoldfastError:
    return at.node if isinstance(at.node, HoldfastError) else NotAFolder(f"{at.path} is a file")


def _met(path: DrivePath) -> Unfit:
    return Unfit(f"{path} is a folder that was met before")


def _short(path: DrivePath) -> str:
    """A path of many folders, as it can be read."""
    return f"{DrivePath(path.person, path.parts[:3])}/.../{path.parts[-1]}"
