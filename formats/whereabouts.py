"""Whereabouts: where somebody's homes are now, and the key to seal messages to them.

    body = {v, id, identity_seq, identity_hash, seq,
            homes: [{peer, addresses, role}], sealing, name, expires}

Signed by the daily key, purpose "whereabouts". Not chained: the newest replaces
the others. Addresses are hints; that one reached the right node is shown by the
peer id, which the connection proves.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crypto.hpke import PUBLIC_SIZE
from crypto.purposes import SignPurpose
from crypto.signing import SigningKey
from formats.dag_cbor import Value
from formats.envelope import Envelope
from formats.errors import BadName, Expired, Malformed
from formats.fields import Fields, entries
from formats.identity import IdentityChain
from formats.limits import ID, KIB, PEER
from formats.names import MAX_ACCOUNT_NAME, check_account_name
from formats.own_word import OwnWord

MAX_HOMES: Final = 8
MAX_ADDRESSES: Final = 16
MAX_ADDRESS: Final = 256
MAX_KIT: Final = 128
MAX_WHEREABOUTS_BODY: Final = 48 * KIB

_WHAT: Final = "whereabouts"
_ADDRESS: Final = re.compile(r"[\x21-\x7e]+")


class HomeRole(StrEnum):
    """What a node is to a person."""

    HOME = "home"
    REPLICA = "replica"


@dataclass(frozen=True, slots=True)
class Home:
    """A node: its peer id (1 to 64 bytes), addresses to try in order, and its role."""

    peer: bytes
    addresses: tuple[str, ...]
    role: HomeRole = HomeRole.HOME

    def value(self) -> Value:
        """The map that stands for it in a record."""
        return {"peer": self.peer, "addresses": list(self.addresses), "role": str(self.role)}


@dataclass(frozen=True, slots=True)
class Living:
    """Where somebody lives, and under which account name.

    ``kit``: sealed for who has the words of their recovery kit, if there is one.
    """

    homes: tuple[Home, ...]
    name: str
    kit: bytes | None = None


@dataclass(frozen=True, slots=True)
class Whereabouts(OwnWord):
    """Where an identity can be reached until ``expires`` (milliseconds).

    ``kit``: sealed for who has the words of the identity's recovery kit, if there is one.
    """

    homes: tuple[Home, ...]
    sealing: bytes
    name: str
    expires: int
    kit: bytes | None = None

    @classmethod
    def make(
        cls,
        chain: IdentityChain,
        seq: int,
        living: Living,
        sealing: bytes,
        expires: int,
        key: SigningKey,
    ) -> "Whereabouts":
        """Sign whereabouts with ``key``, the secret half of ``chain.daily``."""
        body: dict[str, Value] = {
            **cls.beginning(chain, seq),
            "homes": [home.value() for home in living.homes],
            "sealing": sealing,
            "name": living.name,
            "expires": expires,
            "kit": living.kit,
        }
        return cls._read(Envelope.sign(SignPurpose.WHEREABOUTS, body, key, keyed=False))

    @classmethod
    def decode(cls, data: bytes) -> "Whereabouts":
        """Read a record from its envelope; raises Malformed or UnknownVersion. Verifies nothing."""
        return cls._read(Envelope.decode(data, _WHAT, MAX_WHEREABOUTS_BODY, keyed=False))

    @classmethod
    def _read(cls, envelope: Envelope) -> "Whereabouts":
        fields = envelope.fields(_WHAT)
        return cls(
            envelope,
            id=fields.bytes_("id", ID),
            identity_seq=fields.uint("identity_seq"),
            identity_hash=fields.bytes_("identity_hash", ID),
            seq=fields.uint("seq"),
            homes=read_homes(fields, signed=True),
            sealing=fields.bytes_("sealing", PUBLIC_SIZE),
            name=read_account_name(fields, "name"),
            expires=fields.uint("expires"),
            kit=fields.optional_bytes("kit", minimum=1, maximum=MAX_KIT),
        )

    @property
    def living(self) -> Living:
        """Where they live, under which name, and their kit."""
        return Living(self.homes, self.name, self.kit)

    @property
    def home(self) -> Home:
        """The one node that is the home."""
        return primary(self.homes)

    def verify(self, chain: IdentityChain, now: int) -> None:
        """Return if the identity says this now.

        Raises Forged (another identity's, or not signed by its daily key),
        Stale (under another identity record than the newest), Forked, Expired.
        """
        self.check_said(SignPurpose.WHEREABOUTS, chain, _WHAT, "they are")
        if now >= self.expires:
            raise Expired(f"{_WHAT}: they expired")

    def extends(self, pinned_seq: int, pinned_hash: bytes) -> None:
        """Return if these are the pinned whereabouts or newer; raises Stale or Forked."""
        self.check_newer(pinned_seq, pinned_hash, _WHAT)


def read_homes(fields: Fields, *, signed: bool) -> tuple[Home, ...]:
    """The field ``homes``: 1 to 8 different nodes, one of them the home; raises Malformed.

    Unknown keys of a home are kept where the record is ``signed``, refused elsewhere.
    """
    found = entries(fields.list_("homes", MAX_HOMES), f"{fields.what} home")
    homes = tuple(map(_read_home, found))
    if not signed:
        for each in found:
            each.done()
    if len({home.peer for home in homes}) != len(homes):
        raise Malformed(f"{fields.what}: a node is listed twice")
    if sum(home.role is HomeRole.HOME for home in homes) != 1:
        raise Malformed(f"{fields.what}: exactly one node is the home")
    return homes


def read_addresses(fields: Fields) -> tuple[str, ...]:
    """The field ``addresses``: at most 16 of printable ASCII without spaces; raises Malformed."""
    items = fields.list_("addresses", MAX_ADDRESSES)
    return tuple(_address(item, fields.what) for item in items)


def read_account_name(fields: Fields, name: str) -> str:
    """A field that is an account name; raises Malformed."""
    try:
        return check_account_name(fields.text(name, MAX_ACCOUNT_NAME))
    except BadName as error:
        raise Malformed(f"{fields.what}: field '{name}': {error}") from None


def primary(homes: tuple[Home, ...]) -> Home:
    """The one with the role home."""
    return next(home for home in homes if home.role is HomeRole.HOME)


def _read_home(fields: Fields) -> Home:
    peer = fields.bytes_("peer", minimum=1, maximum=PEER)
    role = fields.text("role", 16)
    if role not in list(HomeRole):
        raise Malformed(f"{fields.what}: field 'role' is neither home nor replica")
    return Home(peer, read_addresses(fields), HomeRole(role))


def _address(item: Value, what: str) -> str:
    if not isinstance(item, str) or _ADDRESS.fullmatch(item) is None or len(item) > MAX_ADDRESS:
        raise Malformed(f"{what}: an address is 1 to {MAX_ADDRESS} printable ASCII characters")
    return item
