"""Links: what each block of a space names, and whether it is well-formed for its part.

A home walks a space from its root block, and must accept no block that a
reader could not use. A block's part (``Role``) follows from how it was reached,
never from its bytes. So nothing can be planted as one thing and be read as another.

    ROOT           a root block          -> TREE, RETIRED_TREE
    TREE           root node of labels   -> TREE_NODE, LEAF
    TREE_NODE      a node below          -> TREE_NODE, LEAF
    LEAF           a leaf                -> SEGMENT
    SEGMENT        sealed bytes          -> nothing
    RETIRED_TREE   as TREE               -> RETIRED_NODE, MARKER
    RETIRED_NODE   as TREE_NODE          -> RETIRED_NODE, MARKER
    MARKER         a retire marker       -> nothing

One block at a time: whether labels are in their place takes the path, and is
for ``formats.tree``. No block but the empty tree rightly plays two roles
in one space; ``storage.reachability`` refuses what is reached as two.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final, TypeAlias

from formats.cid import Cid
from formats.errors import Malformed
from formats.leaf import Leaf, check_segment
from formats.retired import Marker
from formats.root import Root
from formats.tree.node import Node


class Role(StrEnum):
    """What part a block plays in a space."""

    ROOT = "root"
    TREE = "tree"
    TREE_NODE = "tree node"
    LEAF = "leaf"
    SEGMENT = "segment"
    RETIRED_TREE = "retired tree"
    RETIRED_NODE = "retired node"
    MARKER = "marker"


Link: TypeAlias = tuple[Cid, Role]
"""A block that another names, and the part it has to play."""


def children(role: Role, data: bytes) -> list[Link]:
    """The links of a block that plays ``role``, in order, repeats included.

    Raises Malformed (or UnknownVersion) if ``data`` cannot play it. That
    ``data`` hashes to its CID, and that the CID has the codec which its role
    asks for, was checked where the CID was found: here, one block above.
    """
    return _READERS[role](data)


def _root(data: bytes) -> list[Link]:
    root = Root.decode(data)
    return [(root.tree, Role.TREE), (root.retired, Role.RETIRED_TREE)]


def _tree(data: bytes) -> list[Link]:
    return _node(Node.decode(data, root=True), Role.TREE_NODE, Role.LEAF)


def _tree_node(data: bytes) -> list[Link]:
    return _node(Node.decode(data, root=False), Role.TREE_NODE, Role.LEAF)


def _retired_tree(data: bytes) -> list[Link]:
    return _node(Node.decode(data, root=True), Role.RETIRED_NODE, Role.MARKER)


def _retired_node(data: bytes) -> list[Link]:
    return _node(Node.decode(data, root=False), Role.RETIRED_NODE, Role.MARKER)


def _leaf(data: bytes) -> list[Link]:
    return [(segment, Role.SEGMENT) for segment in Leaf.decode(data).segments]


def _segment(data: bytes) -> list[Link]:
    check_segment(data)
    return []


def _marker(data: bytes) -> list[Link]:
    Marker.decode(data)
    return []


def _node(node: Node, below: Role, value: Role) -> list[Link]:
    values = [cid for _, cid in node.entries()]
    if any(cid.is_raw for cid in values):
        raise Malformed(f"tree node: what a label stands for is a {value}, not a raw block")
    return [(cid, below) for _, cid in node.links()] + [(cid, value) for cid in values]


_READERS: Final[dict[Role, Callable[[bytes], list[Link]]]] = {
    Role.ROOT: _root,
    Role.TREE: _tree,
    Role.TREE_NODE: _tree_node,
    Role.LEAF: _leaf,
    Role.SEGMENT: _segment,
    Role.RETIRED_TREE: _retired_tree,
    Role.RETIRED_NODE: _retired_node,
    Role.MARKER: _marker,
}
