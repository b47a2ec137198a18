"""Authenticated encryption that says what it seals, and can commit to its key.

    sealed    = suite (1) | nonce (24) | ciphertext | tag (16)
    committed = commitment (32) | sealed

`docs/spec/sealing.md` has the exact bytes. A cipher's key is derived from the secret and the suite,
and the associated data begin with the suite: bytes sealed under one never pass for another's.
"""

from enum import IntEnum
from typing import Final, NoReturn

from crypto.aead import NONCE_SIZE, TAG_SIZE, Aead, Buffer, Xaes256Gcm, XChaCha20Poly1305
from crypto.errors import OpenFailed
from crypto.hashing import sha256
from crypto.kdf import derive, prf
from crypto.purposes import KdfPurpose, SealPurpose, seal_prefix
from crypto.secret import Secret, random_bytes, same

COMMITMENT_SIZE: Final = 32
OVERHEAD: Final = 1 + NONCE_SIZE + TAG_SIZE
COMMITTED_OVERHEAD: Final = COMMITMENT_SIZE + OVERHEAD

HEAD_SIZE: Final = 1 + NONCE_SIZE
"""Suite and nonce: what sealed bytes begin with. No secret."""

_TEXT_AT: Final = HEAD_SIZE


class Suite(IntEnum):
    """Which cipher; the first byte of everything sealed. A number is never used again."""

    XAES_256_GCM = 1
    XCHACHA20_POLY1305 = 2


DEFAULT_SUITE: Final = Suite.XAES_256_GCM


class Associated:
    """What a ciphertext *is*: its purpose and the fields that tell one from another.

    The opener states the same, and nothing opens otherwise. Fields are byte strings or whole
    numbers from 0 to 2^64 - 1; their types, number and borders are part of it.
    """

    __slots__ = ("_encoded",)

    def __init__(self, purpose: SealPurpose, *fields: bytes | int) -> None:
        self._encoded: Final = seal_prefix(purpose) + b"".join(map(_field, fields))

    def encode(self) -> bytes:
        """The exact bytes that are authenticated (after the suite byte)."""
        return self._encoded

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Associated) and self._encoded == other._encoded

    def __hash__(self) -> int:
        return hash(self._encoded)

    def __repr__(self) -> str:
        # Fields may name what only the owner may know; the purpose is enough for a log.
        return f"<associated {self._encoded.split(bytes(1), 1)[0].decode()}>"


