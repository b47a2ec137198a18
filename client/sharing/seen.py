"""Who can see something of mine: from what is kept beside it, not from what was once said.

Somebody sees it by a grant of their own or by a circle's, to the thing or to a folder above
it. Each way is told on its own: who is asked to take access back must know of all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from client.session import Session
from client.sharing import access
from client.sharing.access import Access
from client.sharing.apart import own_space, system_of
from client.sharing.granting import NONE
from client.sharing.guests import Apart
from client.sharing.place import Place, crossing, full_path, own_parts
from client.social import circles, contacts
from client.social.circles import Circles
from client.social.contacts import Contact
from client.social.store import System, look
from client.space.overlay import Overlay
from formats.space import Rights


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a contact can see something, since when (ms).

    ``path``: the thing itself or the folder above it that is shared, ``name`` as what;
    ``circle``: through which one, None for a grant of their own. ``rights``: what they may do
    besides, and ``ceiling`` how many bytes they may add, None: as many as there is room for.
    """

    contact: str
    handle: str
    path: str
    name: str
    since: int
    circle: str | None = None
    rights: Rights = NONE
    ceiling: int | None = None


async def who_sees(session: Session, path: str) -> list[Way]:
    """Everybody who can see what is at a path now; raises NotFound, Denied (not my own)."""
    parts = own_parts(session, path)
    system = await look(session)
    crossed = await crossing(session, system.changing, parts)
    if crossed is not None:
        space = await own_space(session, crossed.apart.space)
        tree = system_of(session, crossed.apart.top)(Overlay(await space.reading()))
        system = System(session, system.changing, tree=tree)
    place = await Place.find(system, parts, crossed)
    outer = None if crossed is None else crossed.apart
    people = {each.id: each for each in await contacts.everybody(system)}
    groups = await circles.everything(system)
    ways: list[Way] = []
    for depth, entry in enumerate((*place.above, place.entry)):
        shared = await access.get(system, entry.id)
        if shared is not None:
            at = full_path(session, parts[: place.base + depth])
            apart = outer if outer is not None and outer.id == entry.id else None
            ways += _ways(shared, at, people, groups, apart)
    return sorted(ways, key=lambda each: (each.contact, each.path, each.circle or ""))


def _ways(
    shared: Access,
    path: str,
    people: dict[bytes, Contact],
    groups: Circles,
    apart: Apart | None,
) -> Iterator[Way]:
    for grant in shared.grants:
        known = people.get(grant.contact)
        if known is not None:
            way = Way(known.name, known.handle, path, grant.name, grant.since)
            guest = None if apart is None else apart.guest(known.id)
            if guest is not None and not guest.through:
                way = replace(way, rights=guest.rights, ceiling=guest.ceiling)
            yield way
    for group in shared.circles:
        name = groups.by_id[group.circle].name if group.circle in groups.by_id else ""
        for contact, since in groups.people(group.circle).items():
            known = people.get(contact)
            if known is not None:
                both = max(since, group.since)
                way = Way(known.name, known.handle, path, group.name, both, name)
                yield _writing(way, group.circle, contact, apart)


def _writing(way: Way, circle: bytes, contact: bytes, apart: Apart | None) -> Way:
    """With what somebody may write through a circle, if it lets them."""
    guest = None if apart is None else apart.guest(contact)
    writing = None if apart is None else apart.of_circle(circle)
    if guest is None or writing is None or not guest.through:
        return way
    return replace(way, rights=writing.rights, ceiling=writing.ceiling)
