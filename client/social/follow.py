"""Following: asking, being asked, saying yes or no.

    A follows B          A keeps B as a contact, and asks
    B accepts            both are contacts; A sees what B shares with A
    B accepts, and back  B also sees what A shares with B
    B declines           nothing is said; A may ask again
    both ask at once     both asked, so both said yes: each follows the other

Everything here may be done twice, on two devices, or be cut off at any point: what
is true is committed first, messages only tell of it.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from client.session import Session
from client.sharing.circles.verbs import follows
from client.social import contacts, outbox, requests
from client.social.contacts import Contact, Reach, free_name
from client.social.messages import Type
from client.social.pinning import ask_person, check_extends
from client.social.requests import Request
from client.social.store import LOGS, TOLD, System, change, look, look_at_hand
from client.social.strangers import Stranger
from client.space.reading import Changing
from formats.card import Card
from formats.errors import Forked, TimedOut, Unfit, Unreachable
from formats.identity import IdentityChain
from formats.whereabouts import Whereabouts


@dataclass(frozen=True, slots=True)
class Outcome:
    """The contact afterwards; ``waiting``: the message could not be delivered yet."""

    contact: Contact
    waiting: bool


async def follow(session: Session, card: Card | str, as_name: str | None = None) -> Outcome:
    """Ask the person of a card to let me see what they share with me.

    Raises BadCard, Expired, Exists (the name is somebody else's), Unfit (my own
    card), Unreachable (their home does not answer; nothing was changed).
    """
    card = Card.parse(card) if isinstance(card, str) else card
    if card.id == session.id:
        raise Unfit("this is your own card", hint="give it to a friend")
    card.check_current(session.around.now())
    person = await ask_person(session, card.homes, card.id, card.head, card.token)
    return await _follow(session, _Asked(card.id, card.name, card.token), person, as_name)


async def follow_found(session: Session, found: Stranger, as_name: str | None = None) -> Outcome:
    """The same for somebody who was found in the network, without a card.

    What their home says is newer than what was found, so it is asked first; when it
    does not answer, the request waits until it does.
    """
    person = found.person
    if person.id == session.id:
        raise Unfit("this is your own handle", hint="give it to a friend")
    known = person.chain, person.whereabouts
    with suppress(Unreachable, TimedOut):
        known = await ask_person(
            session, person.whereabouts.homes, person.id, person.chain.head_hash
        )
    return await _follow(session, _Asked(person.id, person.whereabouts.name, None), known, as_name)


async def accept(
    session: Session, name: str, back: bool = False, as_name: str | None = None
) -> Outcome:
    """Say yes to who asked; with ``back``, follow them as well.

    ``name``: what they call themselves, or their handle. Raises NotFound, Exists.
    """

    async def operation(system: System) -> Contact:
        return await _accepted(system, await requests.by_name(system, name), back, as_name)

    return await _carried_out(session, operation)


async def decline(session: Session, name: str) -> Request:
    """Say nothing to who asked, and forget it. Raises NotFound."""

    async def operation(changing: Changing) -> Request:
        system = System(session, changing)
        request = await requests.by_name(system, name)
        await requests.put(system, replace(request, declined=True))
        await system.flush()
        return request

    return await change(session, operation)


async def tell_everybody(session: Session) -> None:
    """Let all contacts know where I am now; delivered by the loop of the inbox."""

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        await outbox.post_changed(system, await contacts.everybody(system))
        await system.flush()

    await change(session, operation)


async def tell_if_moved(session: Session) -> bool:
    """The same if they were not told yet of the whereabouts that are published now.

    What they were told of is noted in the commit that tells them, so that a move is
    told once, on whatever device it was seen, and after whatever crash.
    """
    where = session.whereabouts.seq
    system = await look(session)
    told = await system.get((TOLD,), _TOLD)
    if told is not None and told.uint("where") >= where:
        return False
    if told is None and not await contacts.everybody(system):
        return False

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        await outbox.post_changed(system, await contacts.everybody(system))
        await system.put((TOLD,), {"where": where})
        await system.flush()

    await change(session, operation)
    return True


_TOLD: Final = "note of what contacts were told"


async def new_contact(system: System, name: str, chain: tuple[bytes, ...], reach: Reach) -> Contact:
    """A contact that is not there yet, with an empty folder of shares."""
    known = IdentityChain.decode(chain)
    id, lost = known.id, known.lost
    name = await free_name(system, name, id)
    log = await system.folder(LOGS, id.hex())
    secret = log.node.keys.secret
    return Contact(id, name, chain, reach, secret, system.now, lost=lost, anew=lost)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who is to be followed, and perhaps a card's token."""

    id: bytes
    name: str
    token: bytes | None


async def _follow(
    session: Session,
    asked: _Asked,
    person: tuple[IdentityChain, Whereabouts],
    as_name: str | None,
) -> Outcome:
    await check_extends(session, person[0])
    try:
        return await _asked_or_accepted(session, asked, person, as_name)
    except Forked:
        await check_extends(session, person[0])  # another device may have pinned them
        raise


async def _asked_or_accepted(
    session: Session,
    asked: _Asked,
    person: tuple[IdentityChain, Whereabouts],
    as_name: str | None,
) -> Outcome:
    async def operation(system: System) -> Contact:
        request = await requests.get(system, asked.id)
        if request is not None and not request.declined:
            return await _accepted(system, request, True, as_name)
        await requests.remove(system, asked.id)
        return await _followed(system, asked, person, as_name)

    return await _carried_out(session, operation)


async def _followed(
    system: System, asked: _Asked, person: tuple[IdentityChain, Whereabouts], as_name: str | None
) -> Contact:
    """Ask, or ask again: perhaps they removed me since, or never got it."""
    chain, whereabouts = person
    known = await contacts.get(system, asked.id)
    reach = Reach.of(whereabouts)
    if known is None:
        known = await new_contact(system, as_name or asked.name, chain.encoded, reach)
    else:
        name = known.name if as_name is None else await free_name(system, as_name, known.id)
        known = replace(known.known_as(chain, reach), name=name)
    known = replace(known, blocked=0, asked=known.asked or not known.following)
    return await outbox.post(system, known, Type.FOLLOW, asked.token)


async def _accepted(system: System, request: Request, back: bool, as_name: str | None) -> Contact:
    known = await contacts.get(system, request.id)
    if known is None:
        name = as_name or request.name
        known = await new_contact(system, name, request.records, request.reach)
    if len(request.records) >= len(known.records):  # else by keys that are not theirs any more
        known = replace(
            known.reached_by(request.reach),
            theirs=request.theirs,
            received=known.received.plus(request.seq),
            pays=request.pays or known.pays,
        )
    following = known.following or back
    known = replace(known, follower=True, following=following, asked=False)
    await requests.remove(system, request.id)
    known = await outbox.post(system, known, Type.ACCEPT)
    await follows(system, known.id, True)
    return known


async def _carried_out(
    session: Session, operation: Callable[[System], Awaitable[Contact]]
) -> Outcome:
    async def whole(changing: Changing) -> Contact:
        system = System(session, changing)
        contact = await operation(system)
        await system.flush()
        return contact

    contact = await change(session, whole)
    await outbox.flush(session, contact.id)
    left = await outbox.waiting(await look_at_hand(session))
    return Outcome(contact, any(each.to == contact.id for each in left))
