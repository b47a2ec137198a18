"""How many questions a friendship asks; messages whose records are there after they arrived."""

from collections import Counter
from typing import cast

import pytest

from client.session import Session
from client.sharing.share import share
from client.sharing.theirs import TheirShares
from client.social import outbox
from client.social.card import contact_card
from client.social.contacts import contact
from client.social.events import Followed, SharesChanged
from client.social.follow import accept, follow, tell_everybody
from client.social.inbox import collect
from client.social.store import OUTBOX, look
from formats.errors import Denied
from protocols.services import Doors
from tests.client.people import Town
from tests.client.sharing.trees import put
from tests.client.social.test_follow import befriend
from tests.world.faults import Call, Onward, WatchedDoors


class Counted:
    """Every request of everybody, by what it asks."""

    def __init__(self, world: Town) -> None:
        self.seen: Counter[str] = Counter()
        world.wrap = lambda doors: cast(Doors, WatchedDoors(doors, self._meet))

    async def _meet(self, call: Call, onward: Onward) -> object:
        self.seen[str(call)] += 1
        return await onward(call.request)

    def take(self) -> dict[str, int]:
        """What was asked since this was last called."""
        taken, self.seen = dict(self.seen), Counter()
        return taken


@pytest.fixture
def counted(world: Town) -> Counted:
    """Counts from before anybody signs up."""
    return Counted(world)


async def test_what_it_takes_to_be_friends(counted: Counted, alice: Session, bob: Session) -> None:
    await put(alice, {"album/a": b"a"})
    card = await contact_card(alice)
    counted.take()
    await follow(bob, card)
    greetings = {"accounts.prove": 3}  # at his home, which he greeted to sign up
    asked = {"directory.look": 1, "pointers.resolve": 1, "pointers.move": 1}
    assert counted.take() == {**greetings, **asked, "courier.known": 1, "inbox.leave": 1}

    assert len(await collect(alice)) == 1
    collected = {"inbox.collect": 1, "pointers.move": 1, "inbox.delete": 1}
    assert counted.take() == collected

    await accept(alice, "bob", back=True)
    told = {"pointers.move": 1, "inbox.leave": 1}
    assert counted.take() == {**told, "courier.known": 1, "accounts.hello": 1}

    assert await collect(bob) == [Followed("alice", both=True)]
    assert counted.take() == collected

    await share(alice, "album", "bob")
    assert counted.take() == told

    assert await collect(bob) == [SharesChanged("alice")]
    looked = {"accounts.hello": 1, "accounts.prove": 1, "blocks.read": 1}
    assert counted.take() == {**collected, **looked}


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
