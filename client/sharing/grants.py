"""What moving and removing mean for grants: called by the drive within its own operations.

``system`` has the records of who has access; its ``tree`` is the space in which files move.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from client.drive.edit import TreeEdit
from client.drive.entry import Entry
from client.session import Session
from client.sharing import access, guests
from client.sharing.access import Access
from client.sharing.mounts import check_goes
from client.sharing.place import full_path
from client.sharing.revoke import rotate_below
from client.sharing.survey import has_node, survey
from client.sharing.theirs import gone
from client.sharing.within import shares_within
from client.social.store import CIRCLE_LOGS, LOGS, System
from formats.errors import HoldfastError


class SessionGrants:
    """``client.drive.drive.Grants`` for a session."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    async def moved(
        self, edit: TreeEdit, entry: Entry, before: Iterable[bytes], after: Iterable[bytes]
    ) -> Entry:
        """The entry as it has to stand in its new place.

        ``before`` and ``after`` are the ids of the folders above it, old and new. Whoever had it
        only through a folder that it leaves loses it: then it is rotated. Grants
        to the moved thing itself, and below it, go along.
        """
        return await moved(self._system(edit), entry, set(before).difference(after))

    async def now_at(self, edit: TreeEdit, old: Sequence[str], new: Sequence[str]) -> None:
        """What is said of who has access, and of spaces, names the new path."""
        await now_at(self._system(edit), old, new)

    async def check_goes(self, edit: TreeEdit, entry: Entry, parts: Sequence[str]) -> None:
        """Return if the thing at these parts of the home may go; raises Unfit."""
        await check_goes(self._system(edit), entry, full_path(self._session, parts), parts)

    async def removed(self, edit: TreeEdit, entry: Entry) -> None:
        """Grants to what is removed, and to all below it, end."""
        system = self._system(edit)
        await check_goes(system, entry, entry.name)
        shared = await access.all_ids(system)
        if shared and has_node(entry):
            await ended(system, entry, shared)

    async def trashed(
        self, edit: TreeEdit, entry: Entry, parts: Sequence[str], above: Iterable[bytes]
    ) -> bool:
        """Grants to what goes to the trash, and to all below it, end.

        If anybody had access, through those or through a folder above it, every label is
        refused to others from this commit on.
        """
        system = self._system(edit)
        await check_goes(system, entry, full_path(self._session, parts), parts)
        shared = await access.all_ids(system)
        if not shared or not has_node(entry):
            return False
        if not shared.intersection(above) and not await shares_within(system, entry, parts):
            return False
        await ended(system, entry, shared, always=True)
        return True

    async def restored(self, edit: TreeEdit, entry: Entry) -> Entry:
        """The entry with a new secret; all below it gets its own soon after."""
        await edit.flush()  # what is made on the way back is read again by the walk
        return await rotate_below(self._system(edit), entry, entry.name)

    def gone(self, person: str, name: str) -> HoldfastError:
        """A share that is not, or no longer, in a contact's folder of shares."""
        return gone(person, name)

    def _system(self, edit: TreeEdit) -> System:
        return System(self._session, edit.changing, edit)


async def moved(system: System, entry: Entry, left: set[bytes]) -> Entry:
    """The entry as it has to stand in its new place, having left these folders."""
    if not has_node(entry) or not left & await access.all_ids(system):
        return entry
    await system.tree.edit.flush()  # what was changed below it before is rotated with it
    return await rotate_below(system, entry, entry.name)


async def now_at(system: System, old: Sequence[str], new: Sequence[str]) -> None:
    """What is said of who has access to what was at these parts of the home names the new ones."""
    for known in await access.everything(system):
        if known.parts[: len(old)] == tuple(old):
            await access.put(system, replace(known, parts=(*new, *known.parts[len(old) :])))
    for apart in await guests.everything(system):
        if apart.parts[: len(old)] == tuple(old):
            await guests.put(system, replace(apart, parts=(*new, *apart.parts[len(old) :])))


async def ended(system: System, entry: Entry, shared: set[bytes], always: bool = False) -> None:
    """Grants to an entry and to all below it end, and every label of it is refused to others.

    It may take a while until everything is cleared away. ``always``: also if none ended.
    """
    tree = system.tree
    found = await survey(tree.changing, entry, shared, believing=tree is system)
    ended = shared.intersection(found.ids)
    if ended or always:
        tree.changing.retire(found.labels)
    for id in ended:
        await _end(system, await access.get(system, id))


async def _end(system: System, known: Access | None) -> None:
    if known is None:
        return
    for grant in known.grants:
        log = await system.folder(LOGS, grant.contact.hex())
        await log.remove(grant.name)
    for group in known.circles:
        log = await system.folder(CIRCLE_LOGS, group.circle.hex())
        await log.remove(group.name)
    await access.put(system, Access(known.id, known.parts))
