"""Deleting an account: all of it at once, for its owner alone; what is told then, and to whom."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trio
import trio.testing

from crypto.totp import STEP
from formats.drop import DAY, Drop, day_of, token_hash
from formats.errors import (
    Denied,
    Forged,
    HoldfastError,
    Malformed,
    Stale,
    Unfit,
    WrongPassword,
)
from formats.farewell import Farewell, Receipt
from formats.invite import Invite
from formats.statement import Role
from formats.whereabouts import Whereabouts
from node.build import Node, build
from node.checking.verify import verify
from node.config import Config
from node.departures import KEPT
from node.finding import is_published
from node.jobs.expiry import forget_farewells
from node.jobs.garbage import collect_garbage
from node.jobs.retention import give_back
from node.letters import letters
from node.notices import tell
from protocols import accounts as a
from protocols import blocks as b
from protocols import directory as d
from protocols import factors as f
from protocols import inbox as i
from protocols import pointers as p
from protocols import replicas as r
from protocols.services import Doors
from storage.contracts import DepartureRow, SpaceKey, View
from tests.node.people import (
    NOW,
    Clock,
    Person,
    item,
    label,
    leaf,
    lock_key,
    move,
    prove,
    read,
    segment,
    signing_key,
)
from tests.node.services.test_factors import SECRET, asked, code_at
from tests.node.services.test_settling import request as settling

TOKEN = b"token of a card."


@dataclass
class Home:
    """A node with alice, who has files, an open upload, messages and notes; and bob."""

    node: Node
    doors: Doors
    alice: Person
    bob: Person
    clock: Clock
    shared: bytes
    """What both of them store, byte for byte."""

    def open(self, local: bool = True) -> Doors:
        """One more connection, on which nothing is proven."""
        return self.node.open(self.node.caller(b"client", local=local))

    async def arrived(self) -> Doors:
        """One more that has proven all that leaving takes."""
        doors = self.open()
        await self.alice.arrive(doors)
        await prove(doors, Role.SIGN_IN, b"alice", self.alice.sign_in)
        return doors

    def farewell(self, seq: int = 1, **changed: object) -> Farewell:
        """Hers to this node."""
        home, daily = changed.get("home", self.node.peer_id), changed.get("daily")
        chain = changed.get("chain", self.alice.chain)
        return Farewell.make(chain, seq, home, NOW, daily or self.alice.daily)  # type: ignore[arg-type]

    def request(self, seq: int = 1) -> a.Depart:
        """An honest one."""
        return a.Depart("alice", self.farewell(seq).encoded)

    async def look(self, doors: Doors | None = None) -> d.Person:
        """What who knows her is told."""
        head = self.alice.chain.head_hash
        return await (doors or self.open()).directory.look(d.Look(self.alice.id, head, None))

    async def read(self, work: Callable[[View], object]) -> object:
        """Something of the store."""
        return await self.node.store.read(work)


async def _with_files(person: Person, doors: Doors, shared: str) -> bytes:
    """Two changes, an upload under way, a token, a message, a line to the node's owner."""
    part, own = segment(shared, size=90_000), segment(person.name, size=70_000)
    for word, each in ((shared, part), (person.name, own)):
        photo = leaf(lock_key(word), word, segments=[each])
        await person.space.commit(doors, {label(word): photo}, segments=[each])
    key = b.OpenSession(person.id, person.space.record.space)
    session = (await doors.blocks.open_session(key)).session
    await doors.blocks.stage(b.Stage(session, (segment(person.name, "staged", size=50_000),)))
    allowed = i.Allow(person.id, token_hash(TOKEN), 3, NOW + DAY)
    await doors.inbox.allow(allowed)
    drop = Drop(person.id, day_of(NOW), TOKEN).encoded
    await doors.inbox.leave(i.Leave(drop, bytes(i.SEALED)))
    await doors.accounts.write(a.Write(person.id, "hello"))
    await doors.directory.announce(d.Announce(person.id, True, ()))
    return part.data


async def _home(node: Node, clock: Clock) -> Home:
    alice, bob = Person("alice"), Person("bob")
    doors, other = node.open(node.caller(b"client")), node.open(node.caller(b"client"))
    await alice.sign_up(doors)
    code = await node.admin.invite()
    await bob.sign_up(other, _code(code))
    shared = await _with_files(alice, doors, "shared")
    await _with_files(bob, other, "shared")
    await prove(doors, Role.SIGN_IN, b"alice", alice.sign_in)
    return Home(node, doors, alice, bob, clock, shared)


