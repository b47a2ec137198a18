"""Spaces besides the root space, after a machine was revoked: new secrets, and keys for guests.

It knows the secret of each space's top folder, and every guest's member key, since the owner
makes those. So each space gets new secrets for all of it, as when a guest is removed, and all
guests get other keys, in one commit of both spaces that also strikes the note of it off.
Where it was a contact's machine, only this contact's key was known to it.
"""

from collections.abc import Iterable
from contextlib import suppress

from client.session import Session
from client.sharing import guests, underway
from client.sharing.apart import own_space
from client.sharing.both import Both
from client.sharing.noted import do_noted
from client.sharing.own_spaces import sign_again
from client.sharing.steps import BROKEN
from client.social import circles
from client.social.store import RENEWING, System, change, look
from formats.errors import Conflict, Denied, QuotaExceeded, TimedOut, Unreachable


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


async def rekey_at_once(session: Session, ids: Iterable[bytes]) -> None:
    """These, which the request with the new identity keys had no room for, and so are open still.

    What cannot be done now, because the home went away or has no room, say, stays noted.
    """
    with suppress(*BROKEN, Denied, Conflict, QuotaExceeded, TimedOut, Unreachable):
        for id in ids:
            await sign_again(session, await own_space(session, id))
            await _rekey(session, id)


async def _rekey(session: Session, id: bytes) -> None:
    async def work(both: Both) -> None:
        await both.change_keys(await underway.whose(both.system, id))
        await both.follow(await circles.everything(both.system), lost=True)

    if id in {each.space for each in await guests.everything(await look(session))}:
        await do_noted(session, RENEWING, id, work)
    else:  # it is none of mine any more
        await change(session, lambda changing: _forget(System(session, changing), id))


async def _forget(system: System, id: bytes) -> None:
    await underway.strike_off(system, id)
    await system.flush()
