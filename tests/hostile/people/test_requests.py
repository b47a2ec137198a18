"""Follow requests that come late, twice, from a device that was removed, or cross each other.

Each has one outcome, which docs/spec/following.md names. (Requests that are taken back, before
the answer or during it, are in tests/client/sharing/test_parting.py.)
"""

from dataclasses import replace

import pytest

from client.capability import Capability
from client.session import Session
from client.social.card import contact_card
from client.social.contacts import contact
from client.social.events import FollowRequested, SetAside
from client.social.follow import accept, decline, follow
from client.social.inbox import collect
from client.social.messages import Introduction, Message, Type
from client.social.requests import requests
from crypto.secret import Secret, random_bytes
from crypto.signing import SigningKey
from formats.drop import DAY
from formats.identity import IdentityChain, IdentityRecord
from tests.client.people import Town
from tests.client.social.test_inbox import leave
from tests.client.social.test_owners import befriended, renew

MONTH = 30


class Stranger:
    """An identity out of nowhere; ``chain`` of one record, ``later`` of two with another key."""

    def __init__(self) -> None:
        key, following = SigningKey.generate(), SigningKey.generate()
        self.old, self.new = key, SigningKey.generate()
        first = IdentityRecord.first(key, key.verify_key, following.verify_key.digest(), 1)
        self.chain = IdentityChain((first,))
        second = IdentityRecord.following(first, following, self.new.verify_key, bytes(32), 2)
        self.later = self.chain.followed_by(second)

    def asks(self, to: Session, *, days: int = 0, seq: int = 0) -> bytes:
        """A request with the first key, written so many days ago."""
        return request(to, self.chain, self.old, days, seq)


def request(to: Session, chain: IdentityChain, key: SigningKey, days: int, seq: int) -> bytes:
    log = Capability(chain.id, bytes(32), Secret(b"x" * 32))
    content = Introduction.of(to.whereabouts, log, True)
    number = (random_bytes(16), seq, to.around.now() - days * DAY)
    made = Message.make(Type.FOLLOW, chain, to.id, number, content, key)
    return made.seal(to.whereabouts.sealing)


@pytest.mark.parametrize("days", [MONTH, 89])
async def test_a_request_that_was_long_under_way_is_one_with_its_date(
    alice: Session, bob: Session, days: int
) -> None:
    before = alice.around.now()
    await leave(bob, alice, Stranger().asks(alice, days=days))
    (event,) = await collect(alice)
    assert isinstance(event, FollowRequested)
    (waiting,) = await requests(alice)
    assert 0 <= waiting.time - (before - days * DAY) < DAY


async def test_a_request_from_long_ago_is_set_aside(alice: Session, bob: Session) -> None:
    for days in (91, -2):  # and one from the future
        await leave(bob, alice, Stranger().asks(alice, days=days))
        (event,) = await collect(alice)
        assert isinstance(event, SetAside)
    assert await requests(alice) == []


async def test_a_request_a_month_late_that_was_answered_meanwhile_does_nothing(
    alice: Session, bob: Session
) -> None:
    stranger = Stranger()
    late = stranger.asks(alice, days=MONTH)
    await leave(bob, alice, stranger.asks(alice, seq=1))
    await collect(alice)
    (waiting,) = await requests(alice)
    await decline(alice, waiting.name)
    for _ in range(2):
        await leave(bob, alice, late)
    assert await collect(alice) == []
    assert await requests(alice) == []


async def test_the_same_request_many_times_is_one(alice: Session, bob: Session) -> None:
    sealed = Stranger().asks(alice)
    for _ in range(3):
        await leave(bob, alice, sealed)
    again = Stranger()
    for _ in range(3):
        await leave(bob, alice, again.asks(alice))
    events = await collect(alice)
    assert [type(event) for event in events] == [FollowRequested, FollowRequested]
    assert len(await requests(alice)) == 2


async def test_a_stranger_s_removed_device_cannot_be_told_until_their_newer_record_is_seen(
    alice: Session, bob: Session
) -> None:
    stranger = Stranger()
    await leave(bob, alice, stranger.asks(alice))
    (event,) = await collect(alice)
    assert isinstance(event, FollowRequested)
    # Signed with the old key under the newer record: that is told.
    await leave(bob, alice, request(alice, stranger.later, stranger.old, 0, 1))
    (event,) = await collect(alice)
    assert isinstance(event, SetAside)


async def test_a_friend_s_removed_device_is_set_aside(
    world: Town, alice: Session, bob: Session
) -> None:
    old_chain, old_key = alice.chain, alice.bundle.daily
    carol = await world.sign_up("carla", "two")
    await befriended(carol, alice)
    await renew(world, alice)
    await collect(carol)
    log = Capability(alice.id, alice.bundle.space, Secret(b"x" * 32))
    content = Introduction.of(alice.whereabouts, log, True)
    before = await contact(carol, "alice")
    newer = Message.make(
        Type.CHANGED,
        alice.chain,
        carol.id,
        (random_bytes(16), before.received.highest + 1, alice.around.now()),
        replace(content, log=before.theirs or log),
        alice.bundle.daily,
    )
    await leave(alice, carol, newer.seal(carol.whereabouts.sealing))
    await collect(carol)
    for seq, type in enumerate((Type.FOLLOW, Type.ACCEPT, Type.CHANGED), 70):
        number = (random_bytes(16), seq, alice.around.now())
        made = Message.make(type, old_chain, carol.id, number, content, old_key)
        await leave(alice, carol, made.seal(carol.whereabouts.sealing))
        (event,) = await collect(carol)
        assert isinstance(event, SetAside), type
    kept = await contact(carol, "alice")
    assert kept.theirs == before.theirs
    assert kept.received.highest == before.received.highest + 1


async def test_both_at_once_and_both_again_are_friends(alice: Session, bob: Session) -> None:
    for _ in range(2):
        await follow(bob, await contact_card(alice))
        await follow(alice, await contact_card(bob))
        for session in (alice, bob, alice, bob):
            await collect(session)
    for one, name in ((alice, "bob"), (bob, "alice")):
        known = await contact(one, name)
        assert (known.following, known.follower, known.asked) == (True, True, False)
        assert await requests(one) == []


async def test_accepted_twice_is_accepted_once(alice: Session, bob: Session) -> None:
    dave = Stranger()
    await leave(bob, alice, dave.asks(alice))
    await collect(alice)
    (waiting,) = await requests(alice)
    await accept(alice, waiting.name, as_name="dave")
    await leave(bob, alice, dave.asks(alice))
    assert await collect(alice) == []
    assert await requests(alice) == []
    assert (await contact(alice, "dave")).follower
