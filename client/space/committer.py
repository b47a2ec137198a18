"""An own space: operations run until they are committed, together where they meet.

Whoever arrives takes everybody who waits along: their operations run one after
another on one overlay, one pointer is signed, one request commits them all. An
operation that raises falls out alone. On a conflict the newer state is verified
and everything runs again, after a random pause that grows.

Once a commit was sent, it is followed to its end even if the person gives up:
otherwise nobody could say whether it was done. If the answer is lost, the
home's state says what became of it.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Final, Generic, TypeVar

import trio

from client.home import Connected
from client.keys import Ref
from client.space.author import Author
from client.space.away import newest
from client.space.opened import Opened
from client.space.reading import Changing, Operation, Reading, Staging
from client.space.state import Tip
from client.space.view import SpaceView, TipReading, shown
from crypto.signing import SigningKey
from formats.cid import Block, Cid
from formats.commit import Commit, Move
from formats.errors import (
    Conflict,
    Denied,
    Forked,
    HoldfastError,
    Internal,
    MissingBlock,
    ProtocolViolation,
    Unreachable,
    Withheld,
)
from formats.leaf import Leaf
from formats.pointer import Pointer
from formats.retired import Marker
from formats.root import Root
from formats.space import SpaceRecord
from formats.tree.lookup import lookup
from formats.tree.node import EMPTY
from formats.tree.update import update
from protocols import blocks as b
from protocols import pointers as p

MAX_REPLAYS: Final = 24
MAX_TOGETHER: Final = 256
"""Operations that share one commit."""
_WAYS: Final = 512
"""Labels whose ways down the tree are asked for in one request."""
INLINE_BYTES: Final = 8 * 1024 * 1024
"""A commit that carries more new blocks than this stages them first."""
_PAUSE: Final = 0.02
"""First pause after a conflict in seconds, doubled each time up to a second."""
FOLLOW: Final = 30.0
"""Seconds for which a commit that was sent is followed though nobody waits for it."""

T = TypeVar("T")


class Overlay:
    """A ``Changing``: a reading below, and what was noted on top of it."""

    def __init__(self, below: Reading) -> None:
        self._below: Final = below
        self.leaves_put: Final[dict[bytes, Leaf | None]] = {}
        self.linked: Final[dict[bytes, Cid]] = {}
        self.retired: Final[set[bytes]] = set()
        self.record: SpaceRecord | None = None
        self.is_emptied = False
        self.session: bytes | None = None

    @property
    def owner(self) -> bytes:
        """The owner's identity id."""
        return self._below.owner

    @property
    def space(self) -> bytes:
        """The space id."""
        return self._below.space

    @property
    def opened(self) -> Opened:
        """What was opened of it lately."""
        return self._below.opened

    @property
    def moved_on(self) -> bool:
        """As of what is below."""
        return self._below.moved_on

    async def leaves(self, refs: Sequence[Ref]) -> dict[bytes, Leaf]:
        """What was noted here, and below it what is there."""
        below = [ref for ref in refs if ref.label not in self.leaves_put]
        found = await self._below.leaves(below) if below else {}
        for ref in refs:
            leaf = self.leaves_put.get(ref.label)
            if leaf is not None:
                found[ref.label] = leaf
        return found

    async def segments(self, ref: Ref, leaf: Leaf, positions: Sequence[int]) -> list[bytes]:
        """Segments of what is committed; what is only staged is not read back."""
        return await self._below.segments(ref, leaf, positions)

    def put(self, label: bytes, leaf: Leaf) -> None:
        """Note a leaf."""
        self.leaves_put[label] = leaf

    def link(self, label: bytes, leaf: Cid) -> None:
        """Note a leaf that the home has, by its CID; reads through this do not see it."""
        self.linked[label] = leaf

    def empty(self) -> None:
        """Note that nothing of what was there stays."""
        self.is_emptied = True

    def put_in_force(self, record: SpaceRecord) -> None:
        """Note the space record that holds from this commit on."""
        self.record = record

    def delete(self, label: bytes) -> None:
        """Note that nothing is there any more."""
        self.leaves_put[label] = None

    def retire(self, labels: Iterable[bytes]) -> None:
        """Note labels that homes shall refuse."""
        self.retired.update(labels)

    def use_staging(self, session: bytes) -> None:
        """Note the session; an operation has one at most."""
        if self.session not in (None, session):
            raise ValueError("one operation uses one staging session")
        self.session = session

    def can_take(self, above: "Overlay") -> bool:
        """Whether one commit can hold both: it has one session at most."""
        return above.session is None or self.session in (None, above.session)

    def take(self, above: "Overlay") -> None:
        """Everything that was noted above, now here."""
        self.leaves_put.update(above.leaves_put)
        self.linked.update(above.linked)
        self.record = above.record or self.record
        self.is_emptied = self.is_emptied or above.is_emptied
        self.retired.update(above.retired)
        self.session = self.session or above.session

    @property
    def is_empty(self) -> bool:
        """Whether nothing was noted."""
        noted = self.leaves_put or self.linked or self.retired or self.record
        return not (noted or self.is_emptied)


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


