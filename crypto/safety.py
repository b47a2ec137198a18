"""Safety numbers: what two people compare to know that each holds the other's identity."""

from typing import Final

from crypto.hashing import sha256
from crypto.purposes import Derivation, KdfPurpose, kdf_prefix

DIGITS: Final = 60
"""Digits of a safety number, some 199 bits: no two pairs of identities are made to share one."""


def safety_number(one: bytes, other: bytes) -> str:
    """60 digits from the ids of two identities (32 bytes each): the same on both sides.

    The ids are public, and so is the number. The smaller id comes first, whoever asks.
    """
    if len(one) != 32 or len(other) != 32:
        raise ValueError("an identity id has 32 bytes")
    pair = min(one, other) + max(one, other)
    prefix = kdf_prefix(Derivation.PUBLIC, KdfPurpose.SAFETY)
    return f"{int.from_bytes(sha256(prefix + pair), 'big') % 10**DIGITS:0{DIGITS}d}"
