"""Pointer records: which root a space is at, signed by the member who put it there.

    body = {v, owner, space, seq, prev?, skip?, authority, root, time, member}
    envelope = {body, key, signature}     signed by key, purpose "pointer"

``authority`` is the hash of the space record in force, ``member`` the digest of
``key``. ``prev`` and ``skip`` (absent at seq 0) are hashes of earlier bodies:
see ``formats.ancestry``. ``time`` is only the writer's word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from crypto.hashing import sha256
from crypto.purposes import SignPurpose
from crypto.signing import SigningKey, VerifyKey
from formats.ancestry import Spine, skip_seq, step
from formats.cid import Cid
from formats.dag_cbor import Value, decode
from formats.envelope import Envelope, SignedRecord
from formats.errors import Forged, Forked, Malformed, Stale
from formats.fields import Fields
from formats.limits import ID
from formats.space import Base, Rights, SpaceRecord

MAX_POINTER_BODY: Final = 1024
MAX_ANCESTRY: Final = 2048
"""Bodies that one proof of descent may have."""

_WHAT: Final = "pointer record"

__all__ = [
    "MAX_ANCESTRY",
    "MAX_POINTER_BODY",
    "Pointer",
    "PointerBody",
    "check_descends",
    "check_takeover",
    "read_body",
    "read_spine",
    "skip_seq",
]


class PointerBody(NamedTuple):
    """What a pointer record says. ``root`` is the CID of a root block; ``time`` in milliseconds."""

    owner: bytes
    space: bytes
    seq: int
    prev: bytes | None
    skip: bytes | None
    authority: bytes
    root: Cid
    time: int
    member: bytes


@dataclass(frozen=True, slots=True)
class Pointer(SignedRecord):
    """A signed pointer record; its fields are those of ``PointerBody``, and ``key`` signed it."""

    key: VerifyKey
    owner: bytes
    space: bytes
    seq: int
    prev: bytes | None
    skip: bytes | None
    authority: bytes
    root: Cid
    time: int
    member: bytes

    @classmethod
    def first(cls, space: SpaceRecord, root: Cid, time: int, key: SigningKey) -> "Pointer":
        """The first pointer of a space, under its first record."""
        return cls._make({"seq": 0}, space, root, time, key)

    @classmethod
    def following(
        cls,
        previous: "Pointer | Base",
        skip: bytes,
        space: SpaceRecord,
        root: Cid,
        time: int,
        key: SigningKey,
    ) -> "Pointer":
        """The pointer after ``previous``, under ``space``, the record in force from now on.

        ``skip`` is the hash of the record ``skip_seq(previous.seq + 1)``, which
        ``formats.ancestry.Spine`` keeps at hand.
        """
        links: dict[str, Value] = {
            "seq": previous.seq + 1,
            "prev": previous.hash,
            "skip": skip,
        }
        return cls._make(links, space, root, time, key)

    @classmethod
    def _make(
        cls,
        links: dict[str, Value],
        space: SpaceRecord,
        root: Cid,
        time: int,
        key: SigningKey,
    ) -> "Pointer":
        body = links | {
            "v": 1,
            "owner": space.owner,
            "space": space.space,
            "authority": space.hash,
            "root": root,
            "time": time,
            "member": key.verify_key.digest(),
        }
        return cls._read(Envelope.sign(SignPurpose.POINTER, body, key, keyed=True))

    @classmethod
    def decode(cls, data: bytes) -> "Pointer":
        """Read a record from its envelope; raises Malformed or UnknownVersion. Verifies nothing."""
        return cls._read(Envelope.decode(data, _WHAT, MAX_POINTER_BODY, keyed=True))

    @classmethod
    def _read(cls, envelope: Envelope) -> "Pointer":
        if envelope.key is None:
            raise AssertionError("a keyed envelope has a key")
        return cls(envelope, envelope.key, *_body(envelope.fields(_WHAT)))

    def verify(self, space: SpaceRecord) -> None:
        """Return if a member that ``space`` lists made this under it; raises Forged.

        ``space`` must have been verified. Which of its rights the member used
        is for who sees both trees; a member without any may not commit at all.
        """
        if (self.owner, self.space) != (space.owner, space.space):
            raise Forged(f"{_WHAT}: it is of another space")
        if self.authority != space.hash:
            raise Forged(f"{_WHAT}: it names another space record as its authority")
        self._verify_signer(space, Rights.ALL)

    def verify_signature(self) -> None:
        """Return if the key beside it is the member's that it names, and signed it; raises Forged.

        For an ancestor of a verified record: that its signer was a member then, whoever
        made the next one has seen.
        """
        if self.key.digest() != self.member:
            raise Forged(f"{_WHAT}: the key beside it is not the member's")
        self.envelope.verify(SignPurpose.POINTER, self.key, _WHAT)

    def _verify_signer(self, space: SpaceRecord, any_of: Rights) -> None:
        member = space.member(self.member)
        if member is None or not member.rights & any_of:
            raise Forged(f"{_WHAT}: its signer has no right to make it")
        self.verify_signature()

    def check_follows(self, previous: "Pointer | Base", skip: bytes | None = None) -> None:
        """Return if this comes right after ``previous`` in the same space; raises Forged.

        A home also passes the hash it knows for ``skip_seq(self.seq)``: a
        record with a wrong ``skip`` would make later proofs of descent fail.
        """
        if isinstance(previous, Pointer) and self.owner_and_space != previous.owner_and_space:
            raise Forged(f"{_WHAT}: it is of another space")
        if self.seq != previous.seq + 1 or self.prev != previous.hash:
            raise Forged(f"{_WHAT}: number {self.seq} does not follow {previous.seq}")
        if skip is not None and self.skip != skip:
            raise Forged(f"{_WHAT}: it skips to a record that is not there")

    @property
    def owner_and_space(self) -> tuple[bytes, bytes]:
        """What names the space: the owner's id and the space's."""
        return self.owner, self.space

    def extends(self, seen_seq: int, seen_hash: bytes, between: Sequence[bytes] = ()) -> None:
        """Return if this is the pointer seen before or a descendant of it.

        ``between``: the bodies on the way back, newest first, without this one's
        and the one seen: none when this comes right after. Raises Stale for an
        older one, Forked for two of one number or another line, Forged if
        ``between`` proves nothing. What a ``base`` permits is not looked at.
        """
        if self.seq < seen_seq:
            raise Stale(f"{_WHAT}: number {self.seq}, and {seen_seq} was seen")
        if self.seq == seen_seq:
            _check_same(seen_seq, self.hash, seen_hash)
        else:
            check_descends((self.body, *between), self.hash, seen_seq, seen_hash)


def read_body(data: bytes) -> PointerBody:
    """What a body alone says, for proofs of descent; raises Malformed or UnknownVersion."""
    if len(data) > MAX_POINTER_BODY:
        raise Malformed(f"{_WHAT}: body of {len(data)} bytes, at most {MAX_POINTER_BODY}")
    fields = Fields(decode(data), _WHAT)
    fields.version()
    return _body(fields)


def read_spine(newest: Pointer, bodies: Sequence[bytes]) -> Spine:
    """The spine of ``newest``, a verified pointer, from the bodies that it skips down over.

    ``bodies``: newest first, down to record 0, without the newest's own. A writer
    signs a hash from here, so every body is checked against the one that names
    it; raises Forged, Malformed or UnknownVersion.
    """
    links = [(newest.seq, newest.hash)]
    head, link = read_body(newest.body), newest.skip
    for data in bodies:
        if link is None:
            raise Forged("spine: it goes too far")
        head = _linked(data, link, skip_seq(head.seq), head)
        links.append((head.seq, link))
        link = head.skip
    if link is not None:
        raise Forged("spine: it ends before record 0")
    return Spine(tuple(reversed(links)))


def check_takeover(previous: SpaceRecord, following: SpaceRecord, pointer: Pointer) -> None:
    """Return if ``pointer`` may put ``following`` in force after ``previous``; raises Forged.

    Its signer needs the right MEMBERS in ``previous``, and must be a member of
    ``following`` too, since from then on that record is what verifies it. If it sets
    the space back, then to the pointer that comes right before. That the owner signed
    ``following`` is for ``SpaceRecord.verify``.
    """
    following.check_succeeds(previous)
    base = following.base
    if (
        following.sets_back
        and base is not None
        and (base.seq + 1, base.hash)
        != (
            pointer.seq,
            pointer.prev,
        )
    ):
        raise Forged(f"{_WHAT}: the space is not where it is set back to")
    pointer._verify_signer(previous, Rights.MEMBERS)
    pointer.verify(following)


def check_descends(
    bodies: Sequence[bytes], newest_hash: bytes, oldest_seq: int, oldest_hash: bytes
) -> None:
    """Return if the record ``newest_hash`` descends from (``oldest_seq``, ``oldest_hash``).

    ``bodies`` are those at ``formats.ancestry.descent``, newest first, without
    the last: the old record need not be shown, the one above it names its
    hash. There is one way only, so one proof. The newest must have been
    verified; the others are believed for their hashes. Raises Forged if the
    bodies do not link up (nothing is proven), Forked if they link to another record.
    """
    if not 1 <= len(bodies) <= MAX_ANCESTRY:
        raise Malformed(f"proof of descent: {len(bodies)} bodies, 1 to {MAX_ANCESTRY}")
    head = read_body(bodies[0])
    link, at = newest_hash, head.seq
    for data in bodies:
        said = _linked(data, link, at, head)
        if at <= oldest_seq:
            raise Forged("proof of descent: it goes too far")
        at = step(said.seq, oldest_seq)
        link = _hash_at(said, at)
    if at != oldest_seq:
        raise Forged("proof of descent: it ends too early")
    _check_same(oldest_seq, link, oldest_hash)


def _linked(data: bytes, expected_hash: bytes, expected_seq: int, head: PointerBody) -> PointerBody:
    if sha256(data) != expected_hash:
        raise Forged("proof of descent: a body is not the one that was named")
    said = read_body(data)
    if (said.owner, said.space, said.seq) != (head.owner, head.space, expected_seq):
        raise Forged("proof of descent: a body is of another place")
    return said


def _hash_at(said: PointerBody, seq: int) -> bytes:
    """The hash that a record (never the first) gives for ``seq``, which it skips to or follows."""
    link = said.prev if seq == said.seq - 1 else said.skip
    if link is None:
        raise AssertionError("every record but the first names the one before")
    return link


def _check_same(seq: int, found: bytes, seen: bytes) -> None:
    if found != seen:
        raise Forked(f"{_WHAT}: there are two with number {seq}")


def _body(fields: Fields) -> PointerBody:
    said = PointerBody(
        owner=fields.bytes_("owner", ID),
        space=fields.bytes_("space", ID),
        seq=fields.uint("seq"),
        prev=fields.optional_bytes("prev", ID),
        skip=fields.optional_bytes("skip", ID),
        authority=fields.bytes_("authority", ID),
        root=fields.cid("root"),
        time=fields.uint("time"),
        member=fields.bytes_("member", ID),
    )
    if said.root.is_raw:
        raise Malformed(f"{_WHAT}: field 'root' names no root block")
    if (said.seq == 0) != (said.prev is None) or (said.seq == 0) != (said.skip is None):
        raise Malformed(f"{_WHAT}: 'prev' and 'skip' are for every record but the first")
    if said.seq % 2 == 1 and said.skip != said.prev:
        raise Malformed(f"{_WHAT}: at odd numbers 'skip' is 'prev'")
    return said
