"""Hybrid signatures (Ed25519 and ML-DSA-65, both must hold) and the classical locks.

    signed bytes = "holdfast/1/" | purpose | NUL | body
    each half signs suite (1) | signed bytes
    verify key   = suite (1) | Ed25519 (32) | ML-DSA-65 (1952)
    signature    = suite (1) | Ed25519 (64) | ML-DSA-65 (3309)

ML-DSA (FIPS 204) has a context string of its own; it stays empty. Ed25519 (RFC 8032) as libsodium
offers it has none, and two halves that frame the message differently would be two things to
prove. One prefix in front of the message does the work for both, also for a third algorithm later.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey
from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

from crypto.errors import BadKey, BadSignature
from crypto.hashing import sha256
from crypto.kdf import derive
from crypto.purposes import KdfPurpose, SignPurpose, sign_prefix
from crypto.secret import Secret, random_secret

SUITE_HYBRID: Final = 1
SUITE_LOCK: Final = 2

SEED_SIZE: Final = 32
ED25519_KEY_SIZE: Final = 32
ED25519_SIGNATURE_SIZE: Final = 64
ML_DSA_KEY_SIZE: Final = 1952
ML_DSA_SIGNATURE_SIZE: Final = 3309

VERIFY_KEY_SIZE: Final = 1 + ED25519_KEY_SIZE + ML_DSA_KEY_SIZE
SIGNATURE_SIZE: Final = 1 + ED25519_SIGNATURE_SIZE + ML_DSA_SIGNATURE_SIZE
LOCK_KEY_SIZE: Final = ED25519_KEY_SIZE
LOCK_SIGNATURE_SIZE: Final = ED25519_SIGNATURE_SIZE


def signed_bytes(purpose: SignPurpose, body: bytes) -> bytes:
    """What a signature says: the purpose, a NUL, the body. (A half puts its suite in front.)"""
    return sign_prefix(purpose) + body


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """The public half of a `SigningKey`: 32 bytes of Ed25519, 1952 of ML-DSA-65."""

    ed25519: bytes
    ml_dsa: bytes

    def __post_init__(self) -> None:
        if len(self.ed25519) != ED25519_KEY_SIZE or len(self.ml_dsa) != ML_DSA_KEY_SIZE:
            raise BadKey("a verify key has 32 bytes of Ed25519 and 1952 of ML-DSA-65")

    @classmethod
    def decode(cls, data: bytes) -> "VerifyKey":
        """The key from its 1985 bytes; raises BadKey. That anybody holds its secret is not said."""
        if len(data) != VERIFY_KEY_SIZE:
            raise BadKey(f"a verify key has {VERIFY_KEY_SIZE} bytes, this has {len(data)}")
        if data[0] != SUITE_HYBRID:
            raise BadKey("a verify key of a suite this version does not know; a newer one may")
        return cls(bytes(data[1:33]), bytes(data[33:]))

    def encode(self) -> bytes:
        """Suite, Ed25519 key, ML-DSA-65 key: 1985 bytes."""
        return bytes((SUITE_HYBRID,)) + self.ed25519 + self.ml_dsa

    def digest(self) -> bytes:
        """SHA-256 of the encoding: how records name a key."""
        return sha256(self.encode())

    def verify(self, purpose: SignPurpose, body: bytes, signature: bytes) -> None:
        """Return if both halves of the signature hold, else raise BadSignature."""
        if len(signature) != SIGNATURE_SIZE or signature[0] != SUITE_HYBRID:
            raise BadSignature("not a signature of a suite this version knows")
        message = _message(SUITE_HYBRID, purpose, body)
        _verify_ed25519(self.ed25519, message, signature[1:65])
        _verify_ml_dsa(self.ml_dsa, message, signature[65:])

    def __repr__(self) -> str:
        return f"<verify key {self.digest().hex()[:16]}>"


class SigningKey:
    """A hybrid signing key, all of it derived from one 32-byte seed."""

    __slots__ = ("_ed25519", "_ml_dsa", "seed", "verify_key")

    def __init__(self, seed: Secret) -> None:
        """The key of this seed; `from_seed` and `generate` read better."""
        _check_seed(seed)
        public, self._ed25519 = crypto_sign_seed_keypair(_half(seed, b"ed25519"))
        self._ml_dsa: Final = MLDSA65PrivateKey.from_seed_bytes(_half(seed, b"ml-dsa-65"))
        self.seed: Final = seed
        self.verify_key: Final = VerifyKey(public, self._ml_dsa.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> "SigningKey":
        """A fresh key."""
        return cls(random_secret(SEED_SIZE))

    @classmethod
    def from_seed(cls, seed: Secret) -> "SigningKey":
        """The key of this 32-byte seed: always the same one."""
        return cls(seed)

    def sign(self, purpose: SignPurpose, body: bytes) -> bytes:
        """A signature of 3374 bytes, in about a millisecond. Two of one body differ."""
        message = _message(SUITE_HYBRID, purpose, body)
        classical = crypto_sign(message, self._ed25519)[:ED25519_SIGNATURE_SIZE]
        return b"".join((bytes((SUITE_HYBRID,)), classical, self._ml_dsa.sign(message)))

    def __repr__(self) -> str:
        return f"<signing key of {self.verify_key!r}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key cannot be pickled or copied; share the object")


class LockKey:
    """A classical Ed25519 key: for read locks, and for the reader key made for one contact.

    These guard ciphertext only, and a tree has one per label, so 32 bytes and 30 microseconds
    matter more than surviving a quantum computer.
    """

    __slots__ = ("_secret", "public")

    def __init__(self, seed: Secret) -> None:
        """The key of this seed; `from_seed` reads better."""
        _check_seed(seed)
        public, self._secret = crypto_sign_seed_keypair(seed.reveal())
        self.public: Final = public

    @classmethod
    def from_seed(cls, seed: Secret) -> "LockKey":
        """The key of this 32-byte seed: always the same one."""
        return cls(seed)

    def sign(self, purpose: SignPurpose, body: bytes) -> bytes:
        """A signature of 64 bytes, the same each time."""
        message = _message(SUITE_LOCK, purpose, body)
        return crypto_sign(message, self._secret)[:LOCK_SIGNATURE_SIZE]

    def __repr__(self) -> str:
        return f"<lock key of {self.public.hex()[:16]}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key cannot be pickled or copied; share the object")


def verify_lock(public: bytes, purpose: SignPurpose, body: bytes, signature: bytes) -> None:
    """Return if `signature` is by the `LockKey` of `public` (32 bytes), else raise BadSignature."""
    if len(public) != LOCK_KEY_SIZE or len(signature) != LOCK_SIGNATURE_SIZE:
        raise BadSignature("a lock has 32 bytes and its signature 64")
    _verify_ed25519(public, _message(SUITE_LOCK, purpose, body), signature)


def _message(suite: int, purpose: SignPurpose, body: bytes) -> bytes:
    """The suite is signed too, so half of a hybrid signature never passes for a lock's."""
    return bytes((suite,)) + signed_bytes(purpose, body)


def _verify_ed25519(public: bytes, message: bytes, signature: bytes) -> None:
    # libsodium refuses points of small order and signatures that are not canonical.
    try:
        crypto_sign_open(signature + message, public)
    except BadSignatureError:
        raise _bad() from None


def _verify_ml_dsa(public: bytes, message: bytes, signature: bytes) -> None:
    try:
        _ml_dsa_key(public).verify(signature, message)
    except InvalidSignature:
        raise _bad() from None


@lru_cache(maxsize=256)
def _ml_dsa_key(public: bytes) -> MLDSA65PublicKey:
    """Parsing expands the key's matrix, half of the cost of verifying; keys come back often."""
    return MLDSA65PublicKey.from_public_bytes(public)


def _half(seed: Secret, algorithm: bytes) -> bytes:
    return derive(seed, KdfPurpose.SIGNING, algorithm).reveal()


def _check_seed(seed: Secret) -> None:
    if len(seed) != SEED_SIZE:
        raise ValueError(f"a seed has {SEED_SIZE} bytes")


def _bad() -> BadSignature:
    return BadSignature("the signature does not belong to this key, purpose and body")
