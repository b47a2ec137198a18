"""Showing that blocks are held: a hash of a nonce and each block, for blocks drawn by lot.

The home draws labels at random and takes the leaf there and one of its segments. It
has the bytes itself, so it needs to believe nobody. Whoever fetches a block that
a challenge asks for, while it is open, did not hold it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from crypto.hashing import sha256
from crypto.secret import random_bytes
from formats.cid import Cid
from formats.errors import MissingBlock
from formats.leaf import Leaf
from formats.root import Root
from formats.tree.node import EMPTY, Node
from protocols.replicas import MAX_CHALLENGED, Challenge
from storage.contracts import SpaceKey, View

T = TypeVar("T")

PROVE_EVERY: Final = 6 * 3600 * 1000
"""Milliseconds after which a replica has to show again that it holds what it says."""

PATIENCE: Final = 60_000
"""Milliseconds in which a challenge has to be answered."""

NOT_HELD: Final = bytes(32)
"""Stands for a block that is not there."""

_HELD: Final = b"holdfast/1/held\0"
_NONCE: Final = 32


@dataclass(slots=True)
class Opened:
    """A challenge that waits for its answer. ``fetched``: a block of it was fetched meanwhile."""

    challenge: Challenge
    since: int
    fetched: bool = False


@dataclass(slots=True)
class Challenges:
    """Those of one node, by owner and peer."""

    _open: dict[tuple[bytes, bytes], Opened] = field(default_factory=dict)

    def draw(self, view: View, key: SpaceKey, root: Cid, peer: bytes, now: int) -> Challenge:
        """A fresh challenge for a replica; of no blocks, where there are none to hold."""
        challenge = Challenge(random_bytes(_NONCE), key.space, drawn(view, root))
        self._open[key.owner, peer] = Opened(challenge, now)
        return challenge

    def fetched(self, owner: bytes, peer: bytes, cids: Iterable[Cid]) -> None:
        """The replica fetches these blocks just now."""
        opened = self._open.get((owner, peer))
        if opened is not None and not opened.fetched:
            opened.fetched = not set(opened.challenge.cids).isdisjoint(cids)

    def judge(
        self, view: View, owner: bytes, peer: bytes, held: Sequence[bytes], now: int
    ) -> bool | None:
        """Whether the replica holds what it was asked for; None when that is not shown either way.

        So it is when it was not asked, or did not get the question, or has let go of a block since.
        """
        opened = self._open.pop((owner, peer), None)
        if opened is None or (opened.challenge.cids and not held):
            return None
        asked = opened.challenge
        key = SpaceKey(owner, asked.space)
        there = [cid for cid in asked.cids if view.references(key, cid)]
        if len(there) < len(asked.cids):
            return None
        late = now - opened.since > PATIENCE
        return not late and not opened.fetched and tuple(held) == shown(view, key, asked)


def shown(view: View, key: SpaceKey, asked: Challenge) -> tuple[bytes, ...]:
    """The answer to a challenge, by what is here."""
    return tuple(_shown(view, key, asked.nonce, cid) for cid in asked.cids)


def _shown(view: View, key: SpaceKey, nonce: bytes, cid: Cid) -> bytes:
    if not view.references(key, cid):
        return NOT_HELD
    try:
        return sha256(_HELD + nonce + view.block(cid))
    except MissingBlock:
        return NOT_HELD


def drawn(view: View, root: Cid) -> tuple[Cid, ...]:
    """Up to ``MAX_CHALLENGED`` blocks of a root: leaves at random labels, and segments of them."""
    tree = Root.decode(view.block(root)).tree
    found: dict[Cid, None] = {}
    for _ in range(0 if tree == EMPTY.cid else MAX_CHALLENGED // 2):
        leaf = _leaf(view, tree)
        found[leaf] = None
        segments = Leaf.decode(view.block(leaf)).segments
        if segments:
            found[_one_of(segments)] = None
    return tuple(found)


def _leaf(view: View, tree: Cid) -> Cid:
    node = Node.decode(view.block(tree), root=True)
    while True:
        below = [(cid, True) for _, cid in node.links()]
        cid, is_node = _one_of([*below, *((cid, False) for _, cid in node.entries())])
        if not is_node:
            return cid
        node = Node.decode(view.block(cid), root=False)


def _one_of(choices: Sequence[T]) -> T:
    return choices[int.from_bytes(random_bytes(8)) % len(choices)]
