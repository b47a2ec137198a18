"""One-time tokens: what contacts pay with, so that they do no work and no flood shuts them out.

    key of a slot  = KDF(account key, "token", slot)           given to one contact, in messages
    token          = first 16 bytes of PRF(key, "token", day, number)    ``A_DAY`` for each day

The home is told of the tokens of all slots, by hash and in random order: ``AHEAD`` days ahead,
every day as many for each slot, whether anybody has it or not. So it sees neither who a token
is of nor how many contacts there are, but for the power of two above that.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from random import SystemRandom
from typing import Final

from client.home import Connected
from client.session import Session
from client.social.contacts import Contact
from client.social.store import TOKENS, System, change, look_at_hand
from client.space.reading import Changing
from crypto.kdf import derive, prf
from crypto.purposes import KdfPurpose
from crypto.secret import Secret
from formats.dag_cbor import Value
from formats.drop import DAY, day_of, token_hash
from formats.limits import TOKEN
from protocols.inbox import MAX_BATCHES, MAX_HASHES, Batch, Register

A_DAY: Final = 4
"""Tokens of a slot for one day."""
AHEAD: Final = 60
"""Days for which the home knows tokens."""
GRACE: Final = 2
"""Days after its own for which a token counts: clocks differ, homes are away."""
LEAST_SLOTS: Final = 16
_WHAT: Final = "note of tokens"


@dataclass(frozen=True, slots=True)
class _Noted:
    """``slots`` of which the home knows the tokens of all days before ``until``; ``taken`` of
    them were given to contacts.
    """

    taken: int = 0
    slots: int = 0
    until: int = 0

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        return {"taken": self.taken, "slots": self.slots, "until": self.until}


async def _noted(system: System) -> _Noted:
    fields = await system.get((TOKENS,), _WHAT)
    if fields is None:
        return _Noted()
    return _Noted(fields.uint("taken"), fields.uint("slots"), fields.uint("until"))


async def with_slot(system: System, contact: Contact) -> Contact:
    """The contact with a slot of its own, if the home knows of one that is free."""
    noted = await _noted(system)
    if contact.slot is not None or noted.taken >= noted.slots:
        return contact
    await system.put((TOKENS,), replace(noted, taken=noted.taken + 1).value)
    return replace(contact, slot=noted.taken)


def given(session: Session, contact: Contact) -> bytes | None:
    """The key that this contact writes to me with."""
    return None if contact.slot is None else _slot_key(session, contact.slot).reveal()


def to_spend(contact: Contact, number: int, now: int) -> tuple[bytes, ...]:
    """What to pay a contact's home with for my message of that number, before work."""
    if contact.pays is None:
        return ()
    return (_token(contact.pays, day_of(now), number % A_DAY),)


async def renew(session: Session) -> None:
    """Have the home know the tokens of the days ahead, if it is time."""
    noted = await _noted(await look_at_hand(session))
    today = day_of(session.around.now())
    slots = max(noted.slots, LEAST_SLOTS)
    while slots < 2 * noted.taken:
        slots *= 2
    if noted.until >= today + AHEAD and slots == noted.slots:
        return
    days = range(today, today + AHEAD)
    known = [(day, noted.slots if day < noted.until else 0) for day in days]
    due = [(day, range(first, slots)) for day, first in known if first < slots]
    batches = [batch for day, new in due for batch in _batches(session, day, new)]
    for some in _at_once(batches):
        await _register(session, some)

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        now = await _noted(system)
        await system.put((TOKENS,), replace(now, slots=slots, until=today + AHEAD).value)
        await system.flush()

    await change(session, operation)


async def forget(session: Session) -> None:
    """Another node is the home now: it is told of all tokens anew by ``renew``."""

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        noted = await _noted(system)
        if noted.until:
            await system.put((TOKENS,), replace(noted, until=0).value)
            await system.flush()

    await change(session, operation)


def _batches(session: Session, day: int, slots: range) -> Iterator[Batch]:
    """The tokens of some slots for one day, in random order."""
    keys = [_slot_key(session, slot) for slot in slots]
    hashes = [token_hash(_token(key, day, number)) for key in keys for number in range(A_DAY)]
    SystemRandom().shuffle(hashes)
    for first in range(0, len(hashes), MAX_HASHES):
        yield Batch((day + 1 + GRACE) * DAY, tuple(hashes[first : first + MAX_HASHES]))


def _at_once(batches: list[Batch]) -> Iterator[list[Batch]]:
    """As many as one request may have."""
    left = iter(batches)
    while some := list(islice(left, MAX_BATCHES)):
        yield some


async def _register(session: Session, batches: list[Batch]) -> None:
    async def ask(connected: Connected) -> None:
        await connected.doors.inbox.register(Register(session.id, tuple(batches)))

    await session.line.call(ask)


def _slot_key(session: Session, slot: int) -> Secret:
    return derive(session.bundle.account, KdfPurpose.TOKEN, slot.to_bytes(4, "big"))


def _token(key: Secret, day: int, number: int) -> bytes:
    return prf(key, KdfPurpose.TOKEN, day.to_bytes(4, "big"), number.to_bytes(4, "big"))[:TOKEN]
