"""Hybrid signatures and locks: our vectors, published keys, each half on its own, every mix-up."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import signing
from crypto.errors import BadKey, BadSignature, CryptoError
from crypto.purposes import SignPurpose
from crypto.secret import Secret
from crypto.signing import (
    LOCK_SIGNATURE_SIZE,
    SIGNATURE_SIZE,
    VERIFY_KEY_SIZE,
    LockKey,
    SigningKey,
    VerifyKey,
    signed_bytes,
    verify_lock,
)

FOLDER = Path(__file__).parents[1] / "vectors" / "crypto"
RFC = json.loads((FOLDER / "ed25519.json").read_text())["cases"]
OURS = json.loads((FOLDER / "signing.json").read_text())
HYBRID, LOCK = OURS["cases"][0], OURS["locks"][0]

KEY = SigningKey.from_seed(Secret(bytes(32)))
OTHER = SigningKey.from_seed(Secret(b"\1" * 32))
LOCKED = LockKey.from_seed(Secret(bytes(32)))

purposes = st.sampled_from(SignPurpose)
few = settings(max_examples=20)


@pytest.mark.parametrize("case", RFC)
def test_published_ed25519(case: dict[str, str]) -> None:
    seed, public, message, signature = (
        bytes.fromhex(case[name]) for name in ("seed", "public", "message", "signature")
    )
    assert LockKey.from_seed(Secret(seed)).public == public
    signing._verify_ed25519(public, message, signature)
    with pytest.raises(BadSignature):
        signing._verify_ed25519(public, message + b"x", signature)


def test_our_key() -> None:
    key = SigningKey.from_seed(Secret(bytes.fromhex(HYBRID["seed"])))
    assert key.verify_key.encode().hex() == HYBRID["verify_key"]
    assert key.verify_key.digest().hex() == HYBRID["digest"]
    assert VerifyKey.decode(bytes.fromhex(HYBRID["verify_key"])) == key.verify_key


def test_our_signature() -> None:
    purpose, body = SignPurpose(HYBRID["purpose"]), bytes.fromhex(HYBRID["body"])
    signature = bytes.fromhex(HYBRID["signature"])
    VerifyKey.decode(bytes.fromhex(HYBRID["verify_key"])).verify(purpose, body, signature)
    again = SigningKey.from_seed(Secret(bytes.fromhex(HYBRID["seed"]))).sign(purpose, body)
    assert again[:65] == signature[:65]  # the half that is always the same
    assert signed_bytes(purpose, body) == bytes.fromhex(HYBRID["signed"])[1:]


@pytest.mark.parametrize("case", OURS["refused"], ids=lambda case: case["why"])
def test_our_signatures_refused(case: dict[str, str]) -> None:
    case = HYBRID | case
    key = VerifyKey.decode(bytes.fromhex(case["verify_key"]))
    with pytest.raises(BadSignature):
        key.verify(
            SignPurpose(case["purpose"]),
            bytes.fromhex(case["body"]),
            bytes.fromhex(case["signature"]),
        )


@pytest.mark.parametrize("case", OURS["keys_refused"], ids=lambda case: case["why"])
def test_our_keys_refused(case: dict[str, str]) -> None:
    with pytest.raises(BadKey):
        VerifyKey.decode(bytes.fromhex(case["key"]))


def test_our_lock() -> None:
    key, body = LockKey.from_seed(Secret(bytes.fromhex(LOCK["seed"]))), bytes.fromhex(LOCK["body"])
    assert key.public.hex() == LOCK["public"]
    assert key.sign(SignPurpose(LOCK["purpose"]), body).hex() == LOCK["signature"]
    verify_lock(key.public, SignPurpose.READ, body, bytes.fromhex(LOCK["signature"]))


@pytest.mark.parametrize("case", OURS["locks_refused"], ids=lambda case: case["why"])
def test_our_locks_refused(case: dict[str, str]) -> None:
    case = LOCK | case
    with pytest.raises(BadSignature):
        verify_lock(
            bytes.fromhex(case["public"]),
            SignPurpose(case["purpose"]),
            bytes.fromhex(case["body"]),
            bytes.fromhex(case["signature"]),
        )


@few
@given(purposes, st.binary(max_size=500))
def test_what_was_signed_verifies(purpose: SignPurpose, body: bytes) -> None:
    signature = KEY.sign(purpose, body)
    assert len(signature) == SIGNATURE_SIZE
    VerifyKey.decode(KEY.verify_key.encode()).verify(purpose, body, signature)
    with pytest.raises(BadSignature):
        OTHER.verify_key.verify(purpose, body, signature)


@few
@given(purposes, st.binary(max_size=500))
def test_what_was_locked_opens(purpose: SignPurpose, body: bytes) -> None:
    signature = LOCKED.sign(purpose, body)
    assert len(signature) == LOCK_SIGNATURE_SIZE
    verify_lock(LOCKED.public, purpose, body, signature)
    with pytest.raises(BadSignature):
        verify_lock(OTHER.verify_key.ed25519, purpose, body, signature)


def test_no_purpose_passes_for_another() -> None:
    for signed_for in SignPurpose:
        signature, lock = KEY.sign(signed_for, b"body"), LOCKED.sign(signed_for, b"body")
        for taken_for in set(SignPurpose) - {signed_for}:
            with pytest.raises(BadSignature):
                KEY.verify_key.verify(taken_for, b"body", signature)
            with pytest.raises(BadSignature):
                verify_lock(LOCKED.public, taken_for, b"body", lock)


@given(purposes, st.binary(max_size=30), purposes, st.binary(max_size=30))
def test_signed_bytes_are_never_confused(
    one: SignPurpose, body: bytes, other: SignPurpose, body_2: bytes
) -> None:
    same = (one, body) == (other, body_2)
    assert (signed_bytes(one, body) == signed_bytes(other, body_2)) is same


def test_every_altered_byte_of_a_signature_is_refused() -> None:
    signature = KEY.sign(SignPurpose.SPACE, b"body")
    for at in range(len(signature)):
        altered = bytearray(signature)
        altered[at] ^= 1 << at % 8
        with pytest.raises(BadSignature):
            KEY.verify_key.verify(SignPurpose.SPACE, b"body", bytes(altered))


def test_every_altered_bit_of_a_lock_is_refused() -> None:
    signature = LOCKED.sign(SignPurpose.READ, b"body")
    for bit in range(len(signature) * 8):
        altered = bytearray(signature)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadSignature):
            verify_lock(LOCKED.public, SignPurpose.READ, b"body", bytes(altered))


def test_every_altered_byte_of_a_key_is_refused_or_does_not_verify() -> None:
    encoded, signature = KEY.verify_key.encode(), KEY.sign(SignPurpose.SPACE, b"body")
    for at in range(len(encoded)):
        altered = bytearray(encoded)
        altered[at] ^= 1 << at % 8
        with pytest.raises(CryptoError):
            VerifyKey.decode(bytes(altered)).verify(SignPurpose.SPACE, b"body", signature)


def test_halves_of_two_keys_do_not_make_one() -> None:
    one, other = KEY.sign(SignPurpose.SPACE, b"body"), OTHER.sign(SignPurpose.SPACE, b"body")
    for mixed in (one[:65] + other[65:], other[:65] + one[65:]):
        for key in (KEY, OTHER):
            with pytest.raises(BadSignature):
                key.verify_key.verify(SignPurpose.SPACE, b"body", mixed)


def test_half_of_a_hybrid_is_no_lock_of_the_same_ed25519_key() -> None:
    signature = KEY.sign(SignPurpose.READ, b"body")
    with pytest.raises(BadSignature):
        verify_lock(KEY.verify_key.ed25519, SignPurpose.READ, b"body", signature[1:65])


def test_a_key_is_a_value() -> None:
    decoded = VerifyKey.decode(KEY.verify_key.encode())
    assert decoded == KEY.verify_key
    assert hash(decoded) == hash(KEY.verify_key)
    assert decoded != OTHER.verify_key
    assert len(decoded.encode()) == VERIFY_KEY_SIZE
    assert decoded.digest() == KEY.verify_key.digest() != OTHER.verify_key.digest()
    with pytest.raises(AttributeError):
        decoded.ed25519 = bytes(32)  # type: ignore[misc]
    with pytest.raises(BadKey):
        VerifyKey(bytes(31), bytes(1952))
    with pytest.raises(BadKey):
        VerifyKey(bytes(32), bytes(1953))


def test_seeds_make_keys() -> None:
    assert SigningKey.from_seed(KEY.seed).verify_key == KEY.verify_key
    assert SigningKey.generate().verify_key != SigningKey.generate().verify_key
    for wrong in (31, 33):
        with pytest.raises(ValueError, match="seed"):
            SigningKey.from_seed(Secret(bytes(wrong)))
        with pytest.raises(ValueError, match="seed"):
            LockKey.from_seed(Secret(bytes(wrong)))


@pytest.mark.parametrize("key", [KEY, LOCKED])
def test_nothing_shows_a_key(key: Any) -> None:
    assert len(repr(key)) < 80
    for secret in (bytes(8).hex(), "\\x00"):
        assert secret not in repr(key) + str(key)
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(key)
