"""Read proofs: a reader holds the node secret behind a label, shown to one home for minutes.

    signed  = {v, server, reader, space, label, expires}    by the label's lock key, purpose "read"
    travels = {expires, signature}

The home knows the other fields: its own peer id, the reader key that this very
connection proved, the space and label asked for. So a proof that is overheard,
kept, or shown to another home is worth nothing.
"""

from dataclasses import dataclass
from typing import Final

from crypto.errors import BadSignature
from crypto.purposes import SignPurpose
from crypto.signing import LOCK_SIGNATURE_SIZE, LockKey, verify_lock
from formats.dag_cbor import decode, encode
from formats.errors import Expired, Forged
from formats.fields import Fields

MAX_LIFE: Final = 10 * 60 * 1000
"""How far ahead of the server's time a proof may expire, in milliseconds."""

_WHAT: Final = "read proof"


@dataclass(frozen=True, slots=True)
class ReadProof:
    """A signature by the lock key of a label, good until ``expires`` (the server's ms)."""

    expires: int
    signature: bytes

    @classmethod
    def make(
        cls, lock: LockKey, server: bytes, reader: bytes, space: bytes, label: bytes, expires: int
    ) -> "ReadProof":
        """Prove to ``server`` (a peer id) that ``reader`` (a public key) may read ``label``."""
        body = _signed(server, reader, space, label, expires)
        return cls(expires, lock.sign(SignPurpose.READ, body))

    @classmethod
    def decode(cls, data: bytes) -> "ReadProof":
        """Read a proof as it travels; raises Malformed. Verifies nothing."""
        fields = Fields(decode(data, max_depth=1), _WHAT)
        proof = cls(fields.uint("expires"), fields.bytes_("signature", LOCK_SIGNATURE_SIZE))
        fields.done()
        return proof

    @property
    def encoded(self) -> bytes:
        """The proof as it travels."""
        return encode({"expires": self.expires, "signature": self.signature})

    def verify(
        self, lock: bytes, server: bytes, reader: bytes, space: bytes, label: bytes, now: int
    ) -> None:
        """Return if the holder of ``lock`` (the leaf's public key) made this for just that.

        Raises Expired, or Forged (also for one that would live over ``MAX_LIFE``).
        """
        if now >= self.expires:
            raise Expired(f"{_WHAT}: it expired")
        if self.expires > now + MAX_LIFE:
            raise Forged(f"{_WHAT}: it would live longer than ten minutes")
        body = _signed(server, reader, space, label, self.expires)
        try:
            verify_lock(lock, SignPurpose.READ, body, self.signature)
        except BadSignature:
            raise Forged(f"{_WHAT}: it is not for this label, reader and server") from None


def _signed(server: bytes, reader: bytes, space: bytes, label: bytes, expires: int) -> bytes:
    return encode(
        {
            "v": 1,
            "server": server,
            "reader": reader,
            "space": space,
            "label": label,
            "expires": expires,
        }
    )
