"""Who can see something of mine: from what is kept beside it, not from what was once said.

Somebody sees it by a grant of their own or by a circle's, to the thing or to a folder above
it. Each way is told on its own: who is asked to take access back must know of all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from client.session import Session
from client.sharing import access
from client.sharing.access import Access
from client.sharing.share import Place, full_path, own_parts
from client.social import circles, contacts
from client.social.circles import Circles
from client.social.contacts import Contact
from client.social.store import look


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a contact can see something, since when (ms).

    ``path``: the thing itself or the folder above it that is shared, ``name`` as what;
    ``circle``: through which one, None for a grant of their own.
    """

    contact: str
    handle: str
    path: str
    name: str
    since: int
    circle: str | None = None


async def who_sees(session: Session, path: str) -> list[Way]:
    """Everybody who can see what is at a path now; raises NotFound, Denied (not my own)."""
    parts = own_parts(session, path)
    system = await look(session)
    place = await Place.find(system, parts)
    people = {each.id: each for each in await contacts.everybody(system)}
    groups = await circles.everything(system)
    ways: list[Way] = []
    for depth, entry in enumerate((*place.above, place.entry)):
        shared = await access.get(system, entry.id)
        if shared is not None:
            ways += _ways(shared, full_path(session, parts[:depth]), people, groups)
    return sorted(ways, key=lambda each: (each.contact, each.path, each.circle or ""))


def _ways(
    shared: Access, path: str, people: dict[bytes, Contact], groups: Circles
) -> Iterator[Way]:
    for grant in shared.grants:
        known = people.get(grant.contact)
        if known is not None:
            yield Way(known.name, known.handle, path, grant.name, grant.since)
    for group in shared.circles:
        name = groups.by_id[group.circle].name if group.circle in groups.by_id else ""
        for contact, since in groups.people(group.circle).items():
            known = people.get(contact)
            if known is not None:
                both = max(since, group.since)
                yield Way(known.name, known.handle, path, group.name, both, name)