class SealingKey:
    """A secret (32 bytes or more) that seals and opens, from several threads at once if need be.

    It seals with one suite and opens both. Ciphers are set up on first use and kept, so hold on to
    a key that seals more than once.
    """

    __slots__ = ("_ciphers", "_secret", "_suite")

    def __init__(self, secret: Secret, suite: Suite = DEFAULT_SUITE) -> None:
        self._secret: Final = secret
        self._suite: Final = Suite(suite)
        self._ciphers: Final[dict[Suite, Aead]] = {}

    def seal(self, plaintext: Buffer, associated: Associated) -> bytes:
        """Sealed bytes, `OVERHEAD` longer than the plaintext, under a fresh random nonce."""
        return self._seal(random_bytes(NONCE_SIZE), plaintext, associated)

    def seal_into(
        self, plaintext: Buffer, associated: Associated, out: bytearray | memoryview
    ) -> int:
        """Seal to the start of `out` (not overlapping the plaintext); how many bytes were written.

        For big things: no copy is made, and one `out` serves for many.
        """
        size = len(plaintext) + OVERHEAD
        target = _room(out, size)
        nonce = random_bytes(NONCE_SIZE)
        target[0] = self._suite
        target[1:_TEXT_AT] = nonce
        self._cipher(self._suite).encrypt_into(
            nonce, plaintext, _data(self._suite, associated), target[_TEXT_AT:]
        )
        return size

    def digest_again(
        self, head: bytes, plaintext: Buffer, associated: Associated, before: bytes, room: bytearray
    ) -> bytes:
        """SHA-256 of `before` and of what sealing this under the head of an earlier seal gives.

        It tells whether an earlier seal (its first `HEAD_SIZE` bytes are `head`) was of this very
        plaintext, when only the hash of the sealed bytes is at hand. The bytes themselves are wiped
        from `room` and never handed out: two plaintexts under one nonce must not both be seen.
        Raises OpenFailed for a head that no seal has.
        """
        suite = _SUITES.get(head[0]) if len(head) == HEAD_SIZE else None
        if suite is None:
            raise OpenFailed("not the head of a seal")
        size = len(before) + len(plaintext) + OVERHEAD
        target = memoryview(room)[:size]
        target[: len(before)] = before
        text_at = len(before) + HEAD_SIZE
        target[len(before) : text_at] = head
        data = _data(suite, associated)
        self._cipher(suite).encrypt_into(head[1:], plaintext, data, target[text_at:])
        digest = sha256(target)
        target[:] = bytes(size)
        return digest

    def open(self, sealed: Buffer, associated: Associated) -> bytes:
        """The plaintext. Raises OpenFailed, which never says why in detail."""
        suite, nonce, text = _parts(sealed)
        return self._cipher(suite).decrypt(nonce, text, _data(suite, associated))

    def open_into(self, sealed: Buffer, associated: Associated, out: bytearray | memoryview) -> int:
        """Open to the start of `out` (not overlapping `sealed`); how many bytes were written.

        Raises OpenFailed, and leaves zeros there.
        """
        suite, nonce, text = _parts(sealed)
        target = _room(out, len(text) - TAG_SIZE)
        self._cipher(suite).decrypt_into(nonce, text, _data(suite, associated), target)
        return len(target)

    def seal_committed(self, plaintext: Buffer, associated: Associated) -> bytes:
        """Like `seal`, with a commitment to the key in front: `COMMITTED_OVERHEAD` longer.

        GCM and Poly1305 let somebody make one ciphertext that opens under two keys of theirs. What
        several people open with keys from different places is sealed this way.
        """
        nonce = random_bytes(NONCE_SIZE)
        return self._commitment(self._suite, nonce) + self._seal(nonce, plaintext, associated)

    def open_committed(self, committed: Buffer, associated: Associated) -> bytes:
        """What `seal_committed` sealed; the commitment is checked before anything is opened."""
        view = memoryview(committed)
        suite, nonce, text = _parts(view[COMMITMENT_SIZE:])
        if not same(bytes(view[:COMMITMENT_SIZE]), self._commitment(suite, nonce)):
            raise OpenFailed("these sealed bytes are for another key")
        return self._cipher(suite).decrypt(nonce, text, _data(suite, associated))

    def __repr__(self) -> str:
        return f"<sealing key, {self._suite.name}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key cannot be pickled or copied; share the object")

    def _seal(self, nonce: bytes, plaintext: Buffer, associated: Associated) -> bytes:
        text = self._cipher(self._suite).encrypt(nonce, plaintext, _data(self._suite, associated))
        return b"".join((bytes((self._suite,)), nonce, text))

    def _commitment(self, suite: Suite, nonce: bytes) -> bytes:
        return prf(self._secret, KdfPurpose.COMMIT, bytes((suite,)), nonce)

    def _cipher(self, suite: Suite) -> Aead:
        cipher = self._ciphers.get(suite)
        if cipher is None:  # two threads may both make it; either will do
            cipher = self._ciphers[suite] = _cipher(self._secret, suite)
        return cipher


def _cipher(secret: Secret, suite: Suite) -> Aead:
    key = derive(secret, KdfPurpose.AEAD, bytes((suite,))).reveal()
    if suite is Suite.XAES_256_GCM:
        return Xaes256Gcm(key)
    return XChaCha20Poly1305(key)


def _field(field: object) -> bytes:
    if isinstance(field, bytes):
        return b"b" + len(field).to_bytes(4, "big") + field
    if isinstance(field, int) and not isinstance(field, bool):
        return b"i\0\0\0\x08" + field.to_bytes(8, "big")
    raise TypeError("a field of associated data is bytes or a whole number")


def _data(suite: Suite, associated: Associated) -> bytes:
    return bytes((suite,)) + associated.encode()


_SUITES: Final = {int(each): each for each in Suite}


def _parts(sealed: Buffer) -> tuple[Suite, bytes, memoryview]:
    view = memoryview(sealed)
    if len(view) < OVERHEAD:
        raise OpenFailed("too short to be sealed bytes")
    suite = _SUITES.get(view[0])
    if suite is None:
        raise OpenFailed("sealed with a suite this version does not know; a newer one may")
    return suite, bytes(view[1:_TEXT_AT]), view[_TEXT_AT:]


def _room(out: bytearray | memoryview, size: int) -> memoryview:
    view = memoryview(out)
    if len(view) < size:
        raise ValueError(f"the buffer has {len(view)} bytes, {size} are needed")
    return view[:size]
