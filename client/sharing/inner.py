"""A space that others write to: what moving and removing in it mean for who was given part of it.

Whoever writes there sees which folders and files others were given by themselves (``granted``).
Where that is something, its owner commits to both spaces: the records are in the root space.
A guest does what can be done without them, and is refused what cannot.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

from client.drive.edit import TreeEdit
from client.drive.entry import Entry
from client.session import HOME, Session
from client.sharing import granted, grants
from client.sharing.both import Both
from client.sharing.inside import commit_in
from client.sharing.jobs import GatedSpace
from client.sharing.revoke import rotate_below
from client.sharing.steps import BROKEN, Ground, finish_in
from client.sharing.survey import has_node, survey
from client.sharing.within import any_below
from client.social.store import System
from client.space.overlay import Overlay
from client.space.reading import Operation
from formats.errors import Conflict, HoldfastError, NotFound, TimedOut, Unfit, Unreachable

T = TypeVar("T")


class GuestGrants:
    """``client.drive.drive.Grants`` for who does not see the records of who has access."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    async def moved(
        self, edit: TreeEdit, entry: Entry, before: Iterable[bytes], after: Iterable[bytes]
    ) -> Entry:
        """The entry as it has to stand in its new place: rotated, if others had what it leaves.

        Raises Unfit where somebody was given it, or part of it, by itself: only the owner
        can give them what it needs then.
        """
        given = await granted.ids(self._tree(edit))
        if not has_node(entry) or not given & set(before).difference(after):
            return entry
        if entry.id in given or await any_below(edit.changing, entry, given):
            raise Unfit(
                f"others were given {entry.name}, or part of it, and the folder it is in, too",
                hint="ask its owner to move it, or copy it there",
            )
        await edit.flush()  # what was changed below it before is rotated with it
        return await self._rotated(edit, entry)

    async def now_at(self, edit: TreeEdit, old: Sequence[str], new: Sequence[str]) -> None:
        """Paths are for the owner to keep."""

    async def check_goes(self, edit: TreeEdit, entry: Entry, parts: Sequence[str]) -> None:
        """It may: no further space is mounted in here."""

    async def removed(self, edit: TreeEdit, entry: Entry) -> None:
        """It is refused to whoever had it."""
        await self.trashed(edit, entry, (), ())

    async def trashed(
        self, edit: TreeEdit, entry: Entry, parts: Sequence[str], above: Iterable[bytes]
    ) -> bool:
        """If others had it, part of it or what is above it, it is refused to them from now on."""
        given = await granted.ids(self._tree(edit))
        if not has_node(entry) or not await _concerns(edit, entry, given, above):
            return False
        edit.changing.retire((await survey(edit.changing, entry, set())).labels)
        return True

    async def restored(self, edit: TreeEdit, entry: Entry) -> Entry:
        """The entry with a new secret; all below it gets its own soon after."""
        await edit.flush()  # what is made on the way back is read again by the walk
        return await self._rotated(edit, entry)

    def gone(self, person: str, name: str) -> HoldfastError:
        """It does not exist."""
        return NotFound(f"/{person}/{name} does not exist")

    async def _rotated(self, edit: TreeEdit, entry: Entry) -> Entry:
        tree = self._tree(edit)
        # A tree beside the records: entries in it are others' word.
        system = System(self._session, edit.changing, edit, tree)
        return await rotate_below(system, entry, entry.name)

    def _tree(self, edit: TreeEdit) -> System:
        return System(self._session, edit.changing, edit)


