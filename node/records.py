"""Records that the store holds as envelopes, read once and remembered.

What is in the store was verified before it went in. A space record with a
thousand members takes a millisecond to decode, and every read asks for it.
"""

from functools import lru_cache
from typing import Final

from formats.identity import IdentityChain
from formats.pointer import Pointer
from formats.space import SpaceRecord
from formats.whereabouts import Whereabouts

REMEMBERED: Final = 64
"""Records of each kind. The largest space records take some 300 KiB decoded."""


@lru_cache(maxsize=REMEMBERED)
def space_record(envelope: bytes) -> SpaceRecord:
    """The space record of an envelope."""
    return SpaceRecord.decode(envelope)


@lru_cache(maxsize=REMEMBERED)
def pointer(envelope: bytes) -> Pointer:
    """The pointer of an envelope."""
    return Pointer.decode(envelope)


@lru_cache(maxsize=REMEMBERED)
def chain(envelopes: tuple[bytes, ...]) -> IdentityChain:
    """The identity chain of its envelopes, oldest first."""
    return IdentityChain.decode(envelopes)


@lru_cache(maxsize=REMEMBERED)
def whereabouts(envelope: bytes) -> Whereabouts:
    """The whereabouts of an envelope."""
    return Whereabouts.decode(envelope)
