"""Contacts: whom I know, by which name, pinned at which identity; and what goes between us.

One record each, ``system/contacts/<id in hex>``. The petname is mine and unique. The
identity chain is pinned: only one that extends it is believed. ``log`` is the
secret of my folder of shares for them, ``theirs`` the right to read theirs for me.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from client.capability import CAPABILITY_SIZE, Capability
from client.session import Session
from client.social.circles import check_free
from client.social.messages import MAX_WORK, Introduction
from client.social.store import CONTACTS, System, look
from crypto.hpke import PUBLIC_SIZE
from crypto.secret import Secret
from formats.dag_cbor import Value
from formats.errors import Exists, Forked, Malformed, NotFound, Unfit
from formats.farewell import Farewell
from formats.fields import Fields
from formats.handle import fingerprint, handle
from formats.identity import MAX_CHAIN, IdentityChain
from formats.limits import ID
from formats.names import as_written, normalise_name
from formats.whereabouts import Home, Whereabouts, primary, read_account_name, read_homes

WINDOW: Final = 64
"""Messages may come out of order by this many."""
MOST_GIVEN: Final = 16
"""Times that are kept of when something was given anew."""
_WHAT: Final = "contact"


@dataclass(frozen=True, slots=True)
class Reach:
    """Where somebody is and how to seal to them; ``where`` numbers the whereabouts.

    ``work``: bits of work that their home asks for, if a message of theirs said so.
    """

    name: str
    homes: tuple[Home, ...]
    sealing: bytes
    where: int
    work: int | None = None

    @classmethod
    def of(cls, known: Whereabouts | Introduction) -> "Reach":
        """From whereabouts that were verified, or a message that was."""
        if isinstance(known, Whereabouts):
            return cls(known.name, known.homes, known.sealing, known.seq)
        return cls(known.name, known.homes, known.sealing, known.where, known.work)

    @property
    def value(self) -> Value:
        """As it is kept."""
        homes: list[Value] = [home.value() for home in self.homes]
        return {
            "name": self.name,
            "homes": homes,
            "sealing": self.sealing,
            "where": self.where,
            **({} if self.work is None else {"work": self.work}),
        }

    @classmethod
    def read(cls, value: Value) -> "Reach":
        """As it was kept."""
        fields = Fields(value, "reach")
        return cls(
            read_account_name(fields, "name"),
            read_homes(fields, signed=True),
            fields.bytes_("sealing", PUBLIC_SIZE),
            fields.uint("where"),
            fields.optional_uint("work", MAX_WORK),
        )


@dataclass(frozen=True, slots=True)
class Received:
    """Which messages of a contact were acted on: the highest number, and those just below it."""

    highest: int = -1
    recent: tuple[int, ...] = ()

    def has(self, seq: int) -> bool:
        """Whether this number came already, or is too old to tell."""
        return seq in self.recent or seq <= self.highest - WINDOW

    def plus(self, seq: int) -> "Received":
        """With one more."""
        highest = max(self.highest, seq)
        recent = sorted({*self.recent, seq})
        return Received(highest, tuple(each for each in recent if each > highest - WINDOW))


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody I know. ``asked``: my follow request has no answer yet.

    ``following``: I see what they share with me. ``follower``: they asked, and
    I said yes, or they did. ``sent`` counts messages to them. ``since`` in ms. ``blocked``:
    since when (ms) nothing they send is read, 0 if it is. ``verified``: when (ms) safety numbers
    were compared, 0 if never. ``alarm``: when two histories of their identity were seen, 0 if
    never; then they are stopped until somebody compares numbers again. ``left``: when (ms) they had
    their account deleted where ``reach`` says, 0 while they are there. ``lost``: number of the
    newest identity record by which somebody else may have what they have from me, and ``anew``
    of the one as of which it was given anew; ``given`` when (ms) that was done lately. ``slot``:
    of my tokens, which they write to me with; ``pays``: the key of those that I write to them with.
    """

    id: bytes
    name: str
    records: tuple[bytes, ...]
    reach: Reach
    log: Secret
    since: int
    theirs: Capability | None = None
    asked: bool = False
    following: bool = False
    follower: bool = False
    sent: int = 0
    received: Received = Received()
    blocked: int = 0
    verified: int = 0
    alarm: int = 0
    left: int = 0
    lost: int = 0
    anew: int = 0
    given: tuple[int, ...] = ()
    slot: int | None = None
    pays: Secret | None = None
    extra: Mapping[str, Value] = field(default_factory=dict)

    @property
    def chain(self) -> IdentityChain:
        """The pinned identity, verified again (0.3 ms a record)."""
        return IdentityChain.decode(self.records)

    @property
    def handle(self) -> str:
        """Their own name and the fingerprint of their id."""
        return handle(self.reach.name, self.id)

    def reached_by(self, fresh: Reach, left: int = 0) -> "Contact":
        """With newer whereabouts; older ones change nothing. ``left``: they are over since then."""
        return replace(self, reach=fresh, left=left) if fresh.where > self.reach.where else self

    def leaving(self, said: Farewell) -> "Contact":
        """Once they took leave of their home, if that is where they are known to be."""
        if said.home != primary(self.reach.homes).peer:
            return self
        return self.reached_by(replace(self.reach, where=said.seq), said.time or 1)

    def known_as(self, chain: IdentityChain, reach: Reach, left: int = 0) -> "Contact":
        """With a longer chain, and whereabouts or a message under it; ``left``: see ``reached_by``.

        Under other keys than are pinned they begin anew: who had the keys before cannot have
        spoiled the numbers that later ones are held against. Nothing of before is taken again,
        for it is signed by keys that are not in force any more. Raises Forged, Forked or Stale if
        the chain does not extend the pinned one.
        """
        pinned = self.chain
        chain.extends(self.id, pinned.seq, pinned.head_hash)
        if chain.seq == pinned.seq:
            return self.reached_by(reach, left)
        known = replace(self, records=chain.encoded, lost=chain.lost, received=Received())
        return replace(known, reach=reach, left=left)

    @property
    def is_lost(self) -> bool:
        """Whether somebody else may have what they have from me, and it was not given anew yet."""
        return self.lost > self.anew

    @property
    def _numbers(self) -> Iterable[tuple[str, int]]:
        marks = (("verified", self.verified), ("alarm", self.alarm), ("left", self.left))
        return (("blocked", self.blocked), *marks, ("lost", self.lost), ("anew", self.anew))

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        theirs = {} if self.theirs is None else {"theirs": self.theirs.encode()}
        slot = {} if self.slot is None else {"slot": self.slot}
        pays = {} if self.pays is None else {"pays": self.pays.reveal()}
        given: dict[str, Value] = {"given": list(self.given)} if self.given else {}
        return {
            **self.extra,
            **theirs,
            **slot,
            **pays,
            **given,
            **{name: number for name, number in self._numbers if number},
            "id": self.id,
            "name": self.name,
            "chain": list(self.records),
            "reach": self.reach.value,
            "log": self.log.reveal(),
            "since": self.since,
            "asked": self.asked,
            "following": self.following,
            "follower": self.follower,
            "sent": self.sent,
            "highest": self.received.highest + 1,
            "recent": list(self.received.recent),
        }

    @classmethod
    def read(cls, fields: Fields) -> "Contact":
        """As it was kept; raises Malformed."""
        theirs = fields.optional_bytes("theirs", CAPABILITY_SIZE)
        pays = fields.optional_bytes("pays", 32)
        return cls(
            id=fields.bytes_("id", ID),
            name=fields.text("name", 255),
            records=read_records(fields),
            reach=Reach.read(fields.map_("reach")),
            log=Secret(fields.bytes_("log", 32)),
            since=fields.uint("since"),
            theirs=None if theirs is None else Capability.decode(theirs),
            asked=fields.flag("asked"),
            following=fields.flag("following"),
            follower=fields.flag("follower"),
            sent=fields.uint("sent"),
            received=_read_received(fields),
            blocked=fields.optional_uint("blocked") or 0,
            verified=fields.optional_uint("verified") or 0,
            alarm=fields.optional_uint("alarm") or 0,
            left=fields.optional_uint("left") or 0,
            lost=fields.optional_uint("lost") or 0,
            anew=fields.optional_uint("anew") or 0,
            given=_read_given(fields),
            slot=fields.optional_uint("slot"),
            pays=None if pays is None else Secret(pays),
            extra=fields.rest(),
        )


