"""Shares of a kit that contacts keep: given, shown, handed over, ended; and those who cheat."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from client.identity.account import prove
from client.identity.rotation import renew_keys
from client.moving.house import Wish
from client.recovery import giving, keeping
from client.recovery.given import given_of, keep_given
from client.recovery.giving import Standing
from client.recovery.making import kit_text, new_kit
from client.recovery.notes import Ask, Ended, Give, Gone, Kept, Note, Parcel
from client.recovery.opening import OpenedKit, open_kit
from client.recovery.restoring import NewPassword, restore
from client.recovery.shares import joined
from client.recovery.words import RecoveryKit
from client.session import Session
from client.social import contacts, outbox, parting
from client.social.card import contact_card
from client.social.events import Event, SetAside, ShareEnded, ShareGone, ShareKept
from client.social.follow import follow
from client.social.inbox import collect
from client.social.messages import Type
from client.social.store import System, change, look
from client.space.reading import Changing
from crypto.secret import random_bytes
from crypto.threshold import Share, shown
from formats.errors import BadKit, HoldfastError, NotFound, Unfit, Usage, Withheld
from formats.fields import MAX_UINT
from formats.kit import KitText
from tests.client.people import PASSWORD, Town
from tests.client.sharing.conftest import friend
from tests.client.sharing.trees import mine, put

FRESH = "another correct horse battery"


@pytest.fixture
async def alice(world: Town) -> Session:
    made = await world.sign_up("alice", "one")
    await put(made, {"a.txt": b"one"})
    return made


@pytest.fixture
async def friends(world: Town, alice: Session) -> list[Session]:
    """Bob, carol and dave."""
    return [await friend(world, alice, name) for name in ("bob", "carol", "dave")]


async def gives(alice: Session, needed: int, *names: str) -> Standing:
    attempt = await prove(alice, PASSWORD)
    try:
        return await giving.give(alice, attempt, needed, names)
    finally:
        await attempt.aclose()


async def collected(*people: Session) -> list[Event]:
    """What is news for each of them."""
    return [each for person in people for each in await collect(person)]


async def confirmed(alice: Session) -> set[str]:
    found = await giving.standing(alice)
    return {each.contact.name for each in found.keepers if each.keeper.confirmed is not None}


async def handed(*keepers: Session) -> tuple[list[str], KitText]:
    """What they tell who asks them: the words of each, and where to look."""
    found = [await keeping.hand_over(each, "alice", checked=True) for each in keepers]
    return [each.parcel.share.words for each in found], found[0].text


async def opens(world: Town, shares: Sequence[str], text: KitText) -> OpenedKit:
    """On a machine that has never seen anything of it."""
    at = KitText.parse(text.text)
    return await open_kit(world.around(), joined(shares).kit, at)


async def post(sender: Session, to: str, note: Note) -> None:
    """A message that says whatever somebody likes."""

    async def operation(changing: Changing) -> None:
        system = System(sender, changing)
        await outbox.post_note(system, await contacts.by_name(system, to), note)
        await system.flush()

    await change(sender, operation)
    assert await outbox.flush(sender) == []


async def test_friends_keep_it_show_it_and_bring_somebody_back(
    world: Town, alice: Session, friends: list[Session]
) -> None:
    bob, carol, dave = friends
    paper = await new_kit(alice, await prove(alice, PASSWORD))
    await gives(alice, 2, "bob", "carol", "dave")
    assert await collected(*friends) == [ShareKept("alice")] * 3
    assert await collect(alice) == []
    assert await confirmed(alice) == {"bob", "carol", "dave"}
    (one,) = await keeping.kept(bob)
    assert (one.contact.name, one.parcel.share.needed, one.parcel.count) == ("alice", 2, 3)
    shares, text = await handed(dave, bob)
    assert text.code is None
    found = await opens(world, shares, text)
    assert found.content.id == alice.id
    await opens(world, (await handed(carol, bob))[0], text)
    with pytest.raises(BadKit, match="2 are needed"):
        joined(shares[:1])
    await open_kit(world.around(), paper, kit_text(alice, None))  # which is another one
    await alice.aclose()
    wish, password = Wish(world.home("one"), None, "alice"), NewPassword(FRESH)
    restored = await restore(world.around(), found, wish, password, as_it_is=False)
    back = restored.moved.session
    assert restored.renewed
    assert await mine(back) == {"a.txt": b"one"}
    await opens(world, shares, text)  # renewed with the keys, under the same words
    await giving.ask(back)
    await collected(*friends)
    await collect(back)
    assert await confirmed(back) == {"bob", "carol", "dave"}


async def test_nothing_in_ones_own_space_opens_what_was_given(
    world: Town, alice: Session, friends: list[Session]
) -> None:
    """Whoever has her session, also before anything was delivered, has no share of it."""
    world.down.add(world.nodes["two"].peer_id)
    found = await gives(alice, 2, "bob", "carol")
    assert [each.waiting for each in found.keepers] == [True, True]
    system = await look(alice)
    waiting = [each.note for each in await outbox.waiting(system)]
    pairs = [each.pair for each in alice.bundle.sealing]
    for note, person in zip(waiting, friends, strict=False):
        assert isinstance(note, Give)
        with pytest.raises(HoldfastError):
            Parcel.open(note.sealed, pairs, alice.id, person.id, note.set)
    world.down.clear()
    assert await outbox.flush(alice) == []
    shares, _ = await handed(*friends[:2]) if await collected(*friends[:2]) else ([], None)
    given = await given_of(await look(alice))
    assert given is not None
    kept = repr(given.value).encode()
    for words in shares:
        assert Share.read(words).proving(alice.id, friends[0].id).reveal() != words.encode()
        assert all(word.encode() not in kept for word in words.split())


async def test_asked_again_they_show_it_again_and_no_proof_counts_twice(
    world: Town, alice: Session, friends: list[Session]
) -> None:
    bob = friends[0]
    await gives(alice, 2, "bob", "carol")
    await collected(*friends)
    await collect(alice)
    before = await giving.standing(alice)
    world.clock.now += 1000 * 3600
    await giving.ask(alice)
    asked = await giving.standing(alice)
    nonce = asked.keepers[0].keeper.nonce
    assert nonce is not None
    share = (await keeping.kept(bob))[0].parcel.share
    old = shown(share.proving(alice.id, bob.id), random_bytes(16))
    await post(bob, "alice", Kept(asked.given.set, old))
    await collect(alice)
    assert (await giving.standing(alice)).keepers[0].keeper == asked.keepers[0].keeper
    await collect(bob)
    await collect(alice)
    now = (await giving.standing(alice)).keepers[0].keeper
    assert now.confirmed != before.keepers[0].keeper.confirmed
    assert now.nonce is None
    right = shown(share.proving(alice.id, bob.id), nonce)
    world.clock.now += 1000
    await post(bob, "alice", Kept(asked.given.set, right))  # once more
    await collect(alice)
    assert (await giving.standing(alice)).keepers[0].keeper == now


async def test_who_got_it_from_a_keeper_shows_nothing(
    alice: Session, friends: list[Session]
) -> None:
    """Bob gives his to dave, who has none: neither as dave nor with bob's proof is it counted."""
    bob, _, dave = friends
    await gives(alice, 2, "bob", "carol")
    await collected(bob, dave)
    share = (await keeping.kept(bob))[0].parcel.share
    asked = await giving.ask(alice)
    nonce = asked.keepers[0].keeper.nonce
    assert nonce is not None
    await collect(alice)
    for whose in (bob, dave):
        proof = shown(share.proving(alice.id, whose.id), nonce)
        await post(dave, "alice", Kept(asked.given.set, proof))
    await post(dave, "alice", Gone(asked.given.set))
    await collect(alice)
    found = await giving.standing(alice)
    assert [each.keeper.confirmed for each in found.keepers] == [None, None]
    assert [each.keeper.gone for each in found.keepers] == [None, None]


