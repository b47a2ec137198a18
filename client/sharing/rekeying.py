"""Spaces besides the root space, after a machine was revoked: new secrets, and keys for guests.

It knows the secret of each space's top folder, and every guest's member key, since the owner
makes those. So each space gets new secrets for all of it, as when a guest is removed, and all
guests get other keys, in one commit of both spaces that also strikes the note of it off.
"""

from client.session import Session
from client.sharing import guests, underway
from client.sharing.apart import own_space, system_of
from client.sharing.both import Both
from client.sharing.steps import BROKEN, Ground, finish_in, is_pending
from client.social import circles
from client.social.store import System, change, look
from client.space.joint import commit_both
from client.space.overlay import Overlay
from formats.errors import Denied, NotFound
from formats.space import SpaceRecord


async def rekey_spaces(session: Session) -> int:
    """Do what is noted, a commit for each space; how many there were.

    One that cannot be read holds up no other: it stays noted, and is refused to all but its owner.
    """
    done = 0
    for id in await underway.due(await look(session)):
        try:
            await _rekey(session, id)
            done += 1
        except (*BROKEN, Denied):
            session.rotation_due = True
    return done


async def _rekey(session: Session, id: bytes) -> None:
    space = await own_space(session, id)

    async def operation(here: Overlay, there: Overlay, record: SpaceRecord) -> bool:
        system = System(session, here)
        if id not in await underway.due(system):
            return True  # another device was first
        apart = await guests.get(system, id)
        tree = system_of(session, apart.top)(there)
        if await is_pending(tree):
            return False
        both = Both(session, System(session, here, tree=tree), apart, there, record)
        await both.change_keys()
        await both.follow(await circles.everything(system), lost=True)
        await underway.strike_off(both.system, id)
        await both.flush()
        return True

    try:
        apart = await guests.get(await look(session), id)
    except NotFound:  # it is none of mine any more
        await change(session, lambda changing: _forget(System(session, changing), id))
        return
    while not await commit_both(session.space, space, operation):
        await finish_in(Ground(space, system_of(session, apart.top)))


async def _forget(system: System, id: bytes) -> None:
    await underway.strike_off(system, id)
    await system.flush()