def _code(text: str) -> bytes:
    return Invite.parse(text).code


@pytest.fixture
async def home(node: Node, clock: Clock) -> Home:
    return await _home(node, clock)


@pytest.fixture
async def any_home(any_node: Node, clock: Clock) -> Home:
    return await _home(any_node, clock)


async def as_it_was(home: Home) -> None:
    """The account is there with all that it had."""
    doors = await home.arrived()
    found = await doors.accounts.account(a.AskAccount(home.alice.id))
    assert found.usage.used > 160_000
    assert (await doors.accounts.sign_in(a.SignIn("alice"))).record is not None
    assert (await home.look()).farewell is None
    messages = await doors.inbox.collect(i.Collect(home.alice.id, 0, 0))
    assert len(messages.messages) == 1


async def test_all_of_it_is_gone_at_once_and_the_receipt_says_what(any_home: Home) -> None:
    home = any_home
    used = sum(await home.node.store.read(lambda view: view.usage(home.alice.id)))
    said = home.farewell()
    answer = await home.doors.accounts.depart(a.Depart("alice", said.encoded))
    receipt = Receipt.read(answer.receipt, home.node.peer_id, said)
    assert receipt.stored == used
    assert (receipt.time, receipt.messages, receipt.rests) == (NOW, 1, 24 * 3600)
    pointer = home.alice.space.pointer
    assert pointer is not None
    held = [(each.space, each.seq, each.pointer) for each in receipt.spaces]
    assert held == [(home.alice.space.record.space, pointer.seq, pointer.hash)]
    assert [each.name for each in await home.node.admin.accounts()] == ["bob"]
    key = SpaceKey(home.alice.id, home.alice.space.record.space)
    assert not await home.read(lambda view: is_published(view, key.owner))
    assert [each.name for each in await home.node.store.read(letters)] == ["bob"]
    assert await home.read(lambda view: view.space(key)) is None
    assert await home.read(lambda view: view.history(key, 0)) is None
    assert await home.read(lambda view: view.inbox_size(home.alice.id)) == (0, 0)
    assert await home.read(lambda view: view.token(home.alice.id, token_hash(TOKEN))) is None
    assert (
        await home.read(
            lambda view: [row for row in view.sessions() if row.key.owner == home.alice.id]
        )
        == []
    )


async def test_its_bytes_leave_the_disk_and_what_others_hold_stays(any_home: Home) -> None:
    home = any_home
    bobs = await home.node.store.read(lambda view: view.usage(home.bob.id))
    mine, both = segment("alice", size=70_000), segment("shared", size=90_000)
    await home.doors.accounts.depart(home.request())
    while await give_back(home.node.core):
        pass
    assert await home.read(lambda view: view.usage(home.alice.id)) == (0, 0)
    while await collect_garbage(home.node.core):
        pass
    assert await home.read(lambda view: view.block_size(mine.cid)) == len(mine.data)
    home.clock.now += home.node.config.quarantine * 1000 + 1
    while await collect_garbage(home.node.core):
        pass
    assert await home.read(lambda view: view.block_size(mine.cid)) is None
    assert await home.read(lambda view: view.block(both.cid)) == home.shared
    assert await home.read(lambda view: view.usage(home.bob.id)) == bobs
    doors = home.open()
    await home.bob.arrive(doors)
    found = await doors.blocks.read(read(home.bob.space, item(label("shared"), all=True)))
    assert both in found.blocks
    assert (await verify(home.node.store, deep=True)).found.listed == []