async def test_a_share_that_was_passed_on_does_not_open_for_another(
    alice: Session, friends: list[Session]
) -> None:
    """Dave sends carol what was sealed for bob, as if it were from him: it is nobody's."""
    bob, carol, dave = friends
    for one, other in ((carol, dave), (dave, carol)):
        await follow(one, await contact_card(other))
    await collected(carol, dave, carol)
    await gives(alice, 2, "bob", "carol")
    notes = [each.note for each in await outbox.waiting(await look(alice))]
    assert notes == []
    await collected(bob, carol)
    parcel = (await keeping.kept(bob))[0].parcel
    made = parcel.seal(bob.whereabouts.sealing, alice.id, bob.id, b"s" * 16)
    await post(dave, "carol", Give(b"s" * 16, 1, b"n" * 16, made))
    assert await collect(carol) == []
    assert [each.contact.name for each in await keeping.kept(carol)] == ["alice"]


@pytest.mark.parametrize("how", ["again", "block", "remove", "end"])
async def test_what_was_given_before_opens_nothing(
    world: Town, alice: Session, friends: list[Session], how: str
) -> None:
    """Split again, or somebody parted from: the old shares fit together, and open nothing."""
    bob, carol, dave = friends
    await gives(alice, 2, "bob", "carol")
    await collected(*friends)
    shares, text = await handed(bob, carol)
    await opens(world, shares, text)
    if how == "again":
        await gives(alice, 2, "carol", "dave")
    elif how == "end":
        await giving.end(alice)
    else:
        await (parting.block if how == "block" else parting.remove_follower)(alice, "bob")
        await outbox.flush(alice)  # as the daemon does when it has time
    with pytest.raises((Withheld, BadKit)):
        await opens(world, shares, text)
    news = await collected(carol)
    assert (ShareEnded("alice") in news) is (how != "again")
    assert (ShareKept("alice") in news) is (how == "again")
    assert (ShareEnded("alice") in await collected(bob)) is (how in ("again", "end"))
    found = await giving.standing(alice)
    assert found.given.is_over is (how != "again")
    assert (found.parted is not None) is (how in ("block", "remove"))
    if how == "again":
        await collect(dave)
        fresh, text = await handed(carol, dave)
        assert (await opens(world, fresh, text)).content.id == alice.id
        with pytest.raises(BadKit, match="another set"):
            joined([shares[0], fresh[1]])
    else:
        with pytest.raises(NotFound):
            await giving.ask(alice)


