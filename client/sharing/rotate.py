"""Rotation: a new secret for one node; and every label of a subtree, to be retired.

A node that gets a new secret gets a new label, lock and header key. Only what is
small is written again: its header, its folder pages, the leaves of its chunks.
Segments stay where they are, under the data key that sealed them; what is
written later has a key of its own anyway. A folder's pages hold the secrets of
its children, so they are sealed under a new data key.

The old leaves go in the same operation: old xor new is reachable, never neither.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from client.drive.entry import Entry, Kind
from client.drive.folder import FolderView
from client.drive.header import seal_header
from client.drive.node import (
    FileNode,
    FolderNode,
    lock_of,
    missing,
    open_node,
    open_nodes,
)
from client.drive.page import Page, seal_page
from client.keys import NodeKeys, new_node_secret
from client.space.reading import Changing, Reading
from formats.errors import HoldfastError
from formats.leaf import Leaf
from formats.limits import INLINE

HAS_LABELS: Final = (Kind.FILE, Kind.FOLDER)
"""Entries that have labels in this space: links have none, mounts have them elsewhere."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """A node under its new secret: its opened self, and the entry that names it now."""

    node: FileNode | FolderNode
    entry: Entry


async def rotate(changing: Changing, entry: Entry, what: str) -> Rotated:
    """Give the node of an entry a new secret; the caller puts the new entry in its folder.

    Raises Withheld or Damaged, naming ``what``, when something of it cannot be
    read: then nothing of it may be noted, since what is lost would be left behind.
    """
    node = await open_node(changing, entry.keys, what)
    keys = NodeKeys(new_node_secret())
    if isinstance(node, FileNode):
        new: FileNode | FolderNode = await _rotate_file(changing, node, keys, what)
    else:
        new = await _rotate_folder(changing, node, keys, what)
    return Rotated(new, replace(entry, secret=keys.secret))


async def labels_below(
    reading: Reading, nodes: Sequence[tuple[NodeKeys, str]], problems: list[HoldfastError]
) -> list[bytes]:
    """Every label of these nodes and all below them: headers, pages, chunks.

    What cannot be read is noted in ``problems``; its own label is still there.
    """
    labels: list[bytes] = []
    async for found in _levels(reading, nodes, problems):
        labels += found
    return labels


async def _levels(
    reading: Reading, nodes: Sequence[tuple[NodeKeys, str]], problems: list[HoldfastError]
) -> AsyncIterator[list[bytes]]:
    """The labels of one level of the tree after another: one bulk read of headers each."""
    level = list(nodes)
    while level:
        labels = [keys.label for keys, _ in level]
        below: list[tuple[NodeKeys, str]] = []
        opened = await open_nodes(reading, level)
        for node, (_, what) in zip(opened, level, strict=True):
            if isinstance(node, HoldfastError):
                problems.append(node)
            elif isinstance(node, FileNode):
                labels += map(node.keys.chunk_label, node.header.stored_chunks())
            else:
                labels += await _children(reading, node, what, below, problems)
        yield labels
        level = below


async def _children(
    reading: Reading,
    node: FolderNode,
    what: str,
    below: list[tuple[NodeKeys, str]],
    problems: list[HoldfastError],
) -> list[bytes]:
    """The page labels of a folder, and the labels of small files in it; the rest goes below."""
    view = FolderView(reading, node, what)
    listing = await view.listing()
    problems += listing.problems
    labels = await view.labels(problems)
    for entry in listing.entries:
        if entry.kind not in HAS_LABELS:
            continue
        if entry.kind is Kind.FILE and entry.size <= INLINE:
            labels.append(entry.keys.label)
        else:
            below.append((entry.keys, f"{what}/{entry.name}"))
    return labels


async def _rotate_file(changing: Changing, node: FileNode, keys: NodeKeys, what: str) -> FileNode:
    """The header under its new key, the chunks under their new labels and locks."""
    leaf = Leaf(lock_of(keys, keys.label), seal_header(keys, node.header), node.leaf.body)
    changing.delete(node.keys.label)
    changing.put(keys.label, leaf)
    await _move_chunks(changing, node, keys, what)
    return FileNode(keys, leaf, node.header)


async def _move_chunks(changing: Changing, node: FileNode, keys: NodeKeys, what: str) -> None:
    old = {chunk: node.keys.chunk_label(chunk) for chunk in node.header.stored_chunks()}
    if not old:
        return
    leaves = await changing.leaves([node.keys.ref(label) for label in old.values()])
    for chunk, label in old.items():
        leaf = leaves.get(label)
        if leaf is None:
            raise missing(what)
        new = keys.chunk_label(chunk)
        changing.delete(label)
        changing.put(new, Leaf(lock_of(keys, new), segments=leaf.segments))


async def _rotate_folder(
    changing: Changing, node: FolderNode, keys: NodeKeys, what: str
) -> FolderNode:
    """The header under its new key, every page under a new data key and label."""
    pages = await all_pages(changing, node, what)
    header = replace(node.header, ring=node.header.ring.replaced(node.header.id))
    root_page, *others = pages
    for page in others:
        label = keys.page_label(page.prefix)
        body = seal_page(header, page.prefix, page.encode())
        changing.delete(node.keys.page_label(page.prefix))
        changing.put(label, Leaf(lock_of(keys, label), body=body))
    body = seal_page(header, b"", root_page.encode())
    leaf = Leaf(lock_of(keys, keys.label), seal_header(keys, header), body)
    changing.delete(node.keys.label)
    changing.put(keys.label, leaf)
    return FolderNode(keys, leaf, header)


async def all_pages(reading: Reading, node: FolderNode, what: str) -> list[Page]:
    """Every page of a folder, the root page first; raises what keeps one from being read."""
    problems: list[HoldfastError] = []
    pages = await FolderView(reading, node, what).pages(problems)
    if problems:
        raise problems[0]
    return pages


def rotatable(entries: Iterable[Entry]) -> list[Entry]:
    """Those entries whose nodes have labels in this space."""
    return [entry for entry in entries if entry.kind in HAS_LABELS]
