"""Reading leaves of a space: what a caller may see of it, and an answer of bounded size.

A member sees everything at any root that is kept. A reader sees a leaf if

    its label is in the current tree and not retired,
    a key that this connection proved shows a proof by the lock of the leaf there,
    and the named root is the current one, or was until ten minutes ago,
    and has the label with the same lock.

For every label of a reader's the same steps are taken, whatever is found: a
proof is verified also where there is no leaf.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from formats.cid import Block, Cid
from formats.errors import BadBlock, Expired, Forged, Malformed, MissingBlock
from formats.leaf import Leaf
from formats.read_proof import ReadProof
from formats.root import Root
from formats.tree.lookup import lookup_with
from formats.tree.node import EMPTY, Node, Place, read
from node.authorise import Standing, denied
from node.caller import Caller
from node.history import between
from node.logs import Log
from node.records import pointer
from protocols import blocks as b
from storage.contracts import View

NAMED_ROOT: Final = 10 * 60 * 1000
"""How long after it was superseded a reader may still name a root, in milliseconds."""

MAX_BLOCKS: Final = 4096
"""Blocks in one answer."""

NO_LOCK: Final = bytes.fromhex("3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29")
"""A public key to verify proofs against where there is no leaf; nobody looks at the outcome."""

_log: Final = Log("node.blocks")


def answer(
    view: View, at: Standing, caller: Caller, request: b.Read, peer: bytes, now: int
) -> b.Found:
    """What this caller may have of what it asked for; raises Denied."""
    root = _named_root(view, at, request.root, now)
    walk = Walk(view, root, Gate(view, at, root, caller, peer, now))
    here: list[bool] = []
    rest: list[int] = []
    seen = False
    for position, item in enumerate(request.items):
        found = walk.find(item)
        seen = seen or found is not None
        if found is None:
            here.append(False)
            continue
        took = walk.take(found)
        here.append(took and found.cid is not None)
        if not (took and walk.take_segments(found, item)):
            rest.append(position)
    if not (seen or at.members):
        raise denied()
    if at.members:
        walk.take_nodes(cid for cid in request.nodes if view.references(at.row.key, cid))
    return _found(view, at, request, walk, (tuple(here), tuple(rest)))


def _found(
    view: View,
    at: Standing,
    request: b.Read,
    walk: "Walk",
    said: tuple[tuple[bool, ...], tuple[int, ...]],
) -> b.Found:
    here, rest = said
    row = at.row
    blocks = tuple(walk.blocks())
    if request.known == pointer(row.pointer).hash:
        return b.Found(None, None, (), here, rest, blocks)
    bodies = between(view, row.key, row.seq, request.since)
    return b.Found(row.pointer, row.record, bodies, here, rest, blocks)


def _named_root(view: View, at: Standing, named: Cid | None, now: int) -> Cid:
    """The root to read at, if the caller may read at it; raises Denied."""
    if named is None or named == at.row.root:
        return at.row.root
    old = view.past_root(at.row.key, named)
    if old is None or (not at.members and now - old.superseded >= NAMED_ROOT):
        raise denied()
    return named


def recalled(view: View, cids: Iterable[Cid]) -> tuple[Block, ...]:
    """These blocks, hashed, each once and in order, as many as fit into an answer."""
    blocks: list[Block] = []
    size = 0
    for cid in dict.fromkeys(cids):
        size += view.block_size(cid) or 0
        if size > b.MAX_READ_BYTES:
            break
        blocks += _whole(view, cid)
    return tuple(blocks)


def _whole(view: View, cid: Cid) -> Iterator[Block]:
    """The block, hashed; nothing, and a line in the log, if it rotted on the disk."""
    try:
        yield Block.checked(cid, view.block(cid))
    except (BadBlock, MissingBlock) as error:
        _log.error("block lost", kind=type(error).__name__)


class Tree:
    """One tree of a space, its nodes read once."""

    def __init__(self, view: View, root: Cid) -> None:
        self._view: Final = view
        self._root: Final = root
        self._nodes: Final[dict[Cid, Node]] = {}
        self._path: list[Cid] = []

    def find(self, label: bytes) -> tuple[Cid | None, list[Cid]]:
        """The leaf under a label, and the nodes on the way to it."""
        self._path = []
        found = lookup_with(self._node, self._root, (label,))
        return found[label], self._path

    def _node(self, cid: Cid, place: Place) -> Node:
        if cid != EMPTY.cid:
            self._path.append(cid)
        node = self._nodes.get(cid)
        if node is None:
            node = self._nodes[cid] = read(self._view.block, cid, place)
        return node


class Gate:
    """Which labels a caller may read, by what is in force now."""

    def __init__(
        self, view: View, at: Standing, root: Cid, caller: Caller, peer: bytes, now: int
    ) -> None:
        current = Root.decode(view.block(at.row.root))
        self._at_current: Final = root == at.row.root
        self._view: Final = view
        self._space: Final = at.row.key.space
        self.is_member: Final = bool(at.members)
        self._readers: Final = sorted(caller.readers)
        self._peer: Final = peer
        self._now: Final = now
        self._tree: Final = Tree(view, current.tree)
        self._retired: Final = Tree(view, current.retired)

    def admits(self, item: b.Item, leaf: Leaf | None) -> bool:
        """Whether ``leaf``, found under the item's label at the named root, is for the caller."""
        if self.is_member:
            return True
        current = leaf if self._at_current else self._current(item.label)
        retired, _ = self._retired.find(item.label)
        proven = self._is_proven(item, NO_LOCK if current is None else current.lock)
        if current is None or leaf is None or retired is not None:
            return False
        return proven and leaf.lock == current.lock

    def _current(self, label: bytes) -> Leaf | None:
        cid, _ = self._tree.find(label)
        return None if cid is None else Leaf.decode(self._view.block(cid))

    def _is_proven(self, item: b.Item, lock: bytes) -> bool:
        if item.proof is None:
            return False
        try:
            proof = ReadProof.decode(item.proof)
        except Malformed:
            return False
        verified = [self._verifies(proof, lock, each, item.label) for each in self._readers]
        return any(verified)

    def _verifies(self, proof: ReadProof, lock: bytes, reader: bytes, label: bytes) -> bool:
        try:
            proof.verify(lock, self._peer, reader, self._space, label, self._now)
        except (Forged, Expired):
            return False
        return True


