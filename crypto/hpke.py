"""Sealing to a person's public key: HPKE with the hybrid KEM MLKEM768-X25519.

    sealed = suite (1) | encapsulation (1120) | ciphertext | tag (16)

HPKE is RFC 9180 in base mode, single shot, with no associated data: everything is in `info`. The
KEM is X-Wing (draft-connolly-cfrg-xwing-kem, HPKE id 0x647a), the KDF HKDF-SHA256, the AEAD
AES-256-GCM, which every browser has. It says nothing about who sealed: sign inside.
"""

import hashlib
from typing import Final, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from crypto.errors import BadKey, OpenFailed
from crypto.sealing import Associated
from crypto.secret import Secret, random_secret

SUITE: Final = 1

SEED_SIZE: Final = 32
ML_KEM_KEY_SIZE: Final = 1184
PUBLIC_SIZE: Final = ML_KEM_KEY_SIZE + 32
ENCAPSULATION_SIZE: Final = 1120
HPKE_OVERHEAD: Final = 1 + ENCAPSULATION_SIZE + 16

_HPKE: Final = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


class SealKeyPair:
    """A pair that others seal to: `public` (1216 bytes) is given away, `seed` opens."""

    __slots__ = ("_key", "public", "seed")

    def __init__(self, seed: Secret) -> None:
        """The pair of this seed; `from_seed` and `generate` read better."""
        if len(seed) != SEED_SIZE:
            raise ValueError(f"a seed has {SEED_SIZE} bytes")
        ml_kem, x25519 = _expand(seed)
        self._key: Final = hpke.MLKEM768X25519PrivateKey(ml_kem, x25519)
        self.seed: Final = seed
        self.public: Final = (
            ml_kem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        )

    @classmethod
    def generate(cls) -> "SealKeyPair":
        """A fresh pair."""
        return cls(random_secret(SEED_SIZE))

    @classmethod
    def from_seed(cls, seed: Secret) -> "SealKeyPair":
        """The pair of this 32-byte X-Wing seed: always the same one."""
        return cls(seed)

    def open(self, sealed: bytes, info: Associated) -> bytes:
        """What was sealed to this pair for this `info`; raises OpenFailed."""
        if len(sealed) < HPKE_OVERHEAD or sealed[0] != SUITE:
            raise OpenFailed("not sealed to a person by a suite this version knows")
        try:
            return _HPKE.decrypt(sealed[1:], self._key, info=_info(info))
        except (InvalidTag, ValueError):  # ValueError: an encapsulation that is no curve point
            raise OpenFailed("this does not open with this key, or is for another use") from None

    def __repr__(self) -> str:
        return f"<seal key pair of {self.public.hex()[:16]}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key cannot be pickled or copied; share the object")


def seal_to(public: bytes, plaintext: bytes, info: Associated) -> bytes:
    """Seal to the holder of `public`, `HPKE_OVERHEAD` bytes longer; raises BadKey."""
    key = _public_key(public)
    try:
        return bytes((SUITE,)) + _HPKE.encrypt(plaintext, key, info=_info(info))
    except ValueError:  # a point of small order: the shared secret would be zero
        raise BadKey("nobody can open what is sealed to this key") from None


def _public_key(public: bytes) -> hpke.MLKEM768X25519PublicKey:
    if len(public) != PUBLIC_SIZE:
        raise BadKey(f"a key to seal to has {PUBLIC_SIZE} bytes, this has {len(public)}")
    try:
        ml_kem = MLKEM768PublicKey.from_public_bytes(public[:ML_KEM_KEY_SIZE])
    except ValueError:  # a coefficient out of range (FIPS 203 §7.2)
        raise BadKey("not a key to seal to") from None
    x25519 = X25519PublicKey.from_public_bytes(public[ML_KEM_KEY_SIZE:])
    return hpke.MLKEM768X25519PublicKey(ml_kem, x25519)


def _expand(seed: Secret) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """SHAKE-256 of the seed: 64 bytes for ML-KEM, 32 for X25519 (X-Wing §5.2)."""
    expanded = hashlib.shake_256(seed.reveal()).digest(96)
    ml_kem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    return ml_kem, X25519PrivateKey.from_private_bytes(expanded[64:])


def _info(info: Associated) -> bytes:
    return bytes((SUITE,)) + info.encode()
