"""Collecting what was left for me: open, verify, act, commit, then let the home delete it.

What was dealt with is named in the next question for messages. Cut off anywhere, a
message is collected again, and its number says that it was acted on. One that makes
no sense, or is not to be believed, is set aside with the reason and never holds up
the others. The loop also delivers what waits in the outbox and finishes rotations
that were cut off.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import trio

from client.dealt import DealtWith
from client.home import Connected, HomeLine
from client.recovery import keeping
from client.session import Session
from client.sharing.circles import telling
from client.sharing.circles.verbs import follows
from client.sharing.jobs import commit_settled, finish_if_due
from client.social import contacts, forks, outbox, requests, tokens
from client.social.contacts import Contact, Reach
from client.social.events import Event, Followed, FollowRequested, SetAside, SharesChanged, Trouble
from client.social.messages import Message, Type
from client.social.pinning import ask_person, refreshed
from client.social.requests import Request
from client.social.store import SET_ASIDE, System, by_what_is_known, change, look
from client.space.reading import Changing
from crypto.hashing import sha256
from formats.dag_cbor import Value
from formats.errors import (
    Conflict,
    DiskFull,
    Forged,
    HoldfastError,
    QuotaExceeded,
    StorageFailed,
    TimedOut,
    TooMany,
    Unfit,
    Unreachable,
)
from formats.fields import Fields
from formats.identity import IdentityChain
from protocols import inbox as i

WAIT: Final = 25_000
"""Milliseconds that the home is asked to wait for a message."""
MAX_SET_ASIDE: Final = 50
"""Messages kept aside; the oldest give way."""
PATIENCE: Final = 20.0
"""Seconds in which a sender's home has to say who they are: others wait meanwhile."""
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0

PASSING: Final = (Unreachable, TimedOut, TooMany, Conflict, QuotaExceeded, DiskFull, StorageFailed)
"""Errors that say nothing about a message: it stays where it is until they are over."""


async def keep_collecting(session: Session, on_event: Callable[[Event], None]) -> None:
    """Collect, deliver and finish what was begun, until cancelled. Failures are waited out."""
    pause = _FIRST_PAUSE
    after = 0
    while True:
        try:
            await session.space.reading()  # what other devices noted meanwhile, once for all
            await telling.spread(session)
            await outbox.flush(session)
            await outbox.tidy(session)
            if session.rotation_due:  # which may take long
                await acknowledge(session)
            await finish_if_due(session)
            await tokens.renew(session)
            after, _ = await _round(session, on_event, after, WAIT)
            pause = _FIRST_PAUSE
        except HoldfastError as error:
            # Whatever it is (home away, disk full), nothing is lost by waiting.
            if not isinstance(error, PASSING):
                on_event(Trouble(error.message))
            await trio.sleep(pause * (0.5 + session.around.random.random()))
            pause, after = min(2 * pause, _LONGEST_PAUSE), 0


async def collect(session: Session, line: HomeLine | None = None) -> list[Event]:
    """Everything that waits now, acted on; ``line``: to a home that one moved away from."""
    events: list[Event] = []
    after, more = 0, True
    while more:
        after, more = await _round(session, events.append, after, 0, line)
    return events


async def _round(
    session: Session,
    on_event: Callable[[Event], None],
    after: int,
    wait: int,
    line: HomeLine | None = None,
) -> tuple[int, bool]:
    """One question to the home; the last message that was dealt with, and whether there are more.

    A home hands over as many as there are, up to the most that an answer holds.
    """
    done = session.dealt_with if line is None else DealtWith()
    messages = await _waiting(session, line or session.line, after, wait, done)
    try:
        for each in messages:
            for event in await _deal_with(session, each):
                on_event(event)
            done.seqs.add(each.seq)
            after = each.seq
    finally:
        if line is not None:  # who collects elsewhere does not come back
            await _delete(session, line, done)
    return after, len(messages) == i.MAX_MESSAGES


async def _waiting(
    session: Session, line: HomeLine, after: int, wait: int, done: DealtWith
) -> Sequence[i.Message]:
    """What waits at a home now, which forgets what is ``done``."""

    async def ask(connected: Connected) -> i.Messages:
        told = done.on(connected.hello.nonce, i.MAX_DONE)
        question = i.Collect(session.id, after, wait, told or None)
        if told and not connected.hello.takes_more:
            await connected.doors.inbox.delete(i.Delete(session.id, told))
            question = replace(question, done=None)
        answer = await connected.doors.inbox.collect(question)
        done.seqs.difference_update(told)
        return answer

    return (await line.call(ask)).messages