@dataclass(slots=True, eq=False)
class _Waiting(Generic[T]):
    """An operation in the queue, and what became of it."""

    operation: Operation[T]
    done: bool = False
    result: list[T] = field(default_factory=list)
    error: HoldfastError | None = None

    def outcome(self) -> T:
        if self.error is not None:
            raise self.error
        return self.result[0]


class OwnSpace:
    """A space this person writes to, through its view and with a member key."""

    def __init__(
        self,
        view: SpaceView,
        member: SigningKey,
        now: Callable[[], int],
        random: Random,
        author: Author | None = None,
    ) -> None:
        self._view: Final = view
        self._member: Final = member
        self._now: Final = now
        self._random: Final = random
        self._author: Final = author
        self.turn: Final = trio.Lock()
        self._queue: list[_Waiting[object]] = []

    @property
    def view(self) -> SpaceView:
        """The view it is read through."""
        return self._view

    async def reading(self) -> Reading:
        """The newest state; while the home is away, what is kept of it."""
        return await newest(self._view)

    async def at_hand(self) -> Reading:
        """The newest state that is known here, without asking for a newer one."""
        tip = self._view.tip
        return await self.reading() if tip is None else TipReading(self._view, tip)

    async def commit(self, operation: Operation[T]) -> T:
        """Run the operation until it is committed; see ``client.space.reading.Space``."""
        mine: _Waiting[T] = _Waiting(operation)
        self._queue.append(mine)  # type: ignore[arg-type]  # results are only handed back
        try:
            async with self.turn:
                if not mine.done:
                    await self._commit_together()
        except Unreachable as error:
            raise needs_home(error) from error
        finally:
            if not mine.done:
                self._queue = [each for each in self._queue if each is not mine]
        return mine.outcome()

    def staging(self) -> AbstractAsyncContextManager[Staging]:
        """Open a staging session; what no commit named goes when it is left."""
        return self._staging()

    @asynccontextmanager
    async def _staging(self) -> AsyncIterator[Staging]:
        staging = await self.open_staging()
        try:
            yield staging
        finally:
            await self.close_staging(staging.session)

    async def open_staging(self) -> Staging:
        """Open a session that outlives this process."""
        return self.staged(await self._open_session())

    def staged(self, session: bytes) -> Staging:
        """A session that was opened before."""
        return _Session(self._view, session)

    async def _commit_together(self) -> None:
        """Commit the first in the queue, and all that fit beside it."""
        together = self._queue[:MAX_TOGETHER]
        for attempt in range(MAX_REPLAYS):
            reading = await self.start(attempt)
            overlay, taken = await self._run(reading, together)
            unsure = overlay.is_empty or any(each.error for each in taken)
            if unsure and attempt == 0 and await self.was_old(reading):
                continue
            if overlay.is_empty or await self._send(reading.tip, overlay):
                self._finish(taken)
                return
        raise Conflict("others kept changing the same space; nothing was changed by this")

    async def was_old(self, reading: TipReading) -> bool:
        """Whether an operation may have failed, or found nothing to do, only on an old state.

        What is sent meets a newer state at the home; what is not must be asked about.
        """
        return (await self._view.newest()).tip is not reading.tip

    async def start(self, attempt: int) -> TipReading:
        """The state to begin an attempt on; the later ones after a pause."""
        if attempt == 0 and self._view.tip is not None:
            return TipReading(self._view, self._view.tip)
        if attempt > 1:
            pause = min(_PAUSE * 2**attempt, 1.0)
            await trio.sleep(pause * self._random.random())
        return await self._view.newest()

    async def _run(
        self, reading: Reading, together: Sequence[_Waiting[object]]
    ) -> tuple[Overlay, list[_Waiting[object]]]:
        """Run operations on one overlay; who failed, or does not fit, is not in it."""
        overlay, taken = Overlay(reading), []
        for each in together:
            above = Overlay(overlay)
            each.result, each.error = [], None
            try:
                each.result = [await each.operation(above)]
            except HoldfastError as error:
                each.error = error
                taken.append(each)
                continue
            if overlay.can_take(above):
                overlay.take(above)
                taken.append(each)
        return overlay, taken

    def _finish(self, taken: Iterable[_Waiting[object]]) -> None:
        for each in taken:
            each.done = True
        self._queue = [each for each in self._queue if not each.done]

    async def _send(self, tip: Tip, overlay: Overlay) -> bool:
        """Make the new state and move the pointer to it; False on a conflict."""
        draft = await self.draft(tip, overlay)
        session, blocks = await self.ahead(overlay.session, draft.made)
        commit = Commit((draft.move,), session)
        with trio.CancelScope(shield=True, deadline=trio.current_time() + FOLLOW):
            return await self._move(p.Move(commit.encoded, tuple(blocks)), draft)
        raise Unreachable("the home did not say whether the change was committed")

    async def places(self, tip: Tip, labels: Sequence[bytes]) -> dict[bytes, Cid | None]:
        """The CIDs of the leaves under these labels at a state; None where there is none."""
        root = Root.decode(await self._loaded(tip.root))
        while True:
            try:
                return lookup(self._view.cache.load, root.tree, labels)
            except MissingBlock:
                await self._fetch_ways(tip.root, root.tree, labels)

    async def draft(self, tip: Tip, overlay: Overlay) -> Draft:
        """The state after what was noted, signed."""
        root, blocks = await self._build(tip, overlay)
        record = overlay.record or tip.record
        pointer = self._sign(tip, root, record)  # here: signing keeps the interpreter anyway
        return Draft(tip, pointer, record, blocks)

    async def ahead(
        self, session: bytes | None, blocks: Sequence[Block]
    ) -> tuple[bytes | None, Sequence[Block]]:
        """What of a commit's blocks goes in its request; if they are many, they go before it."""
        if sum(len(block.data) for block in blocks) <= INLINE_BYTES:
            return session, blocks
        return await self._stage_first(session, blocks)

    async def _move(self, move: p.Move, draft: Draft) -> bool:
        async def ask(connected: Connected) -> p.Committed | p.Conflict:
            return await connected.doors.pointers.move(move)

        # Repeating is safe: the pointer names the state it stands on, so a home
        # that has it already answers with a conflict whose pointer is our own.
        answer = await self._view.line.call(ask)
        if isinstance(answer, p.Conflict):
            if not await self._is_ours(answer, draft.tip, draft.pointer):
                return False
        elif self._view.tip is not draft.tip and not await self.is_in(draft.pointer):
            raise Forked("the home took a change, and showed a history without it")
        self.took(draft)
        return True

    def took(self, draft: Draft) -> None:
        """The home has it: this is the newest state now."""
        for block in draft.made:
            self._view.cache.put(block)
        self._view.adopt(draft.after)

    async def _is_ours(self, answer: p.Conflict, tip: Tip, pointer: Pointer) -> bool:
        """Whether our commit is in after all, though the home speaks of a conflict."""
        if not answer.current:
            raise ProtocolViolation("the home spoke of a conflict, and not with what")
        await self._view.accept(shown(answer.current[0]), tip.pointer.seq)
        return await self.is_in(pointer)

    async def is_in(self, pointer: Pointer) -> bool:
        """Whether the newest state that was accepted is this one, or descends from it."""
        newest, between = self._view.tip, tuple[bytes, ...]()
        while newest is not None and newest.pointer.seq > pointer.seq:
            state = await self._view.resolve(pointer.seq)
            if state.pointer == newest.pointer.encoded:
                between = tuple(state.between)
                break
            newest = (await self._view.newest()).tip
        if newest is None:
            raise Internal("a state was accepted, and there is none")
        try:
            newest.pointer.extends(pointer.seq, pointer.hash, between)
        except Forked:
            return False
        return True

    async def _build(self, tip: Tip, overlay: Overlay) -> tuple[Block, list[Block]]:
        """The root block after the overlay, and every new block of the commit."""
        root = Root.decode(await self._loaded(tip.root))
        leaves = {
            label: None if leaf is None else leaf.block
            for label, leaf in overlay.leaves_put.items()
        }
        changes = {label: None if block is None else block.cid for label, block in leaves.items()}
        changes |= overlay.linked
        mark = Marker(tip.pointer.seq + 1).block
        before = EMPTY.cid if overlay.is_emptied else root.tree
        tree, nodes = await self._updated(before, changes, tip.root)
        fresh = await self._not_retired(root.retired, overlay.retired)
        marks: dict[bytes, Cid | None] = dict.fromkeys(fresh, mark.cid)
        retired, more = await self._updated(root.retired, marks)
        by = None if self._author is None else self._author.sign(tip.pointer.seq + 1)
        new = Root(tree, retired, by).block
        extra = [mark] if fresh else []
        blocks = [block for block in leaves.values() if block is not None]
        return new, [new, *nodes, *more, *extra, *blocks]

    async def _not_retired(self, root: Cid, labels: set[bytes]) -> list[bytes]:
        """Those labels that are not retired yet: when one was retired never changes."""
        while labels:
            try:
                found = lookup(self._view.cache.load, root, labels)
            except MissingBlock as error:
                await self._fetch_missing(error)
                continue
            return [label for label, cid in found.items() if cid is None]
        return []

    async def _fetch_ways(self, at: Cid, root: Cid, labels: Iterable[bytes]) -> None:
        """The nodes on the way to these labels that are not in memory: many with each request."""
        lacking = [label for label in labels if not self._has_way(root, label)]
        for start in range(0, len(lacking), _WAYS):
            try:
                await self._view.fetch_ways(at, lacking[start : start + _WAYS])
            except Denied:
                return  # that state is not kept any more; what is needed is asked for one by one

    def _has_way(self, root: Cid, label: bytes) -> bool:
        try:
            lookup(self._view.cache.load, root, (label,))
        except MissingBlock:
            return False
        return True

    async def _updated(
        self, root: Cid, changes: dict[bytes, Cid | None], at: Cid | None = None
    ) -> tuple[Cid, Sequence[Block]]:
        """A tree after changes; nodes that are not in memory are fetched on the way.

        ``at``: the root block whose tree of leaves it is, to ask for many nodes at once.
        """
        while changes:
            try:
                updated = update(self._view.cache.load, root, changes)
            except MissingBlock as error:
                if at is None:
                    await self._fetch_missing(error)
                else:
                    await self._fetch_ways(at, root, changes)
                    at = None
                continue
            return updated.root, updated.blocks
        return root, ()

    async def _loaded(self, cid: Cid) -> bytes:
        try:
            return self._view.cache.load(cid)
        except MissingBlock as error:
            await self._fetch_missing(error)
            return self._view.cache.load(cid)

    async def _fetch_missing(self, missing: MissingBlock) -> None:
        if missing.cid is None:
            raise missing
        await self._view.fetch_nodes([Cid(missing.cid)])
        self._view.cache.load(Cid(missing.cid))

    def _sign(self, tip: Tip, root: Block, record: SpaceRecord) -> Pointer:
        skip = tip.spine.skip_hash()
        if skip is None:
            raise Internal("the newest state came without its ancestors")
        return Pointer.following(tip.pointer, skip, record, root.cid, self._now(), self._member)

    async def _stage_first(
        self, session: bytes | None, blocks: Sequence[Block]
    ) -> tuple[bytes, list[Block]]:
        """A large commit's blocks go ahead of it, in pieces; the commit carries none."""
        session = session or await self._open_session()
        for piece in pieces(blocks, INLINE_BYTES):
            await _Session(self._view, session).stage(piece)
        return session, []

    async def _open_session(self) -> bytes:
        async def ask(connected: Connected) -> bytes:
            request = b.OpenSession(self._view.owner, self._view.space)
            return (await connected.doors.blocks.open_session(request)).session

        try:
            return await self._view.line.call(ask)
        except Unreachable as error:
            raise needs_home(error) from error

    async def close_staging(self, session: bytes) -> None:
        """Tell the home, if it can be told at once; else the session expires by itself."""

        async def ask(connected: Connected) -> None:
            await connected.doors.blocks.close_session(b.CloseSession(session))

        with trio.CancelScope(shield=True, deadline=trio.current_time() + 2):
            try:
                await self._view.line.call(ask, repeat=False)
            except HoldfastError:
                return


