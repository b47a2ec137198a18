"""Unfollow, remove a follower, block, unblock: each side undoes its own half.

    unfollow           I see nothing of theirs any more, and they learn it; also takes back
                       a request that has no answer yet
    remove a follower  they see nothing of mine any more: every grant, every circle; and learn it.
                       If they keep a share of my recovery kit, all shares of it end, too
    block              both, and they learn nothing: what they send is dropped unread
    unblock            they may ask again, as anybody may; nothing that ended comes back

Doing any of it twice changes nothing (docs/spec/following.md has every case).
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from client.recovery import giving
from client.session import Session
from client.sharing import inside
from client.sharing.jobs import commit_settled, finish_if_due, follow_if_due
from client.sharing.leaving import end_all
from client.social import contacts, outbox, requests
from client.social.contacts import Contact
from client.social.follow import new_contact
from client.social.messages import Type
from client.social.store import System
from client.space.reading import Changing
from formats.errors import NotFound

Change = Callable[[System], Awaitable[Contact]]


async def unfollow(session: Session, name: str) -> Contact:
    """See nothing of theirs any more, and ask no longer; raises NotFound."""

    async def operation(system: System) -> Contact:
        known = await contacts.by_name(system, name)
        if not (known.following or known.asked):
            return known
        now = replace(known, following=False, asked=False, theirs=None)
        return await outbox.post(system, now, Type.CHANGED)

    known = await _done(session, operation)
    _forget(session, known)
    return known


async def remove_follower(session: Session, name: str, and_finish: bool = True) -> Contact:
    """Let them see nothing of mine any more: every grant and every circle; raises NotFound."""
    await inside.end_all(session, name)

    async def operation(system: System) -> Contact:
        known = await contacts.by_name(system, name)
        if known.blocked:
            return known
        now = await end_all(system, known)
        gone = await outbox.post(system, now, Type.GOODBYE)
        await giving.end_for(system, known.id)
        return gone

    return await _done(session, operation, and_finish)


async def block(session: Session, name: str, and_finish: bool = True) -> Contact:
    """Neither see nor be seen nor hear of somebody, a contact or who asked; raises NotFound."""
    with suppress(NotFound):  # who only asked has nothing
        await inside.end_all(session, name)

    async def operation(system: System) -> Contact:
        known = await _known_or_asking(system, name)
        if known.blocked:
            return known
        ended = await end_all(system, known)
        now = replace(ended, following=False, asked=False, theirs=None, blocked=system.now)
        await requests.remove(system, known.id)
        await contacts.put(system, now)
        await outbox.forget_all(system, known.id)
        await giving.end_for(system, known.id)
        return now

    known = await _done(session, operation, and_finish)
    _forget(session, known)
    return known


async def unblock(session: Session, name: str) -> Contact:
    """Hear of them again, should they ask; raises NotFound."""

    async def operation(system: System) -> Contact:
        known = replace(await contacts.by_name(system, name), blocked=0)
        await contacts.put(system, known)
        return known

    return await _done(session, operation)


async def _known_or_asking(system: System, name: str) -> Contact:
    try:
        return await contacts.by_name(system, name)
    except NotFound:
        asking = await requests.by_name(system, name)
    petname = await contacts.any_name(system, asking.name, asking.id)
    made = await new_contact(system, petname, asking.records, asking.reach)
    return replace(made, received=made.received.plus(asking.seq))


async def _done(session: Session, change: Change, and_finish: bool = True) -> Contact:
    async def whole(changing: Changing) -> Contact:
        system = System(session, changing)
        known = await change(system)
        await system.flush()
        return known

    known = await commit_settled(session, whole, and_finish=False)
    await follow_if_due(session)
    if and_finish:
        await outbox.flush(session, known.id)
        await finish_if_due(session)
    return known


def _forget(session: Session, known: Contact) -> None:
    """Nothing of theirs is kept on this machine."""
    for (owner, _, _), view in session.foreign.items():
        if owner == known.id and view.kept is not None:
            view.kept.drop()
    session.cache.clear()
