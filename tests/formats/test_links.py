"""What each block names, and that nothing plays a part it is not fit for."""

import pytest

from crypto.sealing import OVERHEAD
from formats.cid import Block, Cid
from formats.errors import HoldfastError, Malformed
from formats.leaf import Leaf, join_segment
from formats.links import Link, Role, children
from formats.retired import Marker
from formats.root import Root
from formats.tree.node import EMPTY, Node, bucket_slot, link_slot
from tests.records.people import digest, lock, root

SEGMENT = Block.raw(join_segment(1, b"s" * (OVERHEAD + 9)))
LEAF = Leaf(lock("a").public, segments=(SEGMENT.cid, SEGMENT.cid)).block
MARKER = Marker(3).block
ROOT = Root(tree=root("tree"), retired=root("retired")).block


def node(slots: dict[int, bytes]) -> bytes:
    return Node(slots).encode()


def entry(first: int, cid: Cid) -> tuple[bytes, Cid]:
    return bytes([first]) + digest("label")[1:], cid


SMALL = node({0: bucket_slot([entry(1, LEAF.cid), entry(2, LEAF.cid)])})
LARGE = node({0: bucket_slot([entry(1, LEAF.cid)]), 3: link_slot(root("below"))})

NAMED: list[tuple[Role, bytes, list[Link]]] = [
    (Role.ROOT, ROOT.data, [(root("tree"), Role.TREE), (root("retired"), Role.RETIRED_TREE)]),
    (Role.TREE, EMPTY.data, []),
    (Role.RETIRED_TREE, EMPTY.data, []),
    (Role.TREE, SMALL, [(LEAF.cid, Role.LEAF)] * 2),
    (Role.RETIRED_TREE, SMALL, [(LEAF.cid, Role.MARKER)] * 2),
    (Role.TREE, LARGE, [(root("below"), Role.TREE_NODE), (LEAF.cid, Role.LEAF)]),
    (Role.TREE_NODE, LARGE, [(root("below"), Role.TREE_NODE), (LEAF.cid, Role.LEAF)]),
    (Role.RETIRED_NODE, LARGE, [(root("below"), Role.RETIRED_NODE), (LEAF.cid, Role.MARKER)]),
    (Role.LEAF, LEAF.data, [(SEGMENT.cid, Role.SEGMENT)] * 2),
    (Role.SEGMENT, SEGMENT.data, []),
    (Role.MARKER, MARKER.data, []),
]


@pytest.mark.parametrize(("role", "data", "links"), NAMED)
def test_links(role: Role, data: bytes, links: list[Link]) -> None:
    assert children(role, data) == links


@pytest.mark.parametrize("data", [ROOT.data, LEAF.data, MARKER.data, SMALL, LARGE, b"", b"\0"])
@pytest.mark.parametrize("role", Role)
def test_a_part_it_is_not_fit_for(role: Role, data: bytes) -> None:
    if any((role, data) == (fit, named) for fit, named, _ in NAMED) or (
        role in (Role.RETIRED_TREE, Role.TREE) and data == LARGE
    ):
        return
    if role is Role.SEGMENT and len(data) > 4 + OVERHEAD:
        return  # sealed bytes may look like anything
    with pytest.raises(HoldfastError):
        children(role, data)


def test_a_node_below_is_no_root_and_the_empty_tree_is_nowhere_below() -> None:
    for role in (Role.TREE_NODE, Role.RETIRED_NODE):
        for data in (SMALL, EMPTY.data):
            with pytest.raises(Malformed):
                children(role, data)


def test_a_label_stands_for_no_raw_block() -> None:
    raw = node({0: bucket_slot([entry(1, SEGMENT.cid)])})
    with pytest.raises(Malformed, match="is a leaf, not a raw block"):
        children(Role.TREE, raw)
    with pytest.raises(Malformed, match="is a marker, not a raw block"):
        children(Role.RETIRED_TREE, raw)
