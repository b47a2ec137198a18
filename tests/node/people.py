"""People for tests of a node: keys, signed records and commits, without the client.

A ``Person`` knows the state it believes its space to be in and can sign anything, also
what is wrong: a hostile person is an honest one with one thing changed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from crypto.hpke import PUBLIC_SIZE
from crypto.kdf import derive
from crypto.passwords import PasswordParameters
from crypto.purposes import KdfPurpose
from crypto.secret import Secret
from crypto.signing import LockKey, SigningKey
from formats.ancestry import Spine
from formats.cid import Block, Cid
from formats.commit import Commit, Move
from formats.identity import IdentityChain, IdentityRecord
from formats.leaf import Leaf, join_segment
from formats.pointer import Pointer
from formats.read_proof import ReadProof
from formats.retired import Marker
from formats.root import Root
from formats.sign_in import SignInRecord
from formats.space import Member, Rights, SpaceRecord
from formats.statement import Hello, Role
from formats.tree.node import EMPTY
from formats.tree.update import update
from formats.whereabouts import Home, Living, Whereabouts
from protocols import accounts as a
from protocols import blocks as b
from protocols import pointers as p
from protocols.services import Doors

NOW: Final = 1_795_000_000_000
YEAR: Final = 365 * 24 * 3600 * 1000
CHEAP: Final = PasswordParameters(opslimit=1, memlimit=8192, salt=bytes(range(16)))


def secret(*words: object) -> Secret:
    """32 bytes that belong to these words."""
    seed = Secret(b"known random bytes for tests 123")
    return derive(seed, KdfPurpose.SERVER, *(str(word).encode() for word in words))


def label(*words: object) -> bytes:
    """A label."""
    return secret("label", *words).reveal()


def signing_key(*words: object) -> SigningKey:
    """A hybrid key."""
    return SigningKey.from_seed(secret("key", *words))


def lock_key(*words: object) -> LockKey:
    """A classical key."""
    return LockKey.from_seed(secret("lock", *words))


def segment(*words: object, size: int = 1000) -> Block:
    """A segment block of about ``size`` bytes."""
    sealed = secret("segment", *words).reveal() * (size // 32 + 1)
    return Block.raw(join_segment(0, sealed[:size]))


def leaf(lock: LockKey, *words: object, segments: Iterable[Block] = ()) -> Leaf:
    """A leaf whose sealed header is made of these words."""
    header = secret("header", *words).reveal() * 16
    return Leaf(lock.public, header, None, tuple(each.cid for each in segments))


@dataclass
class Clock:
    """A clock that stands still until somebody moves it."""

    now: int = NOW

    def now_ms(self) -> int:
        """The time."""
        return self.now


class Space:
    """A space as one who writes to it knows it: all its blocks, and the newest state."""

    def __init__(self, record: SpaceRecord, key: SigningKey) -> None:
        self.record = record
        self.key = key
        self.blocks: dict[Cid, bytes] = {EMPTY.cid: EMPTY.data}
        self.root = Root(EMPTY.cid, EMPTY.cid)
        self.pointer: Pointer | None = None
        self.spine = Spine()

    def load(self, cid: Cid) -> bytes:
        """A block that this side made."""
        return self.blocks[cid]

    def change(
        self,
        put: Mapping[bytes, Leaf | None] | None = None,
        retire: Iterable[bytes] = (),
        unretire: Iterable[bytes] = (),
        segments: Iterable[Block] = (),
    ) -> tuple[Root, list[Block]]:
        """The root after some changes, and the blocks that are new."""
        new = [*segments]
        leaves = {each: None if it is None else it.block for each, it in (put or {}).items()}
        new += [block for block in leaves.values() if block is not None]
        changes = {each: None if it is None else it.cid for each, it in leaves.items()}
        tree = update(self.load, self.root.tree, changes)
        mark = Marker(self.seq + 1).block
        marks: dict[bytes, Cid | None] = dict.fromkeys(retire, mark.cid)
        marks.update(dict.fromkeys(unretire))
        retired = update(self.load, self.root.retired, marks)
        root = Root(tree.root, retired.root)
        new += [*tree.blocks, *retired.blocks, mark, root.block]
        for block in new:
            self.blocks[block.cid] = block.data
        return root, new

    @property
    def seq(self) -> int:
        """Number of the newest pointer, -1 before the first."""
        return -1 if self.pointer is None else self.pointer.seq

    def sign(
        self, root: Root, record: SpaceRecord | None = None, key: SigningKey | None = None
    ) -> Pointer:
        """The next pointer."""
        record, key = record or self.record, key or self.key
        cid = root.block.cid
        if self.pointer is None:
            return Pointer.first(record, cid, NOW, key)
        skip = self.spine.skip_hash()
        assert skip is not None
        return Pointer.following(self.pointer, skip, record, cid, NOW, key)

    def took(self, pointer: Pointer, root: Root, record: SpaceRecord | None = None) -> None:
        """The home has it: this is the newest state now."""
        self.pointer, self.root = pointer, root
        self.record = record or self.record
        self.spine = self.spine.then(pointer.seq, pointer.hash)

    async def commit(
        self,
        doors: Doors,
        put: Mapping[bytes, Leaf | None] | None = None,
        retire: Iterable[bytes] = (),
        unretire: Iterable[bytes] = (),
        segments: Iterable[Block] = (),
        session: bytes | None = None,
    ) -> p.Committed | p.Conflict:
        """Change something at the home, honestly."""
        root, blocks = self.change(put, retire, unretire, segments)
        pointer = self.sign(root)
        answer = await doors.pointers.move(move(pointer, blocks, session=session))
        if isinstance(answer, p.Committed):
            self.took(pointer, root)
        return answer


def move(
    pointer: Pointer,
    blocks: Iterable[Block] = (),
    space: SpaceRecord | None = None,
    session: bytes | None = None,
) -> p.Move:
    """The request that commits one pointer."""
    return p.Move(Commit((Move(pointer, space),), session).encoded, tuple(blocks))


@dataclass
class Person:
    """Somebody with an identity and a root space, whose first root holds one leaf."""

    name: str
    space: Space = field(init=False)

    def __post_init__(self) -> None:
        self.signer = signing_key(self.name, "signer")
        self.daily = signing_key(self.name, "daily")
        self.next = signing_key(self.name, "next")
        self.member = signing_key(self.name, "member")
        self.sign_in = signing_key(self.name, "sign-in")
        digest = self.next.verify_key.digest()
        first = IdentityRecord.first(self.signer, self.daily.verify_key, digest, NOW)
        self.chain = IdentityChain((first,))
        self.space = self.new_space("root")
        self.lock = lock_key(self.name, "root node")
        self.label = label(self.name, "root node")

    @property
    def id(self) -> bytes:
        """The identity's id."""
        return self.chain.id

    def new_space(self, word: str, *others: Member) -> Space:
        """A space of this person's that nobody has yet."""
        me = Member(self.member.verify_key.digest(), Rights.ALL)
        id = secret(self.name, "space", word).reveal()
        return Space(SpaceRecord.first(id, self.chain, [me, *others], self.daily), self.member)

    def whereabouts(self, peer: bytes, seq: int = 0, name: str | None = None) -> Whereabouts:
        """Where this person lives."""
        homes = (Home(peer, ("/ip4/127.0.0.1/tcp/4061",)),)
        sealing = bytes(PUBLIC_SIZE)
        return Whereabouts.make(
            self.chain, seq, Living(homes, name or self.name), sealing, NOW + YEAR, self.daily
        )

    def sign_in_record(self, seq: int = 0, key: SigningKey | None = None) -> SignInRecord:
        """The sign-in record."""
        verify = (key or self.sign_in).verify_key
        return SignInRecord(self.name, self.id, verify, CHEAP, b"sealed bundle", seq)

    def sign_up_request(self, peer: bytes, invite: bytes | None = None) -> a.SignUp:
        """An honest sign-up; the state it makes is taken as the newest."""
        root, blocks = self.space.change({self.label: leaf(self.lock, self.name)})
        pointer = self.space.sign(root)
        self.space.took(pointer, root)
        return a.SignUp(
            name=self.name,
            nonce=secret(self.name, "nonce").reveal()[:16],
            identity=self.chain.encoded[0],
            whereabouts=self.whereabouts(peer).encoded,
            sign_in=self.sign_in_record().encoded,
            space=self.space.record.encoded,
            pointer=pointer.encoded,
            invite=invite,
            blocks=tuple(blocks),
        )

    async def sign_up(self, doors: Doors, invite: bytes | None = None) -> a.SignedUp:
        """Sign up, and prove the member and the daily key on this connection."""
        signed_up = await doors.accounts.sign_up(self.sign_up_request(doors.peer, invite))
        await self.arrive(doors)
        return signed_up

    async def arrive(self, doors: Doors) -> None:
        """Prove the member and the daily key on this connection."""
        await prove_member(doors, self.space, self.member)
        await prove(doors, Role.OWNER, self.id, self.daily)


