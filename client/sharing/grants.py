"""What moving and removing mean for grants: called by the drive within its own operations."""

from collections.abc import Iterable
from typing import Final

from client.drive.entry import Entry
from client.session import Session
from client.sharing import access
from client.sharing.access import Access
from client.sharing.revoke import rotate_below
from client.sharing.survey import has_node, survey
from client.social.store import LOGS, System
from client.space.reading import Changing


class Grants:
    """The grants of a session, for whoever moves and removes files."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    async def moved(
        self, changing: Changing, entry: Entry, before: Iterable[bytes], after: Iterable[bytes]
    ) -> Entry:
        """The entry as it has to stand in its new place.

        ``before`` and ``after`` are the ids of the folders above it, old and new. Whoever had it
        only through a folder that it leaves loses it: then it is rotated. Grants
        to the moved thing itself, and below it, go along.
        """
        system = System(self._session, changing)
        left = set(before).difference(after)
        shared = await access.all_ids(system)
        if not has_node(entry) or not left & shared:
            return entry
        rotated = await rotate_below(system, entry, entry.name)
        await system.flush()
        return rotated

    async def removed(self, changing: Changing, entries: Iterable[Entry]) -> None:
        """Grants to what is removed, and to all below it, end."""
        system = System(self._session, changing)
        shared = await access.all_ids(system)
        for entry in entries:
            if shared and has_node(entry):
                found = await survey(changing, entry, shared)
                ended = shared.intersection(found.ids)
                if ended:  # it may take a while until everything is cleared away
                    changing.retire(found.labels)
                for id in ended:
                    await _end(system, await access.get(system, id))
        await system.flush()


async def _end(system: System, known: Access | None) -> None:
    if known is None:
        return
    for grant in known.grants:
        log = await system.folder(LOGS, grant.contact.hex())
        await log.remove(grant.name)
    await access.put(system, Access(known.id, known.parts))
