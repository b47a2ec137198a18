"""SHA-256 (FIPS 180-4), in one go or piece by piece."""

import hashlib
from typing import Final

DIGEST_SIZE: Final = 32


def sha256(data: bytes | bytearray | memoryview) -> bytes:
    """The 32 bytes of SHA-256 of `data`. Above 2 KiB other threads run meanwhile."""
    return hashlib.sha256(data).digest()


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
