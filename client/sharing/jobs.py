"""Finishing rotations: bounded commits, until no folder is noted as due.

One step takes a folder from ``system/rotations``, rotates the children on some of
its pages, notes those that are folders, and strikes it off when no page is due. All
that in one commit, so it can be cut off anywhere, and two devices may do it at once.

While something is due, other changes of files wait: ``GatedSpace`` finishes first. So
nothing is ever written under a secret that was taken back (docs/decisions/0092).
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from client.drive.entry import Entry
from client.drive.folder import FolderEdit
from client.drive.node import OF_ONE_NODE, FolderNode, open_folder
from client.session import Session
from client.sharing.revoke import settle
from client.sharing.rotate import due_pages, rotate_page
from client.social.store import ROTATIONS, System
from client.space.reading import Changing, Operation, Reading, Staging
from formats.errors import Conflict, TimedOut, Unreachable

STEP: Final = 8
"""Pages of one folder in one commit: at most some thousand small files."""
ENOUGH: Final = 500
"""Nodes that one commit rotates, about: many small folders share one."""

T = TypeVar("T")


async def finish(session: Session) -> int:
    """Finish every rotation that was begun; how many commits it took."""
    commits = 0
    going = True
    while going:
        session.rotation_due = False
        try:
            going = await step(session)
        except BaseException:
            session.rotation_due = True
            raise
        commits += going
    return commits


async def finish_if_due(session: Session) -> None:
    """Finish what this session knows of, as far as the home is there; the rest is noted."""
    if not session.rotation_due:
        return
    try:
        await finish(session)
    except (Unreachable, TimedOut, Conflict):
        return  # it is noted, and tried again with the next change or by the loop


async def step(session: Session) -> bool:
    """One commit of it; False if nothing is due."""

    async def operation(changing: Changing) -> bool:
        system = System(session, changing)
        folder = await system.find(ROTATIONS)
        rotated = 0
        while folder is not None and rotated < ENOUGH and (due := await _first(folder)):
            rotated += await _go_on(system, folder, due)
        await system.flush()
        return rotated > 0

    return await session.space.commit(operation)


async def is_pending(system: System) -> bool:
    """Whether some rotation is not finished."""
    folder = await system.find(ROTATIONS)
    return folder is not None and await _first(folder) is not None


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
    """One's own space for changes of files: they wait until nothing is to be rotated."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    async def reading(self) -> Reading:
        """The newest state; reading never waits."""
        return await self._session.space.reading()

    def staging(self) -> AbstractAsyncContextManager[Staging]:
        """A staging session; staging never waits."""
        return self._session.space.staging()

    async def open_staging(self) -> Staging:
        """A staging session that outlives this process."""
        return await self._session.space.open_staging()

    def staged(self, session: bytes) -> Staging:
        """A session that was opened before."""
        return self._session.space.staged(session)

    async def close_staging(self, session: bytes) -> None:
        """Let go of a session."""
        await self._session.space.close_staging(session)

    async def commit(self, operation: Operation[T]) -> T:
        """As ``client.space.reading.Space.commit``, in a state in which nothing is due."""
        return await commit_settled(self._session, operation)


async def commit_settled(session: Session, operation: Operation[T], and_finish: bool = True) -> T:
    """Commit an operation in a state in which no rotation is due, finishing those first.

    With ``and_finish`` also those that it begins: what it took back was taken
    back by the commit, and if the home goes away now, the loop of the inbox, or
    the next change, goes on.
    """

    async def gated(changing: Changing) -> _Done[T] | None:
        if await is_pending(System(session, changing)):
            return None
        return _Done(await operation(changing))

    while (done := await session.space.commit(gated)) is None:
        await finish(session)
    if and_finish:
        await finish_if_due(session)
    return done.result
