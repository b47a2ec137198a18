"""What changed between two roots, without looking at what they share.

Only nodes that one tree has and the other has not are loaded: each exactly
once, by the load of its own tree. So a ``load_b`` that remembers what it was
asked for has the new nodes of *b*, all of them found well-formed. (The empty
tree is never loaded: everybody knows it.)
"""

from collections.abc import Iterator
from dataclasses import dataclass

from formats.cid import Cid
from formats.tree.node import (
    TOP,
    Entry,
    Load,
    Node,
    Place,
    Slot,
    bucket_slot,
    entries_of,
    link_in,
    read,
    spread,
)


@dataclass(frozen=True, slots=True)
class Change:
    """One label whose leaf differs: its leaf before and after, None where it has none."""

    label: bytes
    before: Cid | None
    after: Cid | None


def diff(load_a: Load, root_a: Cid, load_b: Load, root_b: Cid) -> Iterator[Change]:
    """The changes that make the tree at ``root_a`` the tree at ``root_b``, by ascending label.

    Raises MissingBlock or Malformed, from either tree, when it gets there.
    """
    if root_a == root_b:
        return
    waiting = _pairs(read(load_a, root_a, TOP), read(load_b, root_b, TOP), TOP)
    while waiting:
        a, b, place = waiting.pop()
        if link_in(a) is None and link_in(b) is None:
            yield from _entries_differ(dict(entries_of(a)), dict(entries_of(b)))
        else:
            waiting += _pairs(_node(load_a, a, place), _node(load_b, b, place), place)


def new_nodes(load_a: Load, root_a: Cid, load_b: Load, root_b: Cid) -> list[Cid]:
    """The nodes of the tree at ``root_b`` that the tree at ``root_a`` has not, parents first."""
    new: list[Cid] = []

    def load_and_note(cid: Cid) -> bytes:
        new.append(cid)
        return load_b(cid)

    for _ in diff(load_a, root_a, load_and_note, root_b):
        pass
    return new


def _pairs(a: Node, b: Node, place: Place) -> list[tuple[Slot, Slot, Place]]:
    """The slots that differ, the last first, since they are taken from the end."""
    return [
        (in_a, in_b, place.below(number))
        for number in sorted({*a.slots, *b.slots}, reverse=True)
        if (in_a := a.slots.get(number, b"")) != (in_b := b.slots.get(number, b""))
    ]


def _node(load: Load, slot: Slot, place: Place) -> Node:
    """The child in a slot, or what it would be if its few labels were not in a bucket."""
    child = link_in(slot)
    if child is not None:
        return read(load, child, place)
    return spread(entries_of(slot), place, _bucket)


def _bucket(entries: list[Entry], below: Place) -> Slot:
    return bucket_slot(entries)


def _entries_differ(before: dict[bytes, Cid], after: dict[bytes, Cid]) -> Iterator[Change]:
    for label in sorted({*before, *after}):
        old, new = before.get(label), after.get(label)
        if old != new:
            yield Change(label, old, new)
