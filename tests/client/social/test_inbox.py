"""The inbox against replays, strangers, nonsense, and being cut off."""

from contextlib import nullcontext
from dataclasses import replace
from typing import cast

import pytest
import trio
import trio.testing

from client.capability import Capability
from client.home import Connected, HomeLine
from client.session import Session
from client.social import inbox
from client.social import requests as who_asks
from client.social.card import contact_card
from client.social.contacts import contact, contacts
from client.social.delivering import MAX_WORK, Parcel
from client.social.delivering import leave as leave_at
from client.social.events import Event, Followed, FollowRequested, SetAside
from client.social.follow import accept, decline, follow
from client.social.inbox import MAX_SET_ASIDE, collect, keep_collecting, set_aside
from client.social.messages import MAX_SEQ, Introduction, Message, Type
from client.social.requests import requests
from crypto.hpke import seal_to
from crypto.purposes import SealPurpose
from crypto.sealing import Associated
from crypto.secret import Secret, random_bytes
from formats.errors import Malformed, Unfit
from formats.identity import IdentityChain
from protocols import inbox as i
from protocols.services import Doors
from storage.contracts import Transaction
from tests.client.people import Town


async def leave(sender: Session, to: Session, sealed: bytes) -> None:
    """Leave these very bytes at somebody's home."""
    line = HomeLine(sender.around.network, to.whereabouts.homes)
    await leave_at(line, Parcel(to.id, sealed, 0))


def write(
    sender: Session, to: Session, type: Type, seq: int = 0, secret: bytes = b"x" * 32
) -> bytes:
    log = Capability(sender.id, sender.bundle.space, Secret(secret))
    made = Message.make(
        type,
        sender.chain,
        to.id,
        (random_bytes(16), seq, sender.around.now()),
        Introduction.of(sender.whereabouts, log),
        sender.bundle.daily,
    )
    return made.seal(to.whereabouts.sealing)


class Recorder:
    """Keeps what is left at homes, so that a test can leave it again."""

    def __init__(self) -> None:
        self.sealed: list[bytes] = []

    def __call__(self, doors: Doors) -> Doors:
        recorder = self

        class Inbox:
            async def leave(self, request: i.Leave) -> i.Taken:
                recorder.sealed.append(request.sealed)
                return await doors.inbox.leave(request)

            def __getattr__(self, name: str) -> object:
                return getattr(doors.inbox, name)

        class Wrapped:
            inbox = Inbox()

            def __getattr__(self, name: str) -> object:
                return getattr(doors, name)

        return Wrapped()  # type: ignore[return-value]


async def test_a_replayed_message_does_nothing(world: Town, alice: Session, bob: Session) -> None:
    world.wrap = recorder = Recorder()
    await follow(bob, await contact_card(alice))
    await collect(alice)
    await accept(alice, "bob", True)
    await collect(bob)
    before = [await contacts(each) for each in (alice, bob)]
    for sealed in list(recorder.sealed):
        for to in (alice, bob):
            await leave(alice, to, sealed)
    events = [await collect(alice), await collect(bob)]
    # Each was left twice, once at the wrong home: that copy does not open.
    assert all(isinstance(event, SetAside) for found in events for event in found)
    assert [await contacts(each) for each in (alice, bob)] == before
    assert await requests(alice) == []


async def test_a_replayed_request_that_was_declined_stays_declined(
    world: Town, alice: Session, bob: Session
) -> None:
    world.wrap = recorder = Recorder()
    await follow(bob, await contact_card(alice))
    await collect(alice)
    await decline(alice, "bob")
    await leave(bob, alice, recorder.sealed[0])
    assert await collect(alice) == []
    assert await requests(alice) == []


async def test_an_answer_nobody_asked_for_is_set_aside(
    world: Town, alice: Session, bob: Session
) -> None:
    for type in (Type.ACCEPT, Type.CHANGED, Type.GOODBYE):
        await leave(bob, alice, write(bob, alice, type))
    events = await collect(alice)
    assert len(events) == 3
    assert all(isinstance(event, SetAside) for event in events)
    assert await contacts(alice) == []
    assert len(await set_aside(alice)) == 3


async def test_nonsense_does_not_stop_the_rest(world: Town, alice: Session, bob: Session) -> None:
    await leave(bob, alice, bytes(i.SEALED))
    info = Associated(SealPurpose.MESSAGE, alice.id)
    plain = bytes(len(bytes(i.SEALED)) - 1137)
    await leave(bob, alice, seal_to(alice.whereabouts.sealing, plain, info))
    await leave(bob, alice, write(alice, alice, Type.FOLLOW))
    await follow(bob, await contact_card(alice))
    events = await collect(alice)
    assert [type(event) for event in events] == [SetAside] * 3 + [FollowRequested]
    assert await collect(alice) == []


