"""Following, over two homes: cards, requests, answers, names, repeats."""

from dataclasses import replace

import pytest

from client.identity.login import sign_in
from client.identity.whereabouts import publish_if_due
from client.session import Session
from client.social import outbox
from client.social.card import CARD_USES, contact_card
from client.social.contacts import Contact, contact, contacts
from client.social.events import Event, Followed, FollowRequested, SharesChanged
from client.social.follow import accept, decline, follow, tell_everybody, tell_if_moved
from client.social.inbox import collect, set_aside
from client.social.requests import requests
from formats.card import CARD_LIFE, Card
from formats.errors import BadCard, Exists, Expired, Forged, NotFound, Unfit, Unreachable
from formats.handle import handle
from tests.client.people import PASSWORD, Town


async def befriend(one: Session, other: Session, back: bool = True) -> None:
    """``one`` follows ``other``, who accepts."""
    await follow(one, await contact_card(other))
    await collect(other)
    await accept(other, one.name, back)
    await collect(one)
    await collect(other)


async def test_from_a_card_to_friends(world: Town, alice: Session, bob: Session) -> None:
    card = await contact_card(alice)
    asked = await follow(bob, card.text)
    assert not asked.waiting
    assert (asked.contact.name, asked.contact.asked) == ("alice", True)
    assert await collect(alice) == [FollowRequested("bob", asked_handle(bob))]
    assert [each.name for each in await requests(alice)] == ["bob"]
    accepted = await accept(alice, "bob", back=True)
    assert accepted.contact.follower
    assert accepted.contact.following
    assert await requests(alice) == []
    assert await collect(bob) == [Followed("alice", both=True)]
    theirs = (await contact(bob, "alice")).theirs
    assert theirs is not None
    assert theirs.secret == (await contact(alice, "bob")).log
    assert await set_aside(alice) == await set_aside(bob) == []


def asked_handle(session: Session) -> str:
    return handle(session.name, session.id)


async def test_accepting_without_following_back(alice: Session, bob: Session) -> None:
    await befriend(bob, alice, back=False)
    seen = await contact(alice, "bob")
    assert seen.follower
    assert not seen.following
    mine = await contact(bob, "alice")
    assert mine.following
    assert not mine.follower


async def test_declining_says_nothing_and_stays_declined(
    world: Town, alice: Session, bob: Session
) -> None:
    card = await contact_card(alice)
    await follow(bob, card)
    await collect(alice)
    await decline(alice, "bob")
    assert await requests(alice) == []
    assert await contacts(alice) == []
    assert await collect(bob) == []
    with pytest.raises(NotFound):
        await accept(alice, "bob")
    await follow(bob, card)
    assert len(await collect(alice)) == 1
    assert len(await requests(alice)) == 1


async def test_asking_twice_is_asking_once(alice: Session, bob: Session) -> None:
    card = await contact_card(alice)
    for _ in range(3):
        await follow(bob, card)
    await collect(alice)
    assert len(await requests(alice)) == 1
    await accept(alice, "bob")
    await collect(bob)
    await follow(bob, card)
    assert await collect(alice) == []
    assert await requests(alice) == []


async def test_both_asking_at_once_is_both_saying_yes(alice: Session, bob: Session) -> None:
    await follow(alice, await contact_card(bob))
    await follow(bob, await contact_card(alice))
    events: list[list[Event]] = [await collect(alice), await collect(bob)]
    await collect(alice)
    await collect(bob)
    for each, other in ((alice, "bob"), (bob, "alice")):
        known = await contact(each, other)
        assert known.following
        assert known.follower
        assert not known.asked
        assert await requests(each) == []
    assert events == [[Followed("bob", True)], [Followed("alice", True)]]


async def test_following_who_asked_me_is_a_yes(alice: Session, bob: Session) -> None:
    await follow(bob, await contact_card(alice))
    await collect(alice)
    got = await follow(alice, await contact_card(bob))
    assert got.contact.following
    assert got.contact.follower
    assert await requests(alice) == []
    await collect(bob)
    assert (await contact(bob, "alice")).following


