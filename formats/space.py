"""Space records: who may commit to a space, and what.

    body = {v, space, owner, epoch, prev?, identity_seq, identity_hash,
            members: [{key, rights, quota?, was?}], base?: {seq, hash, epoch}}

Signed by the owner's daily key, purpose "space". Epochs count up by one and name
their predecessor by hash. A member is named by the hash of a key minted for this
space alone, so a node cannot tell people from it. A new record takes effect with
the pointer that names it (``formats.pointer.check_takeover``).

``base`` sets the space back: the record that brings one in is put in force right
after the pointer that it names, and lets everybody who saw only earlier epochs go
back to there. Its epoch may leave numbers out, since it must be above all that was
ever seen. Later records carry the base along, for those who were away meanwhile.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag
from itertools import pairwise
from typing import Final

from crypto.purposes import SignPurpose
from crypto.signing import SigningKey
from formats.dag_cbor import Value
from formats.envelope import Envelope, SignedRecord, present
from formats.errors import Forged, Forked, Malformed, Stale
from formats.fields import Fields, entries
from formats.identity import IdentityChain
from formats.limits import ID, KIB, MEMBERS

MAX_SPACE_BODY: Final = 128 * KIB

_WHAT: Final = "space record"


class Rights(IntFlag):
    """What a member may do: add labels, change leaves, delete labels, change the members."""

    ADD = 1
    CHANGE = 2
    DELETE = 4
    MEMBERS = 8
    WRITE = ADD | CHANGE | DELETE
    ALL = WRITE | MEMBERS


@dataclass(frozen=True, slots=True)
class Member:
    """One member: digest of the verify key, rights (none: may only read), bytes it may add.

    ``was``: digest of the key that the same one had before; what that added counts as this one's.
    """

    key: bytes
    rights: Rights
    quota: int | None = None
    was: bytes | None = None

    def value(self) -> Value:
        """The map that stands for it in a record."""
        rights = int(self.rights)
        return present({"key": self.key, "rights": rights, "quota": self.quota, "was": self.was})


@dataclass(frozen=True, slots=True)
class Base:
    """A pointer (its seq and hash) that the owner set a space back to, in this ``epoch``."""

    seq: int
    hash: bytes
    epoch: int

    def value(self) -> Value:
        """The map that stands for it in a record."""
        return {"seq": self.seq, "hash": self.hash, "epoch": self.epoch}


@dataclass(frozen=True, slots=True)
class SpaceRecord(SignedRecord):
    """The members of a space from one epoch on. ``members`` is sorted by key, each key once."""

    space: bytes
    owner: bytes
    epoch: int
    prev: bytes | None
    identity_seq: int
    identity_hash: bytes
    members: tuple[Member, ...]
    base: Base | None

    @classmethod
    def first(
        cls, space: bytes, chain: IdentityChain, members: Iterable[Member], key: SigningKey
    ) -> "SpaceRecord":
        """Epoch 0 of a new space, signed with ``key``, the secret half of ``chain.daily``."""
        return cls._make({"space": space, "epoch": 0}, chain, members, key)

    @classmethod
    def following(
        cls,
        previous: "SpaceRecord",
        chain: IdentityChain,
        members: Iterable[Member],
        key: SigningKey,
    ) -> "SpaceRecord":
        """The epoch after ``previous``, which keeps the base that it has."""
        return cls._after(previous, previous.epoch + 1, previous.base, chain, members, key)

    @classmethod
    def setting_back(
        cls,
        previous: "SpaceRecord",
        seq: int,
        pointer: bytes,
        above: int,
        chain: IdentityChain,
        members: Iterable[Member],
        key: SigningKey,
    ) -> "SpaceRecord":
        """The record that sets a space back to the pointer ``seq`` with this hash.

        ``previous`` is in force there; ``above``: the greatest epoch that was ever seen.
        """
        epoch = max(previous.epoch, above) + 1
        return cls._after(previous, epoch, Base(seq, pointer, epoch), chain, members, key)

    @classmethod
    def _after(
        cls,
        previous: "SpaceRecord",
        epoch: int,
        base: Base | None,
        chain: IdentityChain,
        members: Iterable[Member],
        key: SigningKey,
    ) -> "SpaceRecord":
        body: dict[str, Value] = {
            "space": previous.space,
            "epoch": epoch,
            "prev": previous.hash,
            "base": None if base is None else base.value(),
        }
        return cls._make(body, chain, members, key)

    @classmethod
    def _make(
        cls,
        body: dict[str, Value],
        chain: IdentityChain,
        members: Iterable[Member],
        key: SigningKey,
    ) -> "SpaceRecord":
        whole = body | {
            "v": 1,
            "owner": chain.id,
            "identity_seq": chain.seq,
            "identity_hash": chain.head_hash,
            "members": [each.value() for each in sorted(members, key=lambda each: each.key)],
        }
        return cls._read(Envelope.sign(SignPurpose.SPACE, whole, key, keyed=False))

    @classmethod
    def decode(cls, data: bytes) -> "SpaceRecord":
        """Read a record from its envelope; raises Malformed or UnknownVersion. Verifies nothing."""
        return cls._read(Envelope.decode(data, _WHAT, MAX_SPACE_BODY, keyed=False))

    @classmethod
    def _read(cls, envelope: Envelope) -> "SpaceRecord":
        fields = envelope.fields(_WHAT)
        record = cls(
            envelope,
            space=fields.bytes_("space", ID),
            owner=fields.bytes_("owner", ID),
            epoch=fields.uint("epoch"),
            prev=fields.optional_bytes("prev", ID),
            identity_seq=fields.uint("identity_seq"),
            identity_hash=fields.bytes_("identity_hash", ID),
            members=_read_members(fields),
            base=_read_base(fields),
        )
        if (record.epoch == 0) != (record.prev is None):
            raise Malformed(f"{_WHAT}: 'prev' is for every record but the first")
        if record.epoch == 0 and record.base is not None:
            raise Malformed(f"{_WHAT}: the first record has no 'base'")
        if record.base is not None and not 1 <= record.base.epoch <= record.epoch:
            raise Malformed(f"{_WHAT}: 'base' is of a later epoch")
        return record

    def member(self, digest: bytes) -> Member | None:
        """The member whose verify key has this digest."""
        return next((each for each in self.members if each.key == digest), None)

    def verify(self, chain: IdentityChain) -> None:
        """Return if the owner, under their newest identity record, said this.

        Raises Forged (another identity's, or not signed by its daily key),
        Stale (made under another identity record than the newest), Forked.
        """
        if self.owner != chain.id:
            raise Forged(f"{_WHAT}: the space is another identity's")
        chain.check_in_force(self.identity_seq, self.identity_hash, _WHAT)
        self.envelope.verify(SignPurpose.SPACE, chain.daily, _WHAT)

    def check_succeeds(self, previous: "SpaceRecord") -> None:
        """Return if this comes right after ``previous`` in the same space; raises Forged."""
        if (self.space, self.owner) != (previous.space, previous.owner):
            raise Forged(f"{_WHAT}: it is of another space")
        least = previous.epoch + 1
        follows = self.epoch >= least if self.sets_back else self.epoch == least
        if not follows or self.prev != previous.hash:
            raise Forged(f"{_WHAT}: epoch {self.epoch} does not follow {previous.epoch}")
        if self.identity_seq < previous.identity_seq:
            raise Forged(f"{_WHAT}: made under an older identity than the one before it")
        if not self.sets_back and self.base != previous.base:
            raise Forged(f"{_WHAT}: it has another base than the one before it")

    @property
    def sets_back(self) -> bool:
        """Whether this very record sets the space back, and does not only carry a base along."""
        return self.base is not None and self.base.epoch == self.epoch

    def permits_back(self, seen_epoch: int) -> Base | None:
        """The base to which somebody may go back who has seen no later epoch than this."""
        return self.base if self.base is not None and self.base.epoch > seen_epoch else None

    def extends(self, pinned_epoch: int, pinned_hash: bytes) -> None:
        """Return if this is the pinned record or one of a later epoch; raises Stale or Forked."""
        if self.epoch < pinned_epoch:
            raise Stale(f"{_WHAT}: epoch {self.epoch}, and {pinned_epoch} was seen")
        if self.epoch == pinned_epoch and self.hash != pinned_hash:
            raise Forked(f"{_WHAT}: there are two of epoch {self.epoch}")


def _read_members(fields: Fields) -> tuple[Member, ...]:
    items = fields.list_("members", MEMBERS)
    members = tuple(map(_read_member, entries(items, f"{_WHAT} member")))
    if not members:
        raise Malformed(f"{_WHAT}: it has no members")
    if any(one.key >= other.key for one, other in pairwise(members)):
        raise Malformed(f"{_WHAT}: members are not sorted by key, each once")
    return members


def _read_member(fields: Fields) -> Member:
    return Member(
        key=fields.bytes_("key", ID),
        rights=Rights(fields.uint("rights", int(Rights.ALL))),
        quota=fields.optional_uint("quota"),
        was=fields.optional_bytes("was", ID),
    )


def _read_base(fields: Fields) -> Base | None:
    found = fields.optional_map("base")
    if found is None:
        return None
    base = Fields(found, f"{_WHAT} base")
    return Base(base.uint("seq"), base.bytes_("hash", ID), base.uint("epoch"))