async def acknowledge(session: Session) -> None:
    """Let one's home delete what was dealt with, now: before what takes long."""
    await _delete(session, session.line, session.dealt_with)


async def _delete(session: Session, line: HomeLine, done: DealtWith) -> None:
    async def ask(connected: Connected) -> None:
        told = done.on(connected.hello.nonce, i.MAX_DONE)
        if told:
            await connected.doors.inbox.delete(i.Delete(session.id, told))
            done.seqs.difference_update(told)

    if done.seqs:
        await line.call(ask)


async def _deal_with(session: Session, left: i.Message) -> list[Event]:
    try:
        return await _believed(session, left)
    except PASSING:
        raise
    except HoldfastError as error:
        await _set_aside(session, left, error)
        return [SetAside(error.message)]


async def _believed(session: Session, left: i.Message) -> list[Event]:
    message = await trio.to_thread.run_sync(_opened, session, left)
    act = partial(_take, session, message, left.arrived)
    return await by_what_is_known(session, act, PASSING)


def _opened(session: Session, left: i.Message) -> Message:
    pairs = [each.pair for each in session.bundle.sealing]
    message = Message.open(left.sealed, pairs, session.id)
    if message.sender == session.id:
        raise Forged("a message says that it is from yourself")
    return message


async def _take(session: Session, message: Message, arrived: int, system: System) -> list[Event]:
    """Verify and act; what of it is news. ``system``: by which its sender is known."""
    known = await contacts.get(system, message.sender)
    if known is not None and known.blocked:
        return []  # whoever wrote it: nothing is asked, and nothing said
    chain = await _chain(session, message, known)
    message.verify(chain, session.id, session.around.now(), arrived)
    found = await _compared(session, message, known)

    async def operation(changing: Changing) -> list[Event]:
        system = System(session, changing)
        event = await _act(system, message, chain)
        events: list[Event] = [] if event is None else [event]
        if found is not None and await forks.keep(system, found):
            events.append(found.event)
        await system.flush()
        return events

    # Who goes may leave the circle of all who follow me: that gives new keys to what is below.
    tells = message.type in (Type.CHANGED, Type.GOODBYE, Type.KIT)
    ends = tells and not message.content.follows
    events = await (commit_settled if ends else change)(session, operation)
    if message.type is Type.KIT or any(isinstance(each, Followed) for each in events):
        await outbox.flush(session, message.sender)
    return events


async def _compared(
    session: Session, message: Message, known: Contact | None
) -> forks.Found | None:
    """What they saw of a space, held against what is seen here; of a message twice, once.

    Where that is at their home, and it is away, nothing is held up for it: the next message
    tells of a newer state. One's own home has the message, so there it can wait.
    """
    if known is None or message.seen is None or known.received.has(message.seq):
        return None
    try:
        return await forks.compare(session, known, message.seen)
    except PASSING:
        if message.seen.pointer.owner == session.id:
            raise
        return None


async def _chain(session: Session, message: Message, known: Contact | None) -> IdentityChain:
    """The sender's identity: pinned, brought along, or asked for at their home.

    Until then anybody may have written it, in the name of a contact whose home is
    away too: so it is set aside rather than waited for, and no home gets much time.
    """
    if known is not None and (pinned := known.chain).has(message.head):
        return pinned
    if known is None and message.chain:
        return IdentityChain.decode(message.chain)
    try:
        with trio.fail_after(PATIENCE):
            return await _asked_for(session, message, known)
    except PASSING as error:
        raise Unfit(f"who sent it cannot be verified: {error.message}") from error
    except trio.TooSlowError:
        raise Unfit("who sent it cannot be verified: their home did not answer in time") from None


async def _asked_for(session: Session, message: Message, known: Contact | None) -> IdentityChain:
    homes = message.content.homes
    if known is None:
        return (await ask_person(session, homes, message.sender, message.head))[0]
    try:
        chain = (await refreshed(session, known)).chain
        if chain.has(message.head):
            return chain
    except (Unreachable, TimedOut):
        pass
    # Their home is gone, or a replica that has not heard yet: they say where they are now.
    return (await refreshed(session, replace(known, reach=replace(known.reach, homes=homes)))).chain


