"""Somebody's records, asked for at a home and believed only as far as they go on from the pinned.

A home may answer anything: another identity is refused, and no more; two histories that are both
validly signed, and go apart after a record that is pinned, mean that somebody has keys that they
should not have. That is remembered, and stops everything with them (``check_not_stopped``).
"""

from dataclasses import dataclass, replace

from client.answers import handed_over
from client.asking import ask_once
from client.identity.whereabouts import ALSO_EXPIRED
from client.session import Session
from client.social.contacts import Contact, Reach, get, put
from client.social.store import System, change, look_at_hand
from client.space.reading import Changing
from formats.errors import Forged, Forked
from formats.farewell import Farewell
from formats.identity import IdentityChain
from formats.whereabouts import Home, Whereabouts, primary
from protocols.directory import Look, Person
from protocols.services import Doors


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody's records, verified. ``farewell``: of who had their account deleted there."""

    chain: IdentityChain
    whereabouts: Whereabouts
    farewell: Farewell | None


async def ask_person(
    session: Session,
    homes: tuple[Home, ...],
    id: bytes,
    head: bytes,
    token: bytes | None = None,
    pinned: IdentityChain | None = None,
) -> tuple[IdentityChain, Whereabouts]:
    """Somebody's records from a home of theirs, verified to be of ``id`` and to contain ``head``.

    A replica can answer as well, but for a card's ``token``. ``pinned``: what is known of them,
    to be extended. Raises Unreachable, Denied, Forged, Forked (another history: an alarm),
    Stale, Expired.
    """
    told = await ask_about(session, homes, id, head, token, pinned)
    return told.chain, told.whereabouts


async def ask_about(
    session: Session,
    homes: tuple[Home, ...],
    id: bytes,
    head: bytes,
    token: bytes | None = None,
    pinned: IdentityChain | None = None,
) -> Told:
    """The same, and whether they took leave of that home."""
    asked = homes if token is None else [primary(homes)]

    async def ask(doors: Doors) -> Person:
        return await doors.directory.look(Look(id, head, token))

    person = await ask_once(session.around.network, asked, ask)
    with handed_over("chain of identity records"):
        chain = IdentityChain.decode(person.chain)
    if chain.id == id and pinned is not None:
        chain.extends(id, pinned.seq, pinned.head_hash)
    if chain.id != id or not chain.has(head):
        raise Forged("the home answered with another person's identity")
    with handed_over("record of somebody's whereabouts"):  # after the chain: it can be an alarm
        whereabouts = Whereabouts.decode(person.whereabouts)
    farewell = _farewell(person, chain)
    if farewell is None or not farewell.ends(whereabouts):
        whereabouts.verify(chain, session.around.now())
        return Told(chain, whereabouts, None)
    whereabouts.verify(chain, ALSO_EXPIRED)  # they are over in any case
    return Told(chain, whereabouts, farewell)


def _farewell(person: Person, chain: IdentityChain) -> Farewell | None:
    if person.farewell is None:
        return None
    with handed_over("farewell of somebody"):
        farewell = Farewell.decode(person.farewell)
    farewell.verify(chain)
    return farewell


async def refreshed(session: Session, known: Contact) -> Contact:
    """A contact with what their home says now; raises Forked if it is another history."""
    pinned = known.chain
    try:
        told = await ask_about(
            session, known.reach.homes, known.id, pinned.head_hash, pinned=pinned
        )
    except Forked:
        await stop(session, known.id)
        raise
    fresh = known.known_as(told.chain, Reach.of(told.whereabouts))
    return fresh if told.farewell is None else fresh.leaving(told.farewell)


async def check_extends(session: Session, chain: IdentityChain) -> None:
    """Whether a chain goes on from what is known here to be pinned of them; raises Forked, Stale.

    Another history is remembered (``stop``).
    """
    known = await get(await look_at_hand(session), chain.id)
    if known is None:
        return
    pinned = known.chain
    try:
        chain.extends(known.id, pinned.seq, pinned.head_hash)
    except Forked:
        await stop(session, chain.id)
        raise


async def stop(session: Session, id: bytes) -> None:
    """Two histories of a contact's identity were seen: remember it until it was looked into."""

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        known = await get(system, id)
        if known is not None and not known.alarm:
            await put(system, replace(known, alarm=system.now))
            await system.flush()

    await change(session, operation)
