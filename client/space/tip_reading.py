"""Reading a space at one verified state: from memory what is there, the rest from its home.

What a home hands over is held against the state's tree: a leaf is only what stands at its
label's place, and what is missing is ``Withheld`` unless the tree says that it is not there.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from client.keys import Ref
from client.space.opened import Opened
from client.space.state import Tip
from formats.cid import Block, Cid
from formats.errors import Denied, MissingBlock, ProtocolViolation, Withheld
from formats.leaf import Leaf
from formats.root import Root
from formats.tree.lookup import within_reach

if TYPE_CHECKING:
    from client.space.view import SpaceView

BATCH: Final = 1024
"""Leaves asked for in one request: an answer stays well below a frame for usual leaves."""

RECENT: Final = 64
"""Leaves of one state that are at hand without walking the tree: the folders one is in."""


class TipReading:
    """A ``Reading`` of a view at one verified state."""

    def __init__(self, view: "SpaceView", tip: Tip) -> None:
        self.view: Final = view
        self.tip: Final = tip
        self.moved_on = False

    @property
    def owner(self) -> bytes:
        """The owner's identity id."""
        return self.view.owner

    @property
    def space(self) -> bytes:
        """The space id."""
        return self.view.space

    @property
    def opened(self) -> Opened:
        """What was opened of it lately."""
        return self.view.cache.opened

    async def leaves(self, refs: Sequence[Ref]) -> dict[bytes, Leaf]:
        """The leaves that are there, by label: from memory, the rest in few requests."""
        recent = self.view.recent(self.tip)
        leaves = {ref.label: recent[ref.label] for ref in refs if ref.label in recent}
        if len(leaves) == len(refs):
            return leaves
        lacking, named = self._kept([ref for ref in refs if ref.label not in recent], leaves)
        lacking.sort(key=lambda ref: ref.label)  # random: the home is not told an order of names
        for start in range(0, len(lacking), BATCH):
            some = lacking[start : start + BATCH]
            await self._fetch(await self._fetch_named(some, named, leaves), leaves)
        if len(recent) + len(refs) <= RECENT:
            recent.update(leaves)
        return leaves

    async def segments(self, ref: Ref, leaf: Leaf, positions: Sequence[int]) -> list[bytes]:
        """Segments by position; the current state serves when this one is gone already."""
        wanted = [leaf.segments[position] for position in positions]
        kept = self.view.kept
        got = {} if kept is None else await kept.load_all(wanted)
        missing = [p for p, cid in zip(positions, wanted, strict=True) if cid not in got]
        if len(missing) == len(wanted):
            got = await self._segments(ref, leaf, positions)
            missing = [p for p, cid in zip(positions, wanted, strict=True) if cid not in got]
        while missing:
            more = await self._segments(ref, leaf, missing)
            still = [p for p in missing if leaf.segments[p] not in more]
            if len(still) == len(missing):
                raise Withheld("part of a file was not handed over by the home")
            got |= more
            missing = still
        return [got[cid] for cid in wanted]

    async def _segments(self, ref: Ref, leaf: Leaf, positions: Sequence[int]) -> dict[Cid, bytes]:
        try:
            return await self.view.segments(self.tip.root, ref, leaf, positions)
        except Denied:
            return await self.view.segments(None, ref, leaf, positions)

    def _kept(
        self, refs: Sequence[Ref], leaves: dict[bytes, Leaf]
    ) -> tuple[list[Ref], dict[bytes, Cid]]:
        """Fill in the leaves that are in memory; the refs that are not, and what they are named.

        A name is known where the tree's nodes on the way to it are in memory.
        """
        places, _ = self._places([ref.label for ref in refs], {})
        lacking: list[Ref] = []
        named: dict[bytes, Cid] = {}
        for ref in refs:
            cid = places.get(ref.label)
            if cid is None:
                lacking += () if ref.label in places else (ref,)
            elif not self._from_cache(ref.label, cid, leaves):
                lacking.append(ref)
                named[ref.label] = cid
        return lacking, named

    def _from_cache(self, label: bytes, cid: Cid, leaves: dict[bytes, Leaf]) -> bool:
        try:
            leaves[label] = Leaf.decode(self.view.cache.load(cid))
        except MissingBlock:
            return False
        return True

    async def _fetch_named(
        self, refs: Sequence[Ref], named: dict[bytes, Cid], leaves: dict[bytes, Leaf]
    ) -> list[Ref]:
        """Ask for leaves by their names, without the nodes above them, as members may.

        Returns the refs of the others, and of those that did not come: why not is said to
        whoever asks for them by label.
        """
        cids = [named[ref.label] for ref in refs if ref.label in named]
        if not cids or not self.view.is_member:
            return list(refs)
        blocks = {block.cid: block for block in await self.view.fetch_nodes(cids)}
        for ref in refs:
            block = blocks.get(named[ref.label]) if ref.label in named else None
            if block is not None:
                leaves[ref.label] = Leaf.decode(block.data)
        return [ref for ref in refs if ref.label not in leaves]

    async def _fetch(
        self, refs: Sequence[Ref], leaves: dict[bytes, Leaf], moved_on: bool = False
    ) -> None:
        """Ask the home; again for what did not fit into its answer.

        A home may have let go of this state: a reader reads on at the newest, once.
        """
        while refs:
            try:
                found = await self.view.fetch(self.tip.root, refs)
            except Denied:
                if moved_on or self.view.is_member:
                    raise
                self.moved_on = True
                newest = await self.view.open(refs)
                lacking, _ = newest._kept(refs, leaves)
                await newest._fetch(lacking, leaves, moved_on=True)
                return
            left = {at for at in found.rest if at < len(refs) and not found.here[at]}
            if len(left) == len(refs):
                raise Withheld("the home answered with nothing of what was asked for")
            said = zip(refs, found.here, strict=True)
            answered = {
                ref.label: here
                for at, (ref, here) in enumerate(said)
                if at not in left and (here or self.view.is_member)
            }
            self._verify(answered, found.blocks, leaves)
            refs = [refs[at] for at in sorted(left)]

    def _verify(
        self, answered: dict[bytes, bool], sent: Sequence[Block], leaves: dict[bytes, Leaf]
    ) -> None:
        blocks = {block.cid: block for block in sent}
        places, unproven = self._places(list(answered), blocks)
        if unproven:
            raise Withheld("the home left out proof of where something is")
        for label, here in answered.items():
            self._take(label, here, places[label], blocks, leaves)

    def _take(
        self,
        label: bytes,
        here: bool,
        cid: Cid | None,
        blocks: dict[Cid, Block],
        leaves: dict[bytes, Leaf],
    ) -> None:
        if (cid is not None) != here:
            raise ProtocolViolation("the home says other than its own proof")
        if cid is None:
            return
        if cid not in blocks:
            raise Withheld("the home did not hand over something that is there")
        leaves[label] = Leaf.decode(blocks[cid].data)

    def _places(
        self, labels: Sequence[bytes], blocks: dict[Cid, Block]
    ) -> tuple[dict[bytes, Cid | None], list[bytes]]:
        """Where the tree of this state says the leaves are; the labels for which nodes lack."""

        def load(cid: Cid) -> bytes:
            block = blocks.get(cid)
            return self.view.cache.load(cid) if block is None else block.data

        try:
            tree = Root.decode(load(self.tip.root)).tree
        except MissingBlock:
            return {}, list(labels)
        return within_reach(load, tree, labels)
