"""What an identity says by its daily key, and says anew with a higher number.

    body = {"v", "id", "identity_seq", "identity_hash", "seq", …}

Whereabouts, grants for replicas and public profiles are such: they are in force under the
newest identity record only, and the one with the highest number replaces those before it.
"""

from dataclasses import dataclass

from crypto.purposes import SignPurpose
from formats.dag_cbor import Value
from formats.envelope import SignedRecord
from formats.errors import Forged, Forked, Stale
from formats.identity import IdentityChain


@dataclass(frozen=True, slots=True)
class OwnWord(SignedRecord):
    """Whose it is, under which of their identity records, and the how manieth."""

    id: bytes
    identity_seq: int
    identity_hash: bytes
    seq: int

    @staticmethod
    def beginning(chain: IdentityChain, seq: int) -> dict[str, Value]:
        """How the body begins."""
        return {
            "v": 1,
            "id": chain.id,
            "identity_seq": chain.seq,
            "identity_hash": chain.head_hash,
            "seq": seq,
        }

    def check_said(
        self, purpose: SignPurpose, chain: IdentityChain, what: str, they: str = "it is"
    ) -> None:
        """Return if the identity's newest record stands behind it; raises Forged, Stale, Forked.

        ``they``: how ``what`` is spoken of, for the person.
        """
        if self.id != chain.id:
            raise Forged(f"{what}: {they} another identity's")
        chain.check_in_force(self.identity_seq, self.identity_hash, what)
        self.envelope.verify(purpose, chain.daily, what)

    def check_newer(self, seq: int, hash: bytes, what: str) -> None:
        """Return if this is the one of that number and hash, or newer; raises Stale or Forked."""
        if self.seq < seq:
            raise Stale(f"{what}: number {self.seq}, and {seq} was seen")
        if self.seq == seq and self.hash != hash:
            raise Forked(f"{what}: there are two with number {self.seq}")