async def test_names_are_mine_and_unique(world: Town, alice: Session, bob: Session) -> None:
    other = await world.sign_up("bob", "one")
    await follow(alice, await contact_card(bob))
    with pytest.raises(Exists) as caught:
        await follow(alice, await contact_card(other))
    assert "--as" in caught.value.advice
    await follow(alice, await contact_card(other), "bobby")
    with pytest.raises(Exists):
        await follow(alice, await contact_card(other), "alice")
    assert {each.name for each in await contacts(alice)} == {"bob", "bobby"}
    assert (await contact(alice, "bobby")).handle != (await contact(alice, "bob")).handle


async def test_two_who_call_themselves_alike_are_told_apart(
    world: Town, alice: Session, bob: Session
) -> None:
    other = await world.sign_up("bob", "one")
    for each in (bob, other):
        await follow(each, await contact_card(alice))
    await collect(alice)
    with pytest.raises(NotFound) as caught:
        await accept(alice, "bob")
    for request in await requests(alice):
        assert request.handle in caught.value.advice
    await accept(alice, asked_handle(bob))
    with pytest.raises(Exists):
        await accept(alice, "bob")
    await accept(alice, "bob", as_name="other bob")
    assert {each.id for each in await contacts(alice)} == {bob.id, other.id}


async def test_cards_that_do_not_serve(world: Town, alice: Session, bob: Session) -> None:
    card = await contact_card(alice)
    with pytest.raises(BadCard):
        await follow(bob, card.text[:-3])
    with pytest.raises(Unfit):
        await follow(alice, card)
    with pytest.raises(Forged):
        await follow(bob, replace(card, head=bytes(32)))
    world.down.add(world.home("one").peer)
    with pytest.raises(Unreachable):
        await follow(bob, card)
    assert await contacts(bob) == []
    world.down.clear()
    await follow(bob, card)
    world.clock.now += CARD_LIFE
    with pytest.raises(Expired):
        await follow(bob, card)


async def test_a_card_used_up_costs_work_and_serves(alice: Session, bob: Session) -> None:
    card: Card = await contact_card(alice)
    for _ in range(CARD_USES + 1):
        assert not (await follow(bob, card)).waiting
    await collect(alice)
    assert len(await requests(alice)) == 1


async def test_what_cannot_be_delivered_waits(world: Town, alice: Session, bob: Session) -> None:
    await follow(bob, await contact_card(alice))
    await collect(alice)
    world.down.add(world.home("two").peer)
    assert (await accept(alice, "bob", back=True)).waiting
    assert len(await outbox.flush(alice)) == 1
    world.down.clear()
    assert await outbox.flush(alice) == []
    assert await collect(bob) == [Followed("alice", True)]


async def test_a_new_address_is_told_to_friends(world: Town, alice: Session, bob: Session) -> None:
    await befriend(bob, alice)
    moved = replace(world.home("one"), addresses=("/ip4/10.9.9.9/tcp/1",))
    again = await sign_in(world.around(), moved, "alice", PASSWORD)
    await tell_everybody(again)
    await tell_everybody(again)
    assert await outbox.flush(again) == []
    assert await collect(bob) == [SharesChanged("alice")]
    known: Contact = await contact(bob, "alice")
    assert known.reach.homes[0].addresses == moved.addresses


async def test_contacts_are_told_once_of_each_move(alice: Session, bob: Session) -> None:
    assert not await tell_if_moved(alice)  # there is nobody to tell
    await befriend(alice, bob)
    assert await tell_if_moved(alice)
    assert not await tell_if_moved(alice)
    moved = replace(alice.whereabouts.home, addresses=("/ip4/192.0.2.9/tcp/1",))
    assert await publish_if_due(alice, moved)
    assert await tell_if_moved(alice)
    assert not await tell_if_moved(alice)
    await outbox.flush(alice)
    await collect(bob)
    assert (await contact(bob, "alice")).reach.homes == (moved,)
