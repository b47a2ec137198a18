"""A node's peer id, made of its public key without libp2p (which takes seconds to import).

    peer id = 00 24 | 08 01 12 20 | Ed25519 public key (32)

An identity multihash of libp2p's protobuf of the key: 38 bytes. The specs of
libp2p, "Peer Ids and Keys", define it; ``node/host.py`` checks that libp2p agrees.
"""

from typing import Final

from crypto.secret import Secret
from crypto.signing import LockKey
from formats.base58 import from_base58
from formats.errors import Usage
from formats.limits import PEER, PEER_ID_PREFIX

PEER_ID_SIZE: Final = len(PEER_ID_PREFIX) + 32


def peer_id(seed: Secret) -> bytes:
    """The peer id of the node whose key has this seed of 32 bytes."""
    return PEER_ID_PREFIX + LockKey.from_seed(seed).public


def peer_of_address(address: str) -> bytes | None:
    """The peer id with which a multiaddress ends, None if it names none."""
    where, found, text = address.rpartition("/p2p/")
    try:
        peer = from_base58(text)
    except Usage:
        return None
    return peer if where and found and 0 < len(peer) <= PEER else None
