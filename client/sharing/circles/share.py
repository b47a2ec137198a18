"""Sharing with a circle, and taking it back: one grant, however many are in it."""

from dataclasses import replace
from typing import Final

from client.session import Session
from client.sharing import access
from client.sharing.access import Access, CircleGrant
from client.sharing.circles import keys, telling
from client.sharing.circles.settling import settle
from client.sharing.circles.verbs import everybody
from client.sharing.granting import Share, share_name
from client.sharing.jobs import commit_settled, finish_if_due
from client.sharing.place import Place, full_path, own_parts
from client.sharing.revoke import rotate_below
from client.social import circles, outbox
from client.social.circles import ALL, ALL_NAME, Circle
from client.social.store import CIRCLE_LOGS, System, look
from client.space.reading import Changing
from formats.errors import Exists, NotFound, Unfit


async def is_circle(session: Session, name: str) -> bool:
    """Whether a name means a circle: no contact has the same."""
    if name == ALL_NAME:
        return True
    return (await circles.everything(await look(session))).named(name) is not None


async def share_with_circle(
    session: Session, path: str, name: str, as_name: str | None = None, and_tell: bool = True
) -> Share:
    """Let everybody in a circle, now and later, read a file, or a folder and all below it.

    Doing it again changes nothing, or the share name. With ``and_tell`` everybody is told
    before this returns. Raises NotFound, Exists (that share name is taken), Unfit, Denied.
    """
    parts = own_parts(session, path)

    async def operation(changing: Changing) -> CircleGrant:
        system = System(session, changing)
        place = await Place.find(system, parts)
        circle = await need(system, name)
        granted = await grant(system, place, circle, as_name)
        await telling.note(system, circle)
        await system.flush()
        return granted

    given = await commit_settled(session, operation)
    if and_tell:
        await tell(session)
    return Share(full_path(session, parts), name, given.name, given.since, circle=True)


async def unshare_with_circle(
    session: Session, path: str, name: str, and_finish: bool = True
) -> Share:
    """Take it back from everybody who has it through this circle alone; see ``share.unshare``.

    Raises NotFound, Unfit (the circle also has it through a folder above).
    """
    parts = own_parts(session, path)

    async def operation(changing: Changing) -> CircleGrant:
        system = System(session, changing)
        place = await Place.find(system, parts)
        circle = (await circles.everything(system)).need(name)
        ended = await _revoke(system, place, circle)
        await telling.note(system, circle)
        await system.flush()
        return ended

    ended = await commit_settled(session, operation, and_finish=False)
    if and_finish:
        await tell(session)
        await finish_if_due(session)
    return Share(full_path(session, parts), name, ended.name, ended.since, circle=True)


async def tell(session: Session) -> None:
    """Tell everybody who is to be told, as far as their homes are there."""
    await telling.spread(session)
    await outbox.flush(session)


async def need(system: System, name: str) -> Circle:
    """Within an operation: the circle of that name; that of all contacts begins here.

    Raises NotFound.
    """
    before = await circles.everything(system)
    if name != ALL_NAME:
        return before.need(name)
    after = await everybody(system, before)
    if after is not before:
        await settle(system, before, after)
    return after.by_id[ALL]


async def grant(system: System, place: Place, circle: Circle, as_name: str | None) -> CircleGrant:
    """Within an operation: a circle has it from now on, under a name; raises Unfit, Exists."""
    id = place.shareable()
    before = await access.get(system, id)
    listed = before or Access(id, place.parts)
    old = listed.of_circle(circle.id)
    name = share_name(system, place, None if old is None else old.name, as_name)
    await keys.current(system, circle)
    log = await system.folder(CIRCLE_LOGS, circle.id.hex())
    taken = await log.get(name)
    if taken is not None and taken.id != id:
        raise Exists(
            f"you share something else with {circle.name} as '{name}'",
            hint="choose another share name with --as",
        )
    if old is not None and old.name != name:
        await log.remove(old.name)
    given = CircleGrant(circle.id, name, system.now if old is None else old.since)
    await access.put(system, replace(listed, parts=place.parts).plus_circle(given))
    await log.put(replace(place.entry, name=name, extra={}))
    return given


async def _revoke(system: System, place: Place, circle: Circle) -> CircleGrant:
    path = full_path(system.session, place.parts)
    listed = await access.get(system, place.entry.id)
    ended = None if listed is None else listed.of_circle(circle.id)
    if listed is None or ended is None:
        raise NotFound(f"{path} is not shared with {circle.name}", hint=_LIST)
    for depth, folder in enumerate(place.above):
        above = await access.get(system, folder.id)
        if above is not None and above.of_circle(circle.id) is not None:
            there = full_path(system.session, place.parts[:depth])
            raise Unfit(
                f"{circle.name} also has it through {there}, which you share with it",
                hint=f"unshare {there}, or move it out of there",
            )
    await access.put(system, listed.without_circle(circle.id))
    await (await system.folder(CIRCLE_LOGS, circle.id.hex())).remove(ended.name)
    await place.parent.put(await rotate_below(system, place.entry, path))
    return ended


_LIST: Final = "'holdfast shared --by-me' lists what is shared"
