"""The one validator of names, on both sides of each rule."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.errors import BadName
from formats.names import check_account_name, check_name, normalise_name

GOOD = ["a", ".a", "...", "a" * 255, "é" * 127, "名前.txt", "a b", "-rf", "\u202e", "~", "\\", "C:"]

BAD = {
    "": "empty",
    "a" * 256: "256 bytes",
    "é" * 128: "256 bytes",
    ".": "means a place",
    "..": "means a place",
    "a/b": "'/'",
    "/": "'/'",
    "a\0": r"U\+0000",
    "a\n": r"U\+000A",
    "\x1f": r"U\+001F",
    "\x7f": r"U\+007F",
    "\x80": r"U\+0080",
    "\x9f": r"U\+009F",
    "e\u0301": "normal form",
    "\ud800": "UTF-8",
}


@pytest.mark.parametrize("name", GOOD)
def test_a_name_that_can_be(name: str) -> None:
    assert check_name(name) == name
    assert normalise_name(name) == name


@pytest.mark.parametrize("name", BAD)
def test_a_name_that_cannot_be_says_why(name: str) -> None:
    with pytest.raises(BadName, match=BAD[name]):
        check_name(name)


def test_characters_beside_the_control_ranges_are_fine() -> None:
    for character in "\x20\x7e\xa0":
        assert check_name(f"a{character}b")


def test_decomposed_names_are_normalised_when_given_and_refused_when_read() -> None:
    assert normalise_name("e\u0301") == "\xe9"
    assert normalise_name("\u212b") == "\xc5"
    with pytest.raises(BadName):
        normalise_name("\ud800")
    # 129 letters of 3 bytes each, decomposed; 129 of 2 bytes composed: over the limit both ways.
    with pytest.raises(BadName, match="258 bytes"):
        normalise_name("e\u0301" * 129)
    assert len(normalise_name("e\u0301" * 127).encode()) == 254


def test_the_message_does_not_repeat_the_name() -> None:
    with pytest.raises(BadName) as caught:
        check_name("secret/plan")
    assert "secret" not in caught.value.message


@pytest.mark.parametrize("name", ["a", "a" * 32, "0-_z"])
def test_an_account_name_that_can_be(name: str) -> None:
    assert check_account_name(name) == name


@pytest.mark.parametrize("name", ["", "a" * 33, "A", "a.b", "a b", "é", "a\n", "\u0663"])
def test_an_account_name_that_cannot_be(name: str) -> None:
    with pytest.raises(BadName):
        check_account_name(name)


@given(st.text(max_size=300))
def test_any_text_is_a_name_or_refused(name: str) -> None:
    try:
        good = normalise_name(name)
    except BadName:
        return
    assert check_name(good) == unicodedata.normalize("NFC", name)
    assert 1 <= len(good.encode()) <= 255