async def test_open_connections_are_worth_nothing_any_more(home: Home) -> None:
    other = await home.arrived()
    key = home.alice.space.record
    root, new = home.alice.space.change({label("late"): None})
    await home.doors.accounts.depart(home.request())
    questions: list[Callable[[Doors], Awaitable[object]]] = [
        lambda doors: doors.accounts.account(a.AskAccount(key.owner)),
        lambda doors: doors.accounts.write(a.Write(key.owner, "hello")),
        lambda doors: doors.pointers.resolve(p.Resolve(key.owner, key.space, None)),
        lambda doors: doors.pointers.move(move(home.alice.space.sign(root), new)),
        lambda doors: doors.blocks.open_session(b.OpenSession(key.owner, key.space)),
        lambda doors: doors.blocks.read(read(home.alice.space, item(label("shared")))),
        lambda doors: doors.inbox.collect(i.Collect(key.owner, 0, 0)),
        lambda doors: doors.inbox.allow(i.Allow(key.owner, bytes(32), 1, NOW + DAY)),
        lambda doors: doors.inbox.leave(
            i.Leave(Drop(key.owner, day_of(NOW), TOKEN).encoded, bytes(i.SEALED))
        ),
    ]
    for doors in (home.doors, other):
        for ask in questions:
            with pytest.raises(Denied):
                await ask(doors)
        with pytest.raises(WrongPassword):
            await doors.accounts.sign_in(a.SignIn("alice"))
    with pytest.raises(WrongPassword):
        await prove(home.open(), Role.SIGN_IN, b"alice", home.alice.sign_in)


async def test_who_waits_for_something_of_it_hears_that_there_is_nothing(
    home: Home, autojump_clock: trio.testing.MockClock
) -> None:
    waiting, key = await home.arrived(), home.alice.space.record
    pointer = home.alice.space.pointer
    assert pointer is not None
    began = trio.current_time()

    async def watch() -> None:
        with pytest.raises(Denied):
            await waiting.pointers.watch(p.Watch(key.owner, key.space, pointer.seq, 60_000))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch)
        await trio.testing.wait_all_tasks_blocked()
        await home.doors.accounts.depart(home.request())
    assert trio.current_time() - began < 10


async def test_who_knows_her_is_told_and_nobody_else(home: Home) -> None:
    await home.doors.accounts.depart(home.request())
    told = await home.look()
    said = Farewell.decode(told.farewell or b"")
    said.verify(home.alice.chain)
    assert said.ends(Whereabouts.decode(told.whereabouts))
    for look in (
        d.Look(home.alice.id, None, TOKEN),
        d.Look(home.alice.id, bytes(32), None),
        d.Look(home.alice.id, None, None),
    ):
        with pytest.raises(Denied):
            await home.open().directory.look(look)
    with pytest.raises(Denied):
        await home.open().directory.profile(d.AskProfile(home.alice.id))


STRANGERS: dict[str, Callable[[bytes, str], Callable[[Doors], Awaitable[object]]]] = {
    "looks": lambda id, _: lambda at: at.directory.look(d.Look(id, bytes(32), None)),
    "shows a card": lambda id, _: lambda at: at.directory.look(d.Look(id, None, TOKEN)),
    "asks for a profile": lambda id, _: lambda at: at.directory.profile(d.AskProfile(id)),
    "guesses a key": lambda id, _: lambda at: prove(at, Role.OWNER, id, signing_key("guessed")),
    "guesses a password": lambda _, name: (
        lambda at: prove(at, Role.SIGN_IN, name.encode(), signing_key("guessed"))
    ),
    "asks how to stretch": lambda _, name: lambda at: at.accounts.parameters(a.AskParameters(name)),
    "asks how it stands": lambda id, _: lambda at: at.accounts.account(a.AskAccount(id)),
    "shows a token": lambda id, _: (
        lambda at: at.inbox.leave(i.Leave(Drop(id, day_of(NOW), TOKEN).encoded, bytes(i.SEALED)))
    ),
    "pays with work": lambda id, _: (
        lambda at: at.inbox.leave(
            i.Leave(Drop.worked(id, day_of(NOW), bytes(i.SEALED), 4).encoded, bytes(i.SEALED))
        )
    ),
    "resolves": lambda id, _: lambda at: at.pointers.resolve(p.Resolve(id, bytes(32), None)),
    "asks for replicas": lambda id, _: lambda at: at.replicas.standings(r.AskReplicas(id)),
    "says farewell": lambda _, name: (
        lambda at: at.accounts.depart(a.Depart(name, Person("mallory").whereabouts(b"x").encoded))
    ),
}


