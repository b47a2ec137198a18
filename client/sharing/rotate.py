"""New secrets for files and folders: other labels, locks and header keys; no content moves.

    a file     its header sealed anew with one more data key, its chunk leaves at new labels
    a folder   the same, its pages at new labels as they are; ``rotate_pages`` then goes
               through a page's children, and seals it under the new data key

So a page that is sealed under an older generation than its folder's newest is one
whose children are still to be rotated: nothing else needs to be noted to go on
after an interruption (docs/spec/sharing.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

import trio

from client.drive.entry import Entry
from client.drive.folder import FolderView
from client.drive.header import FolderHeader, seal_header
from client.drive.node import (
    OF_ONE_NODE,
    FileNode,
    FolderNode,
    Node,
    header_leaf,
    inline_content,
    inline_leaf,
    leaves_apart,
    lock_of,
    missing,
    open_nodes,
)
from client.drive.page import Page, seal_page
from client.drive.ring import MAX_RING, Ring
from client.drive.thumbnails.sealed import open_thumbnail, thumbnail_leaf
from client.drive.walk import file_labels
from client.keys import NodeKeys, new_node_secret
from client.sharing.survey import children
from client.space.reading import Changing
from formats.errors import HoldfastError
from formats.leaf import GENERATION_SIZE, Leaf

T = TypeVar("T")

AT_ONCE: Final = 1024
"""Leaves read in one request."""
_PAUSE: Final = 8
"""Files and folders rotated before others get a turn: a third of a millisecond each."""


async def rotate_node(changing: Changing, node: Node) -> NodeKeys:
    """Give a node a new secret, and take away everything under the old one.

    Raises Withheld or Damaged if part of it cannot be read, having noted nothing:
    what is lost for now must not be left behind.
    """
    new = NodeKeys(new_node_secret())
    if isinstance(node, FileNode):
        await _rotate_file(changing, node, new)
    else:
        await _rotate_folder(changing, node, new)
    changing.delete(node.keys.label)
    return new


async def rotate_pages(
    changing: Changing, folder: FolderNode, pages: Sequence[Page]
) -> list[Entry]:
    """Rotate every child of some pages, and seal them under the folder's newest data key.

    ``folder`` has its new secret already. Returns the children as they are now;
    one that cannot be read stays as it is: its old labels are refused to all others.
    """
    entries = [(page, each) for page in pages for each in children(page)]
    nodes = await open_nodes(changing, [(each.keys, each.name) for _, each in entries])
    await _read_parts(changing, nodes)
    rotated: list[Entry] = []
    for at, ((page, entry), node) in enumerate(zip(entries, nodes, strict=True)):
        if at % _PAUSE == _PAUSE - 1:
            await trio.lowlevel.checkpoint()
        if isinstance(node, HoldfastError):
            continue
        try:
            new = await rotate_node(changing, node)
        except OF_ONE_NODE:
            continue
        rotated.append(replace(entry, secret=new.secret))
        page.put(rotated[-1])
    for page in pages:
        _put_page(changing, folder, page)
    return rotated


async def _read_parts(changing: Changing, nodes: Sequence[Node | HoldfastError]) -> None:
    """Read what files have beside their header leaves, together: then it is at hand."""
    refs = [
        node.keys.ref(label)
        for node in nodes
        if isinstance(node, FileNode)
        for label in file_labels(node)[1:]
    ]
    if 0 < len(refs) <= AT_ONCE:  # else they are read file by file
        await leaves_apart(changing, refs)


async def due_pages(changing: Changing, folder: FolderNode) -> list[Page]:
    """The pages of a rotated folder whose children are still to be rotated."""
    problems: list[HoldfastError] = []
    pages = await FolderView(changing, folder, "").pages(problems)
    leaves = await _leaves(changing, folder.keys, _page_labels(folder.keys, pages))
    newest = folder.header.ring.current.generation
    return [page for page in pages if _generation(leaves[page.prefix]) < newest]


async def _rotate_file(changing: Changing, node: FileNode, new: NodeKeys) -> None:
    header = node.header
    thumb = None
    if header.thumb:
        thumb = (await _leaves(changing, node.keys, {0: node.keys.thumb_label}))[0]
    if header.inline:
        _rotate_inline(changing, node, new, thumb)
        return
    labels = {chunk: node.keys.chunk_label(chunk) for chunk in header.stored_chunks()}
    leaves = await _leaves(changing, node.keys, labels)
    _move_thumbnail(changing, node, new, thumb)
    changing.put(new.label, header_leaf(new, replace(header, ring=_more(header.ring, header.id))))
    for chunk, leaf in leaves.items():
        at = new.chunk_label(chunk)
        changing.put(at, Leaf(lock_of(new, at), segments=leaf.segments))
        changing.delete(labels[chunk])


def _rotate_inline(changing: Changing, node: FileNode, new: NodeKeys, thumb: Leaf | None) -> None:
    """A small file's content and thumbnail go under a data key that nobody ever had."""
    header = node.header
    try:
        content = inline_content(node)
    except OF_ONE_NODE:  # damaged: kept as it is, to be read as damaged
        sealed = seal_header(new, replace(header, ring=_more(header.ring, header.id)))
        changing.put(new.label, Leaf(lock_of(new, new.label), sealed, node.leaf.body))
        _move_thumbnail(changing, node, new, thumb)
        return
    picture = _picture(node, thumb)
    ring = header.ring.replaced(header.id)
    header = replace(header, ring=ring, thumb=picture is not None)
    changing.put(new.label, inline_leaf(new, header, content))
    if picture is not None:
        changing.put(new.thumb_label, thumbnail_leaf(new, header, picture))
    if thumb is not None:
        changing.delete(node.keys.thumb_label)


