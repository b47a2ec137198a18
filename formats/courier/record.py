"""What a node says of itself as a courier: the key to seal to, what it asks for, until when.

    body    = {v, peer, key, bits, work_bits, passes, time, expires}
    travels = {body, signature}      by the node's own key, purpose "courier"

A peer id holds the key that it is of, so the record proves itself to whoever means that
node, whoever hands it over.
"""

from dataclasses import dataclass
from typing import Final

from crypto.errors import BadSignature
from crypto.hpke import PUBLIC_SIZE
from crypto.purposes import SignPurpose
from crypto.signing import LOCK_SIGNATURE_SIZE, LockKey, verify_lock
from crypto.work import MAX_BITS
from formats.dag_cbor import Value, decode, encode
from formats.errors import Expired, Forged, Malformed
from formats.fields import Fields
from formats.limits import PEER, PEER_ID_PREFIX

MAX_RECORD: Final = 2048
MAX_LIFE: Final = 24 * 3600 * 1000
"""How long a record may be good for, in milliseconds."""

_WHAT: Final = "courier record"


@dataclass(frozen=True, slots=True)
class CourierRecord:
    """One node's. ``bits``: work asked for an envelope; ``work_bits``: for a message in an inbox.

    ``passes``: whether it passes on what is for other nodes. ``time``: its clock when it said
    so, ``expires``: when its key opens nothing any more; both in its milliseconds.
    """

    peer: bytes
    key: bytes
    bits: int
    work_bits: int
    passes: bool
    time: int
    expires: int

    def sign(self, key: LockKey) -> bytes:
        """As it travels; ``key`` is the node's own."""
        body = encode(self._body)
        signature = key.sign(SignPurpose.COURIER, body)
        return encode({"body": body, "signature": signature})

    @classmethod
    def read(cls, data: bytes, peer: bytes) -> "CourierRecord":
        """A record of the node ``peer``; raises Malformed, UnknownVersion, Forged, Expired."""
        if len(data) > MAX_RECORD:
            raise Malformed(f"{_WHAT}: {len(data)} bytes, at most {MAX_RECORD}")
        around = Fields(decode(data, max_depth=1), _WHAT)
        body = around.bytes_("body", maximum=MAX_RECORD)
        signature = around.bytes_("signature", LOCK_SIGNATURE_SIZE)
        around.done()
        _verify(peer, body, signature)
        record = cls.read_body(body)
        if record.peer != peer:
            raise Forged(f"{_WHAT}: it is another node's")
        if not record.time < record.expires <= record.time + MAX_LIFE:
            raise Expired(f"{_WHAT}: it was good for no time, or for longer than a day")
        return record

    @classmethod
    def read_body(cls, body: bytes) -> "CourierRecord":
        """What a record says, whoever signed it; raises Malformed, UnknownVersion."""
        fields = Fields(decode(body), _WHAT)
        fields.version()
        return cls(
            peer=fields.bytes_("peer", minimum=1, maximum=PEER),
            key=fields.bytes_("key", PUBLIC_SIZE),
            bits=fields.uint("bits", MAX_BITS),
            work_bits=fields.uint("work_bits", MAX_BITS),
            passes=fields.flag("passes"),
            time=fields.uint("time"),
            expires=fields.uint("expires"),
        )

    @property
    def _body(self) -> dict[str, Value]:
        return {
            "v": 1,
            "peer": self.peer,
            "key": self.key,
            "bits": self.bits,
            "work_bits": self.work_bits,
            "passes": self.passes,
            "time": self.time,
            "expires": self.expires,
        }


def _verify(peer: bytes, body: bytes, signature: bytes) -> None:
    if not peer.startswith(PEER_ID_PREFIX):
        raise Forged(f"{_WHAT}: that peer id is of no key that signs")
    try:
        verify_lock(peer[len(PEER_ID_PREFIX) :], SignPurpose.COURIER, body, signature)
    except BadSignature:
        raise Forged(f"{_WHAT}: that node did not sign it") from None
