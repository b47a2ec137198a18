"""Derivation against RFC 5869, against our vectors, and with every kind of confusion."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.kdf import MAX_DERIVED_SIZE, derive, expand, mac, prf
from crypto.purposes import KdfPurpose
from crypto.secret import Secret

FOLDER = Path(__file__).parents[1] / "vectors" / "crypto"
RFC = json.loads((FOLDER / "hkdf_sha256.json").read_text())["cases"]
OURS = json.loads((FOLDER / "kdf.json").read_text())

KEY = Secret(bytes(range(32)))
contexts = st.lists(st.binary(max_size=40), max_size=4)
purposes = st.sampled_from(KdfPurpose)


@pytest.mark.parametrize("case", RFC)
def test_published_expand(case: dict[str, str]) -> None:
    prk, info, okm = (bytes.fromhex(case[name]) for name in ("prk", "info", "okm"))
    assert expand(prk, info, len(okm)) == okm
    assert expand(prk, info, 32) == okm[:32]
    assert expand(prk, info, 33) == okm[:33]


@pytest.mark.parametrize("case", OURS["cases"])
def test_ours(case: dict[str, Any]) -> None:
    key, purpose = Secret(bytes.fromhex(case["key"])), KdfPurpose(case["purpose"])
    context = [bytes.fromhex(part) for part in case["context"]]
    output = bytes.fromhex(case["output"])
    if case["kind"] == "derive":
        assert derive(key, purpose, *context, size=case["size"]) == Secret(output)
    else:
        function = {"prf": prf, "mac": mac}[case["kind"]]
        assert function(key, purpose, *context) == output
    assert expand(key.reveal(), bytes.fromhex(case["info"]), case["size"]) == output


@pytest.mark.parametrize("case", OURS["refused"], ids=lambda case: case["why"])
def test_ours_refused(case: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="bytes"):
        derive(Secret(bytes.fromhex(case["key"])), KdfPurpose.READ, size=case["size"])


def test_the_largest_and_the_smallest_size() -> None:
    assert len(derive(KEY, KdfPurpose.READ, size=MAX_DERIVED_SIZE)) == MAX_DERIVED_SIZE
    assert len(derive(KEY, KdfPurpose.READ, size=1)) == 1


@pytest.mark.parametrize("function", [derive, prf, mac])
def test_a_short_key_is_refused(function: Any) -> None:
    function(Secret(bytes(32)), KdfPurpose.LABEL)
    with pytest.raises(ValueError, match="32 bytes"):
        function(Secret(bytes(31)), KdfPurpose.LABEL)


@given(purposes, contexts, st.integers(1, 200))
def test_every_size_is_a_beginning_of_the_next(
    purpose: KdfPurpose, context: list[bytes], size: int
) -> None:
    longer = derive(KEY, purpose, *context, size=size + 40).reveal()
    assert derive(KEY, purpose, *context, size=size).reveal() == longer[:size]


@given(purposes, contexts, purposes, contexts)
def test_other_questions_other_answers(
    one: KdfPurpose, context: list[bytes], other: KdfPurpose, context_2: list[bytes]
) -> None:
    same_question = (one, context) == (other, context_2)
    assert (prf(KEY, one, *context) == prf(KEY, other, *context_2)) is same_question


@given(purposes, contexts)
def test_a_public_value_is_never_a_key(purpose: KdfPurpose, context: list[bytes]) -> None:
    key = derive(KEY, purpose, *context).reveal()
    assert len({key, prf(KEY, purpose, *context), mac(KEY, purpose, *context)}) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([b"ab", b"c"], [b"a", b"bc"]),
        ([b"abc"], [b"abc", b""]),
        ([], [b""]),
        ([b"\0\0\0\1x"], [b"", b"x"]),
    ],
)
def test_where_context_is_split_matters(one: list[bytes], other: list[bytes]) -> None:
    assert prf(KEY, KdfPurpose.NAME, *one) != prf(KEY, KdfPurpose.NAME, *other)


@pytest.mark.parametrize("wrong", ["text", 3, None, Secret(bytes(32))])
def test_context_is_bytes(wrong: object) -> None:
    with pytest.raises(TypeError):
        prf(KEY, KdfPurpose.NAME, wrong)  # type: ignore[arg-type]
