"""Keeping shares of others' kits: taken when they come, shown when asked, handed over by hand.

    system/keeping/<id in hex> = {v, set, made, since, handed?,
                                  parcel?: {share, count, space, homes}}

One for each contact: a newer one takes its place, and what ended stays as a note without the
share, so that an older message changes nothing. That a share is here the program shows by itself,
to whoever gave it; the share itself leaves this machine only when its keeper says so.
"""

from dataclasses import dataclass, replace
from typing import Final

import trio

from client.recovery import giving
from client.recovery.making import MAX_HOMES
from client.recovery.notes import (
    SET,
    Ask,
    Ended,
    Give,
    Gone,
    Kept,
    Note,
    Parcel,
    made_by,
)
from client.session import Session
from client.social import contacts, outbox
from client.social.contacts import Contact
from client.social.events import Event, ShareEnded, ShareKept
from client.social.store import KEEPING, System, change, look
from client.space.reading import Changing
from crypto.threshold import shown
from formats.dag_cbor import Value
from formats.errors import Damaged, Malformed, NotFound, Unfit, UnknownVersion
from formats.fields import Fields
from formats.kit import KitText
from formats.whereabouts import HomeRole

_WHAT: Final = "share that you keep"


@dataclass(frozen=True, slots=True)
class KeptShare:
    """What is kept for somebody. ``parcel`` is None when it ended; times in ms."""

    set: bytes
    made: int
    since: int
    parcel: Parcel | None
    handed: int | None = None

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        return {
            "set": self.set,
            "made": self.made,
            "since": self.since,
            **({} if self.parcel is None else {"parcel": self.parcel.value}),
            **({} if self.handed is None else {"handed": self.handed}),
        }

    @classmethod
    def read(cls, fields: Fields) -> "KeptShare":
        """As it was kept; raises Malformed."""
        parcel = fields.optional_map("parcel")
        return cls(
            set=fields.bytes_("set", SET),
            made=fields.uint("made"),
            since=fields.uint("since"),
            parcel=None if parcel is None else Parcel.read(Fields(parcel, _WHAT)),
            handed=fields.optional_uint("handed"),
        )


@dataclass(frozen=True, slots=True)
class ForContact:
    """A share that is here, and whose it is."""

    contact: Contact
    share: KeptShare
    parcel: Parcel

    @property
    def text(self) -> KitText:
        """Whose it is and where to look: where they are as far as is known, and were."""
        known, parcel = self.contact, self.parcel
        now = {home.peer: home for home in known.reach.homes}
        then = (replace(home, role=HomeRole.REPLICA) for home in parcel.homes)
        homes = (*now.values(), *(each for each in then if each.peer not in now))
        head = known.chain.records[0].hash
        return KitText(known.id, head, known.reach.name, homes[:MAX_HOMES], space=parcel.space)


async def heard(system: System, known: Contact, note: Note) -> Event | None:
    """Within an operation: a contact told something about a kit, theirs or mine."""
    match note:
        case Give():
            return await _take(system, known, note)
        case Ended():
            return await _end(system, known, note)
        case Ask():
            await _show(system, known, note.set, note.nonce)
            return None
        case Kept() | Gone():
            return await giving.answered(system, known, note)


async def kept(session: Session) -> list[ForContact]:
    """All shares that are here, by whose they are."""
    system = await look(session)
    found = {each.hex(): share for each, share in (await _everything(system)).items()}
    people = await contacts.everybody(system)
    return [
        ForContact(known, share, share.parcel)
        for known in people
        if (share := found.get(known.id.hex())) is not None and share.parcel is not None
    ]


async def hand_over(session: Session, name: str, checked: bool) -> ForContact:
    """The share that is kept for somebody, to be told to them; it stays here, too.

    ``checked``: whoever has it saw or heard them ask for it. Raises Unfit without, NotFound.
    """
    if not checked:
        raise Unfit(
            "whoever asks for it has to be seen or heard first: no message shows that it is them",
            hint="meet or call them in a way that you know; then say --checked",
        )

    async def operation(changing: Changing) -> ForContact:
        system = System(session, changing)
        found = await _for(system, name)
        now = replace(found.share, handed=system.now)
        await _put(system, found.contact.id, now)
        await system.flush()
        return replace(found, share=now)

    return await change(session, operation)


async def drop(session: Session, name: str) -> Contact:
    """Keep it no longer; they are told. Raises NotFound."""

    async def operation(changing: Changing) -> Contact:
        system = System(session, changing)
        found = await _for(system, name)
        await _put(system, found.contact.id, replace(found.share, parcel=None))
        if not found.contact.blocked:
            await outbox.post_note(system, found.contact, Gone(found.share.set))
        await system.flush()
        return found.contact

    known = await change(session, operation)
    await outbox.flush(session, known.id)
    return known


async def _take(system: System, known: Contact, note: Give) -> Event | None:
    if not (known.following or known.follower):
        raise Unfit("somebody who is no friend sent a share of a recovery kit")
    before, made = await _get(system, known.id), made_by(note.made, system.now)
    if before is not None and before.made >= made:
        return None
    parcel = await _opened(system.session, known, note)
    now = KeptShare(note.set, made, system.now, parcel)
    await _put(system, known.id, now)
    await _show(system, known, note.set, note.nonce)
    return None if parcel is None else ShareKept(known.name)


async def _opened(session: Session, known: Contact, note: Give) -> Parcel | None:
    """What was sealed for me by them; None where it is not: they are told that it is not here."""
    pairs = [each.pair for each in session.bundle.sealing]
    try:
        return await trio.to_thread.run_sync(
            Parcel.open, note.sealed, pairs, known.id, session.id, note.set
        )
    except (Damaged, Malformed, UnknownVersion):
        return None


async def _end(system: System, known: Contact, note: Ended) -> Event | None:
    before, made = await _get(system, known.id), made_by(note.made, system.now)
    if before is not None and before.made > made:
        return None
    had = before is not None and before.parcel is not None
    since = system.now if before is None else before.since
    await _put(system, known.id, KeptShare(note.set, made, since, None))
    return ShareEnded(known.name) if had else None


async def _show(system: System, known: Contact, set: bytes, nonce: bytes) -> None:
    """Answer, if it can be: that it is here, or is not."""
    found, me = await _get(system, known.id), system.session.id
    if found is None or found.parcel is None or found.set != set:
        await outbox.post_note(system, known, Gone(set))
        return
    proof = shown(found.parcel.share.proving(known.id, me), nonce)
    await outbox.post_note(system, known, Kept(set, proof))


async def _for(system: System, name: str) -> ForContact:
    known = await contacts.by_name(system, name)
    found = await _get(system, known.id)
    if found is None or found.parcel is None:
        raise NotFound(
            f"you keep no share for {known.name}", hint="'holdfast recovery kept' lists them"
        )
    return ForContact(known, found, found.parcel)


async def _get(system: System, id: bytes) -> KeptShare | None:
    fields = await system.get((KEEPING, id.hex()), _WHAT)
    return None if fields is None else KeptShare.read(fields)


async def _put(system: System, id: bytes, share: KeptShare) -> None:
    await system.put((KEEPING, id.hex()), share.value)


async def _everything(system: System) -> dict[bytes, KeptShare]:
    found = await system.all_as(KeptShare.read, KEEPING)
    return {bytes.fromhex(name): share for name, share in found.items()}
