"""Every tree of a space walked from its root, each node checked for its place.

Roots that are held are walked newest first, and of an older one only what differs
from the next newer. Nothing stops at a fault: what can be reached is reached.
Where blocks are lost, the walk also says which labels they belong to.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from formats.cid import Cid
from formats.errors import BadBlock, HoldfastError, MissingBlock, StorageFailed
from formats.leaf import Leaf
from formats.root import Root
from formats.tree.node import EMPTY, TOP, Node, Place, link_in, read
from node.checking.pace import Pace
from storage.contracts import View

Lost = frozenset[Cid]
ALL_LABELS: Final = 256
"""Bits of a label."""


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A node that is whole and does not belong where it is."""

    cid: Cid
    said: str


@dataclass(frozen=True, slots=True)
class Touched:
    """A label whose leaf, or part of it, is lost; or, ``bits`` below 256, all that begin so."""

    label: bytes
    bits: int
    cid: Cid


Fault = Misplaced | Touched


def check_root(view: View, root: Cid, newer: Cid | None, lost: Lost, pace: Pace) -> Iterator[Fault]:
    """Walk both trees of a root block, but for what the ``newer`` one has in the same places."""
    try:
        trees = Root.decode(_whole(view, pace)(root))
        beside = None if newer is None else _root_beside(view, newer, pace)
    except HoldfastError:
        return  # the references say so
    walk = _Walk(view, lost, pace)
    yield from walk.tree(trees.tree, None if beside is None else beside.tree, leaves=True)
    yield from walk.tree(trees.retired, None if beside is None else beside.retired, leaves=False)


def _root_beside(view: View, newer: Cid, pace: Pace) -> Root | None:
    try:
        return Root.decode(_whole(view, pace)(newer))
    except HoldfastError:
        return None


def _whole(view: View, pace: Pace) -> Callable[[Cid], bytes]:
    """A load that hashes."""

    def load(cid: Cid) -> bytes:
        data = view.block(cid)
        pace.step(len(data))
        if not cid.matches(data):
            raise BadBlock(f"{cid!r} is not whole")
        return data

    return load


class _Walk:
    """One walk over the trees of a root."""

    def __init__(self, view: View, lost: Lost, pace: Pace) -> None:
        self._view: Final = view
        self._load: Final = _whole(view, pace)
        self._lost: Final = lost

    def tree(self, root: Cid, beside: Cid | None, leaves: bool) -> Iterator[Fault]:
        """The nodes of a tree that are not at the same places of the tree ``beside``."""
        waiting: list[tuple[Cid, Cid | None, Place]] = [(root, beside, TOP)]
        while waiting:
            cid, other, place = waiting.pop()
            if cid in (other, EMPTY.cid):
                continue
            try:
                node = read(self._load, cid, place)
            except (MissingBlock, BadBlock, StorageFailed):
                yield _all_below(cid, place)
                continue
            except HoldfastError as error:
                yield Misplaced(cid, error.message)
                continue
            near = self._beside(other, place)
            for number, slot in node.slots.items():
                child = link_in(slot)
                if child is not None:
                    twin = None if near is None else link_in(near.slots.get(number, b""))
                    waiting.append((child, twin, place.below(number)))
            if leaves and self._lost:
                yield from self._touched(node, near)

    def _beside(self, cid: Cid | None, place: Place) -> Node | None:
        if cid is None or cid == EMPTY.cid:
            return None
        try:
            return read(self._view.block, cid, place)
        except HoldfastError:
            return None

    def _touched(self, node: Node, near: Node | None) -> Iterator[Touched]:
        known = frozenset() if near is None else frozenset(near.entries())
        for label, cid in node.entries():
            if (label, cid) in known:
                continue
            if cid in self._lost:
                yield Touched(label, ALL_LABELS, cid)
                continue
            for segment in self._segments(cid):
                if segment in self._lost:
                    yield Touched(label, ALL_LABELS, segment)

    def _segments(self, cid: Cid) -> tuple[Cid, ...]:
        try:
            return Leaf.decode(self._load(cid)).segments
        except HoldfastError:
            return ()


def _all_below(cid: Cid, place: Place) -> Touched:
    bits = 5 * place.depth
    return Touched((place.prefix << (ALL_LABELS - bits)).to_bytes(32, "big"), bits, cid)