@pytest.mark.parametrize("asks", STRANGERS)
async def test_a_stranger_cannot_tell_who_left_from_nobody(
    home: Home, asks: str, autojump_clock: trio.testing.MockClock
) -> None:
    """By kind and words of the answer, and by when it came, in virtual time."""
    await home.doors.accounts.depart(home.request())
    seen = []
    for id, name in ((home.alice.id, "alice"), (bytes(32), "nobody")):
        doors, began = home.open(local=False), trio.current_time()
        try:
            answer: object = type(await STRANGERS[asks](id, name)(doors))
        except HoldfastError as error:
            answer = type(error), error.message
        seen.append((answer, trio.current_time() - began))
    assert seen[0] == seen[1]


async def test_the_same_again_gets_the_same_receipt_without_the_password(home: Home) -> None:
    asked = home.request()
    first = await home.doors.accounts.depart(asked)
    again = home.open()
    with pytest.raises(WrongPassword):  # a stranger who recorded it
        await again.accounts.depart(asked)
    await prove(again, Role.OWNER, home.alice.id, home.alice.daily)
    home.clock.now += 60_000
    assert await again.accounts.depart(asked) == first
    with pytest.raises(WrongPassword):
        await again.accounts.depart(home.request(2))


@pytest.mark.parametrize("left_out", ["owner", "sign-in", "both"])
async def test_every_proof_is_needed(home: Home, left_out: str) -> None:
    doors, alice = home.open(), home.alice
    if left_out == "sign-in":
        await prove(doors, Role.OWNER, alice.id, alice.daily)
    if left_out == "owner":
        await prove(doors, Role.SIGN_IN, b"alice", alice.sign_in)
    with pytest.raises((Denied, WrongPassword)):
        await doors.accounts.depart(home.request())
    await as_it_was(home)


async def test_a_second_factor_is_asked_where_there_is_one(home: Home) -> None:
    added = f.AddCode("alice", b"phone", SECRET, code_at(home.clock.now))
    await home.doors.accounts.add_code(added)
    fresh = await home.arrived()
    with pytest.raises(WrongPassword):
        await fresh.accounts.depart(home.request())
    home.clock.now += STEP * 1000
    await asked(fresh)
    await fresh.accounts.show_code(f.ShowCode("alice", code_at(home.clock.now)))
    await fresh.accounts.depart(home.request())


WRONG: dict[str, tuple[Callable[[Home], a.Depart], type[HoldfastError]]] = {
    "to another node": (
        lambda home: a.Depart("alice", home.farewell(home=b"elsewhere").encoded),
        Unfit,
    ),
    "by another key": (
        lambda home: a.Depart("alice", home.farewell(daily=signing_key("eve")).encoded),
        Forged,
    ),
    "of another person": (
        lambda home: a.Depart(
            "alice", home.farewell(chain=home.bob.chain, daily=home.bob.daily).encoded
        ),
        Unfit,
    ),
    "older than what she said since": (lambda home: home.request(0), Stale),
    "another account": (lambda home: replace(home.request(), name="bob"), WrongPassword),
    "an account that is not there": (
        lambda home: replace(home.request(), name="nobody"),
        WrongPassword,
    ),
    "no farewell": (lambda home: a.Depart("alice", b"farewell"), Malformed),
    "whereabouts": (
        lambda home: a.Depart("alice", home.alice.whereabouts(home.node.peer_id, 5).encoded),
        Malformed,
    ),
}


@pytest.mark.parametrize("case", WRONG)
async def test_what_does_not_hold_together_deletes_nothing(home: Home, case: str) -> None:
    make, error = WRONG[case]
    with pytest.raises(error):
        await home.doors.accounts.depart(make(home))
    await as_it_was(home)


async def test_nobody_deletes_somebody_elses(home: Home) -> None:
    """Bob, who lives here and has shown all that he has, with her real farewell."""
    doors = home.open()
    await home.bob.arrive(doors)
    await prove(doors, Role.SIGN_IN, b"bob", home.bob.sign_in)
    for name in ("alice", "bob"):
        with pytest.raises((Denied, Unfit, WrongPassword)):
            await doors.accounts.depart(replace(home.request(), name=name))
    await as_it_was(home)


