"""The envelope around every signed record: its body as bytes, the signature, sometimes the key.

    envelope = {"body": bytes, "signature": bytes} or {"body", "key", "signature"}
    body     = canonical DAG-CBOR of a map with "v"
    hash     = SHA-256 of the body

The body travels as the very bytes that were signed, so keys that a newer
program put into it survive being stored and passed on. The envelope itself is
not signed, so unknown keys in it are refused. Decoding believes nothing: each
record has a ``verify`` of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from crypto.errors import BadKey, BadSignature
from crypto.hashing import sha256
from crypto.purposes import SignPurpose
from crypto.signing import SIGNATURE_SIZE, VERIFY_KEY_SIZE, SigningKey, VerifyKey
from formats.dag_cbor import Value, decode, encode
from formats.errors import Forged, Malformed
from formats.fields import Fields

ENVELOPE_OVERHEAD: Final = SIGNATURE_SIZE + VERIFY_KEY_SIZE + 64
"""Most bytes that an envelope adds to its body."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A body, the signature over it, and the signer's key where nothing else names it."""

    body: bytes
    signature: bytes = field(repr=False)
    key: VerifyKey | None = None

    @classmethod
    def sign(
        cls, purpose: SignPurpose, body: Mapping[str, Value], key: SigningKey, *, keyed: bool
    ) -> "Envelope":
        """Sign a map; fields that are None are left out. ``keyed``: with the verify key beside."""
        encoded = encode(present(body))
        return cls(encoded, key.sign(purpose, encoded), key.verify_key if keyed else None)

    @classmethod
    def decode(cls, data: bytes, what: str, maximum: int, *, keyed: bool) -> "Envelope":
        """Read an envelope whose body has at most ``maximum`` bytes; raises Malformed."""
        if len(data) > maximum + ENVELOPE_OVERHEAD:
            raise Malformed(f"{what}: {len(data)} bytes, at most {maximum + ENVELOPE_OVERHEAD}")
        fields = Fields(decode(data, max_depth=1), what)
        body = fields.bytes_("body", maximum=maximum)
        signature = fields.bytes_("signature", SIGNATURE_SIZE)
        key = read_key(fields, "key") if keyed else None
        fields.done()
        return cls(body, signature, key)

    @property
    def encoded(self) -> bytes:
        """The envelope as it travels and is stored."""
        key = None if self.key is None else self.key.encode()
        return encode(present({"body": self.body, "signature": self.signature, "key": key}))

    def fields(self, what: str) -> Fields:
        """The body's fields, its version read and known. Unknown ones stay in the body."""
        fields = Fields(decode(self.body), what)
        fields.version()
        return fields

    def verify(self, purpose: SignPurpose, key: VerifyKey, what: str) -> None:
        """Return if the signature is by ``key`` for this purpose; raises Forged."""
        try:
            key.verify(purpose, self.body, self.signature)
        except BadSignature:
            raise Forged(f"{what}: the signature does not hold") from None


@dataclass(frozen=True, slots=True)
class SignedRecord:
    """What all signed records have: the envelope they came in."""

    envelope: Envelope = field(repr=False)

    @property
    def encoded(self) -> bytes:
        """The record as it travels and is stored: the envelope."""
        return self.envelope.encoded

    @property
    def body(self) -> bytes:
        """The signed bytes."""
        return self.envelope.body

    @property
    def hash(self) -> bytes:
        """SHA-256 of the body: how other records name this one."""
        return sha256(self.envelope.body)


def present(values: Mapping[str, Value]) -> Value:
    """The map without the fields that are None: absent is absent, ``null`` never stands for it."""
    return {name: value for name, value in values.items() if value is not None}


def read_key(fields: Fields, name: str) -> VerifyKey:
    """A field that is an encoded verify key; raises Malformed."""
    data = fields.bytes_(name, VERIFY_KEY_SIZE)
    try:
        return VerifyKey.decode(data)
    except BadKey as error:
        raise Malformed(f"{fields.what}: field '{name}': {error}") from None
