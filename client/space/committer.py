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
from client.space.author import Author
from client.space.away import newest
from client.space.draft import Draft, Drafting
from client.space.entrance import Entrance, is_inside
from client.space.growing import Trees
from client.space.overlay import Overlay
from client.space.reading import Operation, Reading, Staging
from client.space.staging import Session, close_session, needs_home, open_session, pieces
from client.space.state import Tip
from client.space.tip_reading import TipReading
from client.space.view import SpaceView, shown
from crypto.signing import SigningKey
from formats.cid import Block, Cid
from formats.commit import Commit
from formats.errors import (
    Conflict,
    Forked,
    HoldfastError,
    Internal,
    ProtocolViolation,
    Unreachable,
)
from formats.pointer import Pointer
from formats.space import SpaceRecord
from protocols import pointers as p

MAX_REPLAYS: Final = 24
MAX_TOGETHER: Final = 256
"""Operations that share one commit."""
INLINE_BYTES: Final = 8 * 1024 * 1024
"""A commit that carries more new blocks than this stages them first."""
INLINE_BLOCKS: Final = 4096
"""Nor more of them: a request holds no more."""
_PAUSE: Final = 0.02
"""First pause after a conflict in seconds, doubled each time up to a second."""
FOLLOW: Final = 30.0
"""Seconds for which a commit that was sent is followed though nobody waits for it."""

T = TypeVar("T")


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
        entrance: Entrance | None = None,
    ) -> None:
        self._view: Final = view
        self._random: Final = random
        self._trees: Final = Trees(view)
        self._member: Final = member
        self._drafting: Final = Drafting(self._trees, member, now, author)
        self._entrance: Final = entrance
        self._entering: Final = (
            None if entrance is None else Drafting(self._trees, entrance.key, now, author)
        )
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
        await self.enter()
        return self.staged(await open_session(self._view))

    def staged(self, session: bytes) -> Staging:
        """A session that was opened before."""
        return Session(self._view, session)

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
        """The state to begin an attempt on, as a member; the later ones after a pause."""
        if attempt == 0 and self._view.tip is not None:
            return await self._entered(TipReading(self._view, self._view.tip))
        if attempt > 1:
            pause = min(_PAUSE * 2**attempt, 1.0)
            await trio.sleep(pause * self._random.random())
        return await self._entered(await self._view.newest())

    async def enter(self) -> None:
        """Be a member from now on, with the key that this commits with."""
        tip = self._view.tip
        if self._entrance is None or (tip is not None and is_inside(tip.record, self._member)):
            return
        async with self.turn:
            await self._entered(await self._view.newest())

    async def _entered(self, reading: TipReading) -> TipReading:
        """The state, or where this machine is no member in it, the one in which it is."""
        for _ in range(MAX_REPLAYS):
            record, entrance, entering = reading.tip.record, self._entrance, self._entering
            if entrance is None or entering is None or is_inside(record, self._member):
                return reading
            overlay = Overlay(reading)
            overlay.put_in_force(entrance.record(record))
            await self._sent(await entering.draft(reading.tip, overlay))
            reading = await self._view.newest()
        raise Conflict("others kept changing the same space; this machine is not let in yet")

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
        return await self._sent(await self.draft(tip, overlay), overlay.session)

    async def _sent(self, draft: Draft, session: bytes | None = None) -> bool:
        session, blocks = await self.ahead(session, draft.made)
        commit = Commit((draft.move,), session)
        with trio.CancelScope(shield=True, deadline=trio.current_time() + FOLLOW):
            return await self._move(p.Move(commit.encoded, tuple(blocks)), draft)
        raise Unreachable("the home did not say whether the change was committed")

    async def change_members(self, make: Callable[[SpaceRecord], SpaceRecord | None]) -> None:
        """Put another space record in force; ``make`` is given the present one, perhaps again.

        It gives None where that will do. Raises Conflict, Unreachable.
        """
        async with self.turn:
            for attempt in range(MAX_REPLAYS):
                reading = await self.start(attempt)
                record = make(reading.tip.record)
                if record is None:
                    if attempt == 0 and await self.was_old(reading):
                        continue
                    return
                overlay = Overlay(reading)
                overlay.put_in_force(record)
                if await self._send(reading.tip, overlay):
                    return
        raise Conflict("others kept changing the same space; its members are as they were")

    async def places(self, tip: Tip, labels: Sequence[bytes]) -> dict[bytes, Cid | None]:
        """The CIDs of the leaves under these labels at a state; None where there is none."""
        return await self._trees.places(tip, labels)

    async def labels(self, tip: Tip) -> set[bytes]:
        """Every label of a state, whatever whoever wrote it says of what is there."""
        return await self._trees.labels(tip)

    async def draft(self, tip: Tip, overlay: Overlay) -> Draft:
        """The state after what was noted, signed."""
        return await self._drafting.draft(tip, overlay)

    async def ahead(
        self, session: bytes | None, blocks: Sequence[Block], most: int = INLINE_BYTES
    ) -> tuple[bytes | None, Sequence[Block]]:
        """What of a commit's blocks goes in its request; if they are many, they go before it.

        Many: more than ``most`` bytes, or more than a request can hold.
        """
        if len(blocks) <= INLINE_BLOCKS and sum(len(block.data) for block in blocks) <= most:
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
        for block in reversed(draft.made):  # the leaves first: the tree's nodes stay longer
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

    async def _stage_first(
        self, session: bytes | None, blocks: Sequence[Block]
    ) -> tuple[bytes, list[Block]]:
        """A large commit's blocks go ahead of it, in pieces; the commit carries none."""
        session = session or await open_session(self._view)
        for piece in pieces(blocks, INLINE_BYTES):
            await Session(self._view, session).stage(piece)
        return session, []

    async def close_staging(self, session: bytes) -> None:
        """Tell the home, if it can be told at once; else the session expires by itself."""
        await close_session(self._view, session)