async def test_she_comes_back_and_an_old_farewell_is_of_no_use(home: Home) -> None:
    asked = home.request(3)
    await home.doors.accounts.depart(asked)
    doors = home.open(local=False)
    code = _code(await home.node.admin.invite())
    with pytest.raises(Stale):  # whereabouts from before she left
        await doors.accounts.settle(await settling(home.alice, doors, seq=2, invite=code))
    await doors.accounts.settle(await settling(home.alice, doors, seq=4, invite=code))
    assert (await home.look()).farewell is None
    await prove(doors, Role.SIGN_IN, b"alice", home.alice.sign_in)
    with pytest.raises(Stale):
        await doors.accounts.depart(asked)
    assert await home.read(lambda view: view.departure(home.alice.id)) is None
    await doors.accounts.depart(home.request(5))


async def test_her_name_is_free_and_what_was_for_her_is_not_for_its_next_owner(home: Home) -> None:
    await home.node.store.write(lambda tx: tell(tx, "alice", "for alice alone", NOW))
    await home.doors.accounts.depart(home.request())
    other = Person("alice of later")
    other.name = "alice"
    doors = home.open()
    await other.sign_up(doors, _code(await home.node.admin.invite()))
    found = await doors.accounts.account(a.AskAccount(other.id))
    assert found.notices == ()
    assert found.usage.used < 10_000


async def test_where_she_lives_now_is_said_here_too_and_never_that_it_is_here(home: Home) -> None:
    await home.doors.accounts.depart(home.request(3))
    doors = home.open()
    where = home.alice.whereabouts(b"elsewhere", 9)
    said = d.Publish(home.alice.id, (), where.encoded)
    here = replace(said, whereabouts=home.alice.whereabouts(home.node.peer_id, 9).encoded)
    with pytest.raises(Denied):
        await doors.directory.publish(said)
    await prove(doors, Role.OWNER, home.alice.id, home.alice.daily)
    with pytest.raises(Unfit):
        await doors.directory.publish(here)
    await doors.directory.publish(said)
    told = await home.look()
    assert told.whereabouts == where.encoded
    assert not Farewell.decode(told.farewell or b"").ends(where)


async def test_it_is_told_for_a_year_and_then_nothing_is_left(home: Home) -> None:
    await home.doors.accounts.depart(home.request())
    home.clock.now += KEPT
    await forget_farewells(home.node.core)
    assert (await home.look()).farewell is not None
    home.clock.now += 1
    await forget_farewells(home.node.core)
    assert await home.read(lambda view: view.departure(home.alice.id)) is None
    assert await home.read(lambda view: view.identity(home.alice.id)) is None
    with pytest.raises(Denied):
        await home.look()


async def test_who_came_back_is_not_forgotten_with_the_old_farewell(home: Home) -> None:
    """However the row came to be there still."""
    id = home.alice.id
    await home.node.store.write(lambda tx: tx.put_departure(DepartureRow(id, b"f", b"r", 1)))
    await forget_farewells(home.node.core)
    await as_it_was(home)


async def test_the_last_account_may_go_and_the_node_is_as_new(node: Node, alice: Person) -> None:
    doors = node.open()
    await alice.arrive(doors)
    await prove(doors, Role.SIGN_IN, b"alice", alice.sign_in)
    said = Farewell.make(alice.chain, 1, node.peer_id, NOW, alice.daily)
    await doors.accounts.depart(a.Depart("alice", said.encoded))
    assert await node.admin.is_empty()
    await Person("carol").sign_up(node.open())  # as the first account, without an invite


async def test_it_goes_on_where_the_node_was_stopped(tmp_path: Path, clock: Clock) -> None:
    """What is left to be given back is in the store; the account is not."""
    config = Config(tmp_path, work_bits=4)

    async with build(config, clock=clock) as node:
        home = await _home(node, clock)
        await home.doors.accounts.depart(home.request())
        receipt = await home.read(lambda view: view.departure(home.alice.id))
    async with build(config, clock=clock) as node:
        again = replace(home, node=node)
        assert [each.name for each in await node.admin.accounts()] == ["bob"]
        assert (await again.look()).farewell is not None
        assert await again.read(lambda view: view.departure(home.alice.id)) == receipt
        assert await again.read(lambda view: view.releasing()) == [home.alice.id]
        while await give_back(node.core):
            pass
        assert await again.read(lambda view: view.usage(home.alice.id)) == (0, 0)
