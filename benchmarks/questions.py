"""What a stranger may ask about what is there, and the same about what is not.

``questions`` gives one for every operation of every door, with whatever it names (a person,
a space, a session, blocks) once Alice's and once nobody's; then those where an answer
takes more than looking something up; then the DHT's.
"""

import os
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Final

from formats.cid import Cid
from formats.drop import Drop, day_of, token_hash
from formats.published import key_of_id
from formats.replica import ReplicaGrant
from formats.statement import Role
from formats.whereabouts import Home, HomeRole
from node.dht.answering import Kind, Request
from node.dht.messages import read_message, write_request
from node.dht.rules import PROTOCOL
from node.transport.carrier import Stream
from protocols import accounts as a
from protocols import blocks as b
from protocols import directory as d
from protocols import inbox as i
from protocols import pointers as p
from protocols import replicas as r
from protocols.operations import OPERATIONS
from protocols.services import Doors
from tests.node.people import (
    NOW,
    Person,
    item,
    label,
    leaf,
    lock_key,
    move,
    proof,
    prove_reader,
    read,
    segment,
    signing_key,
    statement,
)
from tests.protocols.making import plain

WORK_BITS: Final = 4
PLACE: Final = label("photo")
LOCK: Final = lock_key("photo")
RETIRED: Final = label("retired")
TOKEN: Final = b"token of a card."


@dataclass
class Stranger:
    """Somebody elsewhere: doors, and a way to the DHT."""

    doors: Doors
    open: Callable[[str], Awaitable[Stream]]


Ready = Callable[[], Awaitable[object]]
"""The question itself, which is timed."""


@dataclass(frozen=True, slots=True)
class Question:
    """``prepare(stranger, there)``: the same about what is there, and about what is not."""

    name: str
    prepare: Callable[[Stranger, bool], Awaitable[Ready]]


class Alice:
    """She lives at the node; a photo that nobody was shown, a label that she took back."""

    def __init__(self) -> None:
        self.person = Person("alice")
        self.session = bytes(16)
        self.old = self.new = Cid.of_cbor(b"")

    async def settle(self, doors: Doors) -> None:
        """Sign up, store, retire, open a session, allow a token."""
        me, part = self.person, segment("photo")
        await me.sign_up(doors)
        await me.space.commit(doors, {PLACE: leaf(LOCK, "photo", segments=[part])}, segments=[part])
        self.old = me.space.root.block.cid
        await me.space.commit(doors, {RETIRED: leaf(lock_key("retired"), "r")})
        await me.space.commit(doors, retire=[RETIRED])
        self.new = me.space.root.block.cid
        opened = await doors.blocks.open_session(b.OpenSession(me.id, me.space.record.space))
        self.session = opened.session
        await doors.inbox.allow(i.Allow(me.id, token_hash(TOKEN), 1, NOW + 10**9))


def questions(alice: Alice) -> Iterator[Question]:
    """All of them."""
    for door, rows in OPERATIONS.items():
        for name, row in rows.items():
            if _about(row.request, alice, True) != _about(row.request, alice, False):
                yield _plainly(door, name, row.request, alice)
    yield from _keys(alice)
    yield from _reading(alice)
    yield from _inbox_and_directory(alice)
    yield _asked("replicas.give, a made-up grant", "replicas.give", partial(_grant, alice))
    yield from _dht(alice)
    yield Question("control", _control)


async def _grant(alice: Alice, doors: Doors, there: bool) -> r.Give:
    """Leave to keep a replica here that the owner never gave."""
    owner = alice.person if there else Person(os.urandom(3).hex())
    here = Home(doors.peer, ("/ip4/198.51.100.1/tcp/1",), HomeRole.REPLICA)
    wrong = signing_key("guessed")
    made = ReplicaGrant.make(owner.chain, 0, b"elsewhere", here, 1, NOW + 10**9, wrong)
    whereabouts = owner.whereabouts(b"elsewhere").encoded
    return r.Give(made.encoded, owner.chain.encoded, whereabouts, None)


async def _control(stranger: Stranger, there: bool) -> Ready:
    """Something that can be told."""

    async def ask() -> object:
        if there:
            time.sleep(0.0002)  # noqa: ASYNC251  nobody else shall gain from it
        return await stranger.doors.accounts.hello(a.AskHello("control"))

    return ask


def _about(kind: type, alice: Alice, there: bool) -> object:
    """A request whose fields name what is there, or what is not."""
    me = alice.person
    real: dict[str, Any] = {
        "owner": me.id,
        "id": me.id,
        "target": me.id,
        "space": me.space.record.space,
        "session": alice.session,
        "cids": (alice.new,),
        "name": "alice",
    }
    random: dict[str, Any] = {
        **dict.fromkeys(("owner", "id", "target", "space"), os.urandom(32)),
        "session": os.urandom(16),
        "cids": (Cid.of_cbor(os.urandom(8)),),
        "name": os.urandom(3).hex(),
    }
    names = {each.name for each in fields(kind)}
    values = {name: value for name, value in (real if there else random).items() if name in names}
    return plain(kind, **values)


def _plainly(door: str, method: str, kind: type, alice: Alice) -> Question:
    async def prepare(stranger: Stranger, there: bool) -> Ready:
        request = _about(kind, alice, there)
        return lambda: getattr(getattr(stranger.doors, door), method)(request)

    return Question(f"{door}.{method}", prepare)


