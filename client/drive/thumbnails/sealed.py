"""A thumbnail as it is stored: a leaf without a header, at a label that the node secret gives.

    body = sealed with the file's ring (THUMB): the picture, padded by Padmé, 1 KiB or more

The file's header says whether it is there, and goes with it: a new version has
a thumbnail of its own or none.
"""

from collections.abc import Sequence
from typing import Final

from client.drive.header import FileHeader
from client.drive.node import FileNode, Node, leaves_apart, lock_of, missing
from client.drive.padding import PREFIX, pad, padme, unpad
from client.drive.thumbnails.maker import MAX_THUMBNAIL
from client.keys import NodeKeys
from client.space.reading import Reading
from crypto.purposes import SealPurpose
from formats.errors import Damaged, HoldfastError, Malformed
from formats.leaf import Leaf
from formats.limits import KIB

MIN_SIZE: Final = KIB


def thumbnail_leaf(keys: NodeKeys, header: FileHeader, picture: bytes) -> Leaf:
    """The leaf of a thumbnail, under the newest data key of its file."""
    size = max(MIN_SIZE, padme(PREFIX + len(picture)))
    body = header.ring.seal(pad(picture, size), SealPurpose.THUMB)
    return Leaf(lock_of(keys, keys.thumb_label), None, body)


def open_thumbnail(header: FileHeader, leaf: Leaf) -> bytes:
    """The picture; raises Damaged, Malformed."""
    if leaf.body is None:
        raise Damaged("its thumbnail is not where its header says")
    picture = unpad(header.ring.open(leaf.body, SealPurpose.THUMB))
    if not 0 < len(picture) <= MAX_THUMBNAIL:
        raise Damaged("its thumbnail has an odd size")
    return picture


async def read_thumbnail(reading: Reading, node: FileNode, what: str) -> bytes | None:
    """The picture of a file; None if its header says that there is none."""
    if not node.header.thumb:
        return None
    label = node.keys.thumb_label
    leaf = (await reading.leaves([node.keys.ref(label)])).get(label)
    if leaf is None:
        raise missing(what)
    return open_thumbnail(node.header, leaf)


async def pictures_of(
    reading: Reading, nodes: Sequence[Node | HoldfastError]
) -> dict[bytes, bytes]:
    """The pictures of those that have one, by label of their nodes, with one read.

    One that cannot be read is left out: a file can be copied without.
    """
    files = [node for node in nodes if isinstance(node, FileNode) and node.header.thumb]
    refs = [node.keys.ref(node.keys.thumb_label) for node in files]
    leaves = await leaves_apart(reading, refs) if refs else {}
    found: dict[bytes, bytes] = {}
    for node in files:
        leaf = leaves.get(node.keys.thumb_label)
        try:
            if isinstance(leaf, Leaf):
                found[node.keys.label] = open_thumbnail(node.header, leaf)
        except (Damaged, Malformed):
            continue
    return found
