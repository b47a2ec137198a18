"""What the last node of a way says: one size, under a key that came in the envelope.

    plain  = length (2 bytes, big-endian) | {v, error?, message?, record?} | zeros
    reply  = sealed under the reply key, associated data (REPLY)            4096 bytes

Those in between can neither read nor make it up: who gets no reply that opens does not
believe that anything was taken. No ``error``: it was taken, or ``record`` is what was asked for.
"""

from dataclasses import dataclass
from typing import Final

from crypto.errors import OpenFailed
from crypto.purposes import SealPurpose
from crypto.sealing import OVERHEAD, Associated, SealingKey
from crypto.secret import Secret
from formats.courier.record import MAX_RECORD
from formats.dag_cbor import decode, encode
from formats.envelope import present
from formats.errors import Forged, HoldfastError, Malformed, from_wire
from formats.fields import Fields
from formats.limits import KIB

REPLY: Final = 4 * KIB
"""Bytes of every reply."""

MAX_TEXT: Final = 256
_PLAIN: Final = REPLY - OVERHEAD
_LENGTH: Final = 2
_WHAT: Final = "reply"
_AS: Final = Associated(SealPurpose.REPLY)


@dataclass(frozen=True, slots=True)
class Reply:
    """``error``: what became of it otherwise; ``record``: a courier record, as it travels."""

    error: HoldfastError | None = None
    record: bytes | None = None

    def seal(self, key: Secret) -> bytes:
        """As it travels."""
        error = self.error
        content = encode(
            present(
                {
                    "v": 1,
                    "error": None if error is None else error.number,
                    "message": None if error is None else error.message[:MAX_TEXT],
                    "record": self.record,
                }
            )
        )
        plain = len(content).to_bytes(_LENGTH, "big") + content
        return SealingKey(key).seal(plain.ljust(_PLAIN, b"\0"), _AS)

    @classmethod
    def open(cls, sealed: bytes, key: Secret) -> "Reply":
        """The reply; raises Forged (nobody with the key made it), Malformed."""
        try:
            plain = SealingKey(key).open(sealed, _AS)
        except OpenFailed:
            raise Forged("a courier answered what the last node did not say") from None
        length = int.from_bytes(plain[:_LENGTH], "big")
        content = plain[_LENGTH : _LENGTH + length]
        if len(content) != length:
            raise Malformed(f"{_WHAT}: it is cut short")
        fields = Fields(decode(content, max_depth=1), _WHAT)
        fields.version()
        number, text = fields.optional_uint("error", 255), fields.optional_text("message", 1024)
        record = fields.optional_bytes("record", maximum=MAX_RECORD)
        fields.done()
        return cls(None if number is None else from_wire(number, text or ""), record)
