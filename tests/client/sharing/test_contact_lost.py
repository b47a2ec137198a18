"""A contact revoked a machine: what it had of mine, it has no more; everybody else has it still."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import pytest
from trio.testing import MockClock

from client.capability import Capability
from client.drive.log import log
from client.identity.devices import settle
from client.sharing import guests, lost, underway
from client.sharing.apart import guest_space
from client.sharing.circles import verbs
from client.sharing.circles.share import share_with_circle
from client.sharing.circles.writing import share_write_with_circle
from client.sharing.jobs import finish
from client.sharing.own_spaces import own_spaces
from client.sharing.whose import members
from client.social import contacts
from client.social.delivering import Parcel, deliver
from client.social.messages import MAX_SEQ, MESSAGE_ID, Introduction, Message, Type
from client.social.owners import look_around, refresh
from client.social.store import look
from client.space.reading import Changing
from crypto.hpke import SealKeyPair
from crypto.secret import random_secret
from formats.cid import Cid
from formats.errors import Denied, NotFound, QuotaExceeded
from formats.fields import MAX_UINT
from formats.space import Rights
from tests.client.feed.people import say, texts
from tests.client.identity.lost import Lost
from tests.client.identity.revoking import call_it, follow_up, revoke
from tests.client.sharing.lost_contact import LostContact
from tests.together.whole import check_space_whole, check_whole
from tests.world.person import Person
from tests.world.world import World

BIG = bytes(range(256)) * 1200
"""More than goes into a leaf of its header."""
CEILING = 2**20

HERS = {
    "docs/b.txt": b"two",
    "docs/deep/c.txt": b"three",
    "docs/deep/d.bin": BIG,
    "photos/e.txt": b"five",
    "hers/f.txt": b"six",
}


@pytest.fixture
def moving_clock() -> MockClock:
    """trio's clock for the whole test: runs as usual, and ``World.later`` moves it."""
    return MockClock(rate=1.0)


@pytest.fixture
async def w() -> AsyncIterator[World]:
    """Alice shares with bob in every way there is, and with carol; bob has two machines."""
    async with World.open("alice", "bob", "carol") as made:
        alice, bob, carol = made.alice, made.bob, made.carol
        for each in (bob, carol):
            await alice.befriend(each)
        for path, content in HERS.items():
            await alice.put(path, content)
        await alice.share("docs", "bob")
        await alice.share("docs/deep/c.txt", "carol", "the third")
        await alice.share("hers", "carol")
        await verbs.new(alice.session, "friends")
        await verbs.add(alice.session, "friends", ["bob", "carol"])
        await share_with_circle(alice.session, "photos", "friends")
        await alice.put("trip/g.txt", b"seven")
        await alice.share_write("trip", "bob", Rights.ADD | Rights.CHANGE, CEILING)
        await alice.share_write("trip", "carol")
        await alice.put("plans/h.txt", b"eight")
        await share_write_with_circle(alice.session, "plans", "friends")
        await alice.put("club/i.txt", b"nine")
        await alice.share_write("club", "carol")
        await alice.share("club/i.txt", "bob", "the ninth")
        await alice.put("own/j.txt", b"ten")
        await alice.share_write("own", "carol")
        await say(alice.session, "hello", "friends")
        call_it(bob, "laptop")
        for each in (alice, bob, carol):
            await each.collect()
        yield made


async def phone_of(w: World) -> tuple[Person, LostContact]:
    """Another machine of bob's, which saw all that he has of alice's."""
    phone = await w.bob.another_device()
    call_it(phone, "phone")
    await settle(phone.session)
    await phone.put("/alice/trip/phone.txt", b"x")
    seen = LostContact(phone, w.alice)
    await seen.look()
    return phone, seen


async def heard(w: World) -> None:
    """Alice's machine hears of it, and does what it does by itself; friends hear of that."""
    await follow_up(w.bob, w.alice)
    await finish(w.alice.session)
    for each in (w.bob, w.carol):
        await each.collect()


