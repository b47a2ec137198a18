"""Other identity keys at a home: with everything that stands by them, or not at all."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from formats.cid import Block
from formats.commit import Commit, Move
from formats.errors import (
    Conflict,
    Denied,
    Expired,
    Forged,
    HoldfastError,
    Malformed,
    Stale,
    Unfit,
    WrongPassword,
)
from formats.identity import IdentityChain, IdentityRecord
from formats.pointer import Pointer
from formats.root import Root
from formats.space import Member, Rights, SpaceRecord
from formats.statement import Role
from formats.whereabouts import Living, Whereabouts
from node.build import Node, build
from node.config import Config
from protocols import accounts as a
from protocols import blocks as b
from protocols import directory as d
from protocols import pointers as p
from protocols.services import Doors
from storage.memory import MemoryStore
from tests.node.people import Clock, Person, leaf, prove, prove_member, secret, signing_key


@dataclass
class Home:
    """A node where alice lives; ``doors`` has proven all that a succession takes."""

    node: Node
    doors: Doors
    alice: Person
    member = signing_key("alice", "member of later")
    daily = signing_key("alice", "daily of later")
    next = signing_key("alice", "next of later")

    def open(self) -> Doors:
        """One more connection, on which nothing is proven."""
        return self.node.open(self.node.caller(b"client", local=True))

    async def arrived(self) -> Doors:
        """One more connection that has proven what it takes."""
        doors, alice = self.open(), self.alice
        await alice.arrive(doors)
        await prove(doors, Role.SIGN_IN, b"alice", alice.sign_in)
        await prove_member(doors, alice.space, self.member)
        return doors

    async def let_in(self) -> None:
        """The coming member key, beside the present one."""
        alice, space = self.alice, self.alice.space
        keys = alice.member, self.member
        members = [Member(each.verify_key.digest(), Rights.ALL) for each in keys]
        record = SpaceRecord.following(space.record, alice.chain, members, alice.daily)
        pointer = space.sign(space.root, record)
        commit = Commit((Move(pointer, record),)).encoded
        assert isinstance(await self.doors.pointers.move(p.Move(commit, ())), p.Committed)
        space.took(pointer, space.root, record)

    @property
    def chain(self) -> IdentityChain:
        """Her chain with the coming record."""
        alice = self.alice
        record = IdentityRecord.following(
            alice.chain.head,
            alice.next,
            self.daily.verify_key,
            self.next.verify_key.digest(),
            alice.chain.head.created,
        )
        return alice.chain.followed_by(record)

    def request(self, seq: int = 1) -> a.Succeed:
        """An honest one."""
        chain = self.chain
        return a.Succeed(
            "alice",
            chain.head.encoded,
            self.where(chain, seq).encoded,
            self.alice.sign_in_record(1, signing_key("alice", "sign-in of later")).encoded,
            Commit((self.move(chain),)).encoded,
            (),
        )

    def where(self, chain: IdentityChain, seq: int, **changed: object) -> Whereabouts:
        """Her whereabouts under the coming record."""
        known = self.alice.whereabouts(self.node.peer_id)
        name = str(changed.get("name", known.name))
        homes = changed.get("homes", known.homes)
        return Whereabouts.make(
            chain,
            seq,
            Living(homes, name),  # type: ignore[arg-type]
            known.sealing,
            known.expires,
            self.daily,
        )

    def move(self, chain: IdentityChain, root: Root | None = None) -> Move:
        """Her space once more, under the coming record."""
        space = self.alice.space
        me = Member(self.member.verify_key.digest(), Rights.ALL)
        record = SpaceRecord.following(space.record, chain, [me], self.daily)
        return Move(space.sign(root or space.root, record, self.member), record)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    config = Config(tmp_path, work_bits=4)
    async with build(config, store=MemoryStore(), clock=Clock(), key=secret("node")) as node:
        alice = Person("alice")
        doors = node.open(node.caller(b"client", local=True))
        await alice.sign_up(doors)
        made = Home(node, doors, alice)
        await made.let_in()
        made.doors = await made.arrived()
        yield made


async def as_it_was(home: Home) -> None:
    """The keys that were are in force, and no others."""
    await home.alice.arrive(doors := home.open())
    shown = await doors.directory.look(d.Look(home.alice.id, home.alice.chain.head_hash, None))
    assert shown.chain == home.alice.chain.encoded
    await prove(doors, Role.SIGN_IN, b"alice", home.alice.sign_in)
    answer = await doors.accounts.sign_in(a.SignIn("alice"))
    assert answer.record == home.alice.sign_in_record().encoded
    with pytest.raises(Forged):
        await prove(home.open(), Role.OWNER, home.alice.id, home.daily)


async def test_all_of_it_is_in_force_at_once(home: Home) -> None:
    request = home.request()
    assert await home.doors.accounts.succeed(request) == a.Succeeded()
    doors = home.open()
    await prove(doors, Role.OWNER, home.alice.id, home.daily)
    await prove_member(doors, home.alice.space, home.member)
    shown = await doors.directory.look(d.Look(home.alice.id, home.alice.chain.head_hash, None))
    assert IdentityChain.decode(shown.chain).head_hash == home.chain.head_hash
    assert shown.whereabouts == request.whereabouts
    await prove(doors, Role.SIGN_IN, b"alice", signing_key("alice", "sign-in of later"))
    answer = await doors.accounts.sign_in(a.SignIn("alice"))
    assert answer.record == request.sign_in
    asked = p.Resolve(home.alice.id, home.alice.space.record.space, None)
    resolved = await doors.pointers.resolve(asked)
    assert SpaceRecord.decode(resolved.record).identity_seq == 1


async def test_what_was_proven_before_is_worth_nothing(home: Home) -> None:
    other = await home.arrived()
    await home.doors.accounts.succeed(home.request())
    for doors in (home.doors, other):
        with pytest.raises(Denied):
            await doors.accounts.account(a.AskAccount(home.alice.id))
        with pytest.raises(WrongPassword):
            await doors.accounts.sign_in(a.SignIn("alice"))
    with pytest.raises(Forged):
        await prove(home.open(), Role.OWNER, home.alice.id, home.alice.daily)
    old = home.open()
    await prove_member(old, home.alice.space, home.alice.member)
    with pytest.raises(Denied):
        await old.pointers.resolve(p.Resolve(home.alice.id, home.alice.space.record.space, None))


async def test_again_it_is_refused(home: Home) -> None:
    """By then neither key of who asks is in force: they look what became of it."""
    await home.doors.accounts.succeed(request := home.request())
    with pytest.raises(WrongPassword):
        await home.doors.accounts.succeed(request)


@pytest.mark.parametrize("left_out", ["owner", "sign-in", "member"])
async def test_every_proof_is_needed(home: Home, left_out: str) -> None:
    doors, alice = home.open(), home.alice
    if left_out != "owner":
        await prove(doors, Role.OWNER, alice.id, alice.daily)
    if left_out != "sign-in":
        await prove(doors, Role.SIGN_IN, b"alice", alice.sign_in)
    if left_out != "member":
        await prove_member(doors, alice.space, home.member)
    with pytest.raises((Denied, WrongPassword)):
        await doors.accounts.succeed(home.request())
    await as_it_was(home)


def _by(home: Home, **changed: object) -> a.Succeed:
    return replace(home.request(), **changed)  # type: ignore[arg-type]


def _record(home: Home, **changed: object) -> bytes:
    alice = home.alice
    signer = changed.get("signer", alice.next)
    daily, following = home.daily.verify_key, home.next.verify_key.digest()
    record = IdentityRecord.following(alice.chain.head, signer, daily, following, 0)  # type: ignore[arg-type]
    return record.encoded


def _commit(home: Home, move: Move, session: bytes | None = None) -> bytes:
    return Commit((move,), session).encoded


def _something(home: Home) -> tuple[Root, list[Block]]:
    """Her space with one more leaf, and what is new in it."""
    return home.alice.space.change({secret("x").reveal(): leaf(home.alice.lock, "x")})


def _plain_move(home: Home) -> Move:
    space = home.alice.space
    return Move(space.sign(space.root, None, home.member))


def _old_record(home: Home) -> Move:
    """A space record of the identity as it was."""
    space, alice = home.alice.space, home.alice
    me = Member(home.member.verify_key.digest(), Rights.ALL)
    record = SpaceRecord.following(space.record, alice.chain, [me], alice.daily)
    return Move(space.sign(space.root, record, home.member), record)


WRONG: dict[str, tuple[Callable[[Home], a.Succeed], type[HoldfastError]]] = {
    "a record that another key signed": (
        lambda home: _by(home, record=_record(home, signer=home.alice.daily)),
        Forged,
    ),
    "the record that there is": (
        lambda home: _by(home, record=home.alice.chain.head.encoded),
        Forged,
    ),
    "whereabouts of before": (
        lambda home: _by(home, whereabouts=home.alice.whereabouts(home.node.peer_id, 1).encoded),
        Stale,
    ),
    "whereabouts of a lower number": (lambda home: home.request(0), HoldfastError),
    "whereabouts at another home": (
        lambda home: _by(
            home,
            whereabouts=home.where(
                home.chain, 1, homes=home.alice.whereabouts(b"another node").homes
            ).encoded,
        ),
        Unfit,
    ),
    "whereabouts of another name": (
        lambda home: _by(home, whereabouts=home.where(home.chain, 1, name="bob").encoded),
        Unfit,
    ),
    "a sign-in record of a number that is not next": (
        lambda home: _by(home, sign_in=home.alice.sign_in_record(2).encoded),
        Conflict,
    ),
    "somebody else's sign-in record": (
        lambda home: _by(home, sign_in=Person("bob").sign_in_record(1).encoded),
        Malformed,
    ),
    "a commit that says nothing anew": (
        lambda home: _by(home, commit=_commit(home, _plain_move(home))),
        Unfit,
    ),
    "a space record of before": (
        lambda home: _by(home, commit=_commit(home, _old_record(home))),
        Stale,
    ),
    "a commit with a session that nobody opened": (
        lambda home: _by(home, commit=_commit(home, home.move(home.chain), bytes(16))),
        Expired,
    ),
    "a commit that names what did not come": (
        lambda home: _by(home, commit=_commit(home, home.move(home.chain, _something(home)[0]))),
        Denied,
    ),
    "no commit": (lambda home: _by(home, commit=b""), Malformed),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_does_not_hold_together_changes_nothing(home: Home, wrong: str) -> None:
    make, error = WRONG[wrong]
    with pytest.raises(error):
        await home.doors.accounts.succeed(make(home))
    await as_it_was(home)


async def test_what_came_ahead_in_a_session_may_be_named(home: Home) -> None:
    root, blocks = _something(home)
    space = home.alice.space.record.space
    opened = await home.doors.blocks.open_session(b.OpenSession(home.alice.id, space))
    await home.doors.blocks.stage(b.Stage(opened.session, tuple(blocks)))
    commit = _commit(home, home.move(home.chain, root), opened.session)
    assert await home.doors.accounts.succeed(_by(home, commit=commit)) == a.Succeeded()
    doors = home.open()
    await prove_member(doors, home.alice.space, home.member)
    resolved = await doors.pointers.resolve(p.Resolve(home.alice.id, space, None))
    assert Pointer.decode(resolved.pointer).root == root.block.cid


async def test_a_space_that_moved_meanwhile_is_told(home: Home) -> None:
    request = home.request()
    space = home.alice.space
    await space.commit(home.doors, {secret("x").reveal(): leaf(home.alice.lock, "x")})
    answer = await home.doors.accounts.succeed(request)
    assert isinstance(answer, p.Conflict)
    assert Pointer.decode(answer.current[0].pointer).seq == space.seq
    await as_it_was(home)
    assert await home.doors.accounts.succeed(home.request()) == a.Succeeded()
