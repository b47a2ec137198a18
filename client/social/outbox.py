"""Messages on their way: noted in the commit that makes them true, sent until they arrive.

One record each, ``system/outbox/<message id in hex>``. It says to whom and of what
type; the content (where I am, what I share with them) is always today's. A message
that is sent twice has the same id and number, and is acted on once.

Its record goes with the next message that is noted, or when the loop of the inbox has time: a
commit for each message that arrived would cost more than the message. Till then
``session.delivered`` knows; if that is lost, it is sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import trio

from client.capability import Capability
from client.recovery.notes import REPLACES, Note, note_value, read_note
from client.session import Session
from client.social import contacts
from client.social.contacts import Contact
from client.social.delivering import Parcel, deliver
from client.social.messages import MESSAGE_ID, Introduction, Message, Type
from client.social.sightings import to_tell
from client.social.store import OUTBOX, System, change, look_at_hand
from client.social.tokens import given, to_spend, with_slot
from client.space.reading import Changing
from crypto.secret import random_bytes
from formats.dag_cbor import Value
from formats.drop import DAY
from formats.errors import HoldfastError
from formats.fields import Fields
from formats.limits import ID, TOKEN
from formats.whereabouts import primary

GIVE_UP: Final = 60 * DAY
"""After so long, in milliseconds, a message that never arrived is forgotten."""
_WHAT: Final = "message to send"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that was not delivered yet. ``token``: from a card, for the first one.

    ``note``: what it says of a recovery kit.
    """

    to: bytes
    type: Type
    id: bytes
    seq: int
    time: int
    token: bytes | None = None
    note: Note | None = None

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        token = {} if self.token is None else {"token": self.token}
        note: dict[str, Value] = {} if self.note is None else {"note": note_value(self.note)}
        return {
            **token,
            **note,
            "to": self.to,
            "type": str(self.type),
            "id": self.id,
            "seq": self.seq,
            "time": self.time,
        }

    @classmethod
    def read(cls, fields: Fields) -> "Outgoing":
        """As it was kept."""
        note = fields.optional_map("note")
        return cls(
            to=fields.bytes_("to", ID),
            type=Type(fields.text("type", 16)),
            id=fields.bytes_("id", MESSAGE_ID),
            seq=fields.uint("seq"),
            time=fields.uint("time"),
            token=fields.optional_bytes("token", TOKEN),
            note=None if note is None else read_note(note),
        )


async def post(system: System, contact: Contact, type: Type, token: bytes | None = None) -> Contact:
    """Note a message to a contact, within an operation; the contact as it is kept from now on.

    It takes the place of a ``changed`` that waits for the same reader, if it is one itself: what
    such a message says is always today's. With a number of its own: the other may
    have been delivered, by another device or before this one was started anew.
    """
    due = await _strike_off(system)
    return await _note(system, contact, type, token, _instead(due, contact, type))


async def _note(
    system: System,
    contact: Contact,
    type: Type,
    token: bytes | None,
    instead: "Outgoing | None",
    note: Note | None = None,
) -> Contact:
    contact = await with_slot(system, contact)
    since = system.now if instead is None else instead.time
    out = Outgoing(contact.id, type, random_bytes(MESSAGE_ID), contact.sent, since, token, note)
    if instead is not None:
        await system.remove(OUTBOX, instead.id.hex())
    await system.put((OUTBOX, out.id.hex()), out.value)
    counted = replace(contact, sent=contact.sent + 1)
    await contacts.put(system, counted)
    return counted


async def post_note(system: System, contact: Contact, note: Note) -> Contact:
    """Note what a contact is told of a recovery kit, within an operation, as ``post`` does.

    What waits for them and says nothing any more beside it is not sent.
    """
    for each in await _strike_off(system):
        if each.to == contact.id and each.note and each.note.what in REPLACES[note.what]:
            await system.remove(OUTBOX, each.id.hex())
    return await _note(system, contact, Type.KIT, None, None, note)


