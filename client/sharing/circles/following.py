"""Guests follow circles: who comes into one gets a key to write with, who leaves has none any more.

    system/guests/<space>   noted in the commit that changes a circle; {lost}: whether somebody
                            who could read something of that space cannot any more

For each noted space one commit of both: its members, the records, and if somebody lost
something new secrets for all of it. Until then other changes of files wait.
"""

from client.session import Session
from client.sharing import guests
from client.sharing.access import Access
from client.sharing.both import Both
from client.sharing.noted import do_noted
from client.social import circles
from client.social.circles import Circles
from client.social.store import GUESTS, System, look

_WHAT = "guests"


async def note(system: System, touched: set[bytes], lost: list[Access]) -> None:
    """Within an operation: spaces whose guests have to follow circles that changed.

    ``touched``: the circles. ``lost``: what somebody cannot read any more.
    """
    due = {each.space: True for each in lost if each.space is not None}
    for apart in await guests.everything(system) if touched else ():
        if any(each.circle in touched for each in apart.circles):
            due.setdefault(apart.space, False)
    for space, is_lost in due.items():
        there = await system.get((GUESTS, space.hex()), _WHAT)
        was = there is not None and there.flag("lost")
        await system.put((GUESTS, space.hex()), {"lost": is_lost or was})
        system.session.rotation_due = True


def touched(before: Circles, after: Circles) -> set[bytes]:
    """The circles in which somebody came or went."""
    both = {*before.by_id, *after.by_id}
    return {id for id in both if before.people(id).keys() != after.people(id).keys()} | (
        before.by_id.keys() - after.by_id.keys()
    )


async def follow_circles(session: Session) -> int:
    """Do what is noted, a commit for each space; how many there were."""
    names = await (await look(session)).names(GUESTS)
    for name in names:
        await _follow(session, bytes.fromhex(name))
    return len(names)


async def _follow(session: Session, id: bytes) -> None:
    async def work(both: Both) -> None:
        noted = await both.system.get((GUESTS, id.hex()), _WHAT)
        lost = noted is not None and noted.flag("lost")
        await both.follow(await circles.everything(both.system), lost)

    await do_noted(session, GUESTS, id, work)
