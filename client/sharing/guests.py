"""What has a space of its own, and who may write there: kept by its owner alone.

One record each, ``system/spaces/<space id in hex>``. It stays as long as the thing does,
and remembers guests who were removed: what they wrote is told by it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from client.keys import NodeKeys
from client.social.circles import CIRCLE
from client.social.store import SPACES, System
from crypto.secret import Secret
from crypto.signing import SigningKey
from formats.dag_cbor import Value
from formats.envelope import present
from formats.errors import Malformed, NotFound, TooMany
from formats.fields import Fields, entries
from formats.limits import ID, PATH
from formats.space import Member, Rights

MAX_GUESTS: Final = 256
"""People who may write to one space."""
MAX_CIRCLES: Final = 64
"""Circles whose people may write to one space."""
MAX_KEYS: Final = 1024
"""Member keys that are remembered, of those who left and of those who were given others too."""
MAX_TOPS: Final = 256
"""Secrets of the top folder that are remembered, to read what was."""
_FILE_ID: Final = 16
_SECRET: Final = 32
_WHAT: Final = "space"


May: TypeAlias = tuple[Rights, int | None, bool]
"""What somebody may do: rights, a ceiling in bytes (None: none), and whether through circles."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who may write, or might: with which member key, what, how much, from when to when.

    ``seed`` of the key, ``member`` its digest; ``ceiling`` in bytes, None: as much as the
    owner has room for. Times in milliseconds; ``until`` None: still. ``through``: only because
    of circles that they are in. ``was``: their member key before this one, if they were given
    another.
    """

    contact: bytes
    seed: Secret
    member: bytes
    rights: Rights
    ceiling: int | None
    since: int
    until: int | None = None
    through: bool = False
    was: bytes | None = None

    @classmethod
    def new(
        cls,
        contact: bytes,
        rights: Rights,
        ceiling: int | None,
        now: int,
        through: bool = False,
    ) -> "Guest":
        """With a key of its own, made for this space alone."""
        key = SigningKey.generate()
        member = key.verify_key.digest()
        return cls(contact, key.seed, member, rights, ceiling, now, through=through)

    def with_another_key(self) -> "Guest":
        """The same person, who may what they might, with another key for it."""
        key = SigningKey.generate()
        member = key.verify_key.digest()
        return replace(self, seed=key.seed, member=member, was=self.member)

    @property
    def may(self) -> May:
        """What a guest may do, and whether through circles."""
        return self.rights, self.ceiling, self.through

    @property
    def as_member(self) -> Member:
        """As the space record lists it."""
        return Member(self.member, self.rights, self.ceiling, self.was)

    @property
    def value(self) -> Value:
        """As it is kept."""
        return present(
            {
                "contact": self.contact,
                "seed": self.seed.reveal(),
                "member": self.member,
                "rights": int(self.rights),
                "ceiling": self.ceiling,
                "since": self.since,
                "until": self.until,
                "through": self.through or None,
                "was": self.was,
            }
        )

    @classmethod
    def read(cls, fields: Fields) -> "Guest":
        """As it was kept."""
        return cls(
            fields.bytes_("contact", ID),
            Secret(fields.bytes_("seed", _SECRET)),
            fields.bytes_("member", ID),
            Rights(fields.uint("rights", int(Rights.WRITE))),
            fields.optional_uint("ceiling"),
            fields.uint("since"),
            fields.optional_uint("until"),
            fields.optional_flag("through") or False,
            fields.optional_bytes("was", ID),
        )


@dataclass(frozen=True, slots=True)
class Writing:
    """A circle whose people may write: each of them what ``rights`` say, and ``ceiling`` bytes."""

    circle: bytes
    rights: Rights
    ceiling: int | None

    @property
    def value(self) -> Value:
        """As it is kept."""
        rights = int(self.rights)
        return present({"circle": self.circle, "rights": rights, "ceiling": self.ceiling})

    @classmethod
    def read(cls, fields: Fields) -> "Writing":
        """As it was kept."""
        rights = Rights(fields.uint("rights", int(Rights.WRITE)))
        return cls(fields.bytes_("circle", CIRCLE), rights, fields.optional_uint("ceiling"))


@dataclass(frozen=True, slots=True)
class Apart:
    """A folder of mine, or a file, with a space of its own.

    ``id`` of it, ``parts`` where it was when it got the space; ``tops`` the secrets of
    the space's top folder, the newest first: below that are the folder and its system folder.
    ``is_file``: a file alone, which is in a folder that nobody sees. ``circles``: whose people
    are guests as long as they are in one of them.
    """

    space: bytes
    id: bytes
    parts: tuple[str, ...]
    tops: tuple[Secret, ...]
    guests: tuple[Guest, ...] = ()
    is_file: bool = False
    circles: tuple[Writing, ...] = ()

    @property
    def top(self) -> NodeKeys:
        """The top folder as it is."""
        return NodeKeys(self.tops[0])

    def guest(self, contact: bytes) -> Guest | None:
        """The guest that a contact is now."""
        return next((each for each in self.present if each.contact == contact), None)

    @property
    def present(self) -> tuple[Guest, ...]:
        """Who may write now."""
        return tuple(each for each in self.guests if each.until is None)

    def whose(self, member: bytes) -> bytes | None:
        """The contact who has, or had, this member key."""
        return next((each.contact for each in self.guests if each.member == member), None)

    def plus(self, guest: Guest) -> "Apart":
        """With one more guest; of the keys of long ago the first are forgotten."""
        if len(self.present) == MAX_GUESTS:
            raise TooMany(f"{MAX_GUESTS} people may write there, which is the most")
        guests = (*self.guests, guest)
        if len(guests) > MAX_KEYS:
            gone = next(each for each in guests if each.until is not None)
            guests = tuple(each for each in guests if each is not gone)
        return replace(self, guests=guests)

    def admits(self, contact: bytes, may: May) -> bool:
        """Whether somebody becomes a guest by this, or one with other rights."""
        there = self.guest(contact)
        return there is None or there.may != may

    def admitting(self, contact: bytes, may: May, now: int) -> "Apart":
        """With a guest, or with other rights of one that is here and keeps their key."""
        there, (rights, ceiling, through) = self.guest(contact), may
        if there is None:
            return self.plus(Guest.new(contact, rights, ceiling, now, through))
        changed = replace(there, rights=rights, ceiling=ceiling, through=through)
        guests = (changed if each is there else each for each in self.guests)
        return replace(self, guests=tuple(guests))

    def of_circle(self, circle: bytes) -> Writing | None:
        """What the people of a circle may do."""
        return next((each for each in self.circles if each.circle == circle), None)

    def without_circle(self, circle: bytes) -> "Apart":
        """With nothing for that circle. Its people are guests until they are seen to."""
        return replace(self, circles=tuple(x for x in self.circles if x.circle != circle))

    def plus_circle(self, writing: Writing) -> "Apart":
        """With this, in the place of what the circle had."""
        circles = (*self.without_circle(writing.circle).circles, writing)
        if len(circles) > MAX_CIRCLES:
            raise TooMany(f"{MAX_CIRCLES} circles may write there, which is the most")
        return replace(self, circles=circles)

    def without(self, contact: bytes, now: int) -> "Apart":
        """That contact left, and may write no more."""
        guests: Iterable[Guest] = (
            replace(each, until=now) if each.contact == contact and each.until is None else each
            for each in self.guests
        )
        return replace(self, guests=tuple(guests))

    def renewed(self, top: Secret) -> "Apart":
        """With a new secret of the top folder."""
        return replace(self, tops=(top, *self.tops)[:MAX_TOPS])

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        value: dict[str, Value] = {
            "space": self.space,
            "id": self.id,
            "path": "/".join(self.parts),
            "tops": [each.reveal() for each in self.tops],
            "guests": [each.value for each in self.guests],
        }
        if self.is_file:
            value["file"] = True
        if self.circles:
            value["circles"] = [each.value for each in self.circles]
        return value

    @classmethod
    def read(cls, fields: Fields) -> "Apart":
        """As it was kept; raises Malformed."""
        tops = [each for each in fields.list_("tops", MAX_TOPS) if isinstance(each, bytes)]
        if not tops or any(len(each) != _SECRET for each in tops):
            raise Malformed(f"{_WHAT}: it has no top folder")
        return cls(
            fields.bytes_("space", ID),
            fields.bytes_("id", _FILE_ID),
            tuple(part for part in fields.text("path", PATH).split("/") if part),
            tuple(Secret(each) for each in tops),
            tuple(map(Guest.read, entries(fields.list_("guests", MAX_KEYS), "guest"))),
            fields.optional_flag("file") or False,
            tuple(
                map(
                    Writing.read, entries(fields.optional_list("circles", MAX_CIRCLES) or [], _WHAT)
                )
            ),
        )


async def get(system: System, space: bytes) -> Apart:
    """The record of a space; raises NotFound."""
    fields = await system.get((SPACES, space.hex()), _WHAT)
    if fields is None:
        raise NotFound("that space is none of yours")
    return Apart.read(fields)


async def put(system: System, apart: Apart) -> None:
    """Keep it."""
    await system.put((SPACES, apart.space.hex()), apart.value)


async def everything(system: System) -> list[Apart]:
    """Every folder of mine with a space of its own."""
    return list((await system.all_as(Apart.read, SPACES)).values())
