"""A new state of a space: its trees built, its pointer signed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from client.space.author import Author
from client.space.growing import Trees
from client.space.overlay import Overlay
from client.space.state import Tip
from crypto.signing import SigningKey
from formats.cid import Block, Cid
from formats.commit import Move
from formats.errors import Internal
from formats.pointer import Pointer
from formats.retired import Marker
from formats.root import Root
from formats.space import SpaceRecord
from formats.tree.node import EMPTY


@dataclass(frozen=True, slots=True)
class Draft:
    """A state that is signed and not committed yet; ``made``: every block that is new in it."""

    tip: Tip
    pointer: Pointer
    record: SpaceRecord
    made: Sequence[Block]

    @property
    def move(self) -> Move:
        """What a commit says of it."""
        return Move(self.pointer, None if self.record is self.tip.record else self.record)

    @property
    def after(self) -> Tip:
        """The newest state once it is committed."""
        spine = self.tip.spine.then(self.pointer.seq, self.pointer.hash)
        return Tip(self.pointer, self.record, spine)


class Drafting:
    """Makes states of one space, with one member key.

    ``now``: milliseconds since 1970, for the pointer.
    """

    def __init__(
        self, trees: Trees, member: SigningKey, now: Callable[[], int], author: Author | None
    ) -> None:
        self._trees: Final = trees
        self._member: Final = member
        self._now: Final = now
        self._author: Final = author

    async def draft(self, tip: Tip, overlay: Overlay) -> Draft:
        """The state after what was noted, signed."""
        root, blocks = await self._build(tip, overlay)
        record = overlay.record or tip.record
        pointer = self._sign(tip, root, record)  # here: signing keeps the interpreter anyway
        return Draft(tip, pointer, record, blocks)

    async def _build(self, tip: Tip, overlay: Overlay) -> tuple[Block, list[Block]]:
        """The root block after the overlay, and every new block of the commit."""
        root = Root.decode(await self._trees.loaded(tip.root))
        leaves = {
            label: None if leaf is None else leaf.block
            for label, leaf in overlay.leaves_put.items()
        }
        changes = {label: None if block is None else block.cid for label, block in leaves.items()}
        changes |= overlay.linked
        mark = Marker(tip.pointer.seq + 1).block
        before = EMPTY.cid if overlay.is_emptied else root.tree
        tree, nodes = await self._trees.updated(before, changes, tip.root)
        fresh = await self._trees.not_retired(root.retired, overlay.retired)
        marks: dict[bytes, Cid | None] = dict.fromkeys(fresh, mark.cid)
        retired, more = await self._trees.updated(root.retired, marks)
        by = None if self._author is None else self._author.sign(tip.pointer.seq + 1)
        new = Root(tree, retired, by).block
        extra = [mark] if fresh else []
        # By label, which is random: the order in which things were made follows their names.
        blocks = [block for _, block in sorted(leaves.items()) if block is not None]
        return new, [new, *nodes, *more, *extra, *blocks]

    def _sign(self, tip: Tip, root: Block, record: SpaceRecord) -> Pointer:
        skip = tip.spine.skip_hash()
        if skip is None:
            raise Internal("the newest state came without its ancestors")
        return Pointer.following(tip.pointer, skip, record, root.cid, self._now(), self._member)