async def cids(alice: Person) -> set[Cid]:
    """Every block that there is at alice's."""
    fresh = Lost(alice)
    await fresh.look()
    return {cid for some in (*fresh.cids.values(), *fresh.roots.values()) for cid in some}


async def bobs(w: World) -> None:
    """He has all that he had, and may do what he might."""
    bob = w.bob
    for path in ("docs/b.txt", "docs/deep/c.txt", "docs/deep/d.bin", "photos/e.txt"):
        assert await bob.read(f"/alice/{path}") == HERS[path]
    assert await bob.read("/alice/the ninth") == b"nine"
    assert await bob.read("/alice/trip/g.txt") == b"seven"
    assert await bob.read("/alice/trip/phone.txt") == b"x"
    await bob.put("/alice/trip/his.txt", b"his")
    await bob.put("/alice/plans/his.txt", b"his")
    assert "hello" in await texts(bob.session, person="alice")


# --- the machine that was lost


async def test_it_gets_nothing_and_writes_nothing_once_alices_machine_heard(w: World) -> None:
    _, seen = await phone_of(w)
    before = await cids(w.alice)
    assert len(seen.had) == 4  # the root space, trip, plans, and club for reading
    known = {label for had in seen.had.values() for label in had.refs}
    assert known <= await seen.gets(before)
    assert len(await seen.writes()) == 2
    await revoke(w.bob)
    assert known <= await seen.gets()  # nobody told alice's home
    await heard(w)
    await w.alice.put("docs/deep/d.bin", BIG[1:])
    await w.alice.put("trip/later.txt", b"later")
    await w.bob.put("/alice/trip/his.txt", b"his")
    assert await seen.gets(before | await cids(w.alice)) == set()
    assert await seen.writes() == set()
    again = LostContact(w.bob, w.alice)
    await again.look()
    for space, had in seen.had.items():
        assert had.refs.keys() & again.had[space].refs.keys() == set()
        assert had.seeds.keys() & again.had[space].seeds.keys() == set()


async def test_what_is_in_the_root_space_is_refused_from_the_first_commit_on(w: World) -> None:
    _, seen = await phone_of(w)
    await revoke(w.bob)
    await follow_up(w.bob, w.alice)
    assert await lost.give_anew(w.alice.session, await look(w.alice.session)) == 1
    root = w.alice.session.bundle.space
    seen.had = {root: seen.had[root]}
    assert await seen.gets() == set()


async def test_renewing_keys_where_nothing_was_lost_costs_friends_nothing(w: World) -> None:
    _, seen = await phone_of(w)
    known = await seen.gets()
    before = await counted(w)
    await w.bob.renew_keys()
    await heard(w)
    assert await seen.gets() == known
    assert await counted(w) == before


# --- everybody else


async def test_bob_has_all_he_had_and_so_has_carol(w: World) -> None:
    await phone_of(w)
    shares = await w.alice.shares()
    await revoke(w.bob)
    await heard(w)
    await bobs(w)
    for path in ("photos/e.txt", "hers/f.txt"):
        assert await w.carol.read(f"/alice/{path}") == HERS[path]
    assert await w.carol.read("/alice/the third") == b"three"
    for folder, name in (
        ("trip", "g.txt"),
        ("plans", "h.txt"),
        ("club", "i.txt"),
        ("own", "j.txt"),
    ):
        await w.carol.read(f"/alice/{folder}/{name}")
        await w.carol.put(f"/alice/{folder}/carols.txt", b"hers")
    with pytest.raises((Denied, NotFound)):
        await w.carol.read("/alice/docs/b.txt")
    assert "hello" in await texts(w.carol.session, person="alice")
    for path, content in HERS.items():
        assert await w.alice.read(path) == content
    assert await w.alice.shares() == shares
    assert await underway.due(await look(w.alice.session)) == []
    await check_whole(w.alice)
    apart = {each.space: each for each in await guests.everything(await look(w.alice.session))}
    for space in (await own_spaces(w.alice.session))[1:]:
        await check_space_whole(w.alice, space, apart[space.view.space])


