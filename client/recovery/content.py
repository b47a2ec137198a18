"""What a recovery kit opens, sealed to the kit's public key in a leaf of the root space.

    leaf.header = HPKE to the kit's key, info (KIT, id), of
    {v, name, next: seed, bundle: the bundle as after signing in, with nothing in ``inner``} | zeros

So the words give what the password gives: all keys of a session, and the key of succession.
Sealed to a public key, so that who has just typed the password can renew it without the words.
"""

from dataclasses import dataclass, replace
from typing import Final

from client.identity.bundle import Bundle
from crypto.errors import OpenFailed
from crypto.hpke import SealKeyPair, seal_to
from crypto.purposes import SealPurpose
from crypto.sealing import Associated
from crypto.secret import Secret
from crypto.signing import SigningKey
from formats.dag_cbor import decode, encode
from formats.errors import BadKit, Damaged, Malformed, Stale
from formats.fields import Fields
from formats.identity import IdentityChain
from formats.whereabouts import read_account_name

PLAIN: Final = 4096
"""Bytes inside the seal: names and the number of keys do not show in its size."""
SEED: Final = 32
REVOKED: Final = 32
"""Revoked machines that the kit remembers: more than have room beside the keys would not fit."""
ROOTS: Final = 32
"""Earlier secrets of the top folder, likewise."""

_LENGTH: Final = 2
_WHAT: Final = "recovery kit"


@dataclass(frozen=True, slots=True)
class KitContent:
    """A person's keys as of when this was sealed. ``next``: the seed of the key of succession."""

    name: str
    bundle: Bundle
    next: Secret

    @classmethod
    def of(cls, bundle: Bundle, name: str, next: Secret) -> "KitContent":
        """From a person's keys; what the password opens in the bundle stands here as ``next``."""
        revoked, roots = bundle.revoked[-REVOKED:], bundle.roots[:ROOTS]
        return cls(name, replace(bundle, inner=b"", revoked=revoked, roots=roots), next)

    @property
    def id(self) -> bytes:
        """Whose keys they are."""
        return self.bundle.id

    def seal(self, public: bytes) -> bytes:
        """For the holder of the kit with this public key."""
        bundle, seed = self.bundle.value, self.next.reveal()
        content = encode({"v": 1, "name": self.name, "next": seed, "bundle": bundle})
        plain = len(content).to_bytes(_LENGTH, "big") + content
        return seal_to(public, plain.ljust(PLAIN, b"\0"), _info(self.id))

    @classmethod
    def open(cls, sealed: bytes, pair: SealKeyPair, id: bytes) -> "KitContent":
        """What was sealed for the kit of ``id``; raises BadKit."""
        try:
            return cls.read(pair.open(sealed, _info(id)), id)
        except OpenFailed:
            raise BadKit("what the words should open was sealed for another kit") from None
        except (Damaged, Malformed) as error:
            raise BadKit(f"what the words open makes no sense: {error.message}") from None

    def check_in_force(self, chain: IdentityChain) -> None:
        """Return if these keys are in force by this chain's newest record; raises Stale."""
        if self.bundle.head_seq > chain.seq:
            raise Stale("this node has older records of that person than the kit", hint=_OTHER)
        signer = SigningKey.from_seed(self.next).verify_key
        if self.bundle.head != chain.head_hash or signer.digest() != chain.head.next:
            raise Stale("that person's keys were renewed, and the kit was not, here", hint=_OTHER)

    @classmethod
    def read(cls, plain: bytes, id: bytes) -> "KitContent":
        """What was inside the seal; raises Malformed, Damaged (another person's)."""
        length = int.from_bytes(plain[:_LENGTH], "big")
        if len(plain) != PLAIN or any(plain[_LENGTH + length :]):
            raise Malformed(f"{_WHAT}: it is not padded as it should be")
        fields = Fields(decode(plain[_LENGTH : _LENGTH + length]), _WHAT)
        fields.version()
        name = read_account_name(fields, "name")
        seed = Secret(fields.bytes_("next", SEED))
        bundle = Bundle.read(Fields(fields.map_("bundle"), _WHAT), id)
        fields.done()
        return cls(name, bundle, seed)


def _info(id: bytes) -> Associated:
    return Associated(SealPurpose.KIT, id)


_OTHER: Final = "look for a newer copy of their data: the kit was renewed there"
