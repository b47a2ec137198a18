"""Requests of any content: answered in words of the closed list, and the home lives on."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from formats.cid import Block, Cid
from formats.drop import Drop, day_of
from formats.errors import HoldfastError, Internal
from formats.links import Role, children
from formats.tree.node import EMPTY
from node.build import Node, build
from node.config import Config
from protocols import accounts as a
from protocols import blocks as b
from protocols import directory as d
from protocols import inbox as i
from protocols import pointers as p
from protocols.services import Doors
from storage.contracts import SpaceKey, View
from storage.memory import MemoryStore
from tests.node.people import (
    NOW,
    Clock,
    Person,
    item,
    label,
    leaf,
    lock_key,
    move,
    proof,
    prove_reader,
    read,
    secret,
    segment,
)

ALICE = b"alice's id".ljust(32)
"""Stands for her id, which is another each time (signatures are)."""
SPACE = Person("alice").space.record.space
ROOT = Cid.of_cbor(b"her root")
TREE = Cid.of_cbor(b"her tree")

some = st.binary(max_size=200)
ids = st.sampled_from([ALICE, SPACE]) | st.binary(min_size=32, max_size=32)
labels = st.just(label("alice", "root node")) | ids
tokens = st.binary(min_size=16, max_size=16)
uints = st.integers(0, 3) | st.integers(0, 2**53)
cids = st.sampled_from([ROOT, TREE]) | some.map(Cid.of_cbor) | some.map(Cid.of_raw)
names = st.just("alice") | st.text(max_size=40)


def tuples(each: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(each, max_size=3).map(tuple)


def door(name: str, kind: type, *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(st.just(name), st.builds(kind, *parts))


items = st.builds(b.Item, labels, st.none() | some, tuples(uints), st.booleans())
blocks = tuples(some.map(Block.cbor) | some.map(Block.raw))
REQUESTS = st.one_of(
    door("accounts.prove", a.Prove, some, some, some),
    door("accounts.enter", a.Enter, tuples(st.builds(a.Prove, some, some, some)), st.booleans()),
    door("accounts.parameters", a.AskParameters, names),
    door("accounts.sign_in", a.SignIn, names),
    door("accounts.replace_sign_in", a.ReplaceSignIn, names, some),
    door("accounts.succeed", a.Succeed, names, *[some] * 4, blocks),
    door("accounts.depart", a.Depart, names, some),
    door("accounts.account", a.AskAccount, ids),
    door("accounts.sign_up", a.SignUp, names, tokens, *[some] * 5, st.none() | tokens, blocks),
    door("blocks.open_session", b.OpenSession, ids, ids),
    door("blocks.stage", b.Stage, tokens, blocks),
    door("blocks.missing", b.Missing, tokens, tuples(cids)),
    door("blocks.recall", b.Recall, tokens, tuples(cids)),
    door("blocks.close_session", b.CloseSession, tokens),
    door(
        "blocks.read",
        b.Read,
        st.just(ALICE),
        st.just(SPACE),
        st.none() | cids,
        st.none() | ids,
        st.none() | uints,
        tuples(items),
        tuples(cids),
        st.none() | st.builds(a.Prove, some, some, some),
    ),
    door("pointers.resolve", p.Resolve, ids, ids, st.none() | uints),
    door("pointers.move", p.Move, some, blocks),
    door("pointers.watch", p.Watch, ids, ids, uints, st.just(0)),
    door("inbox.leave", i.Leave, some, st.just(bytes(i.SEALED))),
    door("inbox.collect", i.Collect, ids, uints, st.just(0), st.none() | tuples(uints)),
    door("inbox.delete", i.Delete, ids, tuples(uints)),
    door("inbox.allow", i.Allow, ids, ids, uints, uints),
    door("directory.look", d.Look, ids, st.none() | ids, st.none() | tokens),
    door("directory.publish", d.Publish, ids, tuples(some), some),
)


def meant(value: Any, alice: Person) -> Any:
    """The value with what stands for hers replaced by what is hers."""
    if isinstance(value, tuple):
        return tuple(meant(each, alice) for each in value)
    real: dict[Any, Any] = {
        ALICE: alice.id,
        ROOT: alice.space.root.block.cid,
        TREE: alice.space.root.tree,
    }
    return real.get(value, value) if isinstance(value, bytes) else value


async def ask(doors: Doors, where: str, request: Any, alice: Person) -> None:
    """Ask, and expect an answer or an error of the list, but never a fault of the home."""
    name, method = where.split(".")
    real = {each.name: meant(getattr(request, each.name), alice) for each in fields(request)}
    try:
        await getattr(getattr(doors, name), method)(replace(request, **real))
    except Internal as error:
        raise AssertionError(where) from error
    except HoldfastError:
        return


def check_whole(view: View, key: SpaceKey) -> None:
    """Everything that a space's roots reach is there, and is exactly what it uses."""
    row = view.space(key)
    assert row is not None
    reached: set[Cid] = set()
    waiting = [(row.root, Role.ROOT), *((old.root, Role.ROOT) for old in view.retained(key))]
    while waiting:
        cid, role = waiting.pop()
        if cid in reached or cid == EMPTY.cid:
            continue
        reached.add(cid)
        waiting += children(role, view.block(cid))
    assert row.used == sum(len(view.block(cid)) for cid in reached)


