"""What somebody says about themselves to everybody: signed, small, replaced as a whole.

    body = {v, id, identity_seq, identity_hash, seq, expires, name?, text?, links?, picture?}

Signed by the daily key, purpose "profile". Not chained: the newest replaces the others. A
field that is not public is not in it. Whether a field says anything sensible is for who shows
it; here is only how large it may be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crypto.purposes import SignPurpose
from crypto.signing import SigningKey
from formats.dag_cbor import Value
from formats.envelope import ENVELOPE_OVERHEAD, Envelope
from formats.errors import Expired
from formats.identity import IdentityChain
from formats.limits import ID, KIB
from formats.own_word import OwnWord

MAX_NAME: Final = 128
MAX_TEXT: Final = 4 * KIB
MAX_LINKS: Final = 8 * KIB
MAX_PICTURE: Final = 32 * KIB
"""Bytes of a public picture: who is not a contact shall not have to take more."""
MAX_PROFILE_BODY: Final = 48 * KIB
MAX_PROFILE: Final = MAX_PROFILE_BODY + ENVELOPE_OVERHEAD

_WHAT: Final = "public profile"


@dataclass(frozen=True, slots=True)
class PublicFields:
    """The fields that are public; None: not this one. ``links``: one on each line."""

    name: str | None = None
    text: str | None = None
    links: str | None = None
    picture: bytes | None = None

    @property
    def values(self) -> Mapping[str, Value]:
        """As they stand in the body; those that are None are left out of it."""
        return {
            "name": self.name,
            "text": self.text,
            "links": self.links,
            "picture": self.picture,
        }

    @property
    def is_empty(self) -> bool:
        """Whether nothing is public."""
        return all(value is None for value in self.values.values())


@dataclass(frozen=True, slots=True)
class PublicProfile(OwnWord):
    """What an identity says to everybody until ``expires`` (milliseconds)."""

    expires: int
    fields: PublicFields

    @classmethod
    def make(
        cls, chain: IdentityChain, seq: int, fields: PublicFields, expires: int, key: SigningKey
    ) -> "PublicProfile":
        """Sign a profile with ``key``, the secret half of ``chain.daily``."""
        body: dict[str, Value] = {
            **cls.beginning(chain, seq),
            "expires": expires,
            **fields.values,
        }
        return cls._read(Envelope.sign(SignPurpose.PROFILE, body, key, keyed=False))

    @classmethod
    def decode(cls, data: bytes) -> "PublicProfile":
        """Read a record from its envelope; raises Malformed or UnknownVersion. Verifies nothing."""
        return cls._read(Envelope.decode(data, _WHAT, MAX_PROFILE_BODY, keyed=False))

    @classmethod
    def _read(cls, envelope: Envelope) -> "PublicProfile":
        fields = envelope.fields(_WHAT)
        return cls(
            envelope,
            id=fields.bytes_("id", ID),
            identity_seq=fields.uint("identity_seq"),
            identity_hash=fields.bytes_("identity_hash", ID),
            seq=fields.uint("seq"),
            expires=fields.uint("expires"),
            fields=PublicFields(
                name=fields.optional_text("name", MAX_NAME),
                text=fields.optional_text("text", MAX_TEXT),
                links=fields.optional_text("links", MAX_LINKS),
                picture=fields.optional_bytes("picture", minimum=1, maximum=MAX_PICTURE),
            ),
        )

    def verify(self, chain: IdentityChain, now: int) -> None:
        """Return if the identity says this now.

        Raises Forged (another identity's, or not signed by its daily key), Stale (under
        another identity record than the newest), Forked, Expired.
        """
        self.check_said(SignPurpose.PROFILE, chain, _WHAT)
        if now >= self.expires:
            raise Expired(f"{_WHAT}: it expired")

    def extends(self, seen_seq: int, seen_hash: bytes) -> None:
        """Return if this is the one that was seen or a newer one; raises Stale or Forked."""
        self.check_newer(seen_seq, seen_hash, _WHAT)
