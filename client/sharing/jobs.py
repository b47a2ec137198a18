"""Finishing what was begun: moves into spaces, rotations, guests who come and go with a circle.

While something is due, other changes of files wait: ``GatedSpace`` finishes first. So
nothing is ever written under a secret that was taken back (docs/decisions/0092). Each
space has its own folder of rotations: whoever writes there can finish them.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from client.session import Session
from client.sharing import guests, moving, underway
from client.sharing.apart import own_space, system_of
from client.sharing.circles.following import follow_circles
from client.sharing.lost import give_anew
from client.sharing.own_spaces import sign_again
from client.sharing.rekeying import rekey_spaces
from client.sharing.steps import BROKEN, Ground, finish_in, is_pending, root_ground
from client.social import contacts, outbox
from client.social.store import System, change, look, look_at_hand
from client.space.reading import Changing, Operation, Reading, Staging
from formats.errors import Conflict, TimedOut, Unreachable

T = TypeVar("T")


async def finish(session: Session) -> int:
    """Finish all that was begun in one's own spaces; how many commits it took, about."""
    commits, done = 0, 1
    while done:
        session.rotation_due = False
        try:
            done = await _round(session)
        except BaseException:
            session.rotation_due = True
            raise
        commits += done
    return commits + await _ended(session)


async def _ended(session: Session) -> int:
    """Where everything has new secrets: it is said, and contacts are told that all is there."""
    if await underway.renewal(await look_at_hand(session)) is None:
        return 0

    async def operation(changing: Changing) -> int:
        system = System(session, changing)
        ended = await underway.end(system)
        if ended:
            await outbox.post_changed(system, await contacts.everybody(system))
            await system.flush()
        return int(ended)

    return await change(session, operation)


async def _round(session: Session) -> int:
    """What is noted at one state, the moves first."""
    system = await look(session)
    done = await moving.finish(session, system)
    done += await finish_in(root_ground(session))
    for each in await guests.everything(system):
        space = await own_space(session, each.space)
        done += await sign_again(session, space)
        try:
            done += await finish_in(Ground(space, system_of(session, each.top)))
        except BROKEN:
            continue  # a guest wrote over what is due there: that holds up nothing elsewhere
    done += await follow_circles(session) + await rekey_spaces(session)
    return done + await give_anew(session, await look_at_hand(session))


async def follow_if_due(session: Session) -> None:
    """What cannot wait: nobody writes any more through a circle that they left."""
    if session.rotation_due:
        await follow_circles(session)


async def finish_if_due(session: Session) -> None:
    """Finish what this session knows of, as far as the home is there; the rest is noted."""
    if not session.rotation_due:
        return
    try:
        await finish(session)
    except (Unreachable, TimedOut, Conflict):
        return  # it is noted, and tried again with the next change or by the loop


@dataclass(frozen=True, slots=True)
class _Done(Generic[T]):
    result: T


class GatedSpace:
    """A space for changes of files: they wait until nothing is to be rotated in it.

    ``finish`` what is due before a change; ``after`` one, what it may have begun.
    """

    def __init__(
        self,
        ground: Ground,
        finish: Callable[[], Awaitable[object]],
        after: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._ground: Final = ground
        self._finish: Final = finish
        self._after: Final = after
        self._space: Final = ground.space

    async def reading(self) -> Reading:
        """The newest state; reading never waits."""
        return await self._space.reading()

    async def at_hand(self) -> Reading:
        """The newest state that is known here."""
        return await self._space.at_hand()

    def staging(self) -> AbstractAsyncContextManager[Staging]:
        """A staging session; staging never waits."""
        return self._space.staging()

    async def open_staging(self) -> Staging:
        """A staging session that outlives this process."""
        return await self._space.open_staging()

    def staged(self, session: bytes) -> Staging:
        """A session that was opened before."""
        return self._space.staged(session)

    async def close_staging(self, session: bytes) -> None:
        """Let go of a session."""
        await self._space.close_staging(session)

    async def commit(self, operation: Operation[T]) -> T:
        """As ``client.space.reading.Space.commit``, in a state in which nothing is due."""
        result = await commit_gated(self._ground, operation, self._finish)
        if self._after is not None:
            await self._after()
        return result


def gated(session: Session) -> GatedSpace:
    """One's own root space, gated."""
    ground, after = root_ground(session), partial(finish_if_due, session)
    return GatedSpace(ground, partial(finish, session), after)


async def commit_gated(
    ground: Ground, operation: Operation[T], finish: Callable[[], Awaitable[object]]
) -> T:
    """Commit an operation in a state in which nothing is due, finishing that first."""

    async def gated(changing: Changing) -> _Done[T] | None:
        if await is_pending(ground.system(changing)):
            return None
        return _Done(await operation(changing))

    while (done := await ground.space.commit(gated)) is None:
        await finish()
    return done.result


async def commit_settled(session: Session, operation: Operation[T], and_finish: bool = True) -> T:
    """Commit an operation in the root space in a state in which no rotation is due.

    With ``and_finish`` also those that it begins: what it took back was taken
    back by the commit, and if the home goes away now, the loop of the inbox, or
    the next change, goes on.
    """
    result = await commit_gated(root_ground(session), operation, partial(finish, session))
    if and_finish:
        await finish_if_due(session)
    return result