class OwnerGrants(GuestGrants):
    """The same for the owner, who sees the records within an operation of both spaces."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._both: Both | None = None

    @contextmanager
    def within(self, both: Both) -> Iterator[None]:
        """While an operation of both spaces runs; others have to wait for it."""
        self._both = both
        try:
            yield
        finally:
            self._both = None

    async def moved(
        self, edit: TreeEdit, entry: Entry, before: Iterable[bytes], after: Iterable[bytes]
    ) -> Entry:
        """As ``SessionGrants.moved``."""
        if self._both is None:
            await self._check_alone(edit)
            return entry  # at most all that is shared was given: it leaves no folder but that
        system = self._system(edit, self._both)
        entry = await grants.moved(system, entry, set(before).difference(after))
        await system.flush()
        return entry

    async def now_at(self, edit: TreeEdit, old: Sequence[str], new: Sequence[str]) -> None:
        """As ``SessionGrants.now_at``."""
        if self._both is not None:
            system, top = self._system(edit, self._both), self._both.apart.parts
            await grants.now_at(system, (*top, *old), (*top, *new))
            await system.flush()

    async def trashed(
        self, edit: TreeEdit, entry: Entry, parts: Sequence[str], above: Iterable[bytes]
    ) -> bool:
        """As ``SessionGrants.trashed``."""
        if self._both is None:
            await self._check_alone(edit)
            return await super().trashed(edit, entry, parts, above)
        system, apart = self._system(edit, self._both), self._both.apart
        shared = await granted.by_records(system, apart)
        if not has_node(entry) or not await _concerns(edit, entry, shared, above):
            return False
        await grants.ended(system, entry, shared, always=True)
        await granted.keep(system, apart)
        await system.flush()
        return True

    async def restored(self, edit: TreeEdit, entry: Entry) -> Entry:
        """As ``SessionGrants.restored``."""
        if self._both is None:
            return await super().restored(edit, entry)
        await edit.flush()  # what is made on the way back is read again by the walk
        system = self._system(edit, self._both)
        entry = await rotate_below(system, entry, entry.name)
        await system.flush()
        return entry

    async def _check_alone(self, edit: TreeEdit) -> None:
        """Raise Conflict if another device just gave somebody a part of it."""
        if await _parts(self._tree(edit)):
            raise Conflict("part of it was just shared from another device", hint="try again")

    def _system(self, edit: TreeEdit, both: Both) -> System:
        return System(self._session, both.system.changing, tree=self._tree(edit))


async def _concerns(
    edit: TreeEdit, entry: Entry, given: set[bytes], above: Iterable[bytes]
) -> bool:
    """Whether others have an entry, something below it, or a folder above it."""
    if not given:
        return False
    if entry.id in given or given.intersection(above):
        return True
    return await any_below(edit.changing, entry, given)


class InnerSpace(GatedSpace):
    """A space for changes of files to which others write, too; see ``GatedSpace``.

    What a change rotates is finished after it: until then, who reads it is refused part of it.
    """

    def __init__(self, session: Session, ground: Ground) -> None:
        async def finish() -> None:
            await finish_in(ground)

        super().__init__(ground, finish, self.finish_if_due)
        self._session: Final = session
        self._inner: Final = ground

    async def finish_if_due(self) -> None:
        """Finish what this session began here, as far as it can be; the rest is noted."""
        if self._session.rotation_due:
            try:
                await finish_in(self._inner)
            except (Unreachable, TimedOut, Conflict, *BROKEN):
                return  # it is tried again with the next change


class OwnersSpace(InnerSpace):
    """The same for its owner: where part of it was given by itself, a change is one of both."""

    def __init__(self, session: Session, ground: Ground, owners: OwnerGrants) -> None:
        super().__init__(session, ground)
        self._owners: Final = owners

    async def commit(self, operation: Operation[T]) -> T:
        """As ``client.space.reading.Space.commit``."""
        if not await self._is_given_in_parts():
            return await super().commit(operation)

        async def in_both(both: Both) -> T:
            with self._owners.within(both):
                return await operation(both.there)

        result = await commit_in(self._session, self._inner.space.view.space, in_both)
        await self.finish_if_due()
        return result

    async def _is_given_in_parts(self) -> bool:
        """Whether others have more or less than all of it, by what is known here."""
        tree = self._inner.system(Overlay(await self._inner.space.at_hand()))
        try:
            return await _parts(tree) != set()
        except BROKEN:
            return True  # whoever broke the list: the records are asked


async def _parts(tree: System) -> set[bytes]:
    """What was given by itself, without all that is shared."""
    return await granted.ids(tree) - {(await tree.edit.hidden_folder((HOME,))).node.header.id}