async def test_a_lie_among_the_shares_is_told_from_the_others(
    world: Town, alice: Session, friends: list[Session]
) -> None:
    await gives(alice, 2, "bob", "carol", "dave")
    await collected(*friends)
    shares, text = await handed(*friends)
    from tests.client.recovery.test_shares import lie

    wrong = [shares[0], lie(shares[1]), shares[2]]
    assert joined(wrong).wrong == (2,)
    await opens(world, wrong, text)
    with pytest.raises(BadKit):
        joined(wrong[:2])
    with pytest.raises(BadKit, match="2 are needed"):
        joined([shares[0], shares[0]])  # two who have the same one


async def test_messages_that_come_late_change_nothing(
    alice: Session, friends: list[Session]
) -> None:
    """An older share after a newer one, an end before its share, an end of what was before."""
    bob = friends[0]
    first = await gives(alice, 2, "bob", "carol")
    await collect(bob)
    parcel = (await keeping.kept(bob))[0].parcel
    sealed = parcel.seal(bob.whereabouts.sealing, alice.id, bob.id, b"o" * 16)
    await post(alice, "bob", Give(b"o" * 16, first.given.made - 5, b"n" * 16, sealed))
    await post(alice, "bob", Ended(b"o" * 16, first.given.made - 5))
    assert await collect(bob) == []
    assert (await keeping.kept(bob))[0].share.set == first.given.set
    ends, at = b"e" * 16, first.given.made + 10
    await post(alice, "bob", Ended(ends, at))
    assert await collect(bob) == [ShareEnded("alice")]
    late = parcel.seal(bob.whereabouts.sealing, alice.id, bob.id, ends)
    await post(alice, "bob", Give(ends, at, b"n" * 16, late))
    assert await collect(bob) == []
    assert await keeping.kept(bob) == []


async def test_who_said_that_it_ended_in_a_thousand_years_ended_nothing_that_is_given_since(
    alice: Session, friends: list[Session]
) -> None:
    """A thief of her session, before she had it back."""
    await gives(alice, 2, "bob", "carol")
    await collected(*friends)
    given = await given_of(await look(alice))
    assert given is not None
    for name in ("bob", "carol"):
        await post(alice, name, Ended(given.set, MAX_UINT))

    async def plant(changing: Changing) -> None:
        system = System(alice, changing)
        await keep_given(system, replace(given, made=MAX_UINT))
        await system.flush()

    await change(alice, plant)
    assert await collected(*friends) == [ShareEnded("alice")] * 2
    await gives(alice, 2, "bob", "carol")
    assert await collected(*friends) == [ShareKept("alice")] * 2
    await collect(alice)
    assert await confirmed(alice) == {"bob", "carol"}


async def test_a_keeper_drops_it_and_the_owner_is_told(
    alice: Session, friends: list[Session]
) -> None:
    bob = friends[0]
    await gives(alice, 2, "bob", "carol")
    await collected(*friends)
    await collect(alice)
    await keeping.drop(bob, "alice")
    assert await keeping.kept(bob) == []
    assert await collect(alice) == [ShareGone("bob")]
    found = await giving.standing(alice)
    assert [each.keeper.gone is None for each in found.keepers] == [False, True]
    with pytest.raises(NotFound):
        await keeping.hand_over(bob, "alice", checked=True)
    await giving.ask(alice)
    await collect(bob)
    assert await collect(alice) == [ShareGone("bob")]


async def test_it_is_handed_over_only_after_looking_at_who_asks(
    alice: Session, friends: list[Session]
) -> None:
    bob = friends[0]
    await gives(alice, 2, "bob", "carol")
    await collect(bob)
    with pytest.raises(Unfit, match="seen or heard"):
        await keeping.hand_over(bob, "alice", checked=False)
    assert (await keeping.kept(bob))[0].share.handed is None
    await keeping.hand_over(bob, "alice", checked=True)
    assert (await keeping.kept(bob))[0].share.handed == alice.around.now()