def needs_home(error: Unreachable) -> Unreachable:
    """The same, for a person who wanted to change something."""
    return Unreachable(error.message, hint=_WRITING)


_WRITING: Final = (
    "changes need your home: try again when it answers (changes that wait for it come with sync); "
    "what a replica has, or you read before, can still be read"
)


@dataclass(frozen=True, slots=True)
class _Session:
    """A staging session of a view."""

    view: SpaceView
    session: bytes

    async def stage(self, blocks: Sequence[Block]) -> None:
        """Send blocks in pieces that fit a request; durable when this returns."""
        for piece in pieces(blocks, b.MAX_STAGE_BYTES):
            await self._stage(tuple(piece))

    async def _stage(self, blocks: tuple[Block, ...]) -> None:
        async def ask(connected: Connected) -> None:
            await connected.doors.blocks.stage(b.Stage(self.session, blocks))

        await self.view.line.call(ask)

    async def missing(self, cids: Sequence[Cid]) -> set[Cid]:
        """Those that the home lacks, asked for in as many requests as it takes."""
        lacking: set[Cid] = set()
        for start in range(0, len(cids), b.MAX_ITEMS):
            lacking.update(await self._missing(tuple(cids[start : start + b.MAX_ITEMS])))
        return lacking

    async def _missing(self, cids: tuple[Cid, ...]) -> tuple[Cid, ...]:
        async def ask(connected: Connected) -> tuple[Cid, ...]:
            return (await connected.doors.blocks.missing(b.Missing(self.session, cids))).cids

        return await self.view.line.call(ask)

    async def recall(self, cids: Sequence[Cid]) -> list[bytes]:
        """What was staged, by CID, in order; a home that hands over something else is refused."""
        got: dict[Cid, bytes] = {}
        lacking = list(dict.fromkeys(cids))
        while lacking:
            blocks = await self._recall(tuple(lacking[: b.MAX_RECALLED]))
            got |= {block.cid: block.data for block in blocks}
            left = [cid for cid in lacking if cid not in got]
            if len(left) == len(lacking):
                raise Withheld("what was staged was not handed back by the home")
            lacking = left
        return [got[cid] for cid in cids]

    async def _recall(self, cids: tuple[Cid, ...]) -> tuple[Block, ...]:
        async def ask(connected: Connected) -> tuple[Block, ...]:
            request = b.Recall(self.session, cids)
            return (await connected.doors.blocks.recall(request)).blocks

        return await self.view.line.call(ask)


def pieces(blocks: Sequence[Block], most: int) -> list[list[Block]]:
    """Blocks in order, in lists of at most ``most`` bytes (one block may be more)."""
    lists: list[list[Block]] = [[]]
    size = 0
    for block in blocks:
        if lists[-1] and size + len(block.data) > most:
            lists.append([])
            size = 0
        lists[-1].append(block)
        size += len(block.data)
    return [each for each in lists if each]


__all__ = ["Changing", "Overlay", "OwnSpace", "pieces"]