def _asked(name: str, door: str, make: Callable[[Doors, bool], Awaitable[object]]) -> Question:
    """A question whose request has to be made for the connection."""

    async def prepare(stranger: Stranger, there: bool) -> Ready:
        request = await make(stranger.doors, there)
        where, method = door.split(".")
        return lambda: getattr(getattr(stranger.doors, where), method)(request)

    return Question(name, prepare)


def _keys(alice: Alice) -> Iterator[Question]:
    me, wrong = alice.person, signing_key("guessed")

    async def owner(doors: Doors, there: bool) -> a.Prove:
        return await statement(doors, Role.OWNER, me.id if there else os.urandom(32), wrong)

    async def sign_in(doors: Doors, there: bool) -> a.Prove:
        name = b"alice" if there else os.urandom(3).hex().encode()
        return await statement(doors, Role.SIGN_IN, name, wrong)

    async def sign_up(doors: Doors, there: bool) -> a.SignUp:
        other = Person("alice" if there else os.urandom(3).hex())
        return other.sign_up_request(doors.peer)

    async def both(doors: Doors, there: bool) -> a.Enter:
        return a.Enter((await owner(doors, there), await owner(doors, there)), True)

    yield _asked("accounts.prove, owner", "accounts.prove", owner)
    yield _asked("accounts.enter, owner", "accounts.enter", both)
    yield _asked("accounts.prove, sign in", "accounts.prove", sign_in)
    yield _asked("accounts.sign_up, a name that is taken", "accounts.sign_up", sign_up)


def _reading(alice: Alice) -> Iterator[Question]:
    space, guessed = alice.person.space, lock_key("guessed")
    nowhere = Person("mallory").new_space("nowhere")

    def asks(make: Callable[[Doors, bool], b.Read]) -> Callable[[Doors, bool], Awaitable[b.Read]]:
        async def made(doors: Doors, there: bool) -> b.Read:
            return make(doors, there)

        return made

    def of_label(doors: Doors, at: bytes, many: int = 1) -> b.Read:
        shown = proof(doors, guessed, READER, space, at)
        return read(space, *[item(at, shown)] * many)

    def some(there: bool, known: bytes = PLACE) -> bytes:
        return known if there else os.urandom(32)

    rows: dict[str, Callable[[Doors, bool], b.Read]] = {
        "a label": lambda doors, there: of_label(doors, some(there)),
        "a retired label": lambda doors, there: of_label(doors, some(there, RETIRED)),
        "a label, 64 times": lambda doors, there: of_label(doors, some(there), 64),
        "without a proof": lambda doors, there: read(space, item(some(there))),
        "an old root": lambda doors, there: read(
            space, item(PLACE), root=alice.old if there else Cid.of_cbor(os.urandom(8))
        ),
        "a tree node": lambda doors, there: read(
            space, nodes=(space.root.tree if there else Cid.of_cbor(os.urandom(8)),)
        ),
        "a space": lambda doors, there: read(space if there else nowhere, item(PLACE)),
    }
    for name, make in rows.items():
        yield _asked(f"blocks.read, {name}", "blocks.read", asks(make))

    async def commit(doors: Doors, there: bool) -> p.Move:
        mallory = Person("mallory")
        theirs = space if there else mallory.new_space("nowhere")
        root, staged = theirs.change({label("mine"): leaf(LOCK, "mine")})
        return move(theirs.sign(root, key=mallory.member), staged)

    yield _asked("pointers.move, by a key that is no member's", "pointers.move", commit)


READER: Final = lock_key("reader", "mallory")


async def introduce(doors: Doors) -> None:
    """Prove the key that ``_reading`` shows proofs for."""
    await prove_reader(doors, "mallory")


def _inbox_and_directory(alice: Alice) -> Iterator[Question]:
    me = alice.person

    def somebody(there: bool) -> bytes:
        return me.id if there else os.urandom(32)

    async def work(doors: Doors, there: bool) -> i.Leave:
        sealed = os.urandom(i.SEALED)
        drop = Drop.worked(somebody(there), day_of(NOW), sealed, WORK_BITS)
        return i.Leave(drop.encoded, sealed)

    async def token(doors: Doors, there: bool) -> i.Leave:
        drop = Drop(somebody(there), day_of(NOW), bytes(16))
        return i.Leave(drop.encoded, bytes(i.SEALED))

    async def head(doors: Doors, there: bool) -> d.Look:
        return d.Look(somebody(there), bytes(32), None)

    async def card(doors: Doors, there: bool) -> d.Look:
        return d.Look(somebody(there), None, bytes(16))

    yield _asked("inbox.leave, paid with work", "inbox.leave", work)
    yield _asked("inbox.leave, a token that is none", "inbox.leave", token)
    yield _asked("directory.look, a wrong chain", "directory.look", head)
    yield _asked("directory.look, a wrong card", "directory.look", card)


def _dht(alice: Alice) -> Iterator[Question]:
    for kind in (Kind.GET, Kind.FIND, Kind.PUT):
        yield Question(f"DHT: {kind.name}", _to_dht(alice, kind))


def _to_dht(alice: Alice, kind: Kind) -> Callable[[Stranger, bool], Awaitable[Ready]]:
    """About somebody who lives here and is not published, and about nobody."""

    async def prepare(stranger: Stranger, there: bool) -> Ready:
        key = key_of_id(alice.person.id if there else os.urandom(32))
        value = bytes(300) if kind is Kind.PUT else None
        question = write_request(Request(kind, key, value), bytes(34))
        stream = await stranger.open(PROTOCOL)

        async def ask() -> object:
            await stream.send_all(question)
            answer = await read_message(stream, bytearray())
            await stream.aclose()
            return len(answer or b"")

        return ask

    return prepare
