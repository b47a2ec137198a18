"""The two ciphers, bare: XAES-256-GCM and XChaCha20-Poly1305.

Both take a 32-byte key and a 24-byte nonce, long enough to draw at random for every message of a
key's life. `sealing.py` is what other folders use: it derives the key, draws the nonce and says
what is sealed.
"""

from threading import Lock
from typing import Final, Protocol, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from nacl.bindings import crypto_aead
from nacl.exceptions import CryptoError as SodiumError

from crypto.errors import OpenFailed

NONCE_SIZE: Final = 24
TAG_SIZE: Final = 16

Buffer: TypeAlias = bytes | bytearray | memoryview


class Aead(Protocol):
    """Authenticated encryption under one key. Safe to use from several threads at once."""

    def encrypt(self, nonce: bytes, plaintext: Buffer, associated: bytes) -> bytes:
        """Ciphertext and tag: 16 bytes more than the plaintext."""

    def encrypt_into(
        self, nonce: bytes, plaintext: Buffer, associated: bytes, out: memoryview
    ) -> None:
        """The same, written to `out`, which has exactly that length and does not overlap."""

    def decrypt(self, nonce: bytes, ciphertext: Buffer, associated: bytes) -> bytes:
        """The plaintext; raises OpenFailed."""

    def decrypt_into(
        self, nonce: bytes, ciphertext: Buffer, associated: bytes, out: memoryview
    ) -> None:
        """The same, written to `out`, which has exactly 16 bytes less and is zeroed on failure."""


class Xaes256Gcm:
    """XAES-256-GCM (C2SP specification XAES-256-GCM): AES-256-GCM under a key made per nonce.

    The key schedule of the outer AES and the subkey K1 are kept, so a message costs two AES blocks
    and one GCM key more than plain GCM: about 2 microseconds.
    """

    __slots__ = ("_blocks", "_lock", "_mask")

    def __init__(self, key: bytes) -> None:
        # ECB of single, distinct blocks: the bare block cipher, as the specification asks.
        self._blocks: Final = Cipher(AES256(key), modes.ECB()).encryptor()
        self._lock: Final = Lock()
        k1 = _double(self._blocks.update(bytes(16)))
        first = k1 ^ (0x0001_5800 << 96)
        second = k1 ^ (0x0002_5800 << 96)
        self._mask: Final = first << 128 | second

    def encrypt(self, nonce: bytes, plaintext: Buffer, associated: bytes) -> bytes:
        return self._gcm(nonce).encrypt(nonce[12:], plaintext, associated)

    def encrypt_into(
        self, nonce: bytes, plaintext: Buffer, associated: bytes, out: memoryview
    ) -> None:
        self._gcm(nonce).encrypt_into(nonce[12:], plaintext, associated, out)

    def decrypt(self, nonce: bytes, ciphertext: Buffer, associated: bytes) -> bytes:
        try:
            return self._gcm(nonce).decrypt(nonce[12:], ciphertext, associated)
        except InvalidTag:
            raise _failed() from None

    def decrypt_into(
        self, nonce: bytes, ciphertext: Buffer, associated: bytes, out: memoryview
    ) -> None:
        try:
            self._gcm(nonce).decrypt_into(nonce[12:], ciphertext, associated, out)
        except InvalidTag:
            out[:] = bytes(len(out))  # the library has written what it could not vouch for
            raise _failed() from None

    def _gcm(self, nonce: bytes) -> AESGCM:
        """AES-256-GCM under Kx = AES(M1 xor K1) || AES(M2 xor K1) for this nonce."""
        half = int.from_bytes(nonce[:12], "big")
        blocks = (self._mask ^ (half << 128 | half)).to_bytes(32, "big")
        with self._lock:  # the library's block context is not ours to share between threads
            return AESGCM(self._blocks.update(blocks))


class XChaCha20Poly1305:
    """XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), by libsodium, which copies in and out."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key: Final = key

    def encrypt(self, nonce: bytes, plaintext: Buffer, associated: bytes) -> bytes:
        return crypto_aead.crypto_aead_xchacha20poly1305_ietf_encrypt(
            bytes(plaintext), associated, nonce, self._key
        )

    def encrypt_into(
        self, nonce: bytes, plaintext: Buffer, associated: bytes, out: memoryview
    ) -> None:
        out[:] = self.encrypt(nonce, plaintext, associated)

    def decrypt(self, nonce: bytes, ciphertext: Buffer, associated: bytes) -> bytes:
        try:
            return crypto_aead.crypto_aead_xchacha20poly1305_ietf_decrypt(
                bytes(ciphertext), associated, nonce, self._key
            )
        except SodiumError:
            raise _failed() from None

    def decrypt_into(
        self, nonce: bytes, ciphertext: Buffer, associated: bytes, out: memoryview
    ) -> None:
        try:
            out[:] = self.decrypt(nonce, ciphertext, associated)
        except OpenFailed:
            out[:] = bytes(len(out))
            raise


def _double(block: bytes) -> int:
    """Twice a block in GF(2^128), as CMAC makes its K1 (NIST SP 800-38B §6.1)."""
    value = int.from_bytes(block, "big") << 1
    return value ^ (1 << 128 | 0x87) if value >> 128 else value


def _failed() -> OpenFailed:
    return OpenFailed("these sealed bytes do not open here: altered, or for another key or place")
