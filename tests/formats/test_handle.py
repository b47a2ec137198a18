"""Handles: said aloud, typed badly, compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.errors import BadName, Usage
from formats.handle import Handle, fingerprint, handle, parse_handle

ID = bytes.fromhex("00443214c74254b635cf") + b"\xee" * 22
TEXT = "alice~0123-4567-89ab-cdef"


def test_written() -> None:
    assert handle("alice", ID) == TEXT
    assert fingerprint(ID) == "0123-4567-89ab-cdef"
    assert fingerprint(b"\xff" * 32) == "zzzz-zzzz-zzzz-zzzz"
    with pytest.raises(BadName):
        handle("Alice", ID)


@pytest.mark.parametrize(
    "typed",
    [
        TEXT,
        "alice~0123456789abcdef",
        "ALICE~0123-4567-89AB-CDEF",
        "  alice~o123-4567-89ab-cdef\n",
        "alice~Oi23 4567 89ab cdef",
        "alice~0l23-4567-89ab-cdef",
        "alice~01234-56789-abcdef-",
    ],
)
def test_read_forgivingly(typed: str) -> None:
    found = parse_handle(typed)
    assert found == Handle("alice", ID[:10])
    assert str(found) == TEXT
    assert found.matches(ID)
    assert not found.matches(b"\xee" * 32)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "alice",
        "alice~",
        "alice~0123-4567-89ab-cde",
        "alice~0123-4567-89ab-cdeff",
        "alice~u123-4567-89ab-cdef",
        "alice~0123~4567-89ab-cdef",
        "alice~0123-4567-89ab-cdeé",
    ],
)
def test_what_is_no_handle(typed: str) -> None:
    with pytest.raises(Usage) as caught:
        parse_handle(typed)
    assert "k7q2" in caught.value.advice


def test_an_impossible_name() -> None:
    with pytest.raises(BadName):
        parse_handle("a.b~0123-4567-89ab-cdef")


@given(st.binary(min_size=32, max_size=32))
def test_every_id_comes_back(id: bytes) -> None:
    assert parse_handle(handle("x", id)).matches(id)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse_handle(text)
    except (Usage, BadName):
        return
    assert parse_handle(str(found)) == found
