"""Counted references of a space against the links there are, without a list of either.

Each block that a space refers to is counted once for each link: from a root that
is held or waits to be given back, or from another block it refers to. Take the
sum, over all references, of the count times a number that belongs to the block; and
the sum of the numbers of all links. If both are equal, every count is right. And then
everything referred to is reachable too: each block has a link from another or from a
root, a block cannot be above itself since it is named by its hash, so going up ends at
a root.

The number is half of the block's digest times its kind, so equal sums are no
accident. Sums are kept in buckets by another part of the digest: where one differs,
its blocks are counted one by one in a second pass. So memory does not grow with
the space, and blocks are read in the order they are stored in.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from formats.cid import Cid
from formats.errors import HoldfastError
from formats.leaf import MAX_SEGMENT_BLOCK, MIN_SEGMENT_BLOCK
from formats.links import Link, Role, children
from formats.tree.node import EMPTY
from node.checking.blocks import bytes_of
from node.checking.pace import Pace
from storage.contracts import Reference, SpaceKey, View
from storage.reachability import KINDS, ROLES

BUCKETS: Final = 4096
MOST_COUNTED: Final = 200
"""Buckets that one pass counts one by one: some 50,000 blocks of a million."""

Held = tuple[Cid, int]
"""A block and the kind of a link to it."""


@dataclass(frozen=True, slots=True)
class Miscount:
    """A block, the kind it is linked as, how often it is counted and how often it is linked."""

    cid: Cid
    kind: int
    counted: int
    linked: int


@dataclass(slots=True)
class Seen:
    """What a pass over the references found. ``size``: of all of them together."""

    size: int = 0
    lost: dict[Cid, str] = field(default_factory=dict)
    shape: dict[Cid, str] = field(default_factory=dict)
    miscounts: list[Miscount] = field(default_factory=list)
    above_lost: bool = False
    """Whether a block is lost that had links of its own, which nobody can count now."""


def check_references(
    view: View, key: SpaceKey, held: list[Held], known_lost: frozenset[Cid], pace: Pace
) -> Seen:
    """Read every block that a space refers to, but for segments, and check every count.

    ``held``: the links that no block of the space has: from roots, and those that wait
    to be given back. ``known_lost``: blocks that are known to be lost.
    """
    seen = Seen()
    sums = [0] * BUCKETS
    for cid, kind in held:
        sums[_bucket(cid)] -= _number(cid, kind)
    for each in view.references_of(key):
        seen.size += each.size
        sums[_bucket(each.cid)] += each.count * _number(each.cid, each.kind)
        for cid, role in _links(view, each, known_lost, seen, pace):
            sums[_bucket(cid)] -= _number(cid, KINDS[role])
    differing = {bucket for bucket, total in enumerate(sums) if total}
    if differing:
        some = frozenset(sorted(differing)[:MOST_COUNTED])
        seen.miscounts = _count(view, key, held, some, seen, pace)
    return seen


def _count(
    view: View, key: SpaceKey, held: list[Held], buckets: frozenset[int], seen: Seen, pace: Pace
) -> list[Miscount]:
    """The blocks of some buckets that are counted wrongly, one by one.

    Where a block is lost that had links, or lacks its reference, so that nobody asked for
    its links, fewer links than counted prove nothing yet: those are left for the next check.
    """
    counted: dict[tuple[Cid, int], int] = {}
    linked: dict[tuple[Cid, int], int] = {}
    lost = frozenset(seen.lost)
    for cid, kind in held:
        if _bucket(cid) in buckets:
            linked[cid, kind] = linked.get((cid, kind), 0) + 1
    for each in view.references_of(key):
        if _bucket(each.cid) in buckets:
            counted[each.cid, each.kind] = each.count
        for cid, role in _links(view, each, lost, Seen(), pace):
            if _bucket(cid) in buckets:
                linked[cid, KINDS[role]] = linked.get((cid, KINDS[role]), 0) + 1
    both = [
        Miscount(cid, kind, counted.get((cid, kind), 0), linked.get((cid, kind), 0))
        for cid, kind in {**counted, **linked}
    ]
    lacking = any(not each.counted for each in both if each.linked)
    if lacking or seen.above_lost or len(buckets) == MOST_COUNTED:
        return [each for each in both if each.linked > each.counted]
    return [each for each in both if each.linked != each.counted]


def _links(
    view: View, each: Reference, known_lost: frozenset[Cid], seen: Seen, pace: Pace
) -> Iterator[Link]:
    """The links of one block; what is wrong with it goes into ``seen``."""
    role = ROLES.get(each.kind)
    if role is None:
        seen.shape[each.cid] = "it is linked as no kind of block"
        pace.step()
        return
    if each.cid in known_lost:
        _lose(seen, each.cid, role)
        pace.step()
        return
    if role is Role.SEGMENT:
        if not MIN_SEGMENT_BLOCK < each.size <= MAX_SEGMENT_BLOCK:
            seen.shape[each.cid] = f"{each.size} bytes is no size of a segment"
        pace.step()
        return
    data = bytes_of(view, each.cid)
    pace.step(0 if data is None else len(data))
    if data is None or not each.cid.matches(data):
        _lose(seen, each.cid, role)
        return
    try:
        yield from (link for link in children(role, data) if link[0] != EMPTY.cid)
    except HoldfastError as error:
        seen.shape[each.cid] = error.message
        seen.above_lost = True


def _lose(seen: Seen, cid: Cid, role: Role) -> None:
    seen.lost[cid] = role
    seen.above_lost = seen.above_lost or role not in (Role.SEGMENT, Role.MARKER)


def _bucket(cid: Cid) -> int:
    return int.from_bytes(cid[-2:], "big") % BUCKETS


def _number(cid: Cid, kind: int) -> int:
    return int.from_bytes(cid[4:20], "big") * (2 * kind + 1)
