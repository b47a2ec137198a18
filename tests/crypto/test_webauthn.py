"""What a key said, whatever it is: a refusal, and nothing else escapes."""

import json

import pytest
from fido2.utils import websafe_encode
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import BadKey, BadSignature
from crypto.webauthn import ORIGIN, Credential, Doing, added, challenge, shown
from frontends.security_keys import add, show
from tests.keys import VirtualKey

DRAWN = challenge(Doing.ADDING, b"home", "alice", bytes(32))
SHOW = challenge(Doing.SHOWING, b"home", "alice", bytes(32))


def client_data(doing: str, drawn: bytes, origin: object = ORIGIN, **more: object) -> bytes:
    value = {"type": doing, "challenge": websafe_encode(drawn), "origin": origin, **more}
    return json.dumps(value).encode()


def a_key() -> tuple[VirtualKey, Credential, bytes]:
    key = VirtualKey()
    made = add(key, DRAWN, "alice", [], lambda: None, lambda: None)
    return key, added(made.client_data, made.said, DRAWN), made.said


def test_a_key_is_added_and_shown() -> None:
    key, credential, _ = a_key()
    said = show(key, SHOW, [credential.name], lambda: None, lambda: None)
    assert shown(credential, said.client_data, said.said, said.signature, SHOW) == key.count


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_bytes_that_make_no_sense_are_refused(one: bytes, other: bytes) -> None:
    with pytest.raises(BadSignature):
        added(one, other, DRAWN)
    good = client_data(Doing.ADDING, DRAWN)
    with pytest.raises((BadSignature, BadKey)):
        added(good, other, DRAWN)


@given(st.integers(37, 200), st.binary(min_size=1, max_size=40))
def test_a_public_key_that_is_none_is_refused(at: int, put: bytes) -> None:
    _, credential, said = a_key()
    damaged = said[:at] + put + said[at + len(put) :]
    try:
        found = added(client_data(Doing.ADDING, DRAWN), damaged, DRAWN)
    except (BadSignature, BadKey):
        return
    assert found.name != credential.name or damaged == said or found.public == credential.public


@pytest.mark.parametrize(
    "data",
    [
        client_data(Doing.SHOWING, DRAWN),
        client_data(Doing.ADDING, SHOW),
        client_data(Doing.ADDING, DRAWN, "https://holdfast.localhost"),
        client_data(Doing.ADDING, DRAWN, "http://localhost"),
        client_data(Doing.ADDING, DRAWN, "http://evil.holdfast.localhost"),
        client_data(Doing.ADDING, DRAWN, "http://holdfast.localhost@evil.example"),
        client_data(Doing.ADDING, DRAWN, None),
        client_data(Doing.ADDING, DRAWN, crossOrigin=True),
        b"null",
        b"\xff",
        b"[" * 4000,
    ],
    ids=lambda data: data[:90].decode("ascii", "replace"),
)
def test_what_was_not_asked_so_is_refused(data: bytes) -> None:
    _, _, said = a_key()
    with pytest.raises(BadSignature):
        added(data, said, DRAWN)
    added(client_data(Doing.ADDING, DRAWN, f"{ORIGIN}:7777"), said, DRAWN)


def test_an_untouched_key_says_nothing_that_counts() -> None:
    _, _, said = a_key()
    untouched = said[:32] + bytes([said[32] & ~1]) + said[33:]
    with pytest.raises(BadSignature):
        added(client_data(Doing.ADDING, DRAWN), untouched, DRAWN)


def test_challenges_differ_in_all_that_they_are_bound_to() -> None:
    base = (Doing.SHOWING, b"home", "alice", bytes(32))
    others = [
        (Doing.ADDING, *base[1:]),
        (base[0], b"homea", "lice", base[3]),
        (*base[:2], "bob", base[3]),
        (*base[:3], bytes([1]) * 32),
    ]
    assert len({challenge(*each) for each in (base, *others)}) == 5
