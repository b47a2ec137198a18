"""Sealing: our vectors both ways, every altered byte, every kind of confusion, threads."""

import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import CryptoError, OpenFailed
from crypto.hashing import sha256
from crypto.purposes import SealPurpose
from crypto.sealing import (
    COMMITTED_OVERHEAD,
    HEAD_SIZE,
    OVERHEAD,
    Associated,
    SealingKey,
    Suite,
)
from crypto.secret import Secret, random_secret

FOLDER = Path(__file__).parents[1] / "vectors" / "crypto"
VECTORS = json.loads((FOLDER / "sealing.json").read_text())

SECRET = Secret(bytes(range(32)))
HERE = Associated(SealPurpose.HEADER, b"file", 1)
BIG = 256 * 1024

suites = st.sampled_from(Suite)
purposes = st.sampled_from(SealPurpose)
fields = st.lists(st.binary(max_size=20) | st.integers(0, 2**64 - 1), max_size=4)
both = pytest.mark.parametrize("suite", Suite, ids=lambda suite: suite.name)


def associated_of(case: dict[str, Any]) -> Associated:
    parts = [part if isinstance(part, int) else bytes.fromhex(part) for part in case["fields"]]
    return Associated(SealPurpose(case["purpose"]), *parts)


@pytest.mark.parametrize("case", VECTORS["cases"])
def test_vectors_open(case: dict[str, Any]) -> None:
    associated = associated_of(case)
    assert associated.encode().hex() == case["associated"]
    for suite in Suite:  # the suite a key seals with does not matter for opening
        key = SealingKey(Secret(bytes.fromhex(case["secret"])), suite)
        plaintext = bytes.fromhex(case["plaintext"])
        assert key.open(bytes.fromhex(case["sealed"]), associated) == plaintext
        assert key.open_committed(bytes.fromhex(case["committed"]), associated) == plaintext


@pytest.mark.parametrize("case", VECTORS["cases"])
def test_vectors_seal(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crypto.sealing.random_bytes", lambda _: bytes.fromhex(case["nonce"]))
    key = SealingKey(Secret(bytes.fromhex(case["secret"])), Suite(case["suite"]))
    associated, plaintext = associated_of(case), bytes.fromhex(case["plaintext"])
    out = bytearray(len(plaintext) + OVERHEAD)
    key.seal_into(plaintext, associated, out)
    assert key.seal(plaintext, associated).hex() == out.hex() == case["sealed"]
    assert key.seal_committed(plaintext, associated).hex() == case["committed"]


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["why"])
def test_vectors_refused(case: dict[str, Any]) -> None:
    key, sealed = SealingKey(Secret(bytes.fromhex(case["secret"]))), bytes.fromhex(case["sealed"])
    out = bytearray(b"x" * len(sealed))
    with pytest.raises(OpenFailed):
        key.open(sealed, associated_of(case))
    with pytest.raises(OpenFailed):
        key.open_into(sealed, associated_of(case), out)
    assert not any(out.rstrip(b"x"))


@pytest.mark.parametrize("case", VECTORS["refused_committed"], ids=lambda case: case["why"])
def test_vectors_refused_committed(case: dict[str, Any]) -> None:
    key = SealingKey(Secret(bytes.fromhex(case["secret"])))
    with pytest.raises(OpenFailed):
        key.open_committed(bytes.fromhex(case["sealed"]), associated_of(case))


@given(suites, st.binary(max_size=300), purposes, fields)
def test_what_was_sealed_opens(
    suite: Suite, plaintext: bytes, purpose: SealPurpose, parts: list[bytes | int]
) -> None:
    key, associated = SealingKey(random_secret(), suite), Associated(purpose, *parts)
    sealed, committed = key.seal(plaintext, associated), key.seal_committed(plaintext, associated)
    assert len(sealed) == len(plaintext) + OVERHEAD
    assert len(committed) == len(plaintext) + COMMITTED_OVERHEAD
    assert sealed[0] == suite
    for kind in (bytes, bytearray, memoryview):
        assert key.open(kind(sealed), associated) == plaintext
        assert key.open_committed(kind(committed), associated) == plaintext


