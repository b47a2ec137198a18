"""Walking what is below a folder: each folder once, a bulk read for all of its subfolders.

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
from client.drive.node import OF_ONE_NODE, FileNode, FolderNode, Node, open_nodes
from client.drive.paths import DrivePath
from client.drive.resolve import Found
from client.drive.types import PICTURES
from client.keys import NodeKeys
from client.space.reading import Reading
from formats.errors import HoldfastError, NotAFolder, TooLarge, Unfit
from formats.limits import INLINE, PATH

MAX_LEVELS: Final = PATH // 2
"""Folders in each other that are walked: as many as a path can name."""
BULK: Final = 512
"""Header leaves opened with one read."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A folder on the way: its path, itself opened, and what is in it."""

    path: DrivePath
    node: FolderNode
    listing: Listing
    reading: Reading


@dataclass(slots=True)
class _Ahead:
    """A folder that is still to be visited."""

    path: DrivePath
    node: Node | HoldfastError


async def walk(
    found: Found, problems: list[HoldfastError], any_depth: bool = False
) -> AsyncGenerator[Visit, None]:
    """Every folder from ``found`` down, parents first, names in order. Mounts are not entered.

    Nor are folders deeper than ``MAX_LEVELS``, unless ``any_depth`` is said: for one's own.
    Folders that cannot be read are noted in ``problems``; so are pages of them.
    Close it (``contextlib.aclosing``) if it may be left early.
    """
    most = None if any_depth else MAX_LEVELS
    seen = {(await found.folder()).keys.label}
    ahead = [_Ahead(found.path, await found.folder())]
    while ahead:
        at = ahead.pop()
        if not isinstance(at.node, FolderNode):
            problems.append(_why_not(at))
            continue
        view = FolderView(found.reading, at.node, str(at.path))
        listing = await view.listing()
        problems += listing.problems
        yield Visit(at.path, at.node, listing, found.reading)
        ahead += reversed(await _below(found.reading, at.path, listing, seen, problems, most))


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


async def _below(
    reading: Reading,
    path: DrivePath,
    listing: Listing,
    seen: set[bytes],
    problems: list[HoldfastError],
    most: int | None,
) -> list[_Ahead]:
    """The subfolders of a folder, opened."""
    entries = []
    for entry in listing.entries:
        if not entry.is_folder:
            continue
        child = path.child(entry.name)
        if entry.keys.label in seen:
            problems.append(Unfit(f"{child} is a folder that was met before"))
        elif most is not None and len(child.parts) > most:
            problems.append(TooLarge(f"{_short(child)} is over {most} folders deep"))
        else:
            seen.add(entry.keys.label)
            entries.append(entry)
    opened = await open_files(reading, entries, path)
    return [_Ahead(path.child(entry.name), node) for entry, node in opened]


def _why_not(at: _Ahead) -> HoldfastError:
    return at.node if isinstance(at.node, HoldfastError) else NotAFolder(f"{at.path} is a file")


def _short(path: DrivePath) -> str:
    """A path of many folders, as it can be read."""
    return f"{DrivePath(path.person, path.parts[:3])}/.../{path.parts[-1]}"