async def _act(system: System, message: Message, chain: IdentityChain) -> Event | None:
    known = await contacts.get(system, message.sender)
    if known is None:
        return await _from_stranger(system, message, chain)
    if known.blocked:
        return None
    fresh = known.known_as(chain, Reach.of(message.content))
    if fresh.received.has(message.seq):
        return None
    newest = message.seq > fresh.received.highest
    fresh = replace(
        fresh,
        received=fresh.received.plus(message.seq),
        pays=message.content.tokens or known.pays,
    )
    system.session.rotation_due |= fresh.is_lost
    if message.type is Type.FOLLOW:
        return await _asked(system, fresh, message, chain)
    if message.type is Type.ACCEPT:
        return await _answered(system, fresh, message)
    news = await _told(system, fresh, message, newest)
    if message.note is None:
        return news
    told = await contacts.get(system, known.id)
    return None if told is None else await keeping.heard(system, told, message.note)


async def _told(system: System, contact: Contact, message: Message, newest: bool) -> Event | None:
    """Something changed. Only the newest message says who follows whom."""
    if message.type is Type.CHANGED and (contact.following or contact.follower):
        contact = replace(contact, theirs=message.content.log)
    if newest and message.type is Type.GOODBYE:
        contact = replace(contact, following=False, theirs=None)
    if newest and not message.content.follows:
        contact = replace(contact, follower=False)
        await requests.remove(system, contact.id)
        await follows(system, contact.id, False)
    await contacts.put(system, contact)
    is_news = contact.following and message.type is Type.CHANGED
    return SharesChanged(contact.name) if is_news else None


async def _from_stranger(system: System, message: Message, chain: IdentityChain) -> Event | None:
    before = await requests.get(system, message.sender)
    if message.type is Type.CHANGED and before is not None and not message.content.follows:
        await requests.withdraw(system, before, message.seq)
        return None
    if message.type is not Type.FOLLOW:
        raise Unfit("somebody you do not know sent something that only contacts send")
    if before is not None and before.seq >= message.seq:
        return None
    request = Request.of(message, chain.encoded)
    await requests.put(system, request)
    return FollowRequested(request.name, request.handle)


async def _asked(
    system: System, contact: Contact, message: Message, chain: IdentityChain
) -> Event | None:
    """A contact wants to follow me: if I asked them too, or said yes before, that is a yes."""
    if contact.asked or contact.follower:
        following = contact.following or contact.asked
        news = not (contact.follower and contact.following)
        yes = replace(
            contact,
            theirs=message.content.log,
            follower=True,
            following=following,
            asked=False,
        )
        await outbox.post(system, yes, Type.ACCEPT)
        await follows(system, yes.id, True)
        return Followed(contact.name, True) if news and following else None
    await contacts.put(system, contact)
    await requests.put(system, Request.of(message, chain.encoded))
    return FollowRequested(contact.reach.name, contact.handle)


async def _answered(system: System, contact: Contact, message: Message) -> Event | None:
    """A contact says yes. Only who was asked can; who was asked no longer is told so already."""
    if not (contact.asked or contact.following):
        await contacts.put(system, contact)
        return None
    news = not contact.following
    follower = contact.follower or message.content.follows
    yes = replace(
        contact, theirs=message.content.log, asked=False, following=True, follower=follower
    )
    await contacts.put(system, yes)
    await follows(system, yes.id, follower)
    return Followed(contact.name, follower) if news else None


async def set_aside(session: Session) -> list[tuple[int, str]]:
    """When (ms) each message that was set aside arrived, and why it was; the oldest first."""
    records = await (await look(session)).all(SET_ASIDE)
    return sorted(_read_set_aside(fields) for fields in records.values())


def _read_set_aside(fields: Fields) -> tuple[int, str]:
    return fields.uint("arrived"), fields.text("reason", 4096)


async def _set_aside(session: Session, left: i.Message, error: HoldfastError) -> None:
    reason = f"{type(error).__name__}: {error.message}"[:1000]
    value: dict[str, Value] = {"arrived": left.arrived, "reason": reason, "sealed": left.sealed}
    name = f"{left.arrived:015d}-{sha256(left.sealed).hex()[:16]}"

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        for old in sorted(await system.names(SET_ASIDE))[: -(MAX_SET_ASIDE - 1)]:
            await system.remove(SET_ASIDE, old)
        await system.put((SET_ASIDE, name), value)
        await system.flush()

    await change(session, operation)