@given(purposes, fields, purposes, fields)
def test_associated_data_are_never_confused(
    one: SealPurpose, parts: list[bytes | int], other: SealPurpose, parts_2: list[bytes | int]
) -> None:
    equal = (one, parts) == (other, parts_2)
    first, second = Associated(one, *parts), Associated(other, *parts_2)
    assert (first.encode() == second.encode()) is equal
    assert (first == second) is equal
    assert not equal or hash(first) == hash(second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((b"ab", b"c"), (b"a", b"bc")),
        ((), (b"",)),
        ((1,), (bytes(7) + b"\1",)),
        ((0,), (b"",)),
        ((1, 2), (2, 1)),
        ((b"i\0\0\0\x08" + bytes(8),), (0,)),
    ],
)
def test_where_and_what_a_field_is_matters(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    key = SealingKey(SECRET)
    sealed = key.seal(b"x", Associated(SealPurpose.LINK, *one))
    with pytest.raises(OpenFailed):
        key.open(sealed, Associated(SealPurpose.LINK, *other))


@both
def test_no_purpose_opens_another(suite: Suite) -> None:
    key = SealingKey(SECRET, suite)
    for sealed_as in SealPurpose:
        sealed = key.seal(b"x", Associated(sealed_as))
        for opened_as in set(SealPurpose) - {sealed_as}:
            with pytest.raises(OpenFailed):
                key.open(sealed, Associated(opened_as))


@both
def test_every_altered_bit_is_refused(suite: Suite) -> None:
    key = SealingKey(SECRET, suite)
    sealed, committed = key.seal(b"abc", HERE), key.seal_committed(b"abc", HERE)
    for open_it, data in ((key.open, sealed), (key.open_committed, committed)):
        for bit in range(len(data) * 8):
            altered = bytearray(data)
            altered[bit // 8] ^= 1 << bit % 8
            with pytest.raises(OpenFailed):
                open_it(altered, HERE)


@both
def test_every_shortening_is_refused(suite: Suite) -> None:
    key = SealingKey(SECRET, suite)
    sealed, committed = key.seal(b"abc", HERE), key.seal_committed(b"abc", HERE)
    for open_it, data in ((key.open, sealed), (key.open_committed, committed)):
        for size in range(len(data)):
            with pytest.raises(OpenFailed):
                open_it(data[:size], HERE)


@pytest.mark.parametrize("suite", [0, *range(3, 256)])
def test_every_unknown_suite_is_refused(suite: int) -> None:
    key = SealingKey(SECRET)
    with pytest.raises(OpenFailed, match="suite"):
        key.open(bytes([suite]) + key.seal(b"abc", HERE)[1:], HERE)
    with pytest.raises(ValueError, match="Suite"):
        SealingKey(SECRET, suite)  # type: ignore[arg-type]


@both
def test_another_key_is_refused_before_opening(suite: Suite) -> None:
    committed = SealingKey(SECRET, suite).seal_committed(b"abc", HERE)
    with pytest.raises(OpenFailed, match="another key"):
        SealingKey(random_secret()).open_committed(committed, HERE)


def test_nonces_and_commitments_do_not_repeat() -> None:
    key = SealingKey(SECRET)
    sealed = [key.seal_committed(b"", HERE) for _ in range(1000)]
    assert len({each[33:57] for each in sealed}) == 1000
    assert len({each[:32] for each in sealed}) == 1000


@both
@pytest.mark.parametrize("size", [0, 1, BIG - 1, BIG, BIG + 1])
def test_into_buffers(suite: Suite, size: int) -> None:
    key, plaintext = SealingKey(SECRET, suite), bytes(range(256)) * (size // 256 + 1)
    plaintext = plaintext[:size]
    sealed, opened = bytearray(size + OVERHEAD + 3), bytearray(size + 3)
    sealed[-3:] = opened[-3:] = b"end"
    assert key.seal_into(memoryview(plaintext), HERE, sealed) == size + OVERHEAD
    whole = memoryview(sealed)[: size + OVERHEAD]
    assert key.open(whole, HERE) == plaintext
    assert key.open_into(whole, HERE, memoryview(opened)) == size
    assert opened[:size] == plaintext
    assert sealed[-3:] == opened[-3:] == b"end"


@both
def test_a_small_buffer_is_refused_and_untouched(suite: Suite) -> None:
    key = SealingKey(SECRET, suite)
    out = bytearray(3 + OVERHEAD - 1)
    with pytest.raises(ValueError, match="44 are needed"):
        key.seal_into(b"abc", HERE, out)
    assert not any(out)
    out = bytearray(2)
    with pytest.raises(ValueError, match="3 are needed"):
        key.open_into(key.seal(b"abc", HERE), HERE, out)
    assert not any(out)


@both
def test_a_failed_opening_leaves_zeros(suite: Suite) -> None:
    key = SealingKey(SECRET, suite)
    sealed, out = bytearray(key.seal(bytes(range(256)), HERE)), bytearray(b"x" * 256)
    sealed[-1] ^= 1
    with pytest.raises(OpenFailed):
        key.open_into(sealed, HERE, out)
    assert out == bytes(256)


@both
def test_threads_share_a_key(suite: Suite) -> None:
    key = SealingKey(SECRET, suite)

    def work(number: int) -> bool:
        text, associated = number.to_bytes(4, "big") * 10, Associated(SealPurpose.SEGMENT, number)
        return all(key.open(key.seal(text, associated), associated) == text for _ in range(50))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(64)))


@pytest.mark.parametrize("wrong", [None, "text", 1.0, True, bytearray(1), memoryview(b"x")])
def test_a_field_is_bytes_or_a_whole_number(wrong: object) -> None:
    with pytest.raises(TypeError):
        Associated(SealPurpose.HEADER, wrong)  # type: ignore[arg-type]


def test_the_range_of_a_number() -> None:
    Associated(SealPurpose.HEADER, 0, 2**64 - 1)
    for wrong in (-1, 2**64):
        with pytest.raises(OverflowError):
            Associated(SealPurpose.HEADER, wrong)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SealingKey(Secret(bytes(31))).seal(b"", HERE)


def test_nothing_shows_a_key_or_a_field() -> None:
    key = SealingKey(SECRET)
    assert repr(key) == "<sealing key, XAES_256_GCM>"
    assert repr(Associated(SealPurpose.LINK, b"private")) == "<associated holdfast/1/seal/link>"
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(key)
    assert issubclass(OpenFailed, CryptoError)


@given(st.binary(max_size=120), suites)
def test_anything_else_is_refused(noise: bytes, suite: Suite) -> None:
    key = SealingKey(SECRET)
    for data in (noise, bytes([suite]) + noise):
        for open_it in (key.open, key.open_committed):
            with pytest.raises(OpenFailed):
                open_it(data, HERE)


@both
def test_an_earlier_seal_is_known_by_its_hash(suite: Suite) -> None:
    key, room = SealingKey(SECRET, suite), bytearray(200)
    sealed = key.seal(b"content", HERE)
    head, digest = sealed[:HEAD_SIZE], sha256(b"before" + sealed)
    elsewhere = Associated(SealPurpose.HEADER, b"file", 2)
    assert key.digest_again(head, b"content", HERE, b"before", room) == digest
    assert not any(room)
    assert key.digest_again(head, b"Content", HERE, b"before", room) != digest
    assert not any(room)
    assert key.digest_again(head, b"content", elsewhere, b"before", room) != digest
    other = SealingKey(Secret(b"1" * 32), suite)
    assert other.digest_again(head, b"content", HERE, b"before", room) != digest


@pytest.mark.parametrize("head", [b"", bytes(HEAD_SIZE), b"\x09" + bytes(24), b"\x01" + bytes(23)])
def test_what_is_no_head_of_a_seal_is_refused(head: bytes) -> None:
    with pytest.raises(OpenFailed):
        SealingKey(SECRET).digest_again(head, b"", HERE, b"", bytearray(99))
