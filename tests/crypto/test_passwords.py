"""Argon2id against libsodium's vectors, ours, and both sides of every limit."""

import json
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import BadParameters, BadPassword
from crypto.passwords import (
    FLOOR,
    MAX_MEMLIMIT,
    MAX_OPSLIMIT,
    MAX_PASSWORD_SIZE,
    MIB,
    MIN_MEMLIMIT,
    MIN_OPSLIMIT,
    MODERATE,
    Floor,
    PasswordParameters,
    argon2id,
    prepared,
    stretch,
)
from crypto.secret import Secret

FOLDER = Path(__file__).parents[1] / "vectors" / "crypto"
PUBLISHED = json.loads((FOLDER / "argon2id.json").read_text())["cases"]
OURS = json.loads((FOLDER / "passwords.json").read_text())["cases"]

NO_FLOOR = Floor(opslimit=MIN_OPSLIMIT, memlimit=MIN_MEMLIMIT)
CHEAP = PasswordParameters(opslimit=MIN_OPSLIMIT, memlimit=MIN_MEMLIMIT, salt=bytes(16))


def cheaply(password: str, **kwargs: Any) -> Secret:
    return stretch(password, CHEAP, floor=NO_FLOOR, **kwargs)


@pytest.mark.parametrize("case", PUBLISHED)
def test_published(case: dict[str, Any]) -> None:
    password, salt = bytes.fromhex(case["password"]), bytes.fromhex(case["salt"])
    output = bytes.fromhex(case["output"])
    assert argon2id(password, salt, case["opslimit"], case["memlimit"], len(output)) == output


@pytest.mark.parametrize("case", OURS)
def test_ours(case: dict[str, Any]) -> None:
    parameters = PasswordParameters(
        algorithm=case["algorithm"],
        opslimit=case["opslimit"],
        memlimit=case["memlimit"],
        salt=bytes.fromhex(case["salt"]),
    )
    device = case["device_secret"] and Secret(bytes.fromhex(case["device_secret"]))
    stretched = stretch(case["password"], parameters, device, NO_FLOOR)
    assert prepared(case["password"]).hex() == case["prepared"]
    assert stretched == Secret(bytes.fromhex(case["output"]))
    assert len(stretched) == 64


def test_everything_that_goes_in_matters() -> None:
    results = [
        cheaply("password"),
        cheaply("Password"),
        cheaply("password", device_secret=Secret(bytes(32))),
        cheaply("password", device_secret=Secret(b"\1" * 32)),
        stretch("password", replace(CHEAP, salt=b"\1" * 16), floor=NO_FLOOR),
        stretch("password", replace(CHEAP, opslimit=2), floor=NO_FLOOR),
        stretch("password", replace(CHEAP, memlimit=2 * MIN_MEMLIMIT), floor=NO_FLOOR),
    ]
    assert len({each.reveal() for each in results}) == len(results)


@given(st.text(min_size=1, max_size=30))
def test_one_password_however_it_was_typed(password: str) -> None:
    forms = {unicodedata.normalize(form, password) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert {prepared(form) for form in forms} == {prepared(password)}


@pytest.mark.parametrize("unit", ["x", "é", "€"])
def test_the_longest_password(unit: str) -> None:
    most = MAX_PASSWORD_SIZE // len(unit.encode())
    assert len(prepared(unit * most)) <= MAX_PASSWORD_SIZE
    with pytest.raises(BadPassword, match="1024"):
        prepared(unit * (most + 1))


def test_the_size_counts_after_normalising() -> None:
    assert len(prepared("e\u0301" * 512)) == 1024  # 3 bytes each as typed, 2 as é
    with pytest.raises(BadPassword):
        prepared("ﷺ" * 34)  # 3 bytes each as typed, 33 when spelt out


@pytest.mark.parametrize("password", ["", "\ud800", "fine\udfff"])
def test_what_is_no_password(password: str) -> None:
    with pytest.raises(BadPassword) as caught:
        cheaply(password)
    assert "fine" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("algorithm", [1], [0, 2]),
        ("opslimit", [MIN_OPSLIMIT, MAX_OPSLIMIT], [MIN_OPSLIMIT - 1, MAX_OPSLIMIT + 1]),
        ("memlimit", [MIN_MEMLIMIT, MAX_MEMLIMIT], [MIN_MEMLIMIT - 1, MAX_MEMLIMIT + 1]),
        ("salt", [bytes(16)], [b"", bytes(15), bytes(17)]),
    ],
)
def test_both_sides_of_every_limit(name: str, inside: list[Any], outside: list[Any]) -> None:
    for value in inside:
        assert getattr(replace(CHEAP, **{name: value}), name) == value
    for value in outside:
        with pytest.raises(BadParameters):
            replace(CHEAP, **{name: value})


def test_limits_are_what_the_design_says() -> None:
    assert MODERATE == (3, 256 * MIB)
    assert FLOOR == (2, 64 * MIB)
    assert (MAX_OPSLIMIT, MAX_MEMLIMIT) == (10, 1024 * MIB)


@pytest.mark.parametrize(
    "weak", [{"opslimit": 1, "memlimit": 64 * MIB}, {"opslimit": 2, "memlimit": 64 * MIB - 1}]
)
def test_weaker_than_the_floor_is_refused_before_any_work(weak: dict[str, int]) -> None:
    with pytest.raises(BadParameters, match="too cheap"):
        stretch("password", PasswordParameters(**weak, salt=bytes(16)))


def test_the_floor_itself_is_accepted() -> None:
    parameters = PasswordParameters(
        opslimit=FLOOR.opslimit, memlimit=FLOOR.memlimit, salt=bytes(16)
    )
    assert len(stretch("password", parameters)) == 64


def test_a_short_device_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        cheaply("password", device_secret=Secret(bytes(31)))
