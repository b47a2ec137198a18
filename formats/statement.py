"""Statements: a key proven to one server, once a connection or once a request.

    hello     = {v, role, subject, server, client, nonce, expires}          purpose "hello"
    statement = {v, purpose, server, method, body_hash, nonce, expires}     purpose "statement"

A ``Hello`` binds a key to one connection: both peer ids and a nonce that the
server drew for it. A ``Statement`` binds a key to one request, for carriers
without connections; the server remembers nonces until they expire. The bodies
travel with key and signature beside them. Times are the server's, which its
greeting tells.

    role       subject                           signed by
    member     owner id and space id (64 bytes)  a member key of the space (hybrid)
    owner      identity id (32)                  the daily key (hybrid)
    sign-in    account name (1 to 32)            the sign-in key (hybrid)
    reader     the reader's public key (32)      that reader key (Ed25519)
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crypto.errors import BadKey, BadSignature
from crypto.purposes import SignPurpose
from crypto.signing import LOCK_KEY_SIZE, LockKey, SigningKey, VerifyKey, verify_lock
from formats.dag_cbor import decode, encode
from formats.errors import BadName, Expired, Forged, Malformed
from formats.fields import Fields
from formats.limits import ID, PEER
from formats.names import check_account_name

MAX_STATEMENT: Final = 1024
"""Most bytes of either body."""

MAX_STATEMENT_LIFE: Final = 60_000
"""How far ahead of the server's time a statement may expire, in milliseconds."""

MAX_METHOD: Final = 64

_HELLO: Final = "hello statement"
_STATEMENT: Final = "request statement"


class Role(StrEnum):
    """As what a key is proven."""

    MEMBER = "member"
    OWNER = "owner"
    SIGN_IN = "sign-in"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Hello:
    """This connection, from ``client`` to ``server`` (peer ids), holds a key for ``subject``.

    ``client`` is empty in process. ``nonce``: 32 bytes the server drew for the connection.
    """

    role: Role
    subject: bytes
    server: bytes
    client: bytes
    nonce: bytes
    expires: int

    @classmethod
    def decode(cls, data: bytes) -> "Hello":
        """Read the body; raises Malformed or UnknownVersion. Verifies nothing."""
        fields = _fields(data, _HELLO)
        hello = cls(
            role=_read_role(fields),
            subject=fields.bytes_("subject", maximum=2 * ID),
            server=fields.bytes_("server", minimum=1, maximum=PEER),
            client=fields.bytes_("client", maximum=PEER),
            nonce=fields.bytes_("nonce", ID),
            expires=fields.uint("expires"),
        )
        fields.done()
        _check_subject(hello.role, hello.subject)
        return hello

    @property
    def body(self) -> bytes:
        """What is signed, as it travels."""
        return encode(
            {
                "v": 1,
                "role": str(self.role),
                "subject": self.subject,
                "server": self.server,
                "client": self.client,
                "nonce": self.nonce,
                "expires": self.expires,
            }
        )

    def sign(self, key: SigningKey | LockKey) -> bytes:
        """The signature that travels beside the body."""
        return key.sign(SignPurpose.HELLO, self.body)

    def verify(
        self, key: bytes, signature: bytes, server: bytes, client: bytes, nonce: bytes, now: int
    ) -> None:
        """Return if ``key`` (encoded) said this on the connection with these ends and nonce.

        For a reader that is all: the key is the subject. For the other roles the
        caller still has to find ``key`` in the space record, the identity chain
        or the sign-in record. Raises Forged, Expired, Malformed (no such key).
        """
        if (self.server, self.client, self.nonce) != (server, client, nonce):
            raise Forged(f"{_HELLO}: it is for another connection")
        _check_life(self.expires, now, _HELLO)
        if self.role is Role.READER:
            _verify_reader(self.subject, key, self.body, signature)
        else:
            _verify_hybrid(key, SignPurpose.HELLO, self.body, signature, _HELLO)


