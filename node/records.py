"""Records that the store holds as envelopes, read once and remembered.

What is in the store was verified before it went in. A space record with a
thousand members takes a millisecond to decode, and every read asks for it.
"""

from functools import lru_cache

from formats.identity import IdentityChain
from formats.pointer import Pointer
from formats.space import SpaceRecord


@lru_cache(maxsize=256)
def space_record(envelope: bytes) -> SpaceRecord:
    """The space record of an envelope."""
    return SpaceRecord.decode(envelope)


@lru_cache(maxsize=256)
def pointer(envelope: bytes) -> Pointer:
    """The pointer of an envelope."""
    return Pointer.decode(envelope)


@lru_cache(maxsize=256)
def chain(envelopes: tuple[bytes, ...]) -> IdentityChain:
    """The identity chain of its envelopes, oldest first."""
    return IdentityChain.decode(envelopes)
