"""Giving and ending one grant, within an operation: the record of it, and the contact's folder."""

from dataclasses import dataclass, replace
from typing import Final

from client.session import Session
from client.sharing import access
from client.sharing.access import Access, Grant
from client.sharing.guests import Apart
from client.sharing.place import Place, full_path
from client.sharing.revoke import give, rotate_below
from client.social import circles
from client.social.circles import Circles
from client.social.contacts import Contact
from client.social.store import LOGS, System
from formats.errors import Exists, NotFound, Unfit
from formats.names import normalise_name
from formats.space import Rights

NONE: Final = Rights(0)


@dataclass(frozen=True, slots=True)
class Share:
    """Something of mine that a contact may read, or everybody in a circle.

    ``waiting``: they could not be told yet. ``circle``: ``contact`` is the name of one.
    ``rights``: what they may do besides, and ``ceiling`` how many bytes they may add (None:
    as many as there is room for), both since ``writes_since``.
    """

    path: str
    contact: str
    name: str
    since: int
    waiting: bool = False
    circle: bool = False
    rights: Rights = NONE
    ceiling: int | None = None
    writes_since: int | None = None

    def writing(self, rights: Rights, ceiling: int | None) -> "Share":
        """The same, with what they may do besides."""
        return replace(self, rights=rights, ceiling=ceiling)


def told(
    session: Session,
    known: Access,
    grant: Grant,
    name: str,
    apart: Apart | None = None,
    waiting: bool = False,
) -> Share:
    """A grant as it is told of."""
    path, guest = (
        full_path(session, known.parts),
        None if apart is None else apart.guest(grant.contact),
    )
    share = Share(path, name, grant.name, grant.since, waiting)
    if guest is None or guest.through:
        return share
    return replace(share, rights=guest.rights, ceiling=guest.ceiling, writes_since=guest.since)


async def grant(system: System, place: Place, known: Contact, as_name: str | None) -> Grant:
    """A contact has it from now on, under a name; raises Unfit, Exists."""
    entry, id = place.entry, place.shareable()
    space = None if place.apart is None else place.apart.space
    before = await access.get(system, id)
    listed = before or Access(id, place.parts, space=space)
    old = listed.of(known.id)
    name = share_name(system, place, None if old is None else old.name, as_name)
    log = await system.folder(LOGS, known.id.hex())
    taken = await log.get(name)
    if taken is not None and taken.id != entry.id:
        raise Exists(
            f"you share something else with {known.name} as '{name}'",
            hint="choose another share name with --as",
        )
    if old is not None and old.name != name:
        await log.remove(old.name)
    made = Grant(known.id, name, system.now if old is None else old.since)
    now = replace(listed, parts=place.parts).plus(made)
    await access.put(system, now)
    await give(system, now, entry)
    return made


def share_name(system: System, place: Place, old: str | None, as_name: str | None) -> str:
    """What it is called for who may read it: as is said, as before, or as it is called here."""
    if as_name is not None:
        return normalise_name(as_name)
    if old is not None:
        return old
    return place.parts[-1] if place.parts else system.session.name


async def revoke(system: System, place: Place, known: Contact) -> Grant:
    """A contact has it no more; it gets new secrets, and whoever stays is given them."""
    path = full_path(system.session, place.parts)
    ended = await end(system, place, known)
    rotated = await rotate_below(system, place.entry, path)
    await place.parent.put(rotated)
    return ended


async def end(system: System, place: Place, known: Contact) -> Grant:
    """Note that a contact has it no more; raises NotFound, Unfit. It is not rotated by this."""
    listed = await access.get(system, place.entry.id)
    ended = None if listed is None else listed.of(known.id)
    if listed is None or ended is None:
        path = full_path(system.session, place.parts)
        raise NotFound(f"{path} is not shared with {known.name}", hint=_LIST)
    await _check_others(system, place, known)
    await access.put(system, listed.without(known.id))
    await (await system.folder(LOGS, known.id.hex())).remove(ended.name)
    return ended


async def _check_others(system: System, place: Place, known: Contact) -> None:
    """What somebody also has in another way would be given to them again at once."""
    groups = await circles.everything(system)
    here = await access.get(system, place.entry.id)
    for grant in () if here is None else here.circles:
        if known.id in groups.people(grant.circle):
            name = groups.by_id[grant.circle].name
            raise Unfit(
                f"{known.name} also has it through the circle '{name}'",
                hint=f"unshare it from '{name}', or 'holdfast circle remove {name} NAME'",
            )
    for depth, folder in enumerate(place.above):
        listed = await access.get(system, folder.id)
        if listed is not None and _reaches(listed, known, groups):
            above = full_path(system.session, place.parts[: place.base + depth])
            raise Unfit(
                f"{known.name} also has it through {above}, which you share with them",
                hint=f"unshare {above}, or move it out of there",
            )


def _reaches(listed: Access, known: Contact, groups: Circles) -> bool:
    return listed.of(known.id) is not None or any(
        known.id in groups.people(grant.circle) for grant in listed.circles
    )


_LIST: Final = "'holdfast shared --by-me' lists what is shared"
