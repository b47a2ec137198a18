"""What somebody publishes so that strangers find them: their identity chain and whereabouts.

    value = {v, chain: [envelope, ...], whereabouts: envelope}      canonical DAG-CBOR
    key   = SHA-256("holdfast/1/find/id" NUL id)
            SHA-256("holdfast/1/find/handle" NUL name NUL fingerprint)

Everything in it is signed already; it needs no signature of its own. Whoever
stores or hands it on can check it whole, and can only withhold it. The keys say
nothing of whom they are about to who does not know it.
"""

from dataclasses import dataclass
from typing import Final

from crypto.hashing import sha256
from formats.dag_cbor import Value, decode, encode
from formats.errors import Forged, Malformed, Unfit
from formats.fields import Fields
from formats.handle import FINGERPRINT_SIZE, Handle
from formats.identity import IdentityChain
from formats.limits import KIB
from formats.whereabouts import Whereabouts

MAX_PUBLISHED: Final = 320 * KIB
"""Bytes of one."""

MAX_RECORDS: Final = 32
"""Identity records in it: one is 7.5 kB, and 20 nodes keep a copy."""

_WHAT: Final = "published person"


@dataclass(frozen=True, slots=True)
class Published:
    """A person as they are published. That one exists means that its signatures hold.

    Whether it is in force now, ``check`` says.
    """

    chain: IdentityChain
    whereabouts: Whereabouts

    def __post_init__(self) -> None:
        self.whereabouts.verify(self.chain, now=0)

    @classmethod
    def decode(cls, data: bytes) -> "Published":
        """Read and verify; raises Malformed, Forged, Stale, Forked. 0.3 ms a record."""
        if len(data) > MAX_PUBLISHED:
            raise Malformed(f"{_WHAT}: {len(data)} bytes, at most {MAX_PUBLISHED}")
        fields = Fields(decode(data), _WHAT)
        fields.version()
        records = fields.list_("chain", MAX_RECORDS)
        envelopes = [each for each in records if isinstance(each, bytes)]
        if len(envelopes) != len(records):
            raise Malformed(f"{_WHAT}: an identity record is not bytes")
        whereabouts = Whereabouts.decode(fields.bytes_("whereabouts", maximum=MAX_PUBLISHED))
        fields.done()
        return cls(IdentityChain.decode(envelopes), whereabouts)

    def encode(self) -> bytes:
        """The value; raises Unfit for a chain that is too long to be published."""
        chain: list[Value] = list(self.chain.encoded)
        data = encode({"v": 1, "chain": chain, "whereabouts": self.whereabouts.encoded})
        if len(chain) > MAX_RECORDS or len(data) > MAX_PUBLISHED:
            raise Unfit("this identity has too many records to be published")
        return data

    @property
    def id(self) -> bytes:
        """Whose it is."""
        return self.chain.id

    @property
    def handle(self) -> Handle:
        """The handle it is found by."""
        return Handle(self.whereabouts.name, self.id[:FINGERPRINT_SIZE])

    @property
    def keys(self) -> tuple[bytes, bytes]:
        """Where it is kept: by id, and by handle."""
        return key_of_id(self.id), key_of_handle(self.handle)

    @property
    def age(self) -> tuple[int, int]:
        """Grows with every change: the number of the newest record, and of the whereabouts."""
        return self.chain.seq, self.whereabouts.seq

    @property
    def expires(self) -> int:
        """Milliseconds: when the whereabouts do."""
        return self.whereabouts.expires

    def check(self, key: bytes, now: int) -> None:
        """Return if this may stand under ``key`` at ``now``; raises Forged, Expired."""
        if key not in self.keys:
            raise Forged(f"{_WHAT}: it stands where somebody else belongs")
        self.whereabouts.verify(self.chain, now)

    def extends(self, other: "Published") -> None:
        """Return if this is the same person at the same state or a later one.

        Raises Forged for another person, Stale for an earlier state, Forked for
        another history: two records of one number, or two whereabouts.
        """
        self.chain.extends(other.id, other.chain.seq, other.chain.head_hash)
        if self.chain.seq == other.chain.seq:
            self.whereabouts.extends(other.whereabouts.seq, other.whereabouts.hash)


def key_of_id(id: bytes) -> bytes:
    """The key under which a person is published by id."""
    return sha256(b"holdfast/1/find/id\0" + id)


def key_of_handle(handle: Handle) -> bytes:
    """The key under which a person is published by handle."""
    return sha256(b"holdfast/1/find/handle\0" + handle.name.encode() + b"\0" + handle.fingerprint)
