"""Share and unshare: one commit each, and a note to the contact that there is news.

What is shared with somebody are entries in a folder of theirs, ``system/logs/<id>``,
which they read like any folder: always the truth of now, whatever they missed.
"""

from client.session import Session
from client.sharing import access, granting, guests, inside
from client.sharing.access import Access, CircleGrant, Grant
from client.sharing.granting import Share
from client.sharing.guests import Apart
from client.sharing.jobs import commit_settled, finish_if_due
from client.sharing.place import Crossed, Place, crossing, full_path, own_parts
from client.social import circles, contacts, outbox
from client.social.contacts import Contact
from client.social.messages import Type
from client.social.store import System, look
from client.space.reading import Changing


async def share(
    session: Session,
    path: str,
    contact: str,
    as_name: str | None = None,
    and_tell: bool = True,
) -> Share:
    """Let a contact read a file, or a folder and all below it; they see it under the share name.

    Doing it again changes nothing, or the share name. Without ``and_tell`` they can read it when
    this returns, and the loop tells them. Raises NotFound, Exists
    (that share name is taken for this contact), Unfit, Denied (not my own).
    """
    parts = own_parts(session, path)
    crossed = await _crossed(session, parts)
    if crossed is not None:
        return await inside.share(session, parts, crossed, contact, as_name)

    async def operation(changing: Changing) -> tuple[Contact, Grant]:
        system = System(session, changing)
        place = await Place.find(system, parts)
        known = await contacts.to_share_with(system, contact)
        granted = await granting.grant(system, place, known, as_name)
        await outbox.post(system, known, Type.CHANGED)
        await system.flush()
        return known, granted

    known, grant = await commit_settled(session, operation)
    waiting = and_tell and bool(await outbox.flush(session, known.id))
    return Share(full_path(session, parts), known.name, grant.name, grant.since, waiting)


async def unshare(session: Session, path: str, contact: str, and_finish: bool = True) -> Share:
    """Take it back: from the first commit on their keys open nothing of it at an honest home.

    Then they are told, and all below is rotated (``jobs.finish``): without ``and_finish`` by the
    loop. Raises NotFound, Unfit (they also have it through a folder above).
    """
    parts = own_parts(session, path)
    crossed = await _crossed(session, parts)
    if crossed is not None:
        return await inside.unshare(session, parts, crossed, contact, and_finish)

    async def operation(changing: Changing) -> tuple[Contact, Grant]:
        system = System(session, changing)
        place = await Place.find(system, parts)
        known = await contacts.by_name(system, contact)
        grant = await granting.revoke(system, place, known)
        await outbox.post(system, known, Type.CHANGED)
        await system.flush()
        return known, grant

    known, grant = await commit_settled(session, operation, and_finish=False)
    waiting = and_finish and bool(await outbox.flush(session, known.id))
    if and_finish:
        await finish_if_due(session)
    return Share(full_path(session, parts), known.name, grant.name, grant.since, waiting)


async def shared_by_me(session: Session) -> list[Share]:
    """Everything that contacts and circles may read, or contacts change, by path."""
    system = await look(session)
    names = {each.id: each.name for each in await contacts.everybody(system)}
    groups = (await circles.everything(system)).by_id
    apart = {each.id: each for each in await guests.everything(system)}
    found: list[Share] = []
    for each in await access.everything(system):
        found += [
            granting.told(session, each, grant, names[grant.contact], apart.get(each.id))
            for grant in each.grants
            if grant.contact in names
        ]
        found += [
            _with_circle(session, each, grant, groups[grant.circle].name, apart.get(each.id))
            for grant in each.circles
            if grant.circle in groups
        ]
    return sorted(found, key=lambda each: (each.path, each.circle, each.contact))


def _with_circle(
    session: Session, known: Access, grant: CircleGrant, name: str, apart: Apart | None
) -> Share:
    path = full_path(session, known.parts)
    share = Share(path, name, grant.name, grant.since, circle=True)
    writing = None if apart is None else apart.of_circle(grant.circle)
    return share if writing is None else share.writing(writing.rights, writing.ceiling)


async def _crossed(session: Session, parts: tuple[str, ...]) -> Crossed | None:
    return await crossing(session, await session.space.at_hand(), parts)
