"""Retired labels: the marker that a root's retired tree holds for each.

    marker block = {v, seq}     dag-cbor

``seq`` is the number of the commit that took the label back. From then on no
home answers for the label to anybody but members, for as long as any retained
root holds it, and no later root may hold it again.
"""

from dataclasses import dataclass
from typing import Final

from formats.cid import Block
from formats.dag_cbor import decode, encode
from formats.fields import Fields

_WHAT: Final = "retire marker"


@dataclass(frozen=True, slots=True)
class Marker:
    """Since which commit (its pointer's seq) a label is retired."""

    seq: int

    @classmethod
    def decode(cls, data: bytes) -> "Marker":
        """Read a marker block; raises Malformed or UnknownVersion."""
        fields = Fields(decode(data, max_depth=1), _WHAT)
        fields.version()
        marker = cls(fields.uint("seq"))
        fields.done()
        return marker

    @property
    def block(self) -> Block:
        """The block it is stored as."""
        return Block.cbor(encode({"v": 1, "seq": self.seq}))
