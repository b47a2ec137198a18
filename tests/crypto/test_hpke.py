"""Sealing to a person: X-Wing's vectors, a sender written from RFC 9180, every mix-up.

The library makes its own randomness when it seals, so what it sends cannot be held against a fixed
text. Instead the published encapsulations and shared secrets of X-Wing, with a key schedule written
here from RFC 9180, make messages that our receiver must open.
"""

import hashlib
import hmac
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_scalarmult_base

from crypto.errors import BadKey, OpenFailed
from crypto.hpke import HPKE_OVERHEAD, PUBLIC_SIZE, SealKeyPair, seal_to
from crypto.kdf import expand
from crypto.purposes import SealPurpose
from crypto.sealing import Associated
from crypto.secret import Secret

FOLDER = Path(__file__).parents[1] / "vectors" / "crypto"
XWING = json.loads((FOLDER / "xwing.json").read_text())["cases"]
OURS = json.loads((FOLDER / "hpke.json").read_text())

PAIR = SealKeyPair.from_seed(Secret(bytes(range(32))))
HERE = Associated(SealPurpose.MESSAGE, b"to bob")
SUITE_ID = b"HPKE" + bytes.fromhex("647a 0001 0002")  # X-Wing, HKDF-SHA256, AES-256-GCM


def associated_of(case: dict[str, Any]) -> Associated:
    parts = [part if isinstance(part, int) else bytes.fromhex(part) for part in case["fields"]]
    return Associated(SealPurpose(case["purpose"]), *parts)


def labeled_extract(label: bytes, key: bytes) -> bytes:
    return hmac.digest(bytes(32), b"HPKE-v1" + SUITE_ID + label + key, "sha256")


def labeled_expand(secret: bytes, label: bytes, info: bytes, size: int) -> bytes:
    return expand(secret, size.to_bytes(2, "big") + b"HPKE-v1" + SUITE_ID + label + info, size)


def send(encapsulation: bytes, shared: bytes, info: bytes, plaintext: bytes) -> bytes:
    """RFC 9180 §5.1, §6.1, base mode: what a sender with this shared secret sends."""
    context = b"\0" + labeled_extract(b"psk_id_hash", b"") + labeled_extract(b"info_hash", info)
    secret = hmac.digest(shared, b"HPKE-v1" + SUITE_ID + b"secret", "sha256")
    key = labeled_expand(secret, b"key", context, 32)
    nonce = labeled_expand(secret, b"base_nonce", context, 12)
    return encapsulation + AESGCM(key).encrypt(nonce, plaintext, b"")


@pytest.mark.parametrize("case", XWING)
def test_published_keys(case: dict[str, str]) -> None:
    assert case["sk"] == case["seed"]
    assert SealKeyPair.from_seed(Secret(bytes.fromhex(case["seed"]))).public.hex() == case["pk"]


@pytest.mark.parametrize("case", XWING)
def test_published_decapsulation(case: dict[str, str]) -> None:
    pair = SealKeyPair.from_seed(Secret(bytes.fromhex(case["seed"])))
    shared, encapsulation = bytes.fromhex(case["ss"]), bytes.fromhex(case["ct"])
    sent = b"\1" + send(encapsulation, shared, b"\1" + HERE.encode(), b"hello")
    assert pair.open(sent, HERE) == b"hello"


@pytest.mark.parametrize("case", OURS["cases"])
def test_ours(case: dict[str, Any]) -> None:
    pair, info = SealKeyPair.from_seed(Secret(bytes.fromhex(case["seed"]))), associated_of(case)
    assert pair.public.hex() == case["public"]
    assert (b"\1" + info.encode()).hex() == case["info"]
    assert pair.open(bytes.fromhex(case["sealed"]), info).hex() == case["plaintext"]


@pytest.mark.parametrize("case", OURS["refused"], ids=lambda case: case["why"])
def test_ours_refused(case: dict[str, Any]) -> None:
    pair = SealKeyPair.from_seed(Secret(bytes.fromhex(case["seed"])))
    with pytest.raises(OpenFailed):
        pair.open(bytes.fromhex(case["sealed"]), associated_of(case))


@pytest.mark.parametrize("case", OURS["keys_refused"], ids=lambda case: case["why"])
def test_our_keys_refused(case: dict[str, str]) -> None:
    with pytest.raises(BadKey):
        seal_to(bytes.fromhex(case["public"]), b"x", HERE)


@settings(max_examples=30)
@given(st.binary(max_size=500), st.sampled_from(SealPurpose), st.lists(st.binary(), max_size=3))
def test_what_was_sealed_opens(plaintext: bytes, purpose: SealPurpose, parts: list[bytes]) -> None:
    info = Associated(purpose, *parts)
    sealed = seal_to(PAIR.public, plaintext, info)
    assert len(sealed) == len(plaintext) + HPKE_OVERHEAD
    assert PAIR.open(sealed, info) == plaintext
    with pytest.raises(OpenFailed):
        PAIR.open(sealed, Associated(purpose, *parts, b""))


def test_every_altered_byte_is_refused() -> None:
    sealed = seal_to(PAIR.public, b"hello", HERE)
    for at in range(len(sealed)):
        altered = bytearray(sealed)
        altered[at] ^= 1 << at % 7  # bit 7 of an X25519 point's last byte is masked away (RFC 7748)
        with pytest.raises(OpenFailed):
            PAIR.open(bytes(altered), HERE)


def test_the_masked_bit_of_the_point_is_bound_too() -> None:
    sealed = bytearray(seal_to(PAIR.public, b"hello", HERE))
    sealed[1120] ^= 0x80  # X-Wing hashes the point as sent
    with pytest.raises(OpenFailed):
        PAIR.open(bytes(sealed), HERE)


def test_every_shortening_is_refused() -> None:
    sealed = seal_to(PAIR.public, b"hello", HERE)
    for size in (*range(0, 1100, 100), *range(1100, len(sealed))):
        with pytest.raises(OpenFailed):
            PAIR.open(sealed[:size], HERE)


def test_no_purpose_opens_another() -> None:
    sealed = seal_to(PAIR.public, b"hello", Associated(SealPurpose.MESSAGE))
    for purpose in set(SealPurpose) - {SealPurpose.MESSAGE}:
        with pytest.raises(OpenFailed):
            PAIR.open(sealed, Associated(purpose))


def test_two_sealings_share_nothing() -> None:
    one, other = (seal_to(PAIR.public, b"hello", HERE) for _ in range(2))
    assert one[1:33] != other[1:33]
    assert one[1089:1121] != other[1089:1121]
    assert one[-21:] != other[-21:]


def test_seeds_make_pairs() -> None:
    assert SealKeyPair.from_seed(PAIR.seed).public == PAIR.public
    assert len(PAIR.public) == PUBLIC_SIZE == 1216
    assert SealKeyPair.generate().public != SealKeyPair.generate().public
    for wrong in (31, 33):
        with pytest.raises(ValueError, match="seed"):
            SealKeyPair.from_seed(Secret(bytes(wrong)))


def test_the_seed_is_expanded_as_x_wing_says() -> None:
    expanded = hashlib.shake_256(PAIR.seed.reveal()).digest(96)
    assert PAIR.public[-32:] == crypto_scalarmult_base(expanded[64:])  # another library's opinion


def test_nothing_shows_a_key() -> None:
    assert repr(PAIR) == f"<seal key pair of {PAIR.public.hex()[:16]}>"
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(PAIR)
