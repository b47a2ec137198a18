"""Proof of work: our vectors, and that checking and solving agree."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.hashing import sha256
from crypto.work import MAX_BITS, MAX_NONCE, check, solve

FOLDER = Path(__file__).parents[1] / "vectors" / "crypto"
OURS = json.loads((FOLDER / "work.json").read_text())


def zero_bits(target: bytes, nonce: int) -> int:
    """Counted the slow way, from the definition."""
    digest = sha256(b"holdfast/1/work\0" + target + nonce.to_bytes(8, "big"))
    return 256 - int.from_bytes(digest, "big").bit_length()


@pytest.mark.parametrize("case", OURS["cases"])
def test_ours(case: dict[str, Any]) -> None:
    target = bytes.fromhex(case["target"])
    assert solve(target, case["bits"]) == case["nonce"]
    assert check(target, case["nonce"], case["bits"])


@pytest.mark.parametrize("case", OURS["refused"], ids=lambda case: case["why"])
def test_ours_refused(case: dict[str, Any]) -> None:
    assert not check(bytes.fromhex(case["target"]), case["nonce"], case["bits"])


@given(st.binary(max_size=200), st.integers(0, 9), st.integers(0, 2**64 - 100_000))
def test_the_first_solution_from_a_start(target: bytes, bits: int, start: int) -> None:
    nonce = solve(target, bits, start)
    assert check(target, nonce, bits)
    assert zero_bits(target, nonce) >= bits
    assert not any(check(target, before, bits) for before in range(start, nonce))


@given(st.binary(max_size=64), st.integers(0, MAX_NONCE))
def test_bits_are_counted_exactly(target: bytes, nonce: int) -> None:
    bits = zero_bits(target, nonce)
    assert check(target, nonce, min(bits, MAX_BITS))
    assert bits >= MAX_BITS or not check(target, nonce, bits + 1)


def test_nothing_asked_nothing_paid() -> None:
    assert solve(b"target", 0) == 0
    assert solve(b"target", 0, MAX_NONCE) == MAX_NONCE
    assert check(b"target", MAX_NONCE, 0)


@pytest.mark.parametrize("bits", [-1, MAX_BITS + 1])
def test_bits_out_of_range(bits: int) -> None:
    with pytest.raises(ValueError, match="bits"):
        check(b"", 0, bits)
    with pytest.raises(ValueError, match="bits"):
        solve(b"", bits)


@pytest.mark.parametrize("start", [-1, MAX_NONCE + 1])
def test_a_start_out_of_range(start: int) -> None:
    with pytest.raises(ValueError, match="nonce"):
        solve(b"", 0, start)


def test_every_number_of_bits_can_be_asked() -> None:
    for bits in range(MAX_BITS + 1):
        check(b"", 0, bits)