async def test_what_is_set_aside_is_bounded(alice: Session, bob: Session) -> None:
    for n in range(MAX_SET_ASIDE + 3):
        await leave(bob, alice, n.to_bytes(2, "big") * (i.SEALED // 2))
    await collect(alice)
    kept = await set_aside(alice)
    assert len(kept) == MAX_SET_ASIDE
    assert all("does not open" in reason for _, reason in kept)


class Pretended:
    """A chain for ``Message.make`` that says whatever a liar wants."""

    def __init__(self, id: bytes, head_hash: bytes) -> None:
        self.id, self.head_hash = id, head_hash
        self.records: tuple[object, ...] = ()


def forged(writer: Session, to: Session, sender: bytes, head: bytes) -> bytes:
    """A message in somebody else's name, under an identity record that nobody has seen."""
    log = Capability(sender, writer.bundle.space, Secret(b"x" * 32))
    chain = cast("IdentityChain", Pretended(sender, head))
    content = Introduction.of(writer.whereabouts, log)
    number = (random_bytes(16), 0, writer.around.now())
    made = Message.make(Type.CHANGED, chain, to.id, number, content, writer.bundle.daily)
    return made.seal(to.whereabouts.sealing)


async def test_a_forgery_in_the_name_of_a_contact_who_is_away_does_not_stop_the_rest(
    world: Town, alice: Session, bob: Session
) -> None:
    """Anybody may write it: whoever is named need not be at home to be asked."""
    await follow(bob, await contact_card(alice))
    await collect(alice)
    await accept(alice, "bob", True)
    mallory, carol = await world.sign_up("mallory", "one"), await world.sign_up("carol", "one")
    await leave(mallory, alice, forged(mallory, alice, bob.id, bytes(32)))
    await follow(carol, await contact_card(alice))
    world.down.add(world.home("two").peer)
    events = await collect(alice)
    assert [type(event) for event in events] == [SetAside, FollowRequested]
    assert await collect(alice) == []


class Dawdles:
    """The home of somebody takes an hour to say who lives there."""

    def __init__(self, peer: bytes) -> None:
        self.peer = peer

    def __call__(self, doors: Doors) -> Doors:
        if doors.peer != self.peer:
            return doors

        class Directory:
            async def look(self, request: object) -> object:
                await trio.sleep(3600)
                raise AssertionError("nobody waits for this")

        class Wrapped:
            directory = Directory()

            def __getattr__(self, name: str) -> object:
                return getattr(doors, name)

        return Wrapped()  # type: ignore[return-value]


async def test_a_home_that_dawdles_does_not_hold_up_the_rest(
    world: Town, alice: Session, bob: Session, autojump_clock: trio.testing.MockClock
) -> None:
    """A stranger names the home that is asked for their identity: it gets seconds, not hours."""
    autojump_clock.autojump_threshold = 0.5  # work in threads is no idleness
    carol = await world.sign_up("carol", "one")
    await leave(bob, alice, forged(bob, alice, bob.id, bytes(32)))
    await follow(carol, await contact_card(alice))
    world.wrap = Dawdles(world.home("two").peer)
    with trio.fail_after(1800):
        events = await collect(alice)
    assert [type(event) for event in events] == [SetAside, FollowRequested]


@pytest.mark.parametrize("seq", [MAX_SEQ, MAX_SEQ + 1])
async def test_a_message_of_the_highest_number_breaks_nothing(
    alice: Session, bob: Session, seq: int
) -> None:
    """One more than what it says is what is kept: a contact must stay readable."""
    await follow(bob, await contact_card(alice))
    await collect(alice)
    await accept(alice, "bob", True)
    with nullcontext() if seq <= MAX_SEQ else pytest.raises(Malformed):
        await leave(bob, alice, write(bob, alice, Type.CHANGED, seq))
    await collect(alice)
    assert [each.name for each in await contacts(alice)] == ["bob"]


async def test_strangers_who_ask_and_ask_do_not_stop_the_rest(
    monkeypatch: pytest.MonkeyPatch, world: Town, alice: Session, bob: Session
) -> None:
    monkeypatch.setattr(who_asks, "MAX_REQUESTS", 2)
    people = [await world.sign_up(name, "two") for name in ("m0", "m1", "m2", "carol")]
    for each in people[:3]:
        await follow(each, await contact_card(alice))
    await follow(bob, await contact_card(alice))
    events = await collect(alice)
    assert [type(event) for event in events] == [FollowRequested] * 2 + [SetAside] * 2
    await decline(alice, "m0")
    await follow(people[3], await contact_card(alice))
    assert [type(event) for event in await collect(alice)] == [FollowRequested]
    assert {each.name for each in await requests(alice)} == {"m1", "carol"}


class Cut(Exception):
    """The process ended here."""


@pytest.mark.parametrize("acted", [False, True])
async def test_cut_off_while_collecting(
    monkeypatch: pytest.MonkeyPatch, world: Town, alice: Session, bob: Session, acted: bool
) -> None:
    """Before it was acted on; or after it, and before the home heard that it can delete it."""
    await follow(bob, await contact_card(alice))

    async def cut(*_: object) -> None:
        raise Cut

    if acted:
        assert len(await collect(alice)) == 1
    else:
        with monkeypatch.context() as patched:
            patched.setattr(inbox, "_act", cut)
            with pytest.raises(Cut):
                await collect(alice)
    fresh = await world.sign_in("alice", "one")
    events = await collect(fresh)
    assert events == ([FollowRequested("bob", events[0].handle)] if events else [])  # type: ignore[union-attr]
    assert len(await requests(fresh)) == 1


async def test_the_loop_tells_of_what_comes_and_waits_out_a_home_that_is_away(
    world: Town, alice: Session, bob: Session, autojump_clock: trio.testing.MockClock
) -> None:
    autojump_clock.autojump_threshold = 0.5  # work in threads is no idleness
    send, receive = trio.open_memory_channel[Event](10)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(keep_collecting, alice, send.send_nowait)
        nursery.start_soon(keep_collecting, bob, send.send_nowait)
        await follow(bob, await contact_card(alice))
        assert isinstance(await receive.receive(), FollowRequested)
        world.down.add(world.home("two").peer)
        await bob.line.aclose()
        await accept(alice, "bob", True)
        await trio.sleep(10)
        world.down.clear()
        assert await receive.receive() == Followed("alice", True)
        nursery.cancel_scope.cancel()
    assert (await contact(bob, "alice")).following


async def test_a_home_that_asks_for_too_much_work_is_left_alone(
    world: Town, alice: Session, bob: Session
) -> None:
    line = HomeLine(bob.around.network, alice.whereabouts.homes)
    honest = await line.connected()
    line._now = replace(honest, hello=replace(honest.hello, work_bits=MAX_WORK + 1))
    with pytest.raises(Unfit):
        await leave_at(line, Parcel(alice.id, bytes(i.SEALED), 0))


async def test_what_was_dealt_with_goes_with_the_next_question(
    alice: Session, bob: Session
) -> None:
    await leave(bob, alice, write(bob, alice, Type.FOLLOW))
    assert len(await collect(alice)) == 1
    assert len(await waiting(alice)) == 1
    assert await collect(alice) == []
    assert await waiting(alice) == ()


async def test_a_home_is_told_at_once_before_what_takes_long(alice: Session, bob: Session) -> None:
    await leave(bob, alice, write(bob, alice, Type.FOLLOW))
    assert len(await collect(alice)) == 1
    await inbox.acknowledge(alice)
    await inbox.acknowledge(alice)
    assert await waiting(alice) == ()


async def test_a_home_that_was_set_back_deletes_nothing_that_was_not_seen(
    world: Town, alice: Session, bob: Session
) -> None:
    """It gives a number out again: what was heard on another connection is not named."""
    await leave(bob, alice, write(bob, alice, Type.FOLLOW))
    assert len(await collect(alice)) == 1
    (before,) = await waiting(alice)
    store = world.nodes["one"].store

    def another(tx: Transaction) -> None:
        tx.delete_messages(alice.id, [before.seq])
        tx.drop_message(alice.id, before.arrived, b"another".ljust(i.SEALED, b"\0"))

    await store.write(another)
    (after,) = await waiting(alice)
    alice.dealt_with.seqs = {after.seq}  # as if it had been the same number
    await alice.line.aclose()
    (event,) = await collect(alice)
    assert isinstance(event, SetAside)


async def waiting(session: Session) -> tuple[i.Message, ...]:
    """What lies at somebody's home."""

    async def ask(connected: Connected) -> i.Messages:
        return await connected.doors.inbox.collect(i.Collect(session.id, 0, 0))

    return (await session.line.call(ask)).messages
