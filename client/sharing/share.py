"""Share and unshare: one commit each, and a note to the contact that there is news.

What is shared with somebody are entries in a folder of theirs, ``system/logs/<id>``,
which they read like any folder: always the truth of now, whatever they missed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from client.drive.edit import TreeEdit, need
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderEdit
from client.session import HOME, Session
from client.sharing import access
from client.sharing.access import Access, Grant
from client.sharing.jobs import commit_settled, finish_if_due
from client.sharing.revoke import give, rotate_below
from client.social import circles, contacts, outbox
from client.social.circles import Circles
from client.social.contacts import Contact
from client.social.messages import Type
from client.social.store import LOGS, System, look
from client.space.reading import Changing
from formats.errors import Denied, Exists, NotFound, Unfit
from formats.names import normalise_name


@dataclass(frozen=True, slots=True)
class Share:
    """Something of mine that a contact may read, or everybody in a circle.

    ``waiting``: they could not be told yet. ``circle``: ``contact`` is the name of one.
    """

    path: str
    contact: str
    name: str
    since: int
    waiting: bool = False
    circle: bool = False


async def share(session: Session, path: str, contact: str, as_name: str | None = None) -> Share:
    """Let a contact read a file, or a folder and all below it; they see it under the share name.

    Doing it again changes nothing, or the share name. Raises NotFound, Exists
    (that share name is taken for this contact), Unfit, Denied (not my own).
    """
    parts = own_parts(session, path)

    async def operation(changing: Changing) -> tuple[Contact, Grant]:
        system = System(session, changing)
        place = await Place.find(system, parts)
        known = await contacts.to_share_with(system, contact)
        granted = await _grant(system, place, known, as_name)
        await outbox.post(system, known, Type.CHANGED)
        await system.flush()
        return known, granted

    known, grant = await commit_settled(session, operation)
    waiting = bool(await outbox.flush(session, known.id))
    return Share(full_path(session, parts), known.name, grant.name, grant.since, waiting)


async def unshare(session: Session, path: str, contact: str, and_finish: bool = True) -> Share:
    """Take it back: from the first commit on their keys open nothing of it at an honest home.

    Then all below is rotated (``jobs.finish``; not here without ``and_finish``). Raises
    NotFound, Unfit (they also have it through a folder above).
    """
    parts = own_parts(session, path)

    async def operation(changing: Changing) -> tuple[Contact, Grant]:
        system = System(session, changing)
        place = await Place.find(system, parts)
        known = await contacts.by_name(system, contact)
        grant = await _revoke(system, place, known)
        await outbox.post(system, known, Type.CHANGED)
        await system.flush()
        return known, grant

    known, grant = await commit_settled(session, operation, and_finish=False)
    waiting = bool(await outbox.flush(session, known.id))
    if and_finish:
        await finish_if_due(session)
    return Share(full_path(session, parts), known.name, grant.name, grant.since, waiting)


async def shared_by_me(session: Session) -> list[Share]:
    """Everything that contacts and circles may read, by path."""
    system = await look(session)
    names = {each.id: each.name for each in await contacts.everybody(system)}
    groups = (await circles.everything(system)).by_id
    found: list[Share] = []
    for each in await access.everything(system):
        path = full_path(session, each.parts)
        found += [
            Share(path, names[grant.contact], grant.name, grant.since)
            for grant in each.grants
            if grant.contact in names
        ]
        found += [
            Share(path, groups[grant.circle].name, grant.name, grant.since, circle=True)
            for grant in each.circles
            if grant.circle in groups
        ]
    return sorted(found, key=lambda each: (each.path, each.circle, each.contact))


@dataclass(slots=True)
class Place:
    """Something of mine: the folder it stands in, its entry, and the ids of folders above it."""

    parts: tuple[str, ...]
    parent: FolderEdit
    entry: Entry
    above: list[Entry]

    @classmethod
    async def find(cls, system: System, parts: tuple[str, ...]) -> "Place":
        """By its path below the home; raises NotFound, NotAFolder."""
        edit: TreeEdit = system.edit
        parent, above = await edit.hidden_folder(()), list[Entry]()
        entry = await need(parent, HOME)
        for part in parts:
            above.append(entry)
            parent = await edit.open_entry(parent, entry)
            entry = await need(parent, part)
        return cls(parts, parent, entry, above)

    def shareable(self) -> bytes:
        """Its id, if it can be shared; raises Unfit."""
        if self.entry.kind not in (Kind.FILE, Kind.FOLDER) or self.entry.id is None:
            raise Unfit(f"a {self.entry.kind} cannot be shared", hint="share what it points to")
        return self.entry.id


async def _grant(system: System, place: Place, known: Contact, as_name: str | None) -> Grant:
    entry, id = place.entry, place.shareable()
    before = await access.get(system, id)
    listed = before or Access(id, place.parts)
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
    grant = Grant(known.id, name, system.now if old is None else old.since)
    now = replace(listed, parts=place.parts).plus(grant)
    await access.put(system, now)
    await give(system, now, entry)
    return grant


def share_name(system: System, place: Place, old: str | None, as_name: str | None) -> str:
    """What it is called for who may read it: as is said, as before, or as it is called here."""
    if as_name is not None:
        return normalise_name(as_name)
    if old is not None:
        return old
    return place.parts[-1] if place.parts else system.session.name


async def _revoke(system: System, place: Place, known: Contact) -> Grant:
    path = full_path(system.session, place.parts)
    listed = await access.get(system, place.entry.id)
    grant = None if listed is None else listed.of(known.id)
    if listed is None or grant is None:
        raise NotFound(f"{path} is not shared with {known.name}", hint=_LIST)
    await _check_others(system, place, known)
    await access.put(system, listed.without(known.id))
    await (await system.folder(LOGS, known.id.hex())).remove(grant.name)
    rotated = await rotate_below(system, place.entry, path)
    await place.parent.put(rotated)
    return grant


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
            above = full_path(system.session, place.parts[:depth])
            raise Unfit(
                f"{known.name} also has it through {above}, which you share with them",
                hint=f"unshare {above}, or move it out of there",
            )


def _reaches(listed: Access, known: Contact, groups: Circles) -> bool:
    return listed.of(known.id) is not None or any(
        known.id in groups.people(grant.circle) for grant in listed.circles
    )


_LIST = "'holdfast shared --by-me' lists what is shared"


def own_parts(session: Session, path: str) -> tuple[str, ...]:
    """The names below one's own home that a path means; raises Denied for others' homes."""
    names: Sequence[str] = [normalise_name(part) for part in path.split("/") if part]
    if not path.startswith("/"):
        return tuple(names)
    if not names:
        raise Unfit("'/' is everybody, and cannot be shared")
    if names[0] != session.name:
        raise Denied(f"/{names[0]} is not yours to share", hint="ask its owner")
    return tuple(names[1:])


def full_path(session: Session, parts: Sequence[str]) -> str:
    """The path of something of mine, from its names below the home."""
    return "/".join(("", session.name, *parts))
