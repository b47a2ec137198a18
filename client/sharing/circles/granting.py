"""Giving and ending a circle's grant, within an operation: its record, and the circle's folder."""

from dataclasses import replace
from typing import Final

from client.sharing import access
from client.sharing.access import Access, CircleGrant
from client.sharing.circles import keys
from client.sharing.circles.settling import settle
from client.sharing.circles.verbs import everybody
from client.sharing.granting import share_name
from client.sharing.permit import mount
from client.sharing.place import Place, full_path
from client.sharing.revoke import rotate_below
from client.social import circles
from client.social.circles import ALL, ALL_NAME, Circle
from client.social.store import CIRCLE_LOGS, System
from formats.errors import Exists, NotFound, Unfit


async def need(system: System, name: str) -> Circle:
    """Within an operation, the circle of that name; all contacts' begins with the first share."""
    before = await circles.everything(system)
    if name != ALL_NAME:
        return before.need(name)
    after = await everybody(system, before)
    if after is not before:
        await settle(system, before, after)
    return after.by_id[ALL]


async def grant(system: System, place: Place, circle: Circle, as_name: str | None) -> CircleGrant:
    """Within an operation: everybody in a circle has it, under a name; raises Unfit, Exists."""
    id = place.shareable()
    before = await access.get(system, id)
    space = None if place.apart is None else place.apart.space
    listed = before or Access(id, place.parts, space=space)
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
    made = CircleGrant(circle.id, name, system.now if old is None else old.since)
    await access.put(system, replace(listed, parts=place.parts).plus_circle(made))
    given = replace(place.entry, name=name, extra={})
    await log.put(given if space is None else mount(given, system.session.id, space))
    return made


async def revoke(system: System, place: Place, circle: Circle) -> CircleGrant:
    """Within an operation: a circle has it no more, and it gets new secrets; see ``withdraw``."""
    grant = await withdraw(system, place, circle)
    path = full_path(system.session, place.parts)
    await place.parent.put(await rotate_below(system, place.entry, path))
    return grant


async def withdraw(system: System, place: Place, circle: Circle) -> CircleGrant:
    """Note that a circle has it no more; raises NotFound, Unfit. It is not rotated by this."""
    path = full_path(system.session, place.parts)
    listed = await access.get(system, place.entry.id)
    grant = None if listed is None else listed.of_circle(circle.id)
    if listed is None or grant is None:
        raise NotFound(f"{path} is not shared with {circle.name}", hint=_LIST)
    for depth, folder in enumerate(place.above):
        above = await access.get(system, folder.id)
        if above is not None and above.of_circle(circle.id) is not None:
            there = full_path(system.session, place.parts[: place.base + depth])
            raise Unfit(
                f"{circle.name} also has it through {there}, which you share with it",
                hint=f"unshare {there}, or move it out of there",
            )
    await access.put(system, listed.without_circle(circle.id))
    await (await system.folder(CIRCLE_LOGS, circle.id.hex())).remove(grant.name)
    return grant


_LIST: Final = "'holdfast shared --by-me' lists what is shared"
