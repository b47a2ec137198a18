"""Proofs: the nodes on the paths of some labels, each once, and nothing to trust.

Who holds a root CID it believes can read any answer from such a list: the nodes
are hashed, the paths walked again, and a label is absent when its path ends
without it. Presence and absence are shown by the same nodes.
"""

from collections.abc import Iterable
from itertools import groupby

from formats.cid import Cid
from formats.errors import BadBlock, Malformed, MissingBlock
from formats.tree.lookup import lookup_with
from formats.tree.node import (
    TOP,
    Load,
    Node,
    Place,
    check_label,
    link_in,
    load_node,
    read,
    read_bytes,
)


def prove(load: Load, root: Cid, labels: Iterable[bytes]) -> list[bytes]:
    """Every node on the paths of ``labels``, once: the root first, parents before children.

    Without labels, the root alone. Raises MissingBlock or Malformed for nodes that
    are not there or wrong, ValueError for a label that has not 32 bytes.
    """
    wanted = sorted(set(labels))
    for label in wanted:
        check_label(label)
    nodes: list[bytes] = []
    waiting = [(root, TOP, wanted)]
    while waiting:
        cid, place, here = waiting.pop()
        data = load_node(load, cid)
        nodes.append(data)
        node = read_bytes(data, place)
        for number, group in groupby(here, place.slot_of):
            child = link_in(node.slots.get(number, b""))
            if child is not None:
                waiting.append((child, place.below(number), list(group)))
    return nodes


class Proof:
    """Nodes of the tree at ``root``, hashed and checked when this is made.

    The first must be the root, and every other must be linked from one of them.
    Raises BadBlock for bytes that nothing here names (a changed node is one), and
    Malformed for none at all, a repeated node and a wrong one (also one at two places, without
    which a few nodes could make a walk without end). Fewer nodes than a
    lookup needs are no fault of the proof: that lookup raises MissingBlock.
    """

    __slots__ = ("_bytes", "_nodes", "root")

    def __init__(self, root: Cid, nodes: Iterable[bytes]) -> None:
        given = [(Cid.of_cbor(data), data) for data in nodes]
        if not given:
            raise Malformed("proof: no nodes")
        if given[0][0] != root:
            raise BadBlock(f"proof: its first node is not the root {root!r}")
        self.root = root
        self._bytes = dict(given)
        if len(self._bytes) != len(given):
            raise Malformed("proof: a node twice")
        self._nodes = self._reached()
        if len(self._nodes) != len(given):
            raise BadBlock("proof: a node that no other node of it names")

    def lookup(self, labels: Iterable[bytes]) -> dict[bytes, Cid | None]:
        """The leaf under each label, None where the tree has none; as ``tree.lookup.lookup``."""
        return lookup_with(self._node, self.root, labels)

    def load(self, cid: Cid) -> bytes:
        """The bytes of a node of this proof: a ``Load``. Raises MissingBlock for any other."""
        try:
            return self._bytes[cid]
        except KeyError:
            raise MissingBlock.of(cid) from None

    def _reached(self) -> dict[Cid, Node]:
        nodes: dict[Cid, Node] = {}
        waiting = [(self.root, TOP)]
        while waiting:
            cid, place = waiting.pop()
            if cid in nodes:
                raise Malformed("proof: a node at two places")
            nodes[cid] = node = read(self.load, cid, place)
            waiting += [
                (child, place.below(number))
                for number, child in node.links()
                if child in self._bytes
            ]
        return nodes

    def _node(self, cid: Cid, place: Place) -> Node:
        """A node of this proof; it stands at one place only, which was checked."""
        try:
            return self._nodes[cid]
        except KeyError:
            raise MissingBlock.of(cid) from None
