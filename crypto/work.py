"""Proof of work: what an anonymous sender pays.

A nonce is good for a target and `bits` if SHA-256("holdfast/1/work" NUL target nonce) begins with
that many zero bits; the nonce is 8 bytes, big-endian. Finding one takes 2^bits hashes on average
(half a second at 20 bits), checking takes one. What the target binds is the caller's affair.
"""

import hashlib
from typing import Final

PREFIX: Final = b"holdfast/1/work\0"
MAX_BITS: Final = 32
MAX_NONCE: Final = 2**64 - 1


def solve(target: bytes, bits: int, start: int = 0) -> int:
    """The first nonce from `start` on that is good for `target` and `bits` (0 to 32)."""
    below = _bound(bits)
    if not 0 <= start <= MAX_NONCE:
        raise ValueError("a nonce has 8 bytes")
    base = hashlib.sha256(PREFIX + target)
    nonce = start
    while True:
        attempt = base.copy()
        attempt.update(nonce.to_bytes(8, "big"))
        if attempt.digest() < below:
            return nonce
        nonce += 1


def check(target: bytes, nonce: int, bits: int) -> bool:
    """Whether `nonce` is good for `target` and `bits` (0 to 32). A nonce out of range is not."""
    below = _bound(bits)
    if not 0 <= nonce <= MAX_NONCE:
        return False
    return hashlib.sha256(PREFIX + target + nonce.to_bytes(8, "big")).digest() < below


def _bound(bits: int) -> bytes:
    """Hashes of 32 bytes below this (as text sorts) begin with `bits` zero bits."""
    if not 0 <= bits <= MAX_BITS:
        raise ValueError(f"work is 0 to {MAX_BITS} bits")
    # 33 bytes at 0 bits would sort too low: all ones and one byte more is above every hash.
    return (1 << (256 - bits)).to_bytes(32, "big") if bits else b"\xff" * 33
