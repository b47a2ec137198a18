"""What a security key or passkey says (WebAuthn level 2), verified.

The challenge that a key signs is made by both sides from what the home drew and who the home
is, so what a key said to one home is worth nothing at another. A key says that it is there
and that somebody touched it; it opens nothing. Attestation (who made the key) is not asked for.

`RP` is the name that keys know us by: a page served by one's own machine can use it too, as
browsers take names under `localhost` to that machine. Any port will do.
"""

import hmac
import re
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from crypto.errors import BadKey, BadSignature
from crypto.hashing import sha256

if TYPE_CHECKING:  # a node that nobody signs in to with a key never loads it
    from fido2.cose import CoseKey
    from fido2.webauthn import AuthenticatorData

RP: Final = "holdfast.localhost"
ORIGIN: Final = f"http://{RP}"
_OURS: Final = re.compile(re.escape(ORIGIN) + "(?::[0-9]{1,5})?")
"""Origins of pages from one's own machine, on any port."""

ALGORITHMS: Final = (-7, -8, -257)
"""ES256, EdDSA, RS256: what keys sign with, best first."""

MAX_CREDENTIAL: Final = 1023
"""Bytes of the name that a key gives itself for us."""

MAX_PUBLIC: Final = 1024


class Doing(StrEnum):
    """What a key is asked for, as WebAuthn calls it."""

    ADDING = "webauthn.create"
    SHOWING = "webauthn.get"


@dataclass(frozen=True, slots=True)
class Credential:
    """A key as the home knows it: its name, its COSE public key, how often it has signed."""

    name: bytes
    public: bytes
    count: int


def challenge(doing: Doing, server: bytes, account: str, drawn: bytes) -> bytes:
    """The 32 bytes to be signed: for one attempt (`drawn`, 32 bytes) at one account of one home."""
    parts = (str(doing).encode(), server, account.encode(), drawn)
    return sha256(b"holdfast/1/factor\0" + b"".join(map(sha256, parts)))


def added(client_data: bytes, said: bytes, expected: bytes) -> Credential:
    """The key that is added now. `said`: its authenticator data. Raises BadSignature, BadKey."""
    found = _checked(Doing.ADDING, client_data, said, expected)
    if found.credential_data is None:
        raise BadKey("a key was to be added and none is there")
    from fido2 import cbor

    name = bytes(found.credential_data.credential_id)
    public: bytes = cbor.encode(dict(found.credential_data.public_key))
    if not 1 <= len(name) <= MAX_CREDENTIAL or len(public) > MAX_PUBLIC:
        raise BadKey("a key with a name or a public key of no size there is")
    if found.credential_data.public_key.ALGORITHM not in ALGORITHMS:
        raise BadKey("a key that signs in a way this version does not know")
    _check_usable(public)
    return Credential(name, public, found.counter)


def shown(
    credential: Credential, client_data: bytes, said: bytes, signature: bytes, expected: bytes
) -> int:
    """How often the key has signed by now, if it signed this; raises BadSignature.

    A key that counts backwards was copied, and is refused.
    """
    found = _checked(Doing.SHOWING, client_data, said, expected)
    _verify(credential.public, said + sha256(client_data), signature)
    if found.counter <= credential.count and (found.counter or credential.count):
        raise BadSignature("the key counts backwards")
    return found.counter


def _checked(doing: Doing, client_data: bytes, said: bytes, expected: bytes) -> "AuthenticatorData":
    """What the key says, having been asked for this, by us, just now, and been touched."""
    from fido2.webauthn import AuthenticatorData, CollectedClientData

    try:
        asked, found = CollectedClientData(client_data), AuthenticatorData(said)
        good = asked.type == doing and _is_ours(asked.origin) and not asked.cross_origin
        same = hmac.compare_digest(asked.challenge, expected)
    except _SENSELESS:
        raise BadSignature("what the key said makes no sense") from None
    touched = bool(found.flags & AuthenticatorData.FLAG.UP)
    if not (good and same and touched and found.rp_id_hash == sha256(RP.encode())):
        raise BadSignature("the key answered something else than it was asked")
    return found


def _is_ours(origin: object) -> bool:
    return isinstance(origin, str) and _OURS.fullmatch(origin) is not None


def _verify(public: bytes, message: bytes, signature: bytes) -> None:
    from cryptography.exceptions import InvalidSignature

    try:
        _public(public).verify(message, signature)
    except (InvalidSignature, *_SENSELESS):
        raise BadSignature("the key did not sign this") from None


def _check_usable(public: bytes) -> None:
    """Return if something could be signed by this key; raises BadKey."""
    from cryptography.exceptions import InvalidSignature

    try:
        _public(public).verify(b"", bytes(64))
    except InvalidSignature:
        return
    except _SENSELESS:
        raise BadKey("that is no public key") from None


def _public(encoded: bytes) -> "CoseKey":
    from fido2 import cbor
    from fido2.cose import CoseKey

    value = cbor.decode(encoded)
    if not isinstance(value, dict):
        raise ValueError("a COSE key is a map")
    return CoseKey.parse(value)


_SENSELESS: Final = (
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    RecursionError,
    struct.error,
)
"""What reading bytes that make no sense comes to in fido2, whose readers check less than ours."""
