"""How many questions a friendship asks; messages whose records are there after they arrived."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Final, cast

import pytest

from client.drive.download import download
from client.drive.drive import Drive
from client.drive.resolve import resolve
from client.session import Session
from client.sharing.drive import own_drive
from client.sharing.share import share, unshare
from client.sharing.theirs import TheirShares
from client.social import outbox
from client.social.card import contact_card
from client.social.contacts import contact
from client.social.events import Followed, SharesChanged
from client.social.follow import accept, follow, tell_everybody
from client.social.inbox import collect
from client.social.store import OUTBOX, look
from formats.errors import Denied
from protocols.accounts import Hello
from protocols.services import Doors
from tests.client.people import Town
from tests.client.sharing.trees import put
from tests.client.social.test_follow import befriend
from tests.world.faults import Call, Onward, WatchedDoors


class Counted:
    """Every request of everybody, by what it asks."""

    def __init__(self, world: Town) -> None:
        self.seen: Counter[str] = Counter()
        self.all = 0
        world.wrap = lambda doors: cast(Doors, WatchedDoors(doors, self._meet))

    async def _meet(self, call: Call, onward: Onward) -> object:
        self.seen[str(call)] += 1
        return await onward(call.request)

    def take(self) -> dict[str, int]:
        """What was asked since this was last called; ``all`` of it together is counted too."""
        taken, self.seen = dict(self.seen), Counter()
        self.all += sum(taken.values())
        return taken


@pytest.fixture
def counted(world: Town) -> Counted:
    """Counts from before anybody signs up."""
    return Counted(world)


STORY: Final = 19
"""From a card to a friend who has the files of a share. The goal is 20."""


async def test_what_it_takes_to_be_friends(
    counted: Counted, alice: Session, bob: Session, tmp_path: Path
) -> None:
    await put(alice, {f"album/{number}": b"a" for number in range(10)})
    counted.take()
    counted.all = 0
    card = await contact_card(alice)
    assert counted.take() == {"inbox.allow": 1}

    await follow(bob, card)
    asked = {"directory.look": 1, "pointers.move": 1, "inbox.leave": 1}
    assert counted.take() == {**asked, "accounts.enter": 1}  # at his home, greeted to sign up

    assert len(await collect(alice)) == 1
    collected = {"inbox.collect": 1, "pointers.move": 1}
    assert counted.take() == collected

    await accept(alice, "bob", back=True)
    told = {"pointers.move": 1, "inbox.leave": 1}
    assert counted.take() == told

    assert await collect(bob) == [Followed("alice", both=True)]
    assert counted.take() == collected

    await share(alice, "album", "bob")
    assert counted.take() == told

    assert await collect(bob) == [SharesChanged("alice")]
    assert counted.take() == {**collected, "accounts.hello": 1, "blocks.read": 1}

    await download(own_drive(bob), ["/alice/album"], str(tmp_path / "album"))
    assert len(list((tmp_path / "album").iterdir())) == 10
    assert counted.take() == {"blocks.read": 2}
    assert counted.all == STORY


async def test_a_share_that_was_seen_comes_with_the_newest_state(
    counted: Counted, alice: Session, bob: Session
) -> None:
    """It is asked for by its name alone: what is another one by now, or gone, is found as ever."""
    await befriend(bob, alice)
    await put(alice, {"album/a": b"a", "notes": b"n", "other/c": b"c"})
    await share(alice, "album", "bob")
    await share(alice, "notes", "bob")
    await TheirShares(bob).open("alice")
    drive = own_drive(bob)
    counted.take()
    assert await names(drive, "/alice/album") == ["a"]
    assert counted.take() == {"blocks.read": 1}
    await unshare(alice, "notes", "bob")
    await share(alice, "other", "bob", "notes")
    assert await names(drive, "/alice/notes") == ["c"]
    await share(alice, "album/a", "bob", "a")
    await TheirShares(bob).open("alice")
    await unshare(alice, "album", "bob")
    with pytest.raises(Denied):
        await resolve(drive, drive.path("/alice/album"))


async def names(drive: Drive, path: str) -> list[str]:
    """What is in a folder, by a path as a person names it."""
    found = await resolve(drive, drive.path(path))
    return [each.name for each in (await (await found.view()).listing()).entries]


async def test_an_older_home_is_asked_as_it_knows(
    counted: Counted, world: Town, tmp_path: Path
) -> None:
    """Nothing that it does not know is said to it, so it needs to refuse nothing."""
    asking = world.wrap

    async def as_before(call: Call, onward: Onward) -> object:
        answer = await onward(call.request)
        assert getattr(call.request, "reader", None) is None
        assert getattr(call.request, "done", None) is None
        return replace(answer, version="holdfast/0.1") if isinstance(answer, Hello) else answer

    world.wrap = lambda doors: cast(Doors, WatchedDoors(asking(doors), as_before))
    alice, bob = await world.sign_up("alice", "one"), await world.sign_up("bob", "two")
    await put(alice, {"album/a": b"a"})
    await befriend(bob, alice)
    await share(alice, "album", "bob")
    assert await collect(bob) == [SharesChanged("alice")]
    assert await collect(bob) == []
    await download(own_drive(bob), ["/alice/album"], str(tmp_path / "album"))
    seen = counted.take()
    assert seen["accounts.prove"] > 4
    assert seen["inbox.delete"] >= 2
    assert seen["courier.known"] == 2
    assert "accounts.enter" not in seen
    for session in (alice, bob):
        await session.aclose()


async def test_what_was_delivered_goes_with_the_next(alice: Session, bob: Session) -> None:
    await befriend(alice, bob)
    assert len(await (await look(alice)).names(OUTBOX)) == 1
    assert await outbox.waiting(await look(alice)) == []
    await tell_everybody(alice)
    assert len(await outbox.waiting(await look(alice))) == 1
    assert len(await (await look(alice)).names(OUTBOX)) == 1
    assert await outbox.flush(alice) == []
    await outbox.tidy(alice)
    assert await (await look(alice)).names(OUTBOX) == []
    assert not alice.delivered


async def test_news_takes_a_number_of_its_own_where_one_was_delivered_perhaps(
    world: Town, alice: Session, bob: Session
) -> None:
    """A device that died after delivering: the next one's news must not come as a repeat."""
    await befriend(bob, alice)
    await tell_everybody(alice)
    assert await outbox.flush(alice) == []
    assert await collect(bob) == [SharesChanged("alice")]
    again = await world.sign_in("alice", "one")
    assert len(await outbox.waiting(await look(again))) == 1
    await tell_everybody(again)
    (waiting,) = await outbox.waiting(await look(again))
    assert waiting.seq not in (await contact(bob, "alice")).received.recent
    assert await outbox.flush(again) == []
    assert await collect(bob) == [SharesChanged("alice")]
    await again.aclose()