async def post_changed(system: System, people: Sequence[Contact]) -> None:
    """Note a ``changed`` to each of many, within an operation, as ``post`` does."""
    due = await _strike_off(system)
    for contact in people:
        if not contact.blocked:
            instead = _instead(due, contact, Type.CHANGED)
            await _note(system, contact, Type.CHANGED, None, instead)


def _instead(due: Sequence[Outgoing], contact: Contact, type: Type) -> Outgoing | None:
    """The message that another one makes needless."""
    if type is not Type.CHANGED:
        return None
    return next((each for each in due if each.to == contact.id and each.type is type), None)


async def waiting(system: System) -> list[Outgoing]:
    """What was not delivered yet, as far as is known here, the oldest first."""
    delivered = system.session.delivered
    return [each for each in await _noted(system) if each.id not in delivered]


async def _noted(system: System) -> list[Outgoing]:
    found = await system.all_as(Outgoing.read, OUTBOX)
    return sorted(found.values(), key=lambda each: (each.time, each.seq))


async def _strike_off(system: System) -> list[Outgoing]:
    """Within an operation: take away the records of what was delivered; what waits."""
    noted, delivered = await _noted(system), system.session.delivered
    for each in noted:
        if each.id in delivered:
            await system.remove(OUTBOX, each.id.hex())
    return [each for each in noted if each.id not in delivered]


async def flush(session: Session, to: bytes | None = None) -> list[HoldfastError]:
    """Try to deliver what waits (to one person, or to all); what kept some of it back.

    Somebody whose home is away does not hold up the others. What waits as far as is known
    here: who wants what other devices noted asks for the newest state before.
    """
    system = await look_at_hand(session)
    problems: list[HoldfastError] = []
    away: set[bytes] = set()
    due = await waiting(system)
    friends = await contacts.everybody(system) if due else []
    for out in due:
        if to not in (None, out.to) or out.to in away:
            continue
        try:
            await _send(session, system, out, friends)
        except HoldfastError as error:
            problems.append(error)
            away.add(out.to)
            if system.now - out.time < GIVE_UP:
                continue
        session.delivered.add(out.id)
    return problems


async def _send(
    session: Session, system: System, out: Outgoing, friends: Sequence[Contact]
) -> None:
    contact = await contacts.get(system, out.to)
    if contact is None:
        return
    sealed = await trio.to_thread.run_sync(_sealed, session, contact, out)
    tokens = to_spend(contact, out.seq, system.now)
    if out.token is not None:
        tokens = (out.token, *tokens)
    carriers = [primary(each.reach.homes) for each in friends if not each.blocked]
    parcel = Parcel(out.to, sealed, out.time, tokens, contact.reach.work)
    await deliver(session, parcel, contact.reach.homes, carriers)


def _sealed(session: Session, contact: Contact, out: Outgoing) -> bytes:
    log = Capability(session.id, session.bundle.space, contact.log)
    follows = contact.following or contact.asked
    work, tokens = session.line.work_bits, given(session, contact)
    content = Introduction.of(session.whereabouts, log, follows, tokens, work)
    number = (out.id, out.seq, out.time)
    daily = session.bundle.daily
    for seen in to_tell(session, contact) if out.type is Type.CHANGED else ():
        message = Message.make(out.type, session.chain, out.to, number, content, daily, seen)
        if message.fits:
            return message.seal(contact.reach.sealing)
    chain = session.chain
    message = Message.make(out.type, chain, out.to, number, content, daily, out.note)
    return message.seal(contact.reach.sealing)


async def forget_all(system: System, to: bytes) -> None:
    """Within an operation: what waits for somebody is not sent any more."""
    for each in await waiting(system):
        if each.to == to:
            await system.remove(OUTBOX, each.id.hex())


async def tidy(session: Session) -> None:
    """Take away the records of what was delivered: one commit, if there are any."""
    noted = {each.id for each in await _noted(await look_at_hand(session))}
    session.delivered &= noted
    if not session.delivered:
        return

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        await _strike_off(system)
        await system.flush()

    gone = set(session.delivered)
    await change(session, operation)
    session.delivered -= gone
