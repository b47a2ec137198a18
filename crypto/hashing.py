"""SHA-256 (FIPS 180-4), in one go or piece by piece; HMAC (RFC 2104) with it.

The HMAC is for protocols of others, which say what is fed to it. Our own keys and proofs are
derived for a purpose: `crypto/kdf.py`.
"""

import hashlib
import hmac
from typing import Final

DIGEST_SIZE: Final = 32


def sha256(data: bytes | bytearray | memoryview) -> bytes:
    """The 32 bytes of SHA-256 of `data`. Above 2 KiB other threads run meanwhile."""
    return hashlib.sha256(data).digest()


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """The 32 bytes of HMAC-SHA-256, bare: only where somebody else's protocol asks for it."""
    return hmac.digest(key, data, "sha256")


class Sha256:
    """SHA-256 of data that arrives in pieces."""

    __slots__ = ("_state",)

    def __init__(self, data: bytes | bytearray | memoryview = b"") -> None:
        self._state = hashlib.sha256(data)

    def update(self, data: bytes | bytearray | memoryview) -> None:
        """Add `data` to what is hashed."""
        self._state.update(data)

    def digest(self) -> bytes:
        """The hash of everything so far; more may follow."""
        return self._state.digest()
