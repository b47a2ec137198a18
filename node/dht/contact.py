"""A node of the DHT: its peer id, where it says it is, and its place among the keys."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final

from crypto.hashing import sha256
from node.transport.addresses import endpoints

MAX_ADDRESSES: Final = 8
"""Of one node; more are passed over."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Equal when the peer id is: addresses change.

    ``place``: where it stands among the keys, SHA-256 of the peer id as in libp2p.
    ``site``: what nodes of one owner may have in common, "" if nothing is known.
    """

    peer: bytes
    addresses: tuple[str, ...] = field(default=(), compare=False)
    place: int = field(default=0, compare=False)
    site: str = field(default="", compare=False)

    @classmethod
    def of(cls, peer: bytes, addresses: tuple[str, ...]) -> "Contact":
        """With its place and site worked out."""
        kept = addresses[:MAX_ADDRESSES]
        return cls(peer, kept, place_of(peer), _site(kept))


def place_of(key: bytes) -> int:
    """Where a key or a peer id stands: its SHA-256 as a number of 256 bits."""
    return int.from_bytes(sha256(key), "big")


def _site(addresses: tuple[str, ...]) -> str:
    """The network of its first public address; private ones say nothing of their owner."""
    for each in endpoints(addresses):
        try:
            ip = ip_address(each.host)
        except ValueError:
            continue  # a name
        if ip.is_global:
            size = 3 if ip.version == 4 else 6
            return ip.packed[:size].hex()
    return ""
