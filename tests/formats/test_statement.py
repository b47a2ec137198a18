"""Statements: worth something on one connection, or for one request, for a minute."""

import pytest

from crypto.purposes import SignPurpose
from crypto.signing import LockKey, SigningKey
from formats.errors import Expired, Forged, Malformed
from formats.statement import (
    MAX_STATEMENT,
    MAX_STATEMENT_LIFE,
    Hello,
    Request,
    Role,
    Statement,
)
from tests.records.people import ALICE, CLIENT, NOW, SERVER, digest, key, lock

NONCE = digest("nonce")
END = NOW + MAX_STATEMENT_LIFE
REQUEST = Request("sign-in", SERVER, "accounts/sign-in", digest("request"))


def hello(role: Role, subject: bytes, client: bytes = CLIENT, expires: int = END) -> Hello:
    return Hello(role, subject, SERVER, client, NONCE, expires)


def hybrid(signer: SigningKey) -> bytes:
    return signer.verify_key.encode()


ROLES: list[tuple[Role, bytes, SigningKey]] = [
    (Role.MEMBER, ALICE.id + digest("space"), ALICE.member_key),
    (Role.OWNER, ALICE.id, ALICE.daily()),
    (Role.SIGN_IN, b"alice", key("alice sign-in")),
]


@pytest.mark.parametrize(("role", "subject", "signer"), ROLES)
def test_a_hybrid_key_is_proven(role: Role, subject: bytes, signer: SigningKey) -> None:
    said = hello(role, subject)
    again = Hello.decode(said.body)
    assert again == said
    assert len(said.body) < MAX_STATEMENT
    signature = said.sign(signer)
    again.verify(hybrid(signer), signature, SERVER, CLIENT, NONCE, NOW)
    with pytest.raises(Forged, match="signature"):
        again.verify(hybrid(key("eve")), signature, SERVER, CLIENT, NONCE, NOW)


def test_a_reader_is_its_key() -> None:
    reader: LockKey = lock("reader")
    said = hello(Role.READER, reader.public)
    signature = said.sign(reader)
    said.verify(reader.public, signature, SERVER, CLIENT, NONCE, NOW)
    other = lock("other")
    with pytest.raises(Forged, match="not the reader's"):
        said.verify(other.public, said.sign(other), SERVER, CLIENT, NONCE, NOW)
    with pytest.raises(Forged, match="signature"):
        said.verify(reader.public, bytes(64), SERVER, CLIENT, NONCE, NOW)


def test_on_another_connection_it_is_worth_nothing() -> None:
    said = hello(Role.OWNER, ALICE.id)
    signature, encoded = said.sign(ALICE.daily()), hybrid(ALICE.daily())
    for server, client, nonce in (
        (CLIENT, CLIENT, NONCE),
        (SERVER, SERVER, NONCE),
        (SERVER, b"", NONCE),
        (SERVER, CLIENT, digest("another nonce")),
    ):
        with pytest.raises(Forged, match="another connection"):
            said.verify(encoded, signature, server, client, nonce, NOW)


def test_in_process_there_is_no_peer_id() -> None:
    said = hello(Role.OWNER, ALICE.id, client=b"")
    signature = said.sign(ALICE.daily())
    Hello.decode(said.body).verify(hybrid(ALICE.daily()), signature, SERVER, b"", NONCE, NOW)


def test_it_lives_a_minute() -> None:
    said = hello(Role.OWNER, ALICE.id)
    signature, encoded = said.sign(ALICE.daily()), hybrid(ALICE.daily())
    said.verify(encoded, signature, SERVER, CLIENT, NONCE, END - 1)
    with pytest.raises(Expired):
        said.verify(encoded, signature, SERVER, CLIENT, NONCE, END)
    long = hello(Role.OWNER, ALICE.id, expires=END + 1)
    with pytest.raises(Forged, match="longer"):
        long.verify(encoded, long.sign(ALICE.daily()), SERVER, CLIENT, NONCE, NOW)


def test_a_signature_for_a_request_is_none_for_a_connection() -> None:
    said = hello(Role.OWNER, ALICE.id)
    other = ALICE.daily().sign(SignPurpose.STATEMENT, said.body)
    with pytest.raises(Forged):
        said.verify(hybrid(ALICE.daily()), other, SERVER, CLIENT, NONCE, NOW)


def test_what_is_no_key_is_malformed() -> None:
    said = hello(Role.OWNER, ALICE.id)
    with pytest.raises(Malformed):
        said.verify(b"key", said.sign(ALICE.daily()), SERVER, CLIENT, NONCE, NOW)


def test_a_long_body_is_refused_before_it_is_read() -> None:
    with pytest.raises(Malformed, match="at most 1024"):
        Hello.decode(b"\0" * 1025)
    with pytest.raises(Malformed, match="at most 1024"):
        Statement.decode(b"\0" * 1025)


def test_a_request_is_signed() -> None:
    said = Statement(REQUEST, NONCE, END)
    again = Statement.decode(said.body)
    assert again == said
    signer = key("alice sign-in")
    signature = said.sign(signer)
    again.verify(hybrid(signer), signature, REQUEST, END - 1)
    with pytest.raises(Expired):
        again.verify(hybrid(signer), signature, REQUEST, END)
    with pytest.raises(Forged, match="signature"):
        again.verify(hybrid(key("eve")), signature, REQUEST, NOW)
    with pytest.raises(Forged, match="longer"):
        again.verify(hybrid(signer), signature, REQUEST, NOW - 1)


@pytest.mark.parametrize(
    "other",
    [
        Request("sign-up", SERVER, "accounts/sign-in", digest("request")),
        Request("sign-in", CLIENT, "accounts/sign-in", digest("request")),
        Request("sign-in", SERVER, "accounts/delete", digest("request")),
        Request("sign-in", SERVER, "accounts/sign-in", digest("another")),
    ],
)
def test_another_request_is_not_what_was_signed(other: Request) -> None:
    said, signer = Statement(REQUEST, NONCE, END), key("alice sign-in")
    with pytest.raises(Forged, match="another request"):
        said.verify(hybrid(signer), said.sign(signer), other, NOW)
