"""What a home sees of the structure while somebody writes: which leaves change together.

It has every tree that was ever committed, so for each commit it can say how old the leaves
are that changed, and how large they became. This is the most that it can make of a tree.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from formats.cid import Cid
from formats.commit import Commit
from formats.errors import MissingBlock
from formats.root import Root
from formats.tree.lookup import walk
from formats.tree.node import EMPTY
from tests.privacy.heard import Heard

_MOVE: Final = "pointers.move"


class _Space:
    """The trees of one space, in order."""

    def __init__(self) -> None:
        self._born: Final[dict[bytes, int]] = {}
        self._now: dict[bytes, Cid] = {}
        self.told: Final[list[str]] = []

    def next(self, tree: Mapping[bytes, Cid], sizes: Mapping[bytes, int]) -> None:
        """One commit later: born/size of each leaf that changed, in no order."""
        changed = [label for label, cid in tree.items() if self._now.get(label) != cid]
        gone = [f"-{self._born[label]}" for label in self._now if label not in tree]
        there = [
            f"{self._born.setdefault(label, len(self.told))}/{sizes.get(tree[label], 0)}"
            for label in changed
        ]
        self.told.append(" ".join(sorted(there + gone)))
        self._now = dict(tree)


def changes(heard: Iterable[Heard]) -> str:
    """For each commit of each space: the leaves that changed, by age and size."""
    blocks: dict[bytes, bytes] = {EMPTY.cid: EMPTY.data}
    spaces: dict[bytes, _Space] = {}

    def load(cid: Cid) -> bytes:
        try:
            return blocks[cid]
        except KeyError:
            raise MissingBlock.of(cid) from None

    for each in heard:
        blocks.update(each.carried)
        if each.call == _MOVE and isinstance(each.asked, dict):
            for move in Commit.decode(_bytes(each.asked["commit"])).moves:
                space = spaces.setdefault(move.pointer.space, _Space())
                root = Root.decode(load(move.pointer.root))
                tree = dict(walk(load, root.tree))
                space.next(tree, {cid: len(blocks.get(cid, b"")) for cid in tree.values()})
    return "\n".join("\n".join(space.told) for space in spaces.values())


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value
