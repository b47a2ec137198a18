"""Replica grants: the owner's leave for a node to follow their account, and how much it may hold.

    body = {v, id, identity_seq, identity_hash, seq,
            home, peer, addresses, ceiling, until}

Signed by the daily key, purpose "replica". It lets the node ``peer`` fetch all spaces of
the account from the node ``home``, and keep up to ``ceiling`` bytes of them. The
newest grant for a peer replaces the others; one of no bytes takes the leave back, and
what was kept is given up. ``addresses`` are where the peer was when it was signed.
"""

from dataclasses import dataclass
from typing import Final

from crypto.purposes import SignPurpose
from crypto.signing import SigningKey
from formats.dag_cbor import Value
from formats.envelope import Envelope
from formats.errors import Malformed
from formats.identity import IdentityChain
from formats.limits import ID, KIB, PEER
from formats.own_word import OwnWord
from formats.whereabouts import Home, HomeRole, read_addresses

MAX_REPLICA_BODY: Final = 8 * KIB

_WHAT: Final = "replica grant"


@dataclass(frozen=True, slots=True)
class ReplicaGrant(OwnWord):
    """Whose account (``id``), which node may follow it, from where, and up to how many bytes.

    ``until``: milliseconds; from then on the home hands over nothing more.
    """

    home: bytes
    peer: bytes
    addresses: tuple[str, ...]
    ceiling: int
    until: int

    @classmethod
    def make(
        cls,
        chain: IdentityChain,
        seq: int,
        home: bytes,
        replica: Home,
        ceiling: int,
        until: int,
        key: SigningKey,
    ) -> "ReplicaGrant":
        """Sign a grant with ``key``, the secret half of ``chain.daily``."""
        body: dict[str, Value] = {
            **cls.beginning(chain, seq),
            "home": home,
            "peer": replica.peer,
            "addresses": list(replica.addresses),
            "ceiling": ceiling,
            "until": until,
        }
        return cls._read(Envelope.sign(SignPurpose.REPLICA, body, key, keyed=False))

    @classmethod
    def decode(cls, data: bytes) -> "ReplicaGrant":
        """Read a grant from its envelope; raises Malformed or UnknownVersion. Verifies nothing."""
        return cls._read(Envelope.decode(data, _WHAT, MAX_REPLICA_BODY, keyed=False))

    @classmethod
    def _read(cls, envelope: Envelope) -> "ReplicaGrant":
        fields = envelope.fields(_WHAT)
        grant = cls(
            envelope,
            id=fields.bytes_("id", ID),
            identity_seq=fields.uint("identity_seq"),
            identity_hash=fields.bytes_("identity_hash", ID),
            seq=fields.uint("seq"),
            home=fields.bytes_("home", minimum=1, maximum=PEER),
            peer=fields.bytes_("peer", minimum=1, maximum=PEER),
            addresses=read_addresses(fields),
            ceiling=fields.uint("ceiling"),
            until=fields.uint("until"),
        )
        if grant.home == grant.peer:
            raise Malformed(f"{_WHAT}: a node is no replica of itself")
        return grant

    @property
    def replica(self) -> Home:
        """The node that may follow, as it stands among whereabouts."""
        return Home(self.peer, self.addresses, HomeRole.REPLICA)

    @property
    def is_over(self) -> bool:
        """Whether it takes the leave back."""
        return self.ceiling == 0

    def holds(self, now: int) -> bool:
        """Whether the node may follow at this time."""
        return not self.is_over and now < self.until

    def verify(self, chain: IdentityChain) -> None:
        """Return if the identity's newest record stands behind it; raises Forged, Stale, Forked."""
        self.check_said(SignPurpose.REPLICA, chain, _WHAT)

    def extends(self, known: "ReplicaGrant") -> None:
        """Return if this is the known grant or a newer one; raises Stale or Forked."""
        self.check_newer(known.seq, known.hash, _WHAT)