async def test_what_bob_has_no_part_in_is_left_alone(w: World) -> None:
    await phone_of(w)
    before = {each.parts: each for each in await guests.everything(await look(w.alice.session))}
    await revoke(w.bob)
    await heard(w)
    system = await look(w.alice.session)
    carol = (await contacts.by_name(system, "carol")).id
    for each in await guests.everything(system):
        was = before[each.parts]
        assert (each.tops[0] == was.tops[0]) == (each.parts == ("own",))
        assert each.guest(carol) == was.guest(carol)  # no machine of bob's had her key
        assert {(x.contact, x.may) for x in each.present} == {
            (x.contact, x.may) for x in was.present
        }


async def test_his_ceiling_is_what_it_was(w: World) -> None:
    """What he added before counts still: revoking again and again gives nobody more room."""
    await phone_of(w)
    large = bytes(CEILING // 8 * 5)
    await w.bob.put("/alice/trip/large.bin", large)
    await revoke(w.bob)
    await heard(w)
    with pytest.raises(QuotaExceeded):
        await w.bob.put("/alice/trip/more.bin", large)
    await w.bob.put("/alice/trip/little.txt", b"little")


async def test_what_he_wrote_before_is_his_still(w: World) -> None:
    await phone_of(w)
    await w.bob.put("/alice/trip/his.txt", b"his")
    await revoke(w.bob)
    await heard(w)
    await w.bob.put("/alice/trip/his.txt", b"and again")
    names = await members(w.alice.session, w.alice.drive, "trip/his.txt")
    told = [names[each.member] async for each in log(w.alice.drive, "trip/his.txt")]
    assert told.count("bob") == 2


# --- once, and not without limit


async def counted(w: World) -> tuple[bytes, int]:
    """The secret of bob's folder of shares, and how many keys he had in one of alice's spaces."""
    system = await look(w.alice.session)
    bob = await contacts.by_name(system, "bob")
    trip = next(x for x in await guests.everything(system) if x.parts == ("trip",))
    return bob.log.reveal(), sum(each.contact == bob.id for each in trip.guests)


async def test_told_again_in_whatever_order_it_costs_nothing_more(w: World) -> None:
    await phone_of(w)
    await revoke(w.bob)
    await heard(w)
    before = await counted(w)
    for _ in range(2):
        await refresh(w.alice.session, w.bob.session.id)
        await look_around(w.alice.session)
        await finish(w.alice.session)
    other = await w.alice.another_device()
    await finish(other.session)
    assert await counted(w) == before


async def test_alice_learns_of_it_from_the_record_alone(w: World) -> None:
    """Where no message comes through: from bob's home, which is asked now and then."""
    _, seen = await phone_of(w)
    await revoke(w.bob)
    await look_around(w.alice.session)
    assert w.alice.session.rotation_due
    await finish(w.alice.session)
    assert await seen.gets() == set()
    assert await seen.writes() == set()
    await w.bob.collect()
    await bobs(w)


async def test_who_says_it_again_and_again_has_it_done_so_often_in_a_day(
    moving_clock: MockClock, w: World
) -> None:
    times = lost.MOST + 2
    for _ in range(times):
        await phone_of(w)
        await revoke(w.bob)
        await heard(w)
    known = await contacts.by_name(await look(w.alice.session), "bob")
    assert (known.lost, known.anew) == (times, lost.MOST)
    assert (await counted(w))[1] == 1 + lost.MOST
    await bobs(w)  # who can read on
    w.later(days=1)
    await look_around(w.alice.session)
    await finish(w.alice.session)
    known = await contacts.by_name(await look(w.alice.session), "bob")
    assert known.anew == times
    assert (await counted(w))[1] == 2 + lost.MOST  # once for both
    await w.bob.collect()
    await bobs(w)


async def test_of_several_at_once_what_they_share_is_rotated_once(w: World) -> None:
    await phone_of(w)
    tablet = await w.carol.another_device()
    call_it(tablet, "phone")
    await settle(tablet.session)
    for each in (w.bob, w.carol):
        await revoke(each)
        await follow_up(each, w.alice)
    before = (await circles_of(w))["friends"]
    with w.alice.counting() as calls:
        await finish(w.alice.session)
    assert (await circles_of(w))["friends"] == before + 1
    assert calls
    for each in (w.bob, w.carol):
        await each.collect()
    await bobs(w)
    assert await w.carol.read("/alice/photos/e.txt") == b"five"


async def circles_of(w: World) -> dict[str, int]:
    """The epoch of each circle."""
    return {each.name: each.epoch for each in await verbs.listing(w.alice.session)}


# --- what the machine did before


async def test_numbers_that_it_spoiled_before_keep_nothing_from_alice(w: World) -> None:
    """It wrote to alice under the highest numbers there are, with a key of its own to seal to."""
    phone, seen = await phone_of(w)
    await spoil(phone)
    await w.alice.collect()
    thief = (await contacts.by_name(await look(w.alice.session), "bob")).reach
    assert thief.where == MAX_UINT
    await revoke(w.bob)
    await heard(w)
    now = (await contacts.by_name(await look(w.alice.session), "bob")).reach
    assert now.sealing == w.bob.session.whereabouts.sealing != thief.sealing
    assert await seen.gets() == set()
    await bobs(w)


async def spoil(phone: Person) -> None:
    """As bob's machine could, while it was his: nothing of it is checked there."""
    session, known = phone.session, await contacts.contact(phone.session, "alice")
    log_ = Capability(session.id, session.bundle.space, known.log)
    content = replace(
        Introduction.of(session.whereabouts, log_, True),
        where=MAX_UINT,
        sealing=SealKeyPair.from_seed(random_secret()).public,
    )
    number = (bytes(MESSAGE_ID), MAX_SEQ, phone.around.now())
    message = Message.make(
        Type.CHANGED, session.chain, known.id, number, content, session.bundle.daily
    )
    sealed = message.seal(known.reach.sealing)
    parcel = Parcel(known.id, sealed, phone.around.now(), ())
    await deliver(session, parcel, known.reach.homes, [])


# --- what stands in the way


async def test_what_a_guest_broke_keeps_nothing_else_from_being_given(w: World) -> None:
    phone, seen = await phone_of(w)
    trip = next(space for space, had in seen.had.items() if had.seeds and len(had.refs) > 3)
    assert trip
    member = next(iter(seen.had[trip].seeds.values()))
    theirs = await contacts.contact(phone.session, "alice")
    space = await guest_space(phone.session, theirs, trip, member)

    async def spoil_all(changing: Changing) -> None:
        for label in seen.had[trip].refs:
            leaf = (await changing.leaves([seen.had[trip].refs[label]])).get(label)
            if leaf is not None and leaf.header is not None:
                changing.put(label, replace(leaf, header=bytes(len(leaf.header))))

    with suppress(Denied):
        await space.commit(spoil_all)
    await revoke(w.bob)
    await heard(w)
    assert await seen.gets() == set()
    assert await seen.writes() == set()
    assert await w.bob.read("/alice/docs/b.txt") == b"two"


async def test_where_there_is_no_room_it_waits_and_holds_up_nothing(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, seen = await phone_of(w)
    known = await seen.gets()

    async def full(*_: object) -> list[bytes]:
        raise QuotaExceeded("no room")

    await revoke(w.bob)
    with monkeypatch.context() as patched:
        patched.setattr(lost, "_give_all", full)
        await follow_up(w.bob, w.alice)
        await finish(w.alice.session)
        assert w.alice.session.rotation_due
        await w.alice.put("a.txt", b"one")
    assert await seen.gets() >= known
    await finish(w.alice.session)
    assert await seen.gets() == set()


async def test_another_machine_of_alices_goes_on_with_it(w: World) -> None:
    _, seen = await phone_of(w)
    tablet = await w.alice.another_device()
    await revoke(w.bob)
    await follow_up(w.bob, w.alice)
    await lost.give_anew(w.alice.session, await look(w.alice.session))
    await w.alice.crash()
    await tablet.put("docs/new.txt", b"new")  # which finishes what is due before
    await finish(tablet.session)
    await w.alice.sign_in()
    assert await seen.gets() == set()
    assert await seen.writes() == set()
    await w.bob.collect()
    await bobs(w)
