"""The closed lists of what a signature, a seal or a derived value may be for.

A purpose stands in front of everything signed, sealed or derived, ended by a NUL. So bytes made for
one purpose mean nothing for another. The lists are closed: to do something new, add a word here,
and `tests/crypto/test_purposes.py` proves that no two encoded prefixes collide or begin each other.
A word is never given a second meaning, and never removed while anything made with it may exist.
"""

from enum import StrEnum
from typing import Final


class SignPurpose(StrEnum):
    """What a signature says."""

    IDENTITY = "identity"
    WHEREABOUTS = "whereabouts"
    SPACE = "space"
    POINTER = "pointer"
    STATEMENT = "statement"
    READ = "read"
    HELLO = "hello"
    MESSAGE = "message"
    CARD = "card"
    REPLICA = "replica"
    PUBLIC = "public"
    ANSWER = "answer"
    PROFILE = "profile"
    COURIER = "courier"
    FAREWELL = "farewell"
    RECEIPT = "receipt"


class SealPurpose(StrEnum):
    """What a ciphertext is."""

    HEADER = "header"
    BODY = "body"
    PAGE = "page"
    SEGMENT = "segment"
    THUMB = "thumb"
    BUNDLE = "bundle"
    INNER = "inner"
    MESSAGE = "message"
    LINK = "link"
    UPLOADS = "uploads"
    MARKS = "marks"
    GRANT = "grant"
    DEVICE = "device"
    KEPT = "kept"
    SNAPSHOT = "snapshot"
    AUTHOR = "author"
    COURIER = "courier"
    REPLY = "reply"
    FACTOR = "factor"
    STAY = "stay"
    SUCCESSION = "succession"
    KIT = "kit"
    KIT_PLACE = "kit-place"
    SHARE = "share"
    ARCHIVE = "archive"
    PIECE = "piece"


class KdfPurpose(StrEnum):
    """What a derived key or value is for."""

    LABEL = "label"
    LOCK = "lock"
    READ = "read"
    PAGE = "page"
    NAME = "name"
    THUMB = "thumb"
    CHUNK = "chunk"
    ACCESS = "access"
    LOG = "log"
    SIGN_IN = "sign-in"
    BUNDLE = "bundle"
    INNER = "inner"
    AEAD = "aead"
    COMMIT = "commit"
    MARKS = "marks"
    CONTACT = "contact"
    TOKEN = "token"
    READER = "reader"
    SALT = "salt"
    UPLOADS = "uploads"
    DEVICE = "device"
    SERVER = "server"
    SIGNING = "signing"
    PASSWORD = "password"
    SNAPSHOT = "snapshot"
    AUTHOR = "author"
    KEPT = "kept"
    NETWORK = "network"
    SAFETY = "safety"
    MEMBER = "member"
    FEED = "feed"
    KNOWN = "known"
    FACTOR = "factor"
    STAY = "stay"
    KIT = "kit"
    ARCHIVE = "archive"
    MACHINE = "machine"
    SHARE = "share"


class Derivation(StrEnum):
    """The three kinds of derived value, kept apart so that a public one never equals a key."""

    KEY = "kdf"
    PUBLIC = "prf"
    MAC = "mac"


_SIGN: Final = {each: f"holdfast/1/{each}\0".encode() for each in SignPurpose}
_SEAL: Final = {each: f"holdfast/1/seal/{each}\0".encode() for each in SealPurpose}
_KDF: Final = {
    (kind, each): f"holdfast/1/{kind}/{each}\0".encode()
    for kind in Derivation
    for each in KdfPurpose
}


# A member of a StrEnum equals its plain text and its namesake in another list, so a dictionary
# alone would let those in. The lists are closed at run time too.


def sign_prefix(purpose: SignPurpose) -> bytes:
    """What stands in front of a signed body: `holdfast/1/<purpose>` and a NUL."""
    if type(purpose) is not SignPurpose:
        raise TypeError("a signature needs a SignPurpose")
    return _SIGN[purpose]


def seal_prefix(purpose: SealPurpose) -> bytes:
    """What stands in front of associated data: `holdfast/1/seal/<purpose>` and a NUL."""
    if type(purpose) is not SealPurpose:
        raise TypeError("sealing needs a SealPurpose")
    return _SEAL[purpose]


def kdf_prefix(kind: Derivation, purpose: KdfPurpose) -> bytes:
    """What stands in front of a derivation's context: `holdfast/1/<kind>/<purpose>` and a NUL."""
    if type(purpose) is not KdfPurpose:
        raise TypeError("a derivation needs a KdfPurpose")
    return _KDF[kind, purpose]