async def test_no_message_brings_a_share_out(alice: Session, friends: list[Session]) -> None:
    """Whatever alice's own keys ask for, bob's program sends no more than a proof."""
    bob = friends[0]
    given = (await gives(alice, 2, "bob", "carol")).given
    await collect(bob)
    share = (await keeping.kept(bob))[0].parcel.share
    sent = list[Note | None]()
    flushed = outbox.post_note

    async def watched(system: System, contact: contacts.Contact, note: Note) -> contacts.Contact:
        sent.append(note)
        return await flushed(system, contact, note)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "post_note", watched)
        for note in (Ask(given.set, b"n" * 16), Ask(b"x" * 16, b"n" * 16), Gone(given.set)):
            await post(alice, "bob", note)
            await collect(bob)
    answers = [each for each in sent if isinstance(each, Kept)]
    assert [each.proof for each in answers] == [shown(share.proving(alice.id, bob.id), b"n" * 16)]
    assert share.words not in repr(sent)


async def test_garbage_is_not_kept_and_who_gave_it_hears_that_it_is_not_there(
    alice: Session, friends: list[Session]
) -> None:
    bob = friends[0]
    given = (await gives(alice, 2, "bob", "carol")).given
    await collect(bob)
    parcel = (await keeping.kept(bob))[0].parcel
    others = parcel.seal(bob.whereabouts.sealing, friends[1].id, bob.id, given.set)
    for number, sealed in enumerate((others, bytes(len(others)), others[:-1] + b"?"), 1):
        await post(alice, "bob", Give(given.set, given.made + number, b"n" * 16, sealed))
        assert await collect(bob) == []
        assert await keeping.kept(bob) == []
    assert ShareGone("bob") in await collect(alice)


async def test_strangers_and_those_who_are_blocked_give_nothing(
    world: Town, alice: Session, friends: list[Session]
) -> None:
    bob = friends[0]
    eve = await world.sign_up("eve", "two")
    await follow(eve, await contact_card(bob))
    sealed = Parcel(Share.read(joined_share()), 3, eve.bundle.space, eve.whereabouts.homes).seal(
        bob.whereabouts.sealing, eve.id, bob.id, b"s" * 16
    )
    await post(eve, "bob", Give(b"s" * 16, 1, b"n" * 16, sealed))
    assert SetAside in {type(each) for each in await collect(bob)}
    assert await keeping.kept(bob) == []
    await parting.block(bob, "alice")
    await gives(alice, 2, "bob", "carol")
    assert await collect(bob) == []
    assert await keeping.kept(bob) == []
    assert await confirmed(alice) == set()


def joined_share() -> str:
    """Words of a share of something."""
    from client.recovery.shares import shares_of

    return shares_of(RecoveryKit.generate(), 2, 3)[0]


async def test_what_cannot_be_given(world: Town, alice: Session, friends: list[Session]) -> None:
    for needed, names in ((1, ("bob", "carol")), (3, ("bob", "carol")), (2, ("bob", "bob"))):
        with pytest.raises(Usage):
            await gives(alice, needed, *names)
    with pytest.raises(NotFound):
        await gives(alice, 2, "bob", "nobody")
    await parting.block(alice, "dave")
    with pytest.raises(Unfit):
        await gives(alice, 2, "bob", "dave")
    with pytest.raises(NotFound):
        await giving.standing(alice)


async def test_renewed_keys_renew_it_and_the_words_stay(
    world: Town, alice: Session, friends: list[Session]
) -> None:
    await gives(alice, 2, "bob", "carol")
    await collected(*friends)
    shares, text = await handed(*friends[:2])
    attempt = await prove(alice, PASSWORD)
    after = await renew_keys(alice, attempt, PASSWORD)
    await attempt.aclose()
    found = await opens(world, shares, text)
    assert (found.chain.seq, found.content.bundle.head) == (1, after.chain.head_hash)
    await collected(*friends)
    await giving.ask(after)
    await collected(*friends)
    await collect(after)
    assert await confirmed(after) >= {"bob", "carol"}


async def test_what_waits_and_says_nothing_more_is_not_sent(
    world: Town, alice: Session, friends: list[Session]
) -> None:
    world.down.add(world.nodes["two"].peer_id)
    await gives(alice, 2, "bob", "carol")
    await gives(alice, 2, "bob", "carol")
    await giving.ask(alice)
    await giving.ask(alice)
    kinds = [each.note.what for each in await outbox.waiting(await look(alice)) if each.note]
    assert sorted(kinds) == ["ask", "ask", "give", "give"]
    await giving.end(alice)
    waiting = [each for each in await outbox.waiting(await look(alice)) if each.note]
    assert [each.note and each.note.what for each in waiting] == ["ended", "ended"]
    assert all(each.type is Type.KIT for each in waiting)
    world.down.clear()
    await outbox.flush(alice)
    assert await collected(*friends) == []