async def test_the_same_twice_is_acted_on_once(world: Town, alice: Session, bob: Session) -> None:
    await befriend(bob, alice)
    await tell_everybody(alice)
    assert await outbox.flush(alice) == []
    again = await world.sign_in("alice", "one")
    assert await outbox.flush(again) == []
    assert await collect(bob) == [SharesChanged("alice")]
    await again.aclose()


async def test_a_home_that_asks_for_more_by_now_is_greeted_again(
    counted: Counted, world: Town, alice: Session, bob: Session
) -> None:
    await befriend(bob, alice)
    counted.take()
    refusals = [Denied("too little work")]

    async def once(call: Call, onward: Onward) -> object:
        counted.seen[str(call)] += 1
        if call.name == "leave" and refusals:
            raise refusals.pop()
        return await onward(call.request)

    world.wrap = lambda doors: cast(Doors, WatchedDoors(doors, once))
    await tell_everybody(alice)
    assert await outbox.flush(alice) == []
    seen = counted.take()
    assert (seen["inbox.leave"], seen["accounts.hello"]) == (2, 1)


async def test_what_another_device_did_is_heard_of(
    world: Town, alice: Session, bob: Session
) -> None:
    """A device goes by what it knows, and asks where that does not do."""
    phone = await world.sign_in("bob", "two")
    await phone.space.reading()
    await befriend(bob, alice)
    await put(alice, {"album/a": b"a"})
    await share(alice, "album", "bob")
    reading, _ = await TheirShares(phone).open("alice")
    assert reading.owner == alice.id
    await phone.aclose()
