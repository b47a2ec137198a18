"""Unfollow, remove a follower, block, unblock: each case of docs/spec/following.md."""

from dataclasses import replace

import pytest
import trio

from client.capability import Capability
from client.session import Session
from client.sharing.circles import verbs
from client.sharing.circles.share import share_with_circle
from client.sharing.seen import who_sees
from client.sharing.share import share
from client.social import parting
from client.social.card import contact_card
from client.social.contacts import Reach, contact, contacts
from client.social.contacts import put as keep
from client.social.events import FollowRequested, SetAside
from client.social.follow import accept, decline, follow, new_contact
from client.social.inbox import collect
from client.social.messages import Introduction, Message, Type
from client.social.parting import block, remove_follower, unblock, unfollow
from client.social.requests import requests
from client.social.store import System, change
from client.space.reading import Changing
from crypto.secret import Secret, random_bytes
from crypto.signing import SigningKey
from formats.drop import DAY
from formats.errors import HoldfastError, NotFound, Unfit
from formats.identity import IdentityChain, IdentityRecord
from tests.client.people import Town
from tests.client.sharing.hostile import Hostile
from tests.client.sharing.trees import put, theirs
from tests.client.social.test_inbox import Recorder, leave

FILES = {"docs/a.txt": b"one", "photos/c.jpg": b"three"}


async def relation(session: Session, name: str) -> str:
    """In letters: a(sked), f(ollowing), F(ollower), b(locked)."""
    known = await contact(session, name)
    flags = (known.asked, known.following, known.follower, known.blocked)
    return "".join(letter for letter, flag in zip("afFb", flags, strict=True) if flag)


async def settled(*people: Session) -> list[object]:
    """Everything arrived everywhere."""
    found: list[object] = []
    for _ in range(3):
        for each in people:
            found += await collect(each)
    return found


async def test_unfollowing(alice: Session, bob: Session) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await share_with_circle(alice, "photos", "all-contacts")
    for _ in range(2):
        await unfollow(bob, "alice")
        await settled(alice, bob)
        assert await relation(bob, "alice") == "F"
        assert await relation(alice, "bob") == "f"
    with pytest.raises(NotFound):
        await theirs(bob, "alice")
    assert (await verbs.listing(alice))[0].members == ()
    assert [each.path for each in await who_sees(alice, "docs")] == ["/alice/docs"]


async def test_removing_a_follower(alice: Session, bob: Session, carol: Session) -> None:
    await put(alice, FILES)
    await verbs.new(alice, "friends")
    await verbs.add(alice, "friends", ["bob", "carol"])
    await share_with_circle(alice, "docs", "friends")
    await share(alice, "docs", "bob", "again")
    await share(alice, "photos", "bob")
    hostile = Hostile(bob, "alice")
    await hostile.look()
    assert len(await hostile.gets()) > 4
    for _ in range(2):
        await remove_follower(alice, "bob")
        assert await hostile.gets() == []
        with pytest.raises(HoldfastError):
            await theirs(bob, "alice")
    await settled(alice, bob)
    assert await relation(alice, "bob") == "f"
    assert await relation(bob, "alice") == "F"
    assert {each.contact for each in await who_sees(alice, "docs")} == {"carol"}
    assert await theirs(carol, "alice") == {"docs/a.txt": b"one"}
    assert (await verbs.listing(alice))[0].members == ("carol",)


