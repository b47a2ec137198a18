"""Sharing with circles what has, or gets, a space of its own: for writing, or for reading it.

Everybody in the circle gets a member key alone: so each is told apart, has a ceiling alone, and
is removed alone. What they read stands in the circle's folder of shares, as ever.
"""

from client.session import Session
from client.sharing import access
from client.sharing.access import CircleGrant
from client.sharing.both import Both
from client.sharing.circles import telling
from client.sharing.circles.granting import grant, need, revoke, withdraw
from client.sharing.granting import Share
from client.sharing.guests import MAX_GUESTS, Writing
from client.sharing.inside import commit_in, set_apart
from client.sharing.jobs import finish_if_due
from client.sharing.place import Crossed, Place, crossing, full_path, own_parts
from client.social import circles
from client.social.circles import Circle
from client.social.store import System
from formats.errors import NotFound, TooMany
from formats.space import Rights


async def share_write_with_circle(
    session: Session,
    path: str,
    name: str,
    rights: Rights = Rights.WRITE,
    ceiling: int | None = None,
    as_name: str | None = None,
    and_tell: bool = True,
) -> Share:
    """Let everybody in a circle, now and later, change a folder or file; see ``share_write``.

    ``ceiling``: bytes that each of them may add. Who also has a right of their own has that.
    Raises TooMany for a circle with more people than may write to one space.
    """
    parts = own_parts(session, path)

    async def check(system: System) -> None:
        before = await circles.everything(system)
        if name != circles.ALL_NAME:
            before.need(name)

    crossed = await set_apart(session, parts, check)

    async def operation(both: Both) -> CircleGrant:
        circle = await need(both.system, name)
        groups = await circles.everything(both.system)
        if len(groups.people(circle.id)) > MAX_GUESTS:
            raise TooMany(f"more than {MAX_GUESTS} people are in '{name}'", hint=_FEWER)
        place = await _place(both, parts, crossed)
        granted = await grant(both.system, place, circle, as_name)
        both.apart = both.apart.plus_circle(Writing(circle.id, rights, ceiling))
        await both.follow(groups, lost=False)
        return await _told(both, circle, granted)

    granted = await commit_in(session, crossed.apart.space, operation)
    if and_tell:
        await telling.tell(session)
    share = Share(full_path(session, parts), name, granted.name, granted.since, circle=True)
    return share.writing(rights, ceiling)


async def share_in_space(
    session: Session, parts: tuple[str, ...], crossed: Crossed, name: str, as_name: str | None
) -> CircleGrant:
    """Let a circle read something that has a space of its own, or is in such a folder."""

    async def operation(both: Both) -> CircleGrant:
        circle = await need(both.system, name)
        granted = await grant(both.system, await _place(both, parts, crossed), circle, as_name)
        return await _told(both, circle, granted)

    return await commit_in(session, crossed.apart.space, operation)


async def unshare_in_space(
    session: Session,
    parts: tuple[str, ...],
    crossed: Crossed,
    name: str,
    keep_reading: bool = False,
) -> CircleGrant:
    """Take it back from a circle, or with ``keep_reading`` only the right to change it."""

    async def operation(both: Both) -> CircleGrant:
        groups = await circles.everything(both.system)
        circle = groups.need(name)
        place = await _place(both, parts, crossed)
        if parts != crossed.parts:
            return await _told(both, circle, await revoke(both.system, place, circle))
        granted = await _end(both, place, circle, keep_reading)
        both.apart = both.apart.without_circle(circle.id)
        await both.follow(groups, lost=True)
        return await _told(both, circle, granted)

    return await commit_in(session, crossed.apart.space, operation)


async def unshare_write_with_circle(
    session: Session, path: str, name: str, and_finish: bool = True
) -> Share:
    """Everybody in a circle may read it as before, and change nothing in it through the circle."""
    parts = own_parts(session, path)
    crossed = await crossing(session, await session.space.at_hand(), parts)
    if crossed is None or crossed.parts != parts:
        raise _not_writing(session, parts, name)
    granted = await unshare_in_space(session, parts, crossed, name, keep_reading=True)
    if and_finish:
        await telling.tell(session)
        await finish_if_due(session)
    return Share(full_path(session, parts), name, granted.name, granted.since, circle=True)


async def _end(both: Both, place: Place, circle: Circle, keep_reading: bool) -> CircleGrant:
    if not keep_reading:
        return await withdraw(both.system, place, circle)
    listed = await access.get(both.system, both.apart.id)
    granted = None if listed is None else listed.of_circle(circle.id)
    if granted is None or both.apart.of_circle(circle.id) is None:
        raise _not_writing(both.session, place.parts, circle.name)
    return granted


async def _place(both: Both, parts: tuple[str, ...], crossed: Crossed) -> Place:
    return await Place.find(both.system, parts, Crossed(crossed.parts, crossed.mount, both.apart))


async def _told(both: Both, circle: Circle, granted: CircleGrant) -> CircleGrant:
    await telling.note(both.system, circle)
    await both.flush()
    return granted


def _not_writing(session: Session, parts: tuple[str, ...], name: str) -> NotFound:
    where = full_path(session, parts)
    return NotFound(f"{name} cannot change {where}", hint="'holdfast shared --by-me' lists who can")


_FEWER = "make a circle of those who write, and share with it"