def _picture(node: FileNode, thumb: Leaf | None) -> bytes | None:
    """A thumbnail, to be sealed anew; one that is damaged is let go, the content is not held up."""
    try:
        return None if thumb is None else open_thumbnail(node.header, thumb)
    except OF_ONE_NODE:
        return None


def _move_thumbnail(changing: Changing, node: FileNode, new: NodeKeys, thumb: Leaf | None) -> None:
    """As a chunk's: a new label and lock, and what is sealed stays under the key it is under."""
    if thumb is not None:
        at = new.thumb_label
        changing.put(at, Leaf(lock_of(new, at), None, thumb.body))
        changing.delete(node.keys.thumb_label)


async def _rotate_folder(changing: Changing, node: FolderNode, new: NodeKeys) -> None:
    problems: list[HoldfastError] = []
    pages = await FolderView(changing, node, "").pages(problems)
    if problems:
        raise problems[0]
    leaves = await _leaves(changing, node.keys, _page_labels(node.keys, pages))
    used = {_generation(leaf) for leaf in leaves.values()}
    header = replace(node.header, ring=_kept(node.header, used).renewed(node.header.id))
    sealed = seal_header(new, header)
    for prefix, leaf in leaves.items():
        at = new.page_label(prefix) if prefix else new.label
        changing.put(at, Leaf(lock_of(new, at), None if prefix else sealed, leaf.body))
        if prefix:
            changing.delete(node.keys.page_label(prefix))


def _put_page(changing: Changing, folder: FolderNode, page: Page) -> None:
    keys, prefix = folder.keys, page.prefix
    at = keys.page_label(prefix) if prefix else keys.label
    body = seal_page(folder.header, prefix, page.encode())
    changing.put(at, Leaf(lock_of(keys, at), None if prefix else folder.leaf.header, body))


async def _leaves(changing: Changing, keys: NodeKeys, labels: Mapping[T, bytes]) -> dict[T, Leaf]:
    """The leaves at these labels; raises what keeps one from being read."""
    found: dict[T, Leaf] = {}
    wanted = list(labels.items())
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        leaves = await changing.leaves([keys.ref(label) for _, label in some])
        for name, label in some:
            if label not in leaves:
                raise missing("part of it")
            found[name] = leaves[label]
    return found


def _page_labels(keys: NodeKeys, pages: Sequence[Page]) -> dict[bytes, bytes]:
    """The labels of pages, by prefix."""
    prefixes = [page.prefix for page in pages]
    return {prefix: keys.page_label(prefix) if prefix else keys.label for prefix in prefixes}


def _generation(leaf: Leaf) -> int:
    """Under which generation a page or small file is sealed."""
    return int.from_bytes((leaf.body or b"")[:GENERATION_SIZE], "big")


def _kept(header: FolderHeader, used: set[int]) -> Ring:
    """The data keys that a folder's pages need."""
    keys = [key for key in header.ring.keys if key.generation in used]
    return Ring(tuple(keys or header.ring.keys))


def _more(ring: Ring, id: bytes) -> Ring:
    """One more data key; where there is no room for one, what is written next replaces all."""
    return ring.renewed(id) if len(ring.keys) < MAX_RING else ring
