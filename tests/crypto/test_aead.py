"""The bare ciphers against published vectors."""

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHAKE128, XOFHash

from crypto.aead import Aead, Xaes256Gcm, XChaCha20Poly1305
from crypto.errors import OpenFailed

FOLDER = Path(__file__).parents[1] / "vectors" / "crypto"
XAES = json.loads((FOLDER / "xaes_256_gcm.json").read_text())
XCHACHA = json.loads((FOLDER / "xchacha20_poly1305.json").read_text())
CASES: list[tuple[Callable[[bytes], Aead], dict[str, str]]] = [
    (Xaes256Gcm, case) for case in XAES["cases"]
]
CASES += [(XChaCha20Poly1305, case) for case in XCHACHA["cases"]]


@pytest.mark.parametrize(("cipher", "case"), CASES)
def test_published(cipher: Callable[[bytes], Aead], case: dict[str, str]) -> None:
    names = ("nonce", "plaintext", "associated", "ciphertext")
    nonce, plaintext, associated, ciphertext = (bytes.fromhex(case[name]) for name in names)
    aead: Aead = cipher(bytes.fromhex(case["key"]))
    out = bytearray(len(ciphertext))
    aead.encrypt_into(nonce, plaintext, associated, memoryview(out))
    assert aead.encrypt(nonce, plaintext, associated) == out == ciphertext
    back = bytearray(len(plaintext))
    aead.decrypt_into(nonce, ciphertext, associated, memoryview(back))
    assert aead.decrypt(nonce, ciphertext, associated) == back == plaintext


@pytest.mark.parametrize(("cipher", "case"), CASES)
def test_a_failure_leaves_nothing_behind(
    cipher: Callable[[bytes], Aead], case: dict[str, str]
) -> None:
    aead: Aead = cipher(bytes.fromhex(case["key"]))
    nonce, associated = bytes.fromhex(case["nonce"]), bytes.fromhex(case["associated"])
    altered = bytearray.fromhex(case["ciphertext"])
    altered[-1] ^= 1
    out = bytearray(b"x" * (len(altered) - 16))
    with pytest.raises(OpenFailed):
        aead.decrypt_into(nonce, altered, associated, memoryview(out))
    assert out == bytes(len(out))


@pytest.mark.parametrize("rounds", [10_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_accumulated_xaes(rounds: int) -> None:
    """Random keys, nonces, texts: one hash over all ciphertexts stands for them all."""
    assert _accumulated(rounds) == XAES["accumulated"][str(rounds)]


def _accumulated(rounds: int) -> str:
    stream = XOFHash(SHAKE128(sys.maxsize))
    stream.update(b"")
    hashed = hashlib.shake_128()
    for _ in range(rounds):
        key, nonce = stream.squeeze(32), stream.squeeze(24)
        plaintext = stream.squeeze(stream.squeeze(1)[0])
        associated = stream.squeeze(stream.squeeze(1)[0])
        ciphertext = Xaes256Gcm(key).encrypt(nonce, plaintext, associated)
        assert Xaes256Gcm(key).decrypt(nonce, ciphertext, associated) == plaintext
        hashed.update(ciphertext)
    return hashed.hexdigest(32)
