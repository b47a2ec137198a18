"""Somebody's records, asked for at a home and believed only as far as they go on from the pinned.

A home may answer anything: another identity is refused, and no more; two histories that are both
validly signed, and go apart after a record that is pinned, mean that somebody has keys that they
should not have. That is remembered, and stops everything with them (``check_not_stopped``).
"""

from dataclasses import replace

from client.answers import handed_over
from client.asking import ask_once
from client.session import Session
from client.social.contacts import Contact, Reach, get, put
from client.social.store import System, change, look
from client.space.reading import Changing
from formats.errors import Forged, Forked
from formats.identity import IdentityChain
from formats.whereabouts import Home, Whereabouts, primary
from protocols.directory import Look, Person
from protocols.services import Doors


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
    whereabouts.verify(chain, session.around.now())
    return chain, whereabouts


async def refreshed(session: Session, known: Contact) -> Contact:
    """A contact with what their home says now; raises Forked if it is another history."""
    pinned = known.chain
    try:
        chain, whereabouts = await ask_person(
            session, known.reach.homes, known.id, pinned.head_hash, pinned=pinned
        )
    except Forked:
        await stop(session, known.id)
        raise
    return known.known_as(chain).reached_by(Reach.of(whereabouts))


async def check_extends(session: Session, chain: IdentityChain) -> None:
    """Whether a chain goes on from what is pinned of them, if anything is; raises Forked, Stale.

    Another history is remembered (``stop``).
    """
    known = await get(await look(session), chain.id)
    if known is None:
        return
    try:
        known.known_as(chain)
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
