"""Walking everything below a node: each label it has, and the grants further down.

Read level by level, many nodes in one request. A small file is not read at all, where entries
are believed: its labels follow from its entry. What cannot be opened is passed
over: its own label is known all the same, and nobody can read what is below it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import trio

from client.drive.entry import Entry, Kind, Quarantined
from client.drive.folder import FolderView
from client.drive.node import FileNode, FolderNode, open_nodes
from client.drive.page import Page
from client.drive.types import PICTURES
from client.drive.walk import file_labels
from client.keys import NodeKeys
from client.space.reading import Reading
from crypto.secret import Secret
from formats.errors import HoldfastError
from formats.limits import INLINE

BATCH: Final = 256
"""Nodes opened in one request."""
_PAUSE: Final = 64
"""Entries taken in before others get a turn."""

Names = tuple[str, ...]
_Level = list[tuple[Names, Entry]]


@dataclass(slots=True)
class Survey:
    """All labels at and below a node. ``granted``: names from the node to each shared one below.

    ``believing``: entries are one's own devices' word, and say how large a file is.
    ``problems``: what could not be opened.
    """

    shared: set[bytes]
    believing: bool = False
    labels: set[bytes] = field(default_factory=set)
    granted: list[Names] = field(default_factory=list)
    ids: list[bytes] = field(default_factory=list)
    problems: list[HoldfastError] = field(default_factory=list)


async def survey(
    reading: Reading, entry: Entry, shared: set[bytes], believing: bool = False
) -> Survey:
    """Walk a file or folder. ``shared``: ids of what somebody has a grant to.

    ``believing`` the entries, most files are not opened: only in a space where nobody else writes.
    There may be labels then that nothing is at: a small picture's thumbnail, which it may not have.
    """
    found = Survey(shared, believing)
    if not _is_told(entry, found):
        await _down(reading, [((), entry)], found)
    return found


async def read_ahead(reading: Reading, entries: Sequence[Entry]) -> None:
    """Read many files and folders, and the folders below them, together.

    What ``survey``, believing, reads one by one after that is at hand, as far as the cache reaches.
    """
    if len(entries) > 1:
        files = [(each.keys, "") for each in entries if each.kind is Kind.FILE]
        for start in range(0, len(files), BATCH):
            await open_nodes(reading, files[start : start + BATCH])
        folders: _Level = [((), each) for each in entries if each.kind is Kind.FOLDER]
        await _down(reading, folders, Survey(set(), believing=True))


async def _down(reading: Reading, level: _Level, found: Survey) -> None:
    while level:
        below: _Level = []
        for start in range(0, len(level), BATCH):
            below += await _walk(reading, level[start : start + BATCH], found)
        level = below


def _is_told(entry: Entry, found: Survey) -> bool:
    """Take in a file whose labels its entry tells, if it does."""
    if not found.believing or entry.kind is not Kind.FILE or entry.size > INLINE:
        return False
    found.labels.add(entry.keys.label)
    if entry.type in PICTURES:
        found.labels.add(entry.keys.thumb_label)
    if entry.id is not None:
        found.ids.append(entry.id)
    return True


async def _walk(reading: Reading, nodes: _Level, found: Survey) -> _Level:
    """Take in some nodes; their children."""
    items = [(entry.keys, "/".join(names)) for names, entry in nodes]
    opened = await open_nodes(reading, items)
    below: _Level = []
    for (names, entry), node in zip(nodes, opened, strict=True):
        found.labels.add(entry.keys.label)
        if isinstance(node, HoldfastError):
            found.problems.append(node)
        elif isinstance(node, FileNode):
            found.ids.append(node.header.id)
            found.labels.update(file_labels(node))
        else:
            found.ids.append(node.header.id)
            below += await _children(reading, names, node, found)
        await trio.lowlevel.checkpoint()
    return below


async def _children(reading: Reading, names: Names, node: FolderNode, found: Survey) -> _Level:
    view = FolderView(reading, node, "/".join(names))
    pages = await view.pages(found.problems)
    found.labels.update(node.keys.page_label(page.prefix) for page in pages if page.prefix)
    below: _Level = []
    for at, child in enumerate(each for page in pages for each in page.all()):
        if isinstance(child, Quarantined):
            found.labels.update(_labels_of(child))
        elif has_node(child):
            if not _is_told(child, found):
                below.append(((*names, child.name), child))
            if child.id in found.shared:
                found.granted.append((*names, child.name))
        if at % _PAUSE == _PAUSE - 1:
            await trio.lowlevel.checkpoint()
    return below


def has_node(entry: Entry) -> bool:
    """Whether it is a file or folder of this space; links and mounts have no labels here."""
    return entry.kind in (Kind.FILE, Kind.FOLDER)


def children(page: Page) -> list[Entry]:
    """The files and folders on a page."""
    return [each for each in page.all() if isinstance(each, Entry) and has_node(each)]


def _labels_of(bad: Quarantined) -> Iterator[bytes]:
    """What an entry that cannot be shown may give away all the same."""
    secret = bad.value.get("secret") if isinstance(bad.value, dict) else None
    if isinstance(secret, bytes) and len(secret) == 32:
        yield NodeKeys(Secret(secret)).label