async def test_who_was_removed_may_ask_again_and_gets_nothing_of_before(
    alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await remove_follower(alice, "bob")
    await settled(alice, bob)
    await follow(bob, await contact_card(alice))
    assert [type(each) for each in await collect(alice)] == [FollowRequested]
    await accept(alice, "bob")
    await settled(alice, bob)
    assert await theirs(bob, "alice") == {}
    await share(alice, "photos", "bob")
    assert await theirs(bob, "alice") == {"photos/c.jpg": b"three"}


async def test_removed_while_they_ask_again(alice: Session, bob: Session) -> None:
    await remove_follower(alice, "bob")
    await follow(bob, await contact_card(alice))  # has not heard of it
    await settled(alice, bob)
    assert [each.name for each in await requests(alice)] == ["bob"]
    assert await relation(alice, "bob") == "f"


async def test_unfollowed_while_the_other_removes_me(alice: Session, bob: Session) -> None:
    await unfollow(bob, "alice")
    await remove_follower(alice, "bob")
    await settled(alice, bob)
    assert await relation(alice, "bob") == "f"
    assert await relation(bob, "alice") == "F"


@pytest.mark.parametrize("before", ["it arrived", "it was collected"])
async def test_a_request_that_is_taken_back(world: Town, alice: Session, before: str) -> None:
    dave = await world.sign_up("dave", "two")
    await follow(dave, await contact_card(alice))
    if before == "it was collected":
        await collect(alice)
    await unfollow(dave, "alice")
    await settled(alice)
    assert await requests(alice) == []
    with pytest.raises(NotFound):
        await accept(alice, "dave")


async def test_accepted_while_it_is_taken_back(world: Town, alice: Session) -> None:
    dave = await world.sign_up("dave", "two")
    await follow(dave, await contact_card(alice))
    await collect(alice)
    await accept(alice, "dave")
    await unfollow(dave, "alice")
    assert not any(isinstance(each, SetAside) for each in await settled(dave))
    assert await relation(dave, "alice") == ""
    assert await relation(alice, "dave") == "F"
    await settled(alice)
    assert await relation(alice, "dave") == ""


@pytest.mark.parametrize("state", ["waits", "was accepted", "was declined", "was taken back"])
async def test_the_same_request_again(world: Town, alice: Session, state: str) -> None:
    world.wrap = recorder = Recorder()
    dave = await world.sign_up("dave", "two")
    await follow(dave, await contact_card(alice))
    await collect(alice)
    if state == "was accepted":
        await accept(alice, "dave")
        await collect(dave)
    elif state == "was declined":
        await decline(alice, "dave")
    elif state == "was taken back":
        await unfollow(dave, "alice")
        await collect(alice)
    before = await contacts(alice), await requests(alice)
    await leave(dave, alice, recorder.sealed[0])
    assert await collect(alice) == []
    assert (await contacts(alice), await requests(alice)) == before


@pytest.mark.parametrize(
    ("days", "kind"), [(30, FollowRequested), (89, FollowRequested), (91, SetAside)]
)
async def test_a_request_long_under_way(world: Town, alice: Session, days: int, kind: type) -> None:
    dave = await world.sign_up("dave", "two")
    log = Capability(dave.id, dave.bundle.space, Secret(b"x" * 32))
    content = Introduction.of(dave.whereabouts, log, True)
    number = (random_bytes(16), 5, dave.around.now())
    made = Message.make(Type.FOLLOW, dave.chain, alice.id, number, content, dave.bundle.daily)
    world.clock.now += days * DAY
    await leave(alice, alice, made.seal(alice.whereabouts.sealing))
    assert [type(each) for each in await collect(alice)] == [kind]


async def test_a_request_under_an_identity_that_was_succeeded(world: Town, alice: Session) -> None:
    """By a contact whose newer record is known here: set aside, whatever it says."""
    signer, daily, following = (SigningKey.generate() for _ in range(3))
    new_daily = SigningKey.generate()
    one = IdentityRecord.first(signer, daily.verify_key, following.verify_key.digest(), 1)
    two = IdentityRecord.following(one, following, new_daily.verify_key, bytes(32), 2)
    old, new = IdentityChain((one,)), IdentityChain((one, two))
    reach = Reach("mallory", alice.whereabouts.homes, alice.whereabouts.sealing, 1)

    async def operation(changing: Changing) -> None:
        system = System(alice, changing)
        await keep(system, await new_contact(system, "mallory", new.encoded, reach))
        await system.flush()

    await change(alice, operation)
    log = Capability(old.id, bytes(32), Secret(b"x" * 32))
    where = replace(alice.whereabouts, name="mallory")
    for chain, key in ((old, daily), (new, daily)):
        content = Introduction.of(where, log, True)
        number = (random_bytes(16), 0, alice.around.now())
        made = Message.make(Type.FOLLOW, chain, alice.id, number, content, key)
        await leave(alice, alice, made.seal(alice.whereabouts.sealing))
    assert [type(each) for each in await collect(alice)] == [SetAside, SetAside]
    assert await requests(alice) == []
    assert await relation(alice, "mallory") == ""


async def test_blocking_a_friend(alice: Session, bob: Session, carol: Session) -> None:
    await put(alice, FILES)
    await put(bob, {"his/b": b"b"})
    await share_with_circle(alice, "docs", "all-contacts")
    await share(bob, "his", "alice")
    await settled(alice, bob)
    hostile = Hostile(bob, "alice")
    await hostile.look()
    for _ in range(2):
        await block(alice, "bob")
        assert await relation(alice, "bob") == "b"
    assert await hostile.gets() == []
    with pytest.raises(NotFound):
        await theirs(alice, "bob")
    assert await collect(bob) == []  # is told nothing
    assert await relation(bob, "alice") == "fF"
    await share(bob, "his", "alice", "other")
    await follow(bob, await contact_card(alice))
    assert await collect(alice) == []
    assert await requests(alice) == []
    with pytest.raises(Unfit, match="blocked"):
        await share(alice, "docs", "bob")
    await verbs.new(alice, "friends")
    with pytest.raises(Unfit, match="blocked"):
        await verbs.add(alice, "friends", ["bob"])
    assert await theirs(carol, "alice") == {"docs/a.txt": b"one"}


async def test_unblocking_brings_nothing_back_and_they_may_ask(
    alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await block(alice, "bob")
    await follow(bob, await contact_card(alice))
    assert await collect(alice) == []
    for _ in range(2):
        await unblock(alice, "bob")
        assert await relation(alice, "bob") == ""
    await follow(bob, await contact_card(alice))
    assert [type(each) for each in await collect(alice)] == [FollowRequested]
    await accept(alice, "bob")
    await settled(alice, bob)
    assert await theirs(bob, "alice") == {}
    assert await relation(alice, "bob") == "F"


async def test_blocking_somebody_who_only_asked(world: Town, alice: Session) -> None:
    dave = await world.sign_up("dave", "two")
    await verbs.new(alice, "dave")  # so the name is taken
    await follow(dave, await contact_card(alice))
    await collect(alice)
    known = await block(alice, "dave")
    assert known.name == known.handle
    assert await requests(alice) == []
    await follow(dave, await contact_card(alice))
    assert await collect(alice) == []
    with pytest.raises(NotFound):
        await block(alice, "nobody")


async def test_an_older_message_that_comes_late_says_nothing_of_who_follows_whom(
    world: Town, alice: Session, bob: Session
) -> None:
    world.wrap = recorder = Recorder()
    await unfollow(bob, "alice")
    (gone,) = recorder.sealed
    await settled(alice)
    await follow(bob, await contact_card(alice))
    await settled(alice)
    await accept(alice, "bob")
    await settled(alice, bob)
    assert await relation(alice, "bob") == "fF"
    await leave(bob, alice, gone)
    await settled(alice)
    assert await relation(alice, "bob") == "fF"


async def test_two_devices_do_the_same(world: Town, alice: Session, bob: Session) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    second = await world.sign_in("alice", "one")
    for verb in (parting.unfollow, parting.remove_follower, parting.block, parting.unblock):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(verb, alice, "bob")
            nursery.start_soon(verb, second, "bob")
    assert await relation(alice, "bob") == ""
    assert await who_sees(alice, "docs") == []
    assert await contacts(second) == await contacts(alice)
