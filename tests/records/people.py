"""Keys from words, and a person with an identity, a space and pointers. No randomness.

Only signatures differ from run to run: ML-DSA is hedged. Nothing here compares them.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

from crypto.hashing import sha256
from crypto.hpke import SealKeyPair
from crypto.secret import Secret
from crypto.signing import LockKey, SigningKey
from formats.ancestry import Spine
from formats.cid import Cid
from formats.farewell import Farewell
from formats.identity import IdentityChain, IdentityRecord
from formats.pointer import Pointer
from formats.profile import PublicFields, PublicProfile
from formats.replica import ReplicaGrant
from formats.space import Member, Rights, SpaceRecord
from formats.whereabouts import Home, HomeRole, Living, Whereabouts

NOW: Final = 1_800_000_000_000
DAY: Final = 86_400_000
PNG: Final = b"\x89PNG\r\n\x1a\n" + bytes(100)
SERVER: Final = b"\x00\x24\x08\x01\x12\x20" + sha256(b"server")
CLIENT: Final = b"\x00\x24\x08\x01\x12\x20" + sha256(b"client")


def digest(word: str) -> bytes:
    """32 bytes from a word."""
    return sha256(word.encode())


@cache
def key(word: str) -> SigningKey:
    """A hybrid key from a word."""
    return SigningKey.from_seed(Secret(digest(word)))


@cache
def lock(word: str) -> LockKey:
    """A classical key from a word."""
    return LockKey.from_seed(Secret(digest(word)))


@cache
def sealing(word: str) -> bytes:
    """A public sealing key from a word."""
    return SealKeyPair.from_seed(Secret(digest(word))).public


def root(word: str) -> Cid:
    """The CID of a made-up root block."""
    return Cid.of_cbor(word.encode())


@dataclass(frozen=True)
class Person:
    """Keys are named after the person: ``alice signer 0``, ``alice daily 0``, ``alice member``."""

    name: str

    def record(self, seq: int) -> IdentityRecord:
        """Identity record ``seq``."""
        return _record(self.name, seq)

    def chain(self, length: int = 1) -> IdentityChain:
        """The first records of the identity."""
        return _chain(self.name, length)

    def daily(self, seq: int = 0) -> SigningKey:
        """The everyday key of identity record ``seq``."""
        return key(f"{self.name} daily {seq}")

    @property
    def id(self) -> bytes:
        """The identity's id."""
        return self.chain().id

    @property
    def member_key(self) -> SigningKey:
        """The member key of this person's device."""
        return key(f"{self.name} member")

    @property
    def member(self) -> Member:
        """Listed with all rights."""
        return Member(self.member_key.verify_key.digest(), Rights.ALL)

    @property
    def homes(self) -> tuple[Home, ...]:
        """A home and a replica."""
        return (
            Home(SERVER, ("/ip4/192.0.2.1/tcp/4701", "/ip6/2001:db8::1/tcp/4701")),
            Home(CLIENT, (), HomeRole.REPLICA),
        )

    def whereabouts(self, seq: int = 0, expires: int = NOW + DAY) -> Whereabouts:
        """Where this person is."""
        return Whereabouts.make(
            self.chain(),
            seq,
            Living(self.homes, self.name),
            sealing(self.name),
            expires,
            self.daily(),
        )

    def profile(self, seq: int = 0, expires: int = NOW + DAY) -> PublicProfile:
        """What this person says to everybody."""
        said = PublicFields(self.name.title(), "one\ntwo", f"https://{self.name}.example", PNG)
        return PublicProfile.make(self.chain(), seq, said, expires, self.daily())

    def replica_grant(self, seq: int = 0, ceiling: int = 2**30) -> ReplicaGrant:
        """Leave for the replica among the homes."""
        home, replica = self.homes
        return ReplicaGrant.make(
            self.chain(), seq, home.peer, replica, ceiling, NOW + DAY, self.daily()
        )

    def farewell(self, seq: int = 1) -> Farewell:
        """To the home."""
        return Farewell.make(self.chain(), seq, SERVER, NOW, self.daily())

    def space(self, *others: Member) -> SpaceRecord:
        """Epoch 0 of this person's space, with further members."""
        members = [self.member, *others]
        return SpaceRecord.first(digest(f"{self.name} space"), self.chain(), members, self.daily())


@cache
def _record(name: str, seq: int) -> IdentityRecord:
    signer, daily = key(f"{name} signer {seq}"), key(f"{name} daily {seq}").verify_key
    then = key(f"{name} signer {seq + 1}").verify_key.digest()
    if seq == 0:
        return IdentityRecord.first(signer, daily, then, NOW)
    return IdentityRecord.following(_record(name, seq - 1), signer, daily, then, NOW + seq)


@cache
def _chain(name: str, length: int) -> IdentityChain:
    return IdentityChain(tuple(_record(name, seq) for seq in range(length)))


ALICE: Final = Person("alice")
BOB: Final = Person("bob")


def line(space: SpaceRecord, signer: SigningKey, length: int, word: str = "") -> list[Pointer]:
    """The first pointers of a space, each on top of the one before."""
    pointers: list[Pointer] = []
    spine = Spine()
    for seq in range(length):
        pointers.append(_next(pointers, spine, space, root(f"{word} root {seq}"), signer))
        spine = spine.then(seq, pointers[-1].hash)
    return pointers


def _next(
    pointers: list[Pointer], spine: Spine, space: SpaceRecord, at: Cid, signer: SigningKey
) -> Pointer:
    skip = spine.skip_hash()
    if skip is None:
        return Pointer.first(space, at, NOW, signer)
    return Pointer.following(pointers[-1], skip, space, at, NOW + len(pointers), signer)
