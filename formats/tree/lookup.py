"""Reading a tree: labels found, walked in order, and every node visited.

Nothing here recurses deeper than the tree, and no node is believed beyond its
place: a label in the wrong slot, a link too deep or a node that should have been
a bucket raises Malformed wherever it is met.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import TypeAlias

from formats.cid import Cid
from formats.errors import MissingBlock
from formats.tree.node import (
    EMPTY,
    TOP,
    Entry,
    Load,
    Node,
    Place,
    check_label,
    entries_of,
    leaf_in,
    link_in,
    read,
)

Read: TypeAlias = Callable[[Cid, Place], Node]
"""The node of a CID, checked for its place."""


def lookup(load: Load, root: Cid, labels: Iterable[bytes]) -> dict[bytes, Cid | None]:
    """The leaf under each label, None where there is none; each node is loaded once.

    Raises MissingBlock for a node that ``load`` has not got, Malformed for one that
    is wrong, ValueError for a label that has not 32 bytes.
    """
    return lookup_with(lambda cid, place: read(load, cid, place), root, labels)


def lookup_with(read_node: Read, root: Cid, labels: Iterable[bytes]) -> dict[bytes, Cid | None]:
    """As ``lookup``, for callers who keep nodes rather than bytes."""
    return _found(read_node, root, labels, None)


def within_reach(
    load: Load, root: Cid, labels: Iterable[bytes]
) -> tuple[dict[bytes, Cid | None], list[bytes]]:
    """As ``lookup``; apart, the labels on whose way is a node that ``load`` has not got."""
    beyond: list[bytes] = []
    return _found(lambda cid, place: read(load, cid, place), root, labels, beyond), beyond


def _found(
    read_node: Read, root: Cid, labels: Iterable[bytes], beyond: list[bytes] | None
) -> dict[bytes, Cid | None]:
    """The leaves. Below a node that is missing, labels go into ``beyond``, if there is one."""
    wanted = sorted(set(labels))
    for label in wanted:
        check_label(label)
    found: dict[bytes, Cid | None] = {}
    waiting = [(root, TOP, wanted)]
    while waiting:
        cid, place, here = waiting.pop()
        try:
            node = read_node(cid, place)
        except MissingBlock:
            if beyond is None:
                raise
            beyond += here
            continue
        for number, group in groupby(here, place.slot_of):
            slot = node.slots.get(number, b"")
            child = link_in(slot)
            if child is not None:
                waiting.append((child, place.below(number), list(group)))
            else:
                found.update((label, leaf_in(slot, label)) for label in group)
    return found


def walk(load: Load, root: Cid, start: bytes | None = None) -> Iterator[Entry]:
    """Labels and leaves in the order of labels, from ``start`` (itself included) or from the first.

    One node a level is held, so a tree of any size can be walked, stopped, and
    taken up again from the last label seen.
    """
    if start is not None:
        check_label(start)
    nodes = [_slots(read(load, root, TOP), TOP, start)]
    while nodes:
        step = next(nodes[-1], None)
        if step is None:
            nodes.pop()
            continue
        slot, place = step
        child = link_in(slot)
        if child is not None:
            nodes.append(_slots(read(load, child, place), place, start))
        else:
            yield from (entry for entry in entries_of(slot) if start is None or entry[0] >= start)


def visit(load: Load, root: Cid, seen: set[Cid]) -> Iterator[tuple[Cid, Node]]:
    """Every node not in ``seen``, which is added to it before it is handed out; parents first.

    Roots that share subtrees can be visited one after the other with one ``seen``,
    and each node is loaded once: marking for garbage, copying, verifying. A leaf is
    found with ``Node.entries``. The empty tree is passed over: nobody stores it.
    """
    waiting = [(root, TOP)]
    while waiting:
        cid, place = waiting.pop()
        if cid in seen or cid == EMPTY.cid:
            continue
        node = read(load, cid, place)
        seen.add(cid)
        yield cid, node
        waiting += [(child, place.below(number)) for number, child in node.links()]


def _slots(node: Node, place: Place, start: bytes | None) -> Iterator[tuple[bytes, Place]]:
    """Slots in order with the places of their children, without those wholly before ``start``."""
    first = 0 if start is None else int.from_bytes(start, "big") >> 251 - 5 * place.depth
    for number, slot in node.slots.items():
        below = place.below(number)
        if below.prefix >= first:
            yield slot, below