def read_records(fields: Fields) -> tuple[bytes, ...]:
    """The field ``chain``: identity records in their envelopes."""
    records = fields.list_("chain", MAX_CHAIN)
    kept = tuple(each for each in records if isinstance(each, bytes))
    if len(kept) != len(records):
        raise Malformed(f"{_WHAT}: an identity record is not bytes")
    return kept


def _read_received(fields: Fields) -> Received:
    recent = fields.list_("recent", WINDOW)
    numbers = tuple(each for each in recent if isinstance(each, int))
    return Received(fields.uint("highest") - 1, numbers)


def _read_given(fields: Fields) -> tuple[int, ...]:
    times = fields.optional_list("given", MOST_GIVEN) or []
    return tuple(each for each in times if isinstance(each, int))


async def get(system: System, id: bytes) -> Contact | None:
    """The contact of that id."""
    return await system.get_as(Contact.read, CONTACTS, id.hex())


async def put(system: System, contact: Contact) -> None:
    """Keep a contact, new or changed."""
    await system.put((CONTACTS, contact.id.hex()), contact.value)


async def everybody(system: System) -> list[Contact]:
    """All contacts, by petname."""
    known = await system.all_as(Contact.read, CONTACTS)
    return sorted(known.values(), key=lambda each: each.name)