def at_home(story: Callable[[Node, Doors, Person], Awaitable[None]]) -> None:
    """Run a story where Alice lives; afterwards she can still commit, and all is whole."""

    async def run() -> None:
        config = Config(Path("/nowhere"), work_bits=4)
        async with build(config, store=MemoryStore(), clock=Clock(), key=secret("n")) as node:
            alice, doors = Person("alice"), node.open()
            await alice.sign_up(doors)
            await story(node, doors, alice)
            fresh = node.open()
            await alice.arrive(fresh)
            key = SpaceKey(alice.id, SPACE)
            found = await fresh.pointers.resolve(p.Resolve(alice.id, SPACE, None))
            assert alice.space.pointer is not None
            if found.pointer == alice.space.pointer.encoded:
                answer = await alice.space.commit(fresh, {label("on"): leaf(lock_key("on"), "on")})
                assert isinstance(answer, p.Committed)
            await node.store.read(lambda view: check_whole(view, key))

    trio.run(run, clock=trio.testing.MockClock(autojump_threshold=0))


@given(st.lists(REQUESTS, min_size=1, max_size=8))
def test_any_request_is_answered_in_our_words(requests: list[tuple[str, Any]]) -> None:
    asked = []

    async def story(node: Node, doors: Doors, alice: Person) -> None:
        for where, request in requests:
            for line in (doors, node.open(node.caller(b"elsewhere", local=False))):
                await ask(line, where, request, alice)
                asked.append(where)

    at_home(story)
    assert len(asked) == 2 * len(requests)


def altered(data: bytes, rng: random.Random) -> bytes:
    """The bytes with one of them changed, dropped, doubled, or the end cut off."""
    at = rng.randrange(len(data))
    return rng.choice(
        [
            data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :],
            data[:at] + data[at + 1 :],
            data[:at] + data[at : at + 1] + data[at:],
            data[:at],
        ]
    )


@given(st.randoms(use_true_random=False))
def test_an_honest_request_with_one_byte_changed(rng: random.Random) -> None:
    """Nothing of an altered request is half done, whatever is altered and wherever."""
    told = []

    async def story(node: Node, doors: Doors, alice: Person) -> None:
        part = segment("x")
        made = leaf(lock_key("x"), "x", segments=[part])
        root, new = alice.space.change({label("x"): made}, segments=[part])
        honest = move(alice.space.sign(root), new)
        at = rng.randrange(len(new))
        wrong = Block.raw if new[at].cid.is_raw else Block.cbor
        swapped = [*new[:at], wrong(altered(new[at].data, rng)), *new[at + 1 :]]
        reader = await prove_reader(doors, "bob")
        shown = proof(doors, alice.lock, reader, alice.space, alice.label).encoded
        message = bytes(i.SEALED)
        drop = Drop.worked(alice.id, day_of(NOW), message, 4).encoded
        request = read(alice.space, item(alice.label))
        for where, each in [
            ("pointers.move", replace(honest, commit=altered(honest.commit, rng))),
            ("pointers.move", replace(honest, blocks=tuple(swapped))),
            (
                "blocks.read",
                replace(request, items=(b.Item(alice.label, altered(shown, rng), (), True),)),
            ),
            ("inbox.leave", i.Leave(altered(drop, rng), message)),
            (
                "directory.publish",
                d.Publish(alice.id, (), altered(alice.whereabouts(doors.peer, 1).encoded, rng)),
            ),
        ]:
            await ask(doors, where, each, alice)
            told.append(where)

    at_home(story)
    assert len(told) == 5
