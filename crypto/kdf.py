"""Keys and public values derived from a key, each for one named purpose.

Everything is HKDF-Expand with SHA-256 (RFC 5869 §2.3), whose first block is one HMAC. There is no
Extract step: keys here are uniformly random already. `derive` makes secrets, `prf` values that are
shown to others (labels, tokens), `mac` proofs; the three have separate prefixes, so publishing
`prf(k, LABEL)` says nothing about `derive(k, LABEL)`.
"""

import hmac
from typing import Final

from crypto.purposes import Derivation, KdfPurpose, kdf_prefix
from crypto.secret import Secret

MIN_KEY_SIZE: Final = 32
MAX_DERIVED_SIZE: Final = 255 * 32


def derive(key: Secret, purpose: KdfPurpose, *context: bytes, size: int = 32) -> Secret:
    """A key of `size` bytes (1 to 8160) for one purpose.

    `context` is any number of byte strings; how they are split matters, and none may exceed
    2^32 - 1 bytes. A longer output begins with the shorter one of the same arguments (RFC 5869), so
    ask for one size per purpose and context. `key` has at least 32 bytes.
    """
    if not 1 <= size <= MAX_DERIVED_SIZE:
        raise ValueError(f"a derived key has 1 to {MAX_DERIVED_SIZE} bytes")
    if size == 32:  # nearly every call
        return Secret(_first_block(key, Derivation.KEY, purpose, context))
    return Secret(expand(_key(key), _info(Derivation.KEY, purpose, context), size))


def prf(key: Secret, purpose: KdfPurpose, *context: bytes) -> bytes:
    """32 bytes that look random to anybody without `key` and may be shown to everybody."""
    return _first_block(key, Derivation.PUBLIC, purpose, context)


def mac(key: Secret, purpose: KdfPurpose, *context: bytes) -> bytes:
    """32 bytes that only a holder of `key` can make. Compare them with `crypto.secret.same`."""
    return _first_block(key, Derivation.MAC, purpose, context)


def expand(prk: bytes, info: bytes, size: int) -> bytes:
    """HKDF-Expand with SHA-256, bare (RFC 5869 §2.3); `derive` is what other folders use."""
    block, output = b"", b""
    for counter in range(1, (size + 31) // 32 + 1):
        block = hmac.digest(prk, block + info + bytes((counter,)), "sha256")
        output += block
    return output[:size]


def _first_block(
    key: Secret, kind: Derivation, purpose: KdfPurpose, context: tuple[bytes, ...]
) -> bytes:
    return hmac.digest(_key(key), _info(kind, purpose, context) + b"\x01", "sha256")


def _key(key: Secret) -> bytes:
    value = key.reveal()
    if len(value) < MIN_KEY_SIZE:
        raise ValueError(f"a key to derive from has at least {MIN_KEY_SIZE} bytes")
    return value


def _info(kind: Derivation, purpose: KdfPurpose, context: tuple[bytes, ...]) -> bytes:
    info = kdf_prefix(kind, purpose)
    for part in context:
        info += len(part).to_bytes(4, "big") + part
    return info