async def by_name(system: System, name: str) -> Contact:
    """The contact of that petname (or handle); raises NotFound.

    Where somebody was found by a name before is where to look first: then no other is read.
    """
    known = await _where_found(system, as_written(name))
    if known is not None:
        return known
    people = await everybody(system)
    system.session.petnames.update({each.name: each.id for each in people})
    return named(people, name)


async def _where_found(system: System, name: str) -> Contact | None:
    """Who had a petname when it was looked for, if they have it still; two never have one."""
    id = system.session.petnames.get(name)
    if id is None or "~" in name:  # it might be the handle of somebody else
        return None
    known = await get(system, id)
    return known if known is not None and known.name == name else None


def named(people: Iterable[Contact], name: str) -> Contact:
    """Among some, the one of that petname (or handle); raises NotFound."""
    name = as_written(name)
    for contact in people:
        if name in (contact.name, contact.handle):
            return contact
    raise NotFound(f"you have no contact '{name}'", hint="'holdfast contacts' lists them")


async def to_share_with(system: System, name: str) -> Contact:
    """A contact to let something be seen by; raises NotFound, Unfit if they are blocked."""
    return unblocked(await by_name(system, name))


def unblocked(known: Contact) -> Contact:
    """The contact, if anything can be shared with them; raises Unfit, Forked (see ``alarm``)."""
    check_not_stopped(known)
    if known.blocked:
        hint = f"'holdfast unblock {known.name}' lets them ask again"
        raise Unfit(f"you blocked {known.name}", hint)
    return known


def check_not_stopped(known: Contact) -> None:
    """Whether there is one history of their identity; raises Forked."""
    if known.alarm:
        raise Forked(
            f"there are two histories of the keys of {known.name}: somebody has keys that they"
            " should not have",
            hint=f"ask them by another way, then compare numbers: 'holdfast verify {known.name}'",
        )


async def contacts(session: Session) -> list[Contact]:
    """Everybody I know, by petname."""
    return await everybody(await look(session))


async def contact(session: Session, name: str) -> Contact:
    """One of them; raises NotFound."""
    return await by_name(await look(session), name)


async def free_name(system: System, name: str, id: bytes) -> str:
    """``name`` in normal form, if it can be the petname of ``id``; raises Exists, BadName."""
    name = normalise_name(name)
    if name == system.session.name:
        raise Exists(f"'{name}' is your own name here", hint=_OTHER_NAME)
    for other in await everybody(system):
        if other.name == name and other.id != id:
            raise Exists(
                f"you call somebody else '{name}' already ({fingerprint(other.id)})", _OTHER_NAME
            )
    await check_free(system, name)
    return name


async def any_name(system: System, name: str, id: bytes) -> str:
    """``name`` as a petname, or if it is taken the handle, which nobody else has."""
    try:
        return await free_name(system, name, id)
    except Exists:
        return handle(name, id)


_OTHER_NAME: Final = "give this person another name with --as NAME"
