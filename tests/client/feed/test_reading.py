"""Reading: pages, what is new, what is hidden, how few questions it takes; on two devices."""

from functools import partial

import pytest
import trio

from client.feed.everyone import everyone, note_seen
from client.feed.feed import feed
from client.feed.index import Index
from client.feed.items import Head, Post
from client.feed.marks import hide, set_marks
from client.feed.posting import edit, post
from client.feed.thread import thread
from client.session import Session
from client.sharing.circles import verbs
from client.sharing.drive import own_drive
from client.sharing.share import share
from crypto.secret import random_bytes
from formats.errors import NotFound, Usage
from protocols.services import Doors
from tests.client.feed.people import hear, said, say, texts
from tests.client.people import PASSWORD, Town
from tests.client.sharing.trees import put
from tests.client.social.test_follow import befriend
from tests.world.faults import Call, Onward, WatchedDoors

MONTH = 31 * 86_400_000


async def test_pages_follow_each_other_without_gap_or_repeat(
    alice: Session, bob: Session, world: Town
) -> None:
    for n in range(25):
        await post(alice, own_drive(alice), f"{n}", ["bob"], and_tell=False)
        world.clock.now += 1 if n % 3 else 0
    got, after = list[str](), ""
    while True:
        page = await feed(bob, after, 7)
        got += [said(each) for each in page.items]
        if not page.after:
            break
        after = page.after
    assert sorted(got, key=int) == [f"{n}" for n in range(25)]
    times = [int(each) // 3 for each in got]
    assert times == sorted(times, reverse=True)
    with pytest.raises(Usage):
        await feed(bob, "nowhere")


async def test_what_the_list_of_the_newest_has_no_room_for_is_read_by_month(
    alice: Session, bob: Session, world: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client.feed.index.MAX_POSTS", 6)
    monkeypatch.setattr("client.feed.feed.PART", 3)
    for n in range(30):
        world.clock.now += MONTH // 4
        await post(alice, own_drive(alice), f"{n}", ["bob"], and_tell=False)
    got, after = list[str](), ""
    while True:
        page = await feed(bob, after, 4)
        assert page.problems == []
        got += [said(each) for each in page.items]
        if not page.after:
            break
        after = page.after
    assert got == [f"{n}" for n in reversed(range(30))]


async def test_new_goes_by_when_it_was_first_seen(
    alice: Session, bob: Session, world: Town
) -> None:
    await say(alice, "one", "bob")
    world.clock.now += 1000
    page = await feed(bob)
    assert page.unseen == 1
    await set_marks(bob, feed=world.clock.now)
    world.clock.now += 1000
    assert (await feed(bob)).unseen == 0
    await say(alice, "two", "bob")
    page = await feed(bob)
    assert [(said(each), each.is_new) for each in page.items] == [("two", True), ("one", False)]
    assert (await feed(alice)).unseen == 0


async def test_two_devices_agree_on_what_was_seen_and_hidden(
    alice: Session, bob: Session, world: Town
) -> None:
    other = await world.sign_in("bob", "two", PASSWORD)
    made = await say(alice, "one", "bob")
    world.clock.now += 1000
    await say(alice, "two", "bob")
    assert await texts(bob) == ["two", "one"]
    await hide(bob, alice.id, made.id)
    await set_marks(other, feed=world.clock.now)
    for each in (bob, other):
        assert await texts(each) == ["two"]
        assert await texts(each, hidden=True) == ["two", "one"]
        assert (await feed(each)).unseen == 0
    await set_marks(bob, feed=5)  # never back
    assert (await feed(other)).unseen == 0
    await hide(other, alice.id, made.id, hidden=False)
    assert await texts(bob) == ["two", "one"]


async def test_what_is_new_is_told_once_whoever_looks_first(alice: Session, bob: Session) -> None:
    """Two looks read the same; one of them is the first to note it."""
    await texts(bob)
    await say(alice, "new", "bob")
    one, other = await everyone(bob), await everyone(bob)
    for each in (one, other):
        await note_seen(bob, each)
    assert [said(each) for each in one.fresh] == ["new"]
    assert other.fresh == []


async def test_two_devices_post_at_once(alice: Session, bob: Session, world: Town) -> None:

    other = await world.sign_in("alice", "one", PASSWORD)
    async with trio.open_nursery() as nursery:
        for session, text in ((alice, "here"), (other, "there")):
            nursery.start_soon(say, session, text, "bob")
    assert sorted(await texts(bob)) == ["here", "there"]
    made = await say(other, "x", "bob")
    await edit(alice, made.id, "y")
    assert sorted(await texts(bob)) == ["here", "there", "y"]


async def test_reading_a_friend_takes_three_questions(
    alice: Session, bob: Session, carol: Session, world: Town
) -> None:
    """The folder of shares, the circles, the channels; one more while keys were replaced."""
    await verbs.new(alice, "family")
    await verbs.add(alice, "family", ["bob", "carol"])
    for n in range(3):
        await say(alice, f"{n}", "family")
        await say(alice, f"{n}", "bob")
        await say(alice, f"{n}", "all-contacts")
    asked = list[str]()
    world.wrap = partial(watched, alice.id, asked)
    fresh = await world.sign_in("bob", "two", PASSWORD)
    assert len((await everyone(fresh)).items(world.clock.now)) == 9
    assert asked == ["blocks.read"] * 3
    asked.clear()
    await verbs.new(alice, "others")
    await verbs.add(alice, "others", ["bob"])
    await say(alice, "x", "others")
    asked.clear()
    assert len((await everyone(fresh)).items(world.clock.now)) == 10
    assert asked == ["blocks.read"] * 3
    await verbs.remove(alice, "family", ["carol"])
    asked.clear()
    assert len((await everyone(fresh)).items(world.clock.now)) == 10
    assert asked == ["blocks.read"] * 4
    await say(alice, "y", "family")
    asked.clear()
    assert len((await everyone(fresh)).items(world.clock.now)) == 11
    assert len(asked) <= 3


def watched(owner: bytes, asked: list[str], doors: Doors) -> Doors:
    """Doors at which what is asked of somebody's space is noted."""

    async def meet(call: Call, onward: Onward) -> object:
        if getattr(call.request, "owner", None) == owner:
            asked.append(f"{call.door}.{call.name}")
        return await onward(call.request)

    return WatchedDoors(doors, meet)


async def test_a_month_of_a_busy_friend_is_in_one_small_file(
    alice: Session, bob: Session, world: Town
) -> None:
    index = Index()

    for n in range(150):
        index = index.with_post(Head.of(Post(random_bytes(16), n + 1, "x" * 250)))
    assert index.floor == 0
    assert len(index.encoded) < 60 * 1024


async def test_first_seen_shares_stand_where_they_were_made_when_friends_met(
    alice: Session, bob: Session, world: Town
) -> None:
    await put(alice, {"a": b"a"})
    await share(alice, "a", "bob")
    await say(alice, "later", "bob")
    assert await texts(bob) == ["later", "/alice/a"]
    world.clock.now += 1000
    await put(alice, {"b": b"b"})
    await share(alice, "b", "bob")
    assert await texts(bob) == ["/alice/b", "later", "/alice/a"]
    await hear(bob)


async def test_a_post_that_was_seen_asks_only_who_wrote_it(
    alice: Session, bob: Session, carol: Session, world: Town
) -> None:
    made = await say(alice, "hers", "bob")
    await befriend(bob, carol)
    other = await say(carol, "of carol", "bob")
    mine = await say(bob, "mine", "alice")
    asked: dict[bytes, list[str]] = {alice.id: [], carol.id: []}
    world.wrap = lambda doors: watched(
        alice.id, asked[alice.id], watched(carol.id, asked[carol.id], doors)
    )
    device = await world.sign_in("bob", "two", PASSWORD)
    for each in (made, other, mine):  # never seen: everybody is asked
        assert (await thread(device, each.id)).post.id == each.id
    assert asked[carol.id]
    asked[alice.id].clear()
    asked[carol.id].clear()
    again = await world.sign_in("bob", "two", PASSWORD)  # what was seen, every device knows
    assert (await thread(again, made.id)).post.text == "hers"
    assert asked[alice.id]
    assert not asked[carol.id]
    asked[alice.id].clear()
    assert (await thread(again, mine.id)).post.text == "mine"
    assert asked == {alice.id: [], carol.id: []}
    with pytest.raises(NotFound):
        await thread(again, bytes(16))
    assert asked[carol.id]