class Seen:
    """An item that the caller may see: where its leaf is, and the leaf where it was needed."""

    __slots__ = ("cid", "leaf", "path")

    def __init__(self, cid: Cid | None, leaf: Leaf | None, path: list[Cid]) -> None:
        self.cid: Final = cid
        self.leaf: Final = leaf
        self.path: Final = path


class Walk:
    """Finds items at one root and gathers the blocks of the answer, up to its limits."""

    def __init__(self, view: View, root: Cid, gate: Gate) -> None:
        self._view: Final = view
        self._gate: Final = gate
        self._tree: Final = Tree(view, Root.decode(view.block(root)).tree)
        self._nodes: Final[dict[Cid, None]] = {root: None}
        self._leaves: Final[dict[Cid, None]] = {}
        self._segments: Final[dict[Cid, None]] = {}
        self._size = view.block_size(root) or 0

    def find(self, item: b.Item) -> Seen | None:
        """What is under the item's label, if the caller may know; None if not."""
        cid, path = self._tree.find(item.label)
        if self._gate.is_member and not item.all_segments and not item.segments:
            return Seen(cid, None, path)
        leaf = None if cid is None else Leaf.decode(self._view.block(cid))
        return Seen(cid, leaf, path) if self._gate.admits(item, leaf) else None

    def take(self, seen: Seen) -> bool:
        """Add the way to an item and its leaf; False when they do not fit any more."""
        leaves = [] if seen.cid is None else [seen.cid]
        if not self._fits((*seen.path, *leaves)):
            return False
        self._nodes.update(dict.fromkeys(seen.path))
        self._leaves.update(dict.fromkeys(leaves))
        return True

    def take_segments(self, seen: Seen, item: b.Item) -> bool:
        """Add the segments that were asked for; False, and none of them, when they do not fit."""
        if seen.leaf is None:
            return True
        segments = seen.leaf.segments
        wanted = segments if item.all_segments else _picked(segments, item.segments)
        if not self._fits(wanted):
            return False
        self._segments.update(dict.fromkeys(wanted))
        return True

    def take_nodes(self, cids: Iterable[Cid]) -> None:
        """Add blocks by CID, as many as fit."""
        for cid in cids:
            if self._fits((cid,)):
                self._nodes[cid] = None

    def blocks(self) -> Iterator[Block]:
        """The blocks, hashed: what rots on the disk is left out, and said in the log."""
        for cid in {**self._nodes, **self._leaves, **self._segments}:
            yield from _whole(self._view, cid)

    def _fits(self, cids: Iterable[Cid]) -> bool:
        new = [
            cid
            for cid in dict.fromkeys(cids)
            if cid not in self._nodes and cid not in self._leaves and cid not in self._segments
        ]
        size = self._size + sum(self._view.block_size(cid) or 0 for cid in new)
        count = len(self._nodes) + len(self._leaves) + len(self._segments) + len(new)
        if size > b.MAX_READ_BYTES or count > MAX_BLOCKS:
            return False
        self._size = size
        return True


def _picked(segments: tuple[Cid, ...], positions: Iterable[int]) -> tuple[Cid, ...]:
    return tuple(segments[position] for position in positions if position < len(segments))
