"""Finishing rotations: bounded commits, until no folder is noted as due.

One step takes a folder from ``system/rotations``, rotates the children on some of
its pages, notes those that are folders, and strikes it off when no page is due. All
that in one commit, so it can be cut off anywhere, and two devices may do it at once.

While something is due, other changes of files wait: ``GatedSpace`` finishes first. So
nothing is ever written under a secret that was taken back (docs/decisions/0092). Each
space has its own folder of rotations: whoever writes there can finish them.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from client.drive.entry import Entry
from client.drive.folder import FolderEdit
from client.drive.node import OF_ONE_NODE, FolderNode, open_folder
from client.session import Session
from client.sharing import guests, moving
from client.sharing.apart import own_space, system_of
from client.sharing.revoke import settle
from client.sharing.rotate import due_pages, rotate_page
from client.social.store import MOVES, ROTATIONS, System, look
from client.space.committer import OwnSpace
from client.space.reading import Changing, Operation, Reading, Staging
from formats.errors import Conflict, TimedOut, Unreachable

STEP: Final = 8
"""Pages of one folder in one commit: at most some thousand small files."""
ENOUGH: Final = 500
"""Nodes that one commit rotates, about: many small folders share one."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ground:
    """A space in which files change, and its system folder within an operation."""

    space: OwnSpace
    system: Callable[[Changing], System]


def root_ground(session: Session) -> Ground:
    """One's own root space."""
    return Ground(session.space, lambda changing: System(session, changing))


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
    return commits


async def _round(session: Session) -> int:
    """What is noted at one state, the moves first."""
    system = await look(session)
    done = await moving.finish(session, system)
    done += await finish_in(root_ground(session))
    for each in await guests.everything(system):
        space = await own_space(session, each.space)
        done += await finish_in(Ground(space, system_of(session, each.top)))
    return done


async def finish_in(ground: Ground) -> int:
    """Finish the rotations of one space; how many commits it took."""
    commits = 0
    while await step(ground):
        commits += 1
    return commits


async def finish_if_due(session: Session) -> None:
    """Finish what this session knows of, as far as the home is there; the rest is noted."""
    if not session.rotation_due:
        return
    try:
        await finish(session)
    except (Unreachable, TimedOut, Conflict):
        return  # it is noted, and tried again with the next change or by the loop


async def step(ground: Ground) -> bool:
    """One commit of it; False if nothing is due."""

    async def operation(changing: Changing) -> bool:
        system = ground.system(changing)
        folder = await system.find(ROTATIONS)
        rotated = 0
        while folder is not None and rotated < ENOUGH and (due := await _first(folder)):
            rotated += await _go_on(system, folder, due)
        await system.flush()
        return rotated > 0

    return await ground.space.commit(operation)


async def is_pending(system: System) -> bool:
    """Whether some rotation is not finished, or a folder is on its way into its own space."""
    for name in (ROTATIONS, MOVES):
        folder = await system.find(name)
        if folder is not None and await _first(folder) is not None:
            return True
    return False


async def _first(folder: FolderEdit) -> Entry | None:
    entries = (await folder.listing()).entries
    return entries[0] if entries else None


async def _go_on(system: System, noted: FolderEdit, due: Entry) -> int:
    """Rotate the children on some pages of a folder that is due; how many, counting it."""
    try:
        folder: FolderNode = await open_folder(system.changing, due.keys, "a folder")
    except OF_ONE_NODE:
        # Deleted meanwhile, or damaged: nobody can read what is below it.
        await noted.remove(due.name)
        return 1
    pages = await due_pages(system.changing, folder)
    rotated: list[Entry] = []
    for page in pages[:STEP]:
        # Each page but the root page has a leaf of its own; the root page's is the folder's.
        rotated += await rotate_page(system.changing, folder, page)
    await settle(system, rotated)
    if len(pages) <= STEP:
        await noted.remove(due.name)
    return 1 + len(rotated)


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
