"""A verified view of one space: own or somebody else's, whatever the home says.

Every answer of a home is walked again here: the pointer and space record by
their signatures and the mark, the root block by the pointer, tree nodes from
the root, each leaf by its place in the tree, segments by the leaf. Blocks come
hashed (a ``Block`` is only made by hashing); what is missing is ``Withheld``.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, Protocol

import trio

from client.answers import handed_over
from client.home import Connected, HomeLine, riding
from client.keys import Ref
from client.marks import Mark, Marks
from client.space.cache import Blocks
from client.space.shared import Shared
from client.space.state import NeedsBase, Shown, Tip, advance
from client.space.tip_reading import TipReading
from crypto.signing import LockKey
from formats.cid import Block, Cid
from formats.errors import (
    Conflict,
    Forked,
    ProtocolViolation,
    Stale,
)
from formats.identity import IdentityChain
from formats.leaf import Leaf
from formats.pointer import Pointer
from formats.read_proof import MAX_LIFE, ReadProof
from formats.space import SpaceRecord
from protocols.accounts import Prove
from protocols.blocks import MAX_ITEMS, Found, Item, Read
from protocols.pointers import Resolve, Resolved

PERHAPS_RESTORED: Final = (
    "it was not believed; if your home was restored from a backup, 'holdfast restored' shows what "
    "it has and what is gone"
)

Again = Callable[[int], Awaitable[Shown]]
"""Asks for what is newest once more, with its descent from that number."""

_PROOF_LIFE: Final = MAX_LIFE - 60_000
"""A minute less than the most, for clocks that differ while the answer is under way."""


def shown(answer: Resolved) -> Shown:
    """What an answer of the pointers door shows."""
    return Shown(answer.pointer, answer.record, answer.spine, answer.between)


class Owners(Protocol):
    """Who owns a space: the verified identity chain, newest known."""

    async def chain(self, owner: bytes) -> IdentityChain:
        """The owner's chain; raises ``Denied`` for somebody unknown."""
        ...

    async def newer(self, owner: bytes) -> IdentityChain:
        """Their newest chain, asked for because something was signed under a newer record."""
        ...


