"""The sign-in bundle: all keys of a person, sealed for the next sign-in.

    bundle = seal_committed(bundle key, outer, (BUNDLE, name, id))
    outer  = {v, id, head, head_seq, whereabouts_seq, daily, sealing: [{seed, from}],
              member, space, root, account, members?, revoked?, roots?, inner}
    inner  = seal_committed(inner key, {v, next}, (INNER, name, id))

``inner`` holds the one key that can sign the next identity record. It opens
only with the password, and no session keeps what opens it. See docs/spec/bundle.md.

What commits to a space is no key of the bundle but one of this machine (``device_keys.py``),
which a session adds to it. ``member`` and ``members`` only let machines in.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from client.identity.device_keys import DeviceKeys
from client.identity.password import PasswordKeys
from crypto.errors import CryptoError
from crypto.hpke import SealKeyPair
from crypto.kdf import derive
from crypto.purposes import KdfPurpose, SealPurpose
from crypto.sealing import Associated, SealingKey
from crypto.secret import Secret
from crypto.signing import SigningKey
from formats.dag_cbor import Value, decode, encode
from formats.envelope import present
from formats.errors import Damaged, Internal
from formats.fields import Fields, entries
from formats.limits import ID

MAX_SEALING_KEYS: Final = 16
MAX_REVOKED: Final = 256
"""Revoked machines that are remembered, the newest: each of them would come back as another."""
MAX_ROOTS: Final = 256
"""Earlier secrets of the top folder that are remembered, to read what was: one a revocation."""


@dataclass(frozen=True, slots=True)
class SealingSeed:
    """A key that messages to this person are sealed to, and since when (ms)."""

    seed: Secret
    since: int

    @property
    def pair(self) -> SealKeyPair:
        """The key pair."""
        return SealKeyPair.from_seed(self.seed)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The keys of a person while signed in. ``inner`` stays sealed.

    ``daily`` signs records and messages; ``root`` is the node secret of the root space's top
    folder; ``account`` (32 bytes) gives reader keys, marks and the like; ``sealing`` is newest
    first. ``member`` may say who is a member of the root space; ``members`` gives the keys that
    may in further spaces, in place of ``account`` once identity keys were renewed. ``revoked``:
    digests of the root-space keys of machines that were revoked, the newest last. ``roots``: what
    ``root`` was before each of them was, the newest first, for earlier states are read by it.
    ``device``: the keys of the machine that this is on, which no bundle has that is sealed.
    """

    id: bytes
    head: bytes
    head_seq: int
    whereabouts_seq: int
    daily: SigningKey
    sealing: tuple[SealingSeed, ...]
    member: SigningKey
    space: bytes
    root: Secret
    account: Secret
    inner: bytes
    members: Secret | None = None
    revoked: tuple[bytes, ...] = ()
    roots: tuple[Secret, ...] = ()
    device: DeviceKeys | None = field(default=None, compare=False)

    def own_member(self, space: bytes) -> SigningKey:
        """This machine's member key of a space of this person's: another one in each space."""
        if self.device is None:
            raise Internal("the member key of a machine was asked of a bundle that is on none")
        return self.device.member(space)

    def entry_key(self, space: bytes) -> SigningKey:
        """The key that lets machines of this person into a space of theirs, and writes nothing.

        In spaces that no machine with a key of its own wrote to yet, it may write.
        """
        if space == self.space:
            return self.member
        return SigningKey.from_seed(derive(self.members or self.account, KdfPurpose.MEMBER, space))

    def revoking(self, *machines: bytes) -> "Bundle":
        """With one more revoked machine, by the digest of its root-space key."""
        kept = [each for each in self.revoked if each not in machines]
        return replace(self, revoked=(*kept, *machines)[-MAX_REVOKED:])

    def rooted(self, root: Secret) -> "Bundle":
        """With another secret of the top folder; the one that it was opens what was."""
        return replace(self, root=root, roots=(self.root, *self.roots)[:MAX_ROOTS])

    def seal(self, name: str, keys: PasswordKeys) -> bytes:
        """The sealed bundle for a sign-in record of this name."""
        return keys.bundle.seal_committed(encode(self.value), _outer(name, self.id))

    @classmethod
    def open(cls, sealed: bytes, name: str, id: bytes, keys: PasswordKeys) -> "Bundle":
        """Open what a home handed over; raises Damaged when it is not this person's bundle."""
        try:
            plain = keys.bundle.open_committed(sealed, _outer(name, id))
        except CryptoError as error:
            raise Damaged(
                "the keys that the home handed over do not open with this password",
                "the home's copy is damaged or not yours; restore it from a backup of the home",
            ) from error
        return cls.read(Fields(decode(plain), "sign-in bundle"), id)

    def seal_here(self, key: SealingKey, name: str) -> bytes:
        """The same for this machine, which stays signed in; ``inner`` takes the password still."""
        return key.seal_committed(encode(self.value), _here(name, self.id))

    @classmethod
    def open_here(cls, sealed: bytes, name: str, id: bytes, key: SealingKey) -> "Bundle":
        """Open what this machine kept; raises Damaged."""
        try:
            plain = key.open_committed(sealed, _here(name, id))
        except CryptoError as error:
            raise Damaged("what kept you signed in does not open", "sign in again") from error
        return cls.read(Fields(decode(plain), "kept bundle"), id)

    def reseal_inner(self, name: str, old: PasswordKeys, new: PasswordKeys) -> bytes:
        """The inner compartment for a new password."""
        return seal_next(open_next(self.inner, name, self.id, old), name, self.id, new)

    @property
    def value(self) -> Value:
        """All of it, as it is sealed."""
        members = None if self.members is None else self.members.reveal()
        sealing: list[Value] = [
            {"seed": each.seed.reveal(), "from": each.since} for each in self.sealing
        ]
        value: dict[str, Value] = {
            "v": 1,
            "id": self.id,
            "head": self.head,
            "head_seq": self.head_seq,
            "whereabouts_seq": self.whereabouts_seq,
            "daily": self.daily.seed.reveal(),
            "sealing": sealing,
            "member": self.member.seed.reveal(),
            "space": self.space,
            "root": self.root.reveal(),
            "account": self.account.reveal(),
            "members": members,
            "revoked": list(self.revoked) or None,
            "roots": [each.reveal() for each in self.roots] or None,
            "inner": self.inner,
        }
        return present(value)

    @classmethod
    def read(cls, fields: Fields, id: bytes) -> "Bundle":
        """What was sealed, of this person; raises Damaged, Malformed."""
        fields.version()
        if fields.bytes_("id", 32) != id:
            raise Damaged("the keys that the home handed over are another person's")
        members = fields.optional_bytes("members", 32)
        bundle = cls(
            id=id,
            head=fields.bytes_("head", 32),
            head_seq=fields.uint("head_seq"),
            whereabouts_seq=fields.uint("whereabouts_seq"),
            daily=SigningKey.from_seed(Secret(fields.bytes_("daily", 32))),
            sealing=tuple(
                SealingSeed(Secret(each.bytes_("seed", 32)), each.uint("from"))
                for each in entries(fields.list_("sealing", MAX_SEALING_KEYS), "sealing key")
            ),
            member=SigningKey.from_seed(Secret(fields.bytes_("member", 32))),
            space=fields.bytes_("space", 32),
            root=Secret(fields.bytes_("root", 32)),
            account=Secret(fields.bytes_("account", 32)),
            inner=fields.bytes_("inner", maximum=4096),
            members=None if members is None else Secret(members),
            revoked=fields.optional_bytes_list("revoked", MAX_REVOKED, ID) or (),
            roots=tuple(map(Secret, fields.optional_bytes_list("roots", MAX_ROOTS, ID) or ())),
        )
        fields.done()
        return bundle


def seal_next(next_seed: Secret, name: str, id: bytes, keys: PasswordKeys) -> bytes:
    """Seal the key of succession under the inner key."""
    plain = encode({"v": 1, "next": next_seed.reveal()})
    return keys.inner.seal_committed(plain, _inner(name, id))


def open_next(inner: bytes, name: str, id: bytes, keys: PasswordKeys) -> Secret:
    """The key of succession; raises Damaged."""
    try:
        plain = keys.inner.open_committed(inner, _inner(name, id))
    except CryptoError as error:
        raise Damaged("the key of succession does not open with this password") from error
    fields = Fields(decode(plain), "inner bundle")
    fields.version()
    seed = Secret(fields.bytes_("next", 32))
    fields.done()
    return seed


def _outer(name: str, id: bytes) -> Associated:
    return Associated(SealPurpose.BUNDLE, name.encode(), id)


def _here(name: str, id: bytes) -> Associated:
    return Associated(SealPurpose.STAY, name.encode(), id)


def _inner(name: str, id: bytes) -> Associated:
    return Associated(SealPurpose.INNER, name.encode(), id)
