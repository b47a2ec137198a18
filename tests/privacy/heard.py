"""One call as whoever answers it has it: the bytes of the wire."""

from dataclasses import dataclass
from typing import TypeGuard

from formats.cid import Cid
from formats.dag_cbor import Value, encode


@dataclass(frozen=True, slots=True)
class Heard:
    """One call, and its answer: heads as values, bodies as bytes; None for an error's head."""

    call: str
    asked: Value
    bodies: tuple[bytes, ...]
    answered: Value
    blocks: tuple[bytes, ...]

    @property
    def carried(self) -> dict[bytes, bytes]:
        """The blocks that the request brought, by CID."""
        named = self.asked.get("blocks") if isinstance(self.asked, dict) else None
        cids = named if isinstance(named, list) else []
        return {cid: data for cid, data in zip(cids, self.bodies, strict=False) if _is_cid(cid)}

    @property
    def sent(self) -> bytes:
        """The request's bytes."""
        return encode(self.asked) + b"".join(self.bodies)

    @property
    def got(self) -> bytes:
        """The answer's bytes."""
        return encode(self.answered) + b"".join(self.blocks)


def _is_cid(value: Value) -> TypeGuard[Cid]:
    return isinstance(value, Cid)
