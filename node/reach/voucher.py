"""A relay's signed word that it has a place for a node, in libp2p's signed envelope (RFC 0002).

envelope = {1: public key, 2: payload type, 3: payload, 5: signature}
payload  = {1: relay, 2: peer, 3: expiration in seconds since 1970}
"""

from typing import Final

from libp2p.crypto.ed25519 import Ed25519PublicKey
from libp2p.crypto.pb.crypto_pb2 import KeyType
from libp2p.peer.id import ID

from formats.errors import Forged, Malformed
from formats.varint import varint
from node.reach.protobuf import Message, encode
from node.transport.muxed import Identity

_DOMAIN: Final = b"libp2p-relay-rsvp"
_TYPE: Final = b"\x03\x02"


def issue(identity: Identity, peer: bytes, expires: int) -> bytes:
    """The voucher of the relay ``identity`` for ``peer``."""
    payload = encode([(1, identity.peer), (2, peer), (3, expires)])
    key = identity.public.serialize()
    signature = identity.sign(_signed(payload))
    return encode([(1, key), (2, _TYPE), (3, payload), (5, signature)])


def check(voucher: bytes, relay: bytes, peer: bytes, expires: int) -> None:
    """Return if it is that relay's word for that peer and time. Raises Forged, Malformed."""
    envelope = Message(voucher)
    key = _key(envelope.bytes_(1))
    payload, signature = envelope.bytes_(3), envelope.bytes_(5)
    said = Message(payload)
    if ID.from_pubkey(key).to_bytes() != relay or envelope.bytes_(2) != _TYPE:
        raise Forged("the voucher is not the relay's")
    if (said.bytes_(1), said.bytes_(2), said.number(3)) != (relay, peer, expires):
        raise Forged("the voucher is for something else")
    if len(signature) != 64 or not key.verify(_signed(payload), signature):
        raise Forged("the voucher's signature is not good")


def _key(data: bytes) -> Ed25519PublicKey:
    message = Message(data)
    if message.number(1) != KeyType.Ed25519 or len(message.bytes_(2)) != 32:
        raise Malformed("a relay's key that is not of Ed25519")
    return Ed25519PublicKey.from_bytes(message.bytes_(2))


def _signed(payload: bytes) -> bytes:
    """The bytes under the signature."""
    return b"".join(varint(len(part)) + part for part in (_DOMAIN, _TYPE, payload))