@dataclass(frozen=True, slots=True)
class Request:
    """A request to one server (peer id), as both ends know it.

    ``purpose``: what for, in the words of the door; ``body_hash``: SHA-256 of
    the request's canonical bytes.
    """

    purpose: str
    server: bytes
    method: str
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class Statement:
    """One request, signed: for carriers without connections. ``nonce``: 32 random bytes."""

    request: Request
    nonce: bytes
    expires: int

    @classmethod
    def decode(cls, data: bytes) -> "Statement":
        """Read the body; raises Malformed or UnknownVersion. Verifies nothing."""
        fields = _fields(data, _STATEMENT)
        request = Request(
            purpose=_read_word(fields, "purpose"),
            server=fields.bytes_("server", minimum=1, maximum=PEER),
            method=_read_word(fields, "method"),
            body_hash=fields.bytes_("body_hash", ID),
        )
        statement = cls(request, fields.bytes_("nonce", ID), fields.uint("expires"))
        fields.done()
        return statement

    @property
    def body(self) -> bytes:
        """What is signed, as it travels."""
        return encode(
            {
                "v": 1,
                "purpose": self.request.purpose,
                "server": self.request.server,
                "method": self.request.method,
                "body_hash": self.request.body_hash,
                "nonce": self.nonce,
                "expires": self.expires,
            }
        )

    def sign(self, key: SigningKey) -> bytes:
        """The signature that travels beside the body."""
        return key.sign(SignPurpose.STATEMENT, self.body)

    def verify(self, key: bytes, signature: bytes, request: Request, now: int) -> None:
        """Return if ``key`` (encoded) said this of the request that came with it.

        The caller still has to find the key where it belongs and to refuse a
        nonce it has seen. Raises Forged, Expired, Malformed (no such key).
        """
        if self.request != request:
            raise Forged(f"{_STATEMENT}: it is for another request")
        _check_life(self.expires, now, _STATEMENT)
        _verify_hybrid(key, SignPurpose.STATEMENT, self.body, signature, _STATEMENT)


def _fields(data: bytes, what: str) -> Fields:
    if len(data) > MAX_STATEMENT:
        raise Malformed(f"{what}: {len(data)} bytes, at most {MAX_STATEMENT}")
    fields = Fields(decode(data, max_depth=1), what)
    fields.version()
    return fields


def _read_role(fields: Fields) -> Role:
    try:
        return Role(fields.text("role", 16))
    except ValueError:
        raise Malformed(f"{_HELLO}: field 'role' is none of {', '.join(Role)}") from None


_SUBJECT_SIZES: Final = {Role.MEMBER: 2 * ID, Role.OWNER: ID, Role.READER: LOCK_KEY_SIZE}


def _check_subject(role: Role, subject: bytes) -> None:
    expected = _SUBJECT_SIZES.get(role)
    if expected is not None and len(subject) != expected:
        raise Malformed(f"{_HELLO}: subject of {len(subject)} bytes, expected {expected}")
    if role is Role.SIGN_IN:
        try:
            check_account_name(subject.decode("ascii"))
        except (UnicodeDecodeError, BadName):
            raise Malformed(f"{_HELLO}: the subject is no account name") from None


def _read_word(fields: Fields, name: str) -> str:
    word = fields.text(name, MAX_METHOD)
    if not word or not word.isascii() or not word.isprintable():
        raise Malformed(f"{fields.what}: field '{name}' is not printable ASCII")
    return word


def _check_life(expires: int, now: int, what: str) -> None:
    if now >= expires:
        raise Expired(f"{what}: it expired")
    if expires > now + MAX_STATEMENT_LIFE:
        raise Forged(f"{what}: it would live longer than a minute")


def _verify_reader(subject: bytes, key: bytes, body: bytes, signature: bytes) -> None:
    if key != subject:
        raise Forged(f"{_HELLO}: the key beside it is not the reader's")
    try:
        verify_lock(key, SignPurpose.HELLO, body, signature)
    except BadSignature:
        raise _unsigned(_HELLO) from None


def _verify_hybrid(
    key: bytes, purpose: SignPurpose, body: bytes, signature: bytes, what: str
) -> None:
    try:
        VerifyKey.decode(key).verify(purpose, body, signature)
    except BadKey as error:
        raise Malformed(f"{what}: {error}") from None
    except BadSignature:
        raise _unsigned(what) from None


def _unsigned(what: str) -> Forged:
    return Forged(f"{what}: the signature does not hold")