class SpaceView:
    """One space seen through one home line. ``reader`` is None for a member.

    If its ``cache`` has a disk below, what is read can be read again while the home is away.
    """

    def __init__(
        self,
        line: HomeLine,
        owners: Owners,
        marks: Marks,
        cache: Blocks,
        owner: bytes,
        space: bytes,
        reader: LockKey | None = None,
    ) -> None:
        self.line: Final = line
        self.owner: Final = owner
        self.space: Final = space
        self.whose = ""
        """The owner's name, for people."""
        self.cache: Final = cache
        self.kept: Final = cache.kept
        self.owners: Final = owners
        self.marks: Final = marks
        self._reader: Final = reader
        self.tip: Tip | None = None
        self.away: Tip | None = None
        """The kept state that was verified last; only ``away.py`` reads it."""
        self.silent_until = 0.0
        """Until when the home is let be, because it was slow not to answer."""
        self.elsewhere: Callable[[], Sequence[SpaceView]] = tuple
        """The same space at replicas of it, to be read while the home is away."""
        self._refreshing: Final = Shared(self._refreshed)
        self.on_set_back: Callable[[Tip], None] | None = None
        """Called with a state that the owner set the space back to, away from what was seen."""
        self._recent: dict[bytes, Leaf] = {}
        self._recent_at: Tip | None = None

    def through(self, line: HomeLine) -> "SpaceView":
        """The same space seen through another line, going by what was seen through this one."""
        made = SpaceView(
            line, self.owners, self.marks, self.cache, self.owner, self.space, self._reader
        )
        made.whose = self.whose
        return made

    @property
    def is_member(self) -> bool:
        """Whether this side is a member of the space, so that absence is proven to it."""
        return self._reader is None

    async def refresh(self) -> TipReading:
        """The newest state, by a member's request; who asks at the same time shares one."""
        return TipReading(self, await self._refreshing.call())

    async def newest(self) -> TipReading:
        """As ``refresh``, by a request of its own: who commits waits for nobody's question."""
        return TipReading(self, await self._refreshed())

    async def _refreshed(self) -> Tip:
        while True:
            since = self._since()
            tip = await self._accepted(await self.resolve(since), since)
            if tip is not None:
                return tip

    async def resolve(self, since: int | None) -> Shown:
        """What the home shows a member as newest, with its descent from ``since``; not verified."""
        request = Resolve(self.owner, self.space, since)

        async def ask(connected: Connected) -> Shown:
            return shown(await connected.doors.pointers.resolve(request))

        return await self.line.call(ask)

    async def shown_since(self, since: int, refs: Sequence[Ref]) -> Shown:
        """What the home shows as newest, with its descent from that number; not verified.

        A reader asks by reading these leaves.
        """
        if self.is_member:
            return await self.resolve(since)
        return await self._reopen(await self._request(refs, None), since)

    def checked(self, state: Shown, owner: IdentityChain) -> Pointer:
        """The pointer of a state, by its signatures alone: it may be older than what was seen."""
        return advance(None, replace(state, spine=()), owner, self.space).pointer

    async def open(self, refs: Sequence[Ref]) -> TipReading:
        """The newest state, by reading these leaves of it: how a reader begins."""
        while True:
            request = await self._request(refs[:MAX_ITEMS], None)
            found = await self._ask(request)
            if found.pointer is not None and found.record is not None:
                state = Shown(found.pointer, found.record, (), found.between)
                if (
                    await self._accepted(state, request.since, partial(self._reopen, request))
                    is None
                ):
                    continue
            if self.tip is None:
                raise ProtocolViolation("the home left out the state of the space")
            self._confirm(self.tip)
            self.keep(found)
            return TipReading(self, self.tip)

    async def _reopen(self, request: Read, since: int) -> Shown:
        """What a reader is shown as newest, with its descent from ``since``; not verified."""
        found = await self._ask(replace(request, known=None, since=since))
        if found.pointer is None or found.record is None:
            raise ProtocolViolation("the home left out the state of the space")
        return Shown(found.pointer, found.record, (), found.between)

    async def accept(self, state: Shown, since: int) -> Tip:
        """Verify a state that the home showed with its descent from ``since``, and take it.

        If others here accepted another one meanwhile, the newest is asked for instead.
        """
        return await self._accepted(state, since) or (await self.newest()).tip

    async def _accepted(
        self,
        state: Shown,
        since: int | None,
        again: Callable[[int], Awaitable[Shown]] | None = None,
    ) -> Tip | None:
        """The state, verified and taken; None if the descent that came with it is not enough.

        That is so when another task has accepted a newer state since it was asked
        for: what was shown must descend from that one too. ``again`` asks for descent from
        another number, where the owner has set the space back.
        """
        tip = self.tip
        if tip is not None and tip.pointer.encoded == state.pointer:
            self._confirm(tip)
            return tip
        mark = self.marks.get(self.owner, self.space)
        if (None if mark is None else mark.seq) != since:
            return None
        seen = await self._verified(mark, state, again or self.resolve)
        if seen is None or self.marks.get(self.owner, self.space) != mark:
            return None
        return self.adopt(seen)

    async def _verified(self, mark: Mark | None, state: Shown, again: Again) -> Tip | None:
        """The state, if it may be believed; None if the home moved on while it was asked."""
        chain = await self.owners.chain(self.owner)
        if _made_under(state) > chain.seq:
            chain = await self.owners.newer(self.owner)
        try:
            return await trio.to_thread.run_sync(advance, mark, state, chain, self.space)
        except NeedsBase as needed:
            proof = await again(needed.seq)
        except (Stale, Forked) as error:
            if not self.is_member:
                raise
            raise type(error)(error.message, hint=PERHAPS_RESTORED) from error
        if proof.pointer != state.pointer:
            return None
        state = replace(state, from_base=tuple(proof.between))
        return await trio.to_thread.run_sync(advance, mark, state, chain, self.space)

    def adopt(self, tip: Tip) -> Tip:
        """Take a state that was verified, or made, here. Never goes back within an epoch."""
        if self.tip is not None and tip.order <= self.tip.order:
            return self.tip
        self.marks.put(self.owner, self.space, tip.mark)
        self.tip = tip
        self._confirm(tip)
        if tip.left is not None and self.on_set_back is not None:
            self.on_set_back(tip)
        return tip

    async def fetch(self, root: Cid, refs: Sequence[Ref]) -> Found:
        """Leaves and the nodes above them at one root; what came is kept."""
        found = await self._ask(await self._request(refs, root))
        self.keep(found)
        return found

    async def fetch_nodes(self, cids: Iterable[Cid]) -> Sequence[Block]:
        """Tree nodes and leaves of an own space by CID: those that the home hands over."""
        found = await self._ask(self._read(None, (), tuple(cids)))
        self.keep(found)
        return found.blocks

    async def fetch_ways(self, root: Cid, labels: Iterable[bytes]) -> None:
        """Tree nodes of an own space on the way to these labels, whatever is there or is not."""
        items = tuple([Item(label, None, (), False) for label in labels])
        self.keep(await self._ask(self._read(root, items, ())))

    async def segments(
        self, root: Cid | None, ref: Ref, leaf: Leaf, positions: Sequence[int]
    ) -> dict[Cid, bytes]:
        """These segments of a leaf at one root (None: the current one), by CID."""
        item = await self._item(ref, tuple(positions))
        found = await self._ask(self._read(root, (item,), ()))
        if root is None and not any(block.cid == leaf.block.cid for block in found.blocks):
            raise Conflict("it was changed while it was being read")
        segments = [block for block in found.blocks if block.cid.is_raw]
        if self.kept is not None:
            named = set(leaf.segments)
            for block in segments:
                if block.cid in named:
                    self.kept.put(block)
        return {block.cid: block.data for block in segments}

    def _confirm(self, tip: Tip) -> None:
        if self.kept is not None:
            self.kept.confirm(tip.pointer.encoded, tip.record.encoded)

    def recent(self, tip: Tip) -> dict[bytes, Leaf]:
        """Leaves that were found at this state, to be filled by whoever finds more."""
        if self._recent_at is not tip:
            self._recent_at, self._recent = tip, {}
        return self._recent

    def keep(self, found: Found) -> None:
        """Put what may be needed again into the cache; segments are not kept."""
        for block in found.blocks:
            if not block.cid.is_raw:
                self.cache.put(block)

    def _since(self) -> int | None:
        """The newest seq ever seen here, so that an answer can prove that it descends from it."""
        mark = self.marks.get(self.owner, self.space)
        return None if mark is None else mark.seq

    def _read(self, root: Cid | None, items: tuple[Item, ...], nodes: tuple[Cid, ...]) -> Read:
        known = None if self.tip is None else self.tip.pointer.hash
        return Read(self.owner, self.space, root, known, self._since(), items, nodes)

    async def _ask(self, request: Read) -> Found:
        async def ask(connected: Connected) -> Found:
            async def read(proof: Prove | None) -> Found:
                return await connected.doors.blocks.read(replace(request, reader=proof))

            return await riding(connected, read)

        found = await self.line.call(ask)
        if len(found.here) != len(request.items):
            raise ProtocolViolation("the home answered for other leaves than were asked for")
        return found

    async def _request(self, refs: Sequence[Ref], root: Cid | None) -> Read:
        return self._read(root, tuple([await self._item(ref, ()) for ref in refs]), ())

    async def _item(self, ref: Ref, positions: tuple[int, ...]) -> Item:
        if self._reader is None:
            return Item(ref.label, None, positions, False)
        connected = await self.line.connected()
        proof = ReadProof.make(
            ref.keys.lock(ref.label),
            connected.hello.server,
            self._reader.public,
            self.space,
            ref.label,
            connected.server_time() + _PROOF_LIFE,
        )
        return Item(ref.label, proof.encoded, positions, False)


def _made_under(state: Shown) -> int:
    """The number of the identity record that the members of a state were named under."""
    with handed_over("state of a space"):
        return SpaceRecord.decode(state.record).identity_seq
