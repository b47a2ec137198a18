"""Changing a tree: a batch of labels in one pass, and the same tree whatever came before.

Only nodes on the paths of changed labels are read and written. Going down, a
bucket that passes three labels becomes a node; coming back up, a node left with
three or fewer becomes a bucket again. So equal contents have equal roots.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from formats.cid import Block, Cid
from formats.tree.node import (
    EMPTY,
    MAX_BUCKET,
    TOP,
    Entry,
    Load,
    Node,
    Place,
    Slot,
    bucket_slot,
    check_label,
    entries_of,
    link_in,
    link_slot,
    read,
    spread,
)

Changes: TypeAlias = Mapping[bytes, Cid | None]
"""New leaves by label; None takes the label away."""

_Batch: TypeAlias = list[tuple[bytes, Cid | None]]


@dataclass(frozen=True, slots=True)
class Updated:
    """The new root, the nodes to store for it, and the old tree's nodes it no longer uses.

    The empty tree is never among them: everybody knows it, and nobody stores it.
    """

    root: Cid
    blocks: tuple[Block, ...]
    removed: tuple[Cid, ...]


def update(load: Load, root: Cid, changes: Changes) -> Updated:
    """The tree at ``root`` with ``changes`` made; no changes at all give the same root.

    ``blocks`` has children before parents, the root last. Raises MissingBlock or
    Malformed for nodes on the way, ValueError and TypeError for
    labels that have not 32 bytes and leaves that are no Cid.
    """
    for label, leaf in changes.items():
        check_label(label)
        if leaf is not None and type(leaf) is not Cid:
            raise TypeError(f"a leaf is named by a Cid, not {type(leaf).__name__}")
    return _Update(load).run(root, sorted(changes.items()))


def build(entries: Mapping[bytes, Cid]) -> Updated:
    """The tree of ``entries``, from nothing."""
    return update(_nothing, EMPTY.cid, entries)


def _nothing(cid: Cid) -> bytes:
    raise AssertionError("the empty tree has no other node")


class _Update:
    """One pass: what is written and what falls away is collected as it happens."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._written: list[Block] = []
        self._removed: list[Cid] = []

    def run(self, root: Cid, batch: _Batch) -> Updated:
        old = read(self._load, root, TOP)
        new = self._changed(old, batch, TOP)
        if new == old:
            return Updated(root, (), ())
        if root != EMPTY.cid:
            self._removed.append(root)
        return Updated(self._write(new), tuple(self._written), tuple(self._removed))

    def _changed(self, node: Node, batch: _Batch, place: Place) -> Node:
        slots = dict(node.slots)
        for number, group in groupby(batch, lambda change: place.slot_of(change[0])):
            slots[number] = self._slot(slots.get(number, b""), list(group), place.below(number))
        return Node({number: slots[number] for number in sorted(slots) if slots[number]})

    def _slot(self, slot: Slot, batch: _Batch, below: Place) -> Slot:
        child = link_in(slot)
        if child is None:
            return self._bucket(dict(entries_of(slot)), batch, below)
        old = read(self._load, child, below)
        new = self._changed(old, batch, below)
        if new == old:
            return slot
        self._removed.append(child)
        return self._hang(new)

    def _bucket(self, entries: dict[bytes, Cid], batch: _Batch, below: Place) -> Slot:
        for label, leaf in batch:
            if leaf is None:
                entries.pop(label, None)
            else:
                entries[label] = leaf
        return self._filled(sorted(entries.items()), below)

    def _filled(self, entries: list[Entry], below: Place) -> Slot:
        if len(entries) <= MAX_BUCKET:
            return bucket_slot(entries)
        return link_slot(self._write(spread(entries, below, self._filled)))

    def _hang(self, node: Node) -> Slot:
        return bucket_slot(node.entries()) if node.fits_a_bucket() else link_slot(self._write(node))

    def _write(self, node: Node) -> Cid:
        if not node.slots:
            return EMPTY.cid
        block = Block.cbor(node.encode())
        self._written.append(block)
        return block.cid
