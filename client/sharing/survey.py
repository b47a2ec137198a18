"""Walking everything below a node: each label it has, and the grants further down.

Read level by level, many nodes in one request. What cannot be opened is passed
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
from client.drive.walk import file_labels
from client.keys import NodeKeys
from client.space.reading import Reading
from crypto.secret import Secret
from formats.errors import HoldfastError

BATCH: Final = 256
"""Nodes opened in one request."""

Names = tuple[str, ...]


@dataclass(slots=True)
class Survey:
    """All labels at and below a node. ``granted``: names from the node to each shared one below.

    ``problems``: what could not be opened.
    """

    labels: set[bytes] = field(default_factory=set)
    granted: list[Names] = field(default_factory=list)
    ids: list[bytes] = field(default_factory=list)
    problems: list[HoldfastError] = field(default_factory=list)


async def survey(reading: Reading, entry: Entry, shared: set[bytes]) -> Survey:
    """Walk a file or folder. ``shared``: ids of what somebody has a grant to."""
    return await _down(reading, [((), entry.keys)], shared)


async def read_ahead(reading: Reading, entries: Sequence[Entry]) -> None:
    """Read many files and folders, and all below them, together: a few requests for each level.

    What is walked one by one after that is at hand, as far as the cache reaches.
    """
    if len(entries) > 1:
        await _down(reading, [((), each.keys) for each in entries], set())


async def _down(
    reading: Reading, level: list[tuple[Names, NodeKeys]], shared: set[bytes]
) -> Survey:
    found = Survey()
    while level:
        below: list[tuple[Names, NodeKeys]] = []
        for start in range(0, len(level), BATCH):
            below += await _walk(reading, level[start : start + BATCH], shared, found)
        level = below
    return found


async def _walk(
    reading: Reading, nodes: Sequence[tuple[Names, NodeKeys]], shared: set[bytes], found: Survey
) -> list[tuple[Names, NodeKeys]]:
    """Take in some nodes; their children."""
    opened = await open_nodes(reading, [(keys, "/".join(names)) for names, keys in nodes])
    below: list[tuple[Names, NodeKeys]] = []
    for (names, keys), node in zip(nodes, opened, strict=True):
        found.labels.add(keys.label)
        if isinstance(node, HoldfastError):
            found.problems.append(node)
        elif isinstance(node, FileNode):
            found.ids.append(node.header.id)
            found.labels.update(file_labels(node))
        else:
            found.ids.append(node.header.id)
            below += await _children(reading, names, node, shared, found)
        await trio.lowlevel.checkpoint()
    return below


async def _children(
    reading: Reading, names: Names, node: FolderNode, shared: set[bytes], found: Survey
) -> list[tuple[Names, NodeKeys]]:
    view = FolderView(reading, node, "/".join(names))
    pages = await view.pages(found.problems)
    found.labels.update(node.keys.page_label(page.prefix) for page in pages if page.prefix)
    below: list[tuple[Names, NodeKeys]] = []
    for child in (each for page in pages for each in page.all()):
        if isinstance(child, Quarantined):
            found.labels.update(_labels_of(child))
        elif has_node(child):
            below.append(((*names, child.name), child.keys))
            if child.id in shared:
                found.granted.append((*names, child.name))
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