async def prove(
    doors: Doors, role: Role, subject: bytes, key: SigningKey | LockKey, **changed: object
) -> None:
    """Prove a key on a connection; ``changed`` fields of the statement make it a wrong one."""
    await doors.accounts.prove(await statement(doors, role, subject, key, **changed))


async def statement(
    doors: Doors, role: Role, subject: bytes, key: SigningKey | LockKey, **changed: object
) -> a.Prove:
    """A statement for a connection, signed."""
    hello = await doors.accounts.hello(a.AskHello("tests"))
    said = Hello(role, subject, hello.server, hello.client, hello.nonce, hello.time + 60_000)
    said = replace(said, **changed)  # type: ignore[arg-type]
    public = key.public if isinstance(key, LockKey) else key.verify_key.encode()
    return a.Prove(said.body, public, said.sign(key))


async def prove_member(doors: Doors, space: Space, key: SigningKey | None = None) -> None:
    """Prove a member key of a space."""
    subject = space.record.owner + space.record.space
    await prove(doors, Role.MEMBER, subject, key or space.key)


async def prove_reader(doors: Doors, *words: object) -> LockKey:
    """Prove a reader key made of these words, and return it."""
    key = lock_key("reader", *words)
    await prove(doors, Role.READER, key.public, key)
    return key


def read(
    space: Space,
    *items: b.Item,
    root: Cid | None = None,
    known: bytes | None = None,
    since: int | None = None,
    nodes: tuple[Cid, ...] = (),
) -> b.Read:
    """A request to read leaves of a space."""
    return b.Read(space.record.owner, space.record.space, root, known, since, items, nodes)


def item(label: bytes, proof: ReadProof | None = None, *segments: int, all: bool = False) -> b.Item:
    """One leaf to read."""
    return b.Item(label, None if proof is None else proof.encoded, segments, all)


def proof(
    doors: Doors,
    lock: LockKey,
    reader: LockKey,
    space: Space,
    label: bytes,
    server: bytes | None = None,
    expires: int = NOW + 60_000,
) -> ReadProof:
    """A read proof for a connection."""
    return ReadProof.make(
        lock, server or doors.peer, reader.public, space.record.space, label, expires
    )
