"""Capabilities: the right to read one file or folder and all that is below it. Pure data.

A capability is 96 bytes: the owner's id, the space id, the node secret. From
the node secret follow the node's label, its locks and the key of its header
(``client.keys``). Whoever holds it can read; nobody can make it from less.
"""

from dataclasses import dataclass
from typing import Final

from client.keys import NodeKeys
from crypto.secret import Secret
from formats.errors import Malformed

CAPABILITY_SIZE: Final = 96


@dataclass(frozen=True, slots=True)
class Capability:
    """Owner id and space id (32 bytes each, public) and the node secret (32, never shown)."""

    owner: bytes
    space: bytes
    secret: Secret

    def encode(self) -> bytes:
        """The 96 bytes. They are secret: seal them before they go anywhere."""
        return self.owner + self.space + self.secret.reveal()

    @classmethod
    def decode(cls, data: bytes) -> "Capability":
        """From 96 bytes; raises Malformed."""
        if len(data) != CAPABILITY_SIZE:
            raise Malformed(f"capability: {len(data)} bytes, expected {CAPABILITY_SIZE}")
        return cls(data[:32], data[32:64], Secret(data[64:]))

    @property
    def keys(self) -> NodeKeys:
        """What follows from the node secret."""
        return NodeKeys(self.secret)
