"""Identity records: who somebody is, over years and changes of keys.

    body = {v, seq, prev?, signer, daily, next, created, lost?}
                                             signed by signer, purpose "identity"
    id   = SHA-256 of the whole envelope of record 0

``next`` is the hash of the only key that may sign the following record. It is
kept apart from the everyday key on purpose: who steals ``daily`` can speak for
a while, and can never take the identity over. There is no other authority.

``lost`` says that somebody may have what the keys before this record opened: a machine was
shut out, say. Who gave that person something gives it anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crypto.hashing import sha256
from crypto.purposes import SignPurpose
from crypto.signing import SigningKey, VerifyKey
from formats.dag_cbor import Value
from formats.envelope import Envelope, SignedRecord, read_key
from formats.errors import Forged, Forked, Malformed, Stale
from formats.limits import ID, KIB

MAX_CHAIN: Final = 256
"""Records of one identity."""

MAX_IDENTITY_BODY: Final = 8 * KIB

_WHAT: Final = "identity record"


@dataclass(frozen=True, slots=True)
class IdentityRecord(SignedRecord):
    """One link of an identity. ``created`` is the maker's word, in milliseconds.

    ``lost``: what the keys before this record opened may be open to somebody else.
    """

    seq: int
    prev: bytes | None
    signer: VerifyKey
    daily: VerifyKey
    next: bytes
    created: int
    lost: bool = False

    @classmethod
    def first(
        cls, signer: SigningKey, daily: VerifyKey, next_digest: bytes, created: int
    ) -> "IdentityRecord":
        """Record 0 of a new identity. ``next_digest``: of the key that may sign record 1."""
        return cls._make(0, None, signer, daily, next_digest, created)

    @classmethod
    def following(
        cls,
        previous: "IdentityRecord",
        signer: SigningKey,
        daily: VerifyKey,
        next_digest: bytes,
        created: int,
        lost: bool = False,
    ) -> "IdentityRecord":
        """The record after ``previous``; ``signer`` is the key whose digest ``previous`` named."""
        return cls._make(previous.seq + 1, previous.hash, signer, daily, next_digest, created, lost)

    @classmethod
    def _make(
        cls,
        seq: int,
        prev: bytes | None,
        signer: SigningKey,
        daily: VerifyKey,
        next_digest: bytes,
        created: int,
        lost: bool = False,
    ) -> "IdentityRecord":
        body: dict[str, Value] = {
            "v": 1,
            "seq": seq,
            "prev": prev,
            "signer": signer.verify_key.encode(),
            "daily": daily.encode(),
            "next": next_digest,
            "created": created,
            "lost": lost or None,
        }
        return cls._read(Envelope.sign(SignPurpose.IDENTITY, body, signer, keyed=False))

    @classmethod
    def decode(cls, data: bytes) -> "IdentityRecord":
        """Read a record from its envelope; raises Malformed or UnknownVersion. Verifies nothing."""
        return cls._read(Envelope.decode(data, _WHAT, MAX_IDENTITY_BODY, keyed=False))

    @classmethod
    def _read(cls, envelope: Envelope) -> "IdentityRecord":
        fields = envelope.fields(_WHAT)
        record = cls(
            envelope,
            seq=fields.uint("seq", MAX_CHAIN - 1),
            prev=fields.optional_bytes("prev", ID),
            signer=read_key(fields, "signer"),
            daily=read_key(fields, "daily"),
            next=fields.bytes_("next", ID),
            created=fields.uint("created"),
            lost=fields.optional_flag("lost") or False,
        )
        if (record.seq == 0) != (record.prev is None):
            raise Malformed(f"{_WHAT}: 'prev' is for every record but the first")
        if record.daily.digest() == record.next:
            raise Malformed(f"{_WHAT}: the daily key may not be the one that signs next")
        return record

    def verify_own(self) -> None:
        """Return if ``signer`` signed this; raises Forged. Says nothing of who ``signer`` is."""
        self.envelope.verify(SignPurpose.IDENTITY, self.signer, _WHAT)


@dataclass(frozen=True, slots=True)
class IdentityChain:
    """All records of one identity, oldest first. That one exists means that it was verified.

    Making one raises Forged if any signature, succession or hash in it does
    not hold, and Malformed if it is empty or longer than ``MAX_CHAIN``. Whose
    it is, only ``extends`` can say. 0.3 ms a record.
    """

    records: tuple[IdentityRecord, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.records) <= MAX_CHAIN:
            raise Malformed(f"identity chain: {len(self.records)} records, 1 to {MAX_CHAIN}")
        if self.records[0].seq != 0:
            raise Forged("identity chain: it does not begin with record 0")
        for previous, record in zip(self.records, self.records[1:], strict=False):
            _check_succession(previous, record)
        for record in self.records:
            record.verify_own()

    @classmethod
    def decode(cls, envelopes: Sequence[bytes]) -> "IdentityChain":
        """Read and verify envelopes, oldest first."""
        if len(envelopes) > MAX_CHAIN:
            raise Malformed(f"identity chain: {len(envelopes)} records, 1 to {MAX_CHAIN}")
        return cls(tuple(map(IdentityRecord.decode, envelopes)))

    @property
    def encoded(self) -> tuple[bytes, ...]:
        """The envelopes, oldest first."""
        return tuple(record.encoded for record in self.records)

    @property
    def id(self) -> bytes:
        """The identity's id: SHA-256 of record 0 with its signature."""
        return sha256(self.records[0].encoded)

    @property
    def head(self) -> IdentityRecord:
        """The newest record."""
        return self.records[-1]

    @property
    def seq(self) -> int:
        """Sequence number of the newest record."""
        return self.head.seq

    @property
    def lost(self) -> int:
        """Number of the newest record that says so of those before it; 0 if none does."""
        return max((record.seq for record in self.records if record.lost), default=0)

    @property
    def head_hash(self) -> bytes:
        """Hash of the newest record."""
        return self.head.hash

    @property
    def daily(self) -> VerifyKey:
        """The everyday key now in force."""
        return self.head.daily

    def followed_by(self, record: IdentityRecord) -> "IdentityChain":
        """The chain with one more record, verified."""
        return IdentityChain((*self.records, record))

    def until(self, seq: int) -> "IdentityChain":
        """The chain as it was when record ``seq`` was the newest; Stale if it ends before that.

        By it is checked what was signed then, where that is still asked.
        """
        if seq > self.seq:
            raise Stale(f"identity chain: it ends at record {self.seq}, record {seq} was named")
        return self if seq == self.seq else IdentityChain(self.records[: seq + 1])

    def has(self, record_hash: bytes) -> bool:
        """Whether some record of the chain has this hash."""
        return any(record.hash == record_hash for record in self.records)

    def extends(self, pinned_id: bytes, pinned_seq: int, pinned_hash: bytes) -> None:
        """Return if this is the pinned identity at its pinned state or a later one.

        Raises Forged for another identity, Stale if it ends before the pinned
        record, Forked if it has another record in that place.
        """
        if self.id != pinned_id:
            raise Forged("identity chain: it is another identity's")
        self.check_names(pinned_seq, pinned_hash)

    def check_names(self, seq: int, record_hash: bytes) -> None:
        """Return if record ``seq`` has this hash; raises Stale (not here yet) or Forked."""
        if seq > self.seq:
            raise Stale(f"identity chain: it ends at record {self.seq}, record {seq} was named")
        if self.records[seq].hash != record_hash:
            raise Forked(f"identity chain: there are two records {seq}")

    def check_in_force(self, seq: int, record_hash: bytes, what: str) -> None:
        """Return if a record made under (``seq``, ``record_hash``) was made under the newest one.

        Raises Stale if it was made under an older identity record, or under
        one that this chain does not reach yet; Forked if under another history.
        """
        self.check_names(seq, record_hash)
        if seq < self.seq:
            raise Stale(f"{what}: made under identity record {seq}, and {self.seq} is in force")


def _check_succession(previous: IdentityRecord, record: IdentityRecord) -> None:
    if record.seq != previous.seq + 1 or record.prev != previous.hash:
        raise Forged(f"identity chain: record {record.seq} does not follow {previous.seq}")
    if record.signer.digest() != previous.next:
        raise Forged(f"identity chain: record {record.seq} is not by the key named before")
