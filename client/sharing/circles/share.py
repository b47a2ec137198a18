"""Sharing with a circle, and taking it back: one grant, however many are in it."""

from client.session import Session
from client.sharing.access import CircleGrant
from client.sharing.circles import telling, writing
from client.sharing.circles.granting import grant, need, revoke
from client.sharing.granting import Share
from client.sharing.jobs import commit_settled, finish_if_due
from client.sharing.place import Place, crossing, full_path, own_parts
from client.social import circles
from client.social.circles import ALL_NAME
from client.social.store import System, look
from client.space.reading import Changing


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
    crossed = await crossing(session, await session.space.at_hand(), parts)

    async def operation(changing: Changing) -> CircleGrant:
        system = System(session, changing)
        place = await Place.find(system, parts)
        circle = await need(system, name)
        granted = await grant(system, place, circle, as_name)
        await telling.note(system, circle)
        await system.flush()
        return granted

    if crossed is None:
        made = await commit_settled(session, operation)
    else:
        made = await writing.share_in_space(session, parts, crossed, name, as_name)
    if and_tell:
        await telling.tell(session)
    return Share(full_path(session, parts), name, made.name, made.since, circle=True)


async def unshare_with_circle(
    session: Session, path: str, name: str, and_finish: bool = True
) -> Share:
    """Take it back from everybody who has it through this circle alone; see ``share.unshare``.

    Raises NotFound, Unfit (the circle also has it through a folder above).
    """
    parts = own_parts(session, path)
    crossed = await crossing(session, await session.space.at_hand(), parts)

    async def operation(changing: Changing) -> CircleGrant:
        system = System(session, changing)
        place = await Place.find(system, parts)
        circle = (await circles.everything(system)).need(name)
        ended = await revoke(system, place, circle)
        await telling.note(system, circle)
        await system.flush()
        return ended

    if crossed is None:
        ended = await commit_settled(session, operation, and_finish=False)
    else:
        ended = await writing.unshare_in_space(session, parts, crossed, name)
    if and_finish:
        await telling.tell(session)
        await finish_if_due(session)
    return Share(full_path(session, parts), name, ended.name, ended.since, circle=True)
