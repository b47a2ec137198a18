"""Other keys for an identity: the next record of its chain, and what is signed under it.

    fresh = NextKeys.draw(chain, now)
    made  = succeed(person, fresh, signer, keys, seq, now)
    made.chain, made.whereabouts, made.bundle

``signer`` is the key of succession: out of the inner compartment of the bundle, which only the
password opens, or out of a recovery kit. There may never be two records of one number, so what
was drawn is kept (sealed, on this machine) until a home has it, and used again if it was cut off.
"""

from dataclasses import dataclass, replace

from client.identity.bundle import MAX_SEALING_KEYS, Bundle, SealingSeed, seal_next
from client.identity.password import PasswordKeys
from client.identity.whereabouts import sign_whereabouts
from crypto.errors import CryptoError
from crypto.purposes import SealPurpose
from crypto.sealing import Associated, SealingKey
from crypto.secret import Secret, random_secret
from crypto.signing import SigningKey
from formats.dag_cbor import Value, decode, encode
from formats.errors import HoldfastError, Unfit
from formats.fields import Fields
from formats.identity import IdentityChain, IdentityRecord
from formats.whereabouts import Living, Whereabouts


@dataclass(frozen=True, slots=True)
class NextKeys:
    """What the record after ``prev`` (its hash) puts in force: drawn by chance, once.

    ``created`` in milliseconds; ``next`` signs the record after that one; ``member`` is the
    entry key of the root space, ``members`` gives those of further spaces. ``lost``: the record
    says that somebody may have what the keys before it opened.
    """

    prev: bytes
    created: int
    daily: SigningKey
    next: SigningKey
    member: SigningKey
    members: Secret
    lost: bool = False

    @classmethod
    def draw(cls, chain: IdentityChain, now: int, lost: bool = False) -> "NextKeys":
        """New ones."""
        daily, following, member = (SigningKey.generate() for _ in range(3))
        created = max(now, chain.head.created)
        return cls(chain.head_hash, created, daily, following, member, random_secret(), lost)

    def seal(self, key: SealingKey, name: str, id: bytes) -> bytes:
        """To be kept; ``key``: the inner key of the password, which is in no session."""
        value: dict[str, Value] = {
            "v": 1,
            "prev": self.prev,
            "created": self.created,
            "daily": self.daily.seed.reveal(),
            "next": self.next.seed.reveal(),
            "member": self.member.seed.reveal(),
            "members": self.members.reveal(),
            "lost": self.lost,
        }
        return key.seal_committed(encode(value), _associated(name, id))

    @classmethod
    def open(cls, sealed: bytes, key: SealingKey, name: str, id: bytes) -> "NextKeys | None":
        """What was kept; None if it does not open: the password was changed since."""
        try:
            fields = Fields(decode(key.open_committed(sealed, _associated(name, id))), _WHAT)
            fields.version()
            kept = cls(
                fields.bytes_("prev", 32),
                fields.uint("created"),
                _key(fields, "daily"),
                _key(fields, "next"),
                _key(fields, "member"),
                Secret(fields.bytes_("members", 32)),
                fields.optional_flag("lost") or False,
            )
            fields.done()
        except (CryptoError, HoldfastError):
            return None
        return kept


_WHAT = "keys to come"


def _associated(name: str, id: bytes) -> Associated:
    return Associated(SealPurpose.SUCCESSION, name.encode(), id)


def _key(fields: Fields, name: str) -> SigningKey:
    return SigningKey.from_seed(Secret(fields.bytes_(name, 32)))


@dataclass(frozen=True, slots=True)
class Person:
    """Who goes on under other keys: what is in force, where they live from then on, their name."""

    chain: IdentityChain
    bundle: Bundle
    living: Living

    @property
    def name(self) -> str:
        """Of the account."""
        return self.living.name


@dataclass(frozen=True, slots=True)
class Succession:
    """What is to be put in force, all at once."""

    chain: IdentityChain
    whereabouts: Whereabouts
    bundle: Bundle


def succeed(
    person: Person, fresh: NextKeys, signer: SigningKey, keys: PasswordKeys, seq: int, now: int
) -> Succession:
    """Sign the next record and whereabouts of number ``seq``; the bundle is to be sealed by
    ``keys``, as its inner compartment is. Raises Unfit when ``signer`` is not the key of
    succession. Some 20 ms.

    Messages that were sealed before still open: the new sealing key stands before the old ones.
    """
    chain, bundle = person.chain, person.bundle
    if signer.verify_key.digest() != chain.head.next or fresh.prev != chain.head_hash:
        raise Unfit("that is not the key that signs the next record of this identity")
    digest = fresh.next.verify_key.digest()
    record = IdentityRecord.following(
        chain.head, signer, fresh.daily.verify_key, digest, fresh.created, fresh.lost
    )
    longer = chain.followed_by(record)
    sealing = SealingSeed(random_secret(), now)
    whereabouts = sign_whereabouts(longer, seq, person.living, sealing.pair, now, fresh.daily)
    after = replace(
        bundle,
        head=longer.head_hash,
        head_seq=longer.seq,
        whereabouts_seq=seq,
        daily=fresh.daily,
        sealing=(sealing, *bundle.sealing)[:MAX_SEALING_KEYS],
        member=fresh.member,
        members=fresh.members,
        inner=seal_next(fresh.next.seed, person.name, bundle.id, keys),
    )
    return Succession(longer, whereabouts, after)
