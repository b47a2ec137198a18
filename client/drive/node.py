"""Opened nodes: a file or folder whose header leaf was read and whose header was opened.

    header leaf of a small file  = lock, header, body (the content)
    header leaf of a larger file = lock, header; its chunks have leaves of their own
    header leaf of a folder      = lock, header, body (the root page)

Every label that follows from a verified header exists in the same root. What
is missing was withheld, and what does not open is damaged; either error names
the path that the caller gave as ``what``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from client.drive.entry import Entry, Kind
from client.drive.header import FileHeader, FolderHeader, Header, open_header, seal_header
from client.drive.padding import PREFIX, pad, padme, unpad
from client.drive.page import Page, seal_page
from client.drive.ring import RING_OVERHEAD, Ring, new_file_id
from client.keys import NodeKeys, Ref, new_node_secret
from client.space.opened import Opened
from client.space.reading import Reading
from crypto.purposes import SealPurpose
from crypto.secret import Secret
from crypto.signing import LOCK_KEY_SIZE
from formats.errors import (
    BadBlock,
    Damaged,
    Denied,
    HoldfastError,
    IsAFolder,
    Malformed,
    MissingBlock,
    NotAFolder,
    NotKept,
    UnknownVersion,
    Withheld,
)
from formats.leaf import Leaf
from formats.limits import KIB

MIN_INLINE_LEAF: Final = KIB
"""A leaf with inline content has at least this size."""

OF_ONE_NODE: Final = (
    BadBlock,
    Damaged,
    Denied,
    IsAFolder,
    Malformed,
    MissingBlock,
    NotAFolder,
    NotKept,
    UnknownVersion,
    Withheld,
)
"""Errors that concern what was read, not the home or the disk: others can still be read."""

_APART: Final = (BadBlock, Malformed, MissingBlock, NotKept, Withheld)


@dataclass(frozen=True, slots=True)
class FileNode:
    """A file: the leaf as it is stored, and its header opened."""

    keys: NodeKeys
    leaf: Leaf
    header: FileHeader


@dataclass(frozen=True, slots=True)
class FolderNode:
    """A folder: the leaf as it is stored, and its header opened."""

    keys: NodeKeys
    leaf: Leaf
    header: FolderHeader


Node: TypeAlias = FileNode | FolderNode


async def open_node(reading: Reading, keys: NodeKeys, what: str) -> Node:
    """Read and open one node; raises Withheld, Damaged, Denied, UnknownVersion, naming ``what``."""
    (node,) = await open_nodes(reading, [(keys, what)])
    if isinstance(node, HoldfastError):
        raise node
    return node


async def open_folder(reading: Reading, keys: NodeKeys, what: str) -> FolderNode:
    """As ``open_node``; NotAFolder for a file."""
    return as_folder(await open_node(reading, keys, what), what)


def as_folder(node: Node | HoldfastError, what: str) -> FolderNode:
    """The node, if it is a folder; raises what is wrong with it, or NotAFolder."""
    if isinstance(node, HoldfastError):
        raise node
    if not isinstance(node, FolderNode):
        raise NotAFolder(f"{what} is a file")
    return node


async def open_file(reading: Reading, keys: NodeKeys, what: str) -> FileNode:
    """As ``open_node``; IsAFolder for a folder."""
    node = await open_node(reading, keys, what)
    if not isinstance(node, FileNode):
        raise IsAFolder(f"{what} is a folder")
    return node


async def open_nodes(
    reading: Reading, items: Sequence[tuple[NodeKeys, str]]
) -> list[Node | HoldfastError]:
    """Read and open many nodes at once, in order; an error stands in the place of each failure."""
    leaves = await leaves_apart(reading, [keys.ref() for keys, _ in items])
    return [opened(reading, keys, leaves[keys.label], what) for keys, what in items]


async def leaves_apart(
    reading: Reading, refs: Sequence[Ref]
) -> dict[bytes, Leaf | HoldfastError | None]:
    """Leaves by label, None where there is none. One bad leaf does not keep back the others."""
    try:
        leaves = await reading.leaves(refs)
    except Denied as error:  # which says that none of them could be read
        return {ref.label: error for ref in refs}
    except _APART as error:
        if len(refs) == 1:
            return {refs[0].label: error}
        half = len(refs) // 2
        first = await leaves_apart(reading, refs[:half])
        return first | await leaves_apart(reading, refs[half:])
    return {ref.label: leaves.get(ref.label) for ref in refs}


def of_path(error: HoldfastError, what: str) -> HoldfastError:
    """The same failure, told of a path. Sealed bytes that say odd things are damage, too."""
    kind = Damaged if isinstance(error, Malformed) else type(error)
    return kind(f"{what}: {error.message}", error.advice if kind is type(error) else None)


def missing(what: str) -> Withheld:
    """For a leaf that a verified header says exists."""
    return Withheld(f"{what}: it should be there and was not handed over")


def inline_content(node: FileNode) -> bytes:
    """The content of a small file; raises Damaged."""
    if node.leaf.body is None:
        raise Damaged("its content is not where its header says")
    content = unpad(node.header.ring.open(node.leaf.body, SealPurpose.BODY))
    if len(content) != node.header.size:
        raise Damaged("its content is not as long as its header says")
    return content


def inline_leaf(keys: NodeKeys, header: FileHeader, content: bytes) -> Leaf:
    """The leaf of a small file: padded by Padmé as a whole, at least 1 KiB."""
    sealed = seal_header(keys, header)
    size = _padded_body(len(sealed), RING_OVERHEAD + PREFIX + len(content))
    body = header.ring.seal(pad(content, size - RING_OVERHEAD), SealPurpose.BODY)
    return Leaf(lock_of(keys, keys.label), sealed, body)


def header_leaf(keys: NodeKeys, header: FileHeader) -> Leaf:
    """The header leaf of a file that has chunks."""
    return Leaf(lock_of(keys, keys.label), seal_header(keys, header))


def lock_of(keys: NodeKeys, label: bytes) -> bytes:
    """The public lock of a label."""
    return keys.lock(label).public


@dataclass(frozen=True, slots=True)
class NewFolder:
    """A folder that does not exist yet: its keys, and its leaf without entries."""

    keys: NodeKeys
    header: FolderHeader
    leaf: Leaf

    @property
    def node(self) -> FolderNode:
        """As if it had been read."""
        return FolderNode(self.keys, self.leaf, self.header)

    def entry(self, name: str, modified: int, depth: int = 0) -> Entry:
        """The entry that names it."""
        secret, file_id = self.keys.secret, self.header.id
        return Entry(name, Kind.FOLDER, modified, secret, file_id, depth=depth)


def new_folder(
    created: int,
    secret: Secret | None = None,
    names: Secret | None = None,
    id: bytes | None = None,
) -> NewFolder:
    """Keys, header and leaf of an empty folder. ``created`` in nanoseconds since 1970.

    Its node secret, the key of its names' places and its id are fresh unless they are given.
    """
    keys = NodeKeys(secret or new_node_secret())
    header = FolderHeader.new(id or new_file_id(), created, names)
    body = seal_page(header, b"", Page().encode())
    return NewFolder(keys, header, Leaf(lock_of(keys, keys.label), seal_header(keys, header), body))


def new_ring() -> tuple[bytes, Ring]:
    """A fresh file id, and a ring of one key under it."""
    file_id = new_file_id()
    return file_id, Ring.new(file_id)


def opened(
    reading: Reading, keys: NodeKeys, leaf: Leaf | HoldfastError | None, what: str
) -> Node | HoldfastError:
    """A node from what was read of it, or what is wrong with it, naming ``what``."""
    if leaf is None:
        return missing(what)
    if isinstance(leaf, HoldfastError):
        return of_path(leaf, what)
    if leaf.header is None:
        return Damaged(f"{what}: its leaf has no header")
    try:
        header = _open_header(reading.opened, keys, leaf.header)
    except OF_ONE_NODE as error:
        return of_path(error, what)
    if isinstance(header, FileHeader):
        return FileNode(keys, leaf, header)
    return FolderNode(keys, leaf, header)


def _open_header(opened: Opened, keys: NodeKeys, sealed: bytes) -> Header:
    """The header; a folder's is kept, for every path and change comes through it again."""
    key = (keys.label, sealed)
    known = opened.get(key)
    if isinstance(known, FolderHeader):
        return known
    header = open_header(keys, sealed)
    if isinstance(header, FolderHeader):
        opened.put(key, header)
    return header


def _padded_body(header: int, body: int) -> int:
    """The size of the body with which the leaf fills its size class."""
    least = leaf_size(header, body)
    target = max(MIN_INLINE_LEAF, padme(least))
    size = body + target - least
    while leaf_size(header, size) > target:  # a longer body may need a longer length field
        size -= 1
    return size if leaf_size(header, size) == target else size + 1


def leaf_size(header: int, body: int) -> int:
    """Bytes of a leaf block with a header and a body of these sizes."""
    return _LEAF_FRAME + _head(header) + header + _head(body) + body


def _head(size: int) -> int:
    """Bytes in which CBOR says that so many bytes follow."""
    return 1 if size < 24 else 2 if size < 1 << 8 else 3 if size < 1 << 16 else 5


_LEAF_FRAME: Final = len("?_lock_header_body") + _head(LOCK_KEY_SIZE) + LOCK_KEY_SIZE
