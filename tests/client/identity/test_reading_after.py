"""A machine that was revoked reads nothing any more, whatever it kept; everybody else all."""

from collections.abc import AsyncIterator

import pytest

from client.drive.asof import Name, Number, drive_at
from client.drive.log import log
from client.drive.resolve import resolve
from client.drive.trash import restore
from client.drive.versions import restore_version, versions
from client.identity import rotation
from client.identity.account import prove
from client.identity.devices import settle
from client.recovery.checking import check_all
from client.recovery.making import kit_text, new_kit
from client.recovery.opening import open_kit
from client.session import Owner
from client.sharing import guests, underway
from client.sharing.circles import verbs
from client.sharing.circles.share import share_with_circle
from client.sharing.circles.writing import share_write_with_circle
from client.sharing.jobs import finish
from client.sharing.own_spaces import own_spaces
from client.sharing.rekeying import rekey_spaces
from client.sharing.steps import root_ground, step
from client.social import circles, contacts
from client.social.store import ACCESS, CIRCLES, CONTACTS, System, change, look
from client.space.reading import Changing
from formats.errors import Denied, HoldfastError, NotFound
from tests.client.feed.people import say, texts
from tests.client.identity.lost import Lost
from tests.client.identity.revoking import call_it, follow_up, revoke
from tests.together.whole import check_space_whole, check_whole
from tests.world.person import Person
from tests.world.world import World

BIG = bytes(range(256)) * 1200
"""More than goes into a leaf of its header."""
WIDE = 90
"""Files in one folder: more than one page holds."""

HERS = {
    "a.txt": b"one",
    "docs/b.txt": b"two",
    "docs/deep/c.txt": b"three",
    "docs/deep/d.bin": BIG,
    "photos/e.txt": b"five",
}


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with World.open("alice", "bob", "carol") as made:
        alice, bob, carol = made.alice, made.bob, made.carol
        await alice.befriend(bob)
        await alice.befriend(carol)
        for path, content in HERS.items():
            await alice.put(path, content)
        await alice.share("docs", "bob")
        await alice.share("docs/deep/c.txt", "carol", "the third")
        await verbs.new(alice.session, "friends")
        await verbs.add(alice.session, "friends", ["bob", "carol"])
        await share_with_circle(alice.session, "photos", "friends")
        await alice.put("trip/f.txt", b"six")
        await alice.share_write("trip", "bob")
        await alice.put("plans/g.txt", b"seven")
        await share_write_with_circle(alice.session, "plans", "friends")
        await bob.put("his/h.txt", b"eight")
        await bob.share("his", "alice")
        await bob.put("work/i.txt", b"nine")
        await bob.share_write("work", "alice")
        await say(alice.session, "hello", "friends")
        await say(bob.session, "hello back", "alice")
        call_it(alice, "laptop")
        await settle(alice.session)
        for each in (alice, bob, carol):
            await each.collect()
        yield made


async def phone_of(w: World) -> Person:
    """Another machine of hers, which wrote to each of her spaces."""
    phone = await w.alice.another_device()
    call_it(phone, "phone")
    await phone.put("from-the-phone.txt", b"x")
    await phone.put("trip/from-the-phone.txt", b"x")
    await settle(phone.session)
    return phone


async def new_things(person: Person, word: str) -> None:
    """Something new wherever there is something."""
    for path in ("a.txt", "docs/b.txt", "docs/new.txt", "photos/new.txt", "new/new.txt"):
        await person.put(path, word.encode())
    await person.put("docs/deep/d.bin", word.encode() + BIG)
    await person.put("trip/new.txt", word.encode())
    await person.put("plans/new.txt", word.encode())
    await say(person.session, word, "friends")


async def told(lost: Lost, alice: Person) -> set[bytes]:
    """All it gets now, though somebody tells it of each block that is new."""
    fresh = Lost(alice)
    await fresh.look()
    cids = {cid for some in (*fresh.cids.values(), *fresh.roots.values()) for cid in some}
    return await lost.gets(Owner(alice.session.chain), cids)


# --- what was revoked


async def test_it_gets_nothing_from_the_very_moment_whatever_it_kept(w: World) -> None:
    phone = await phone_of(w)
    lost = Lost(phone)
    await lost.look()
    assert len(lost.refs) == 3
    known = {label for some in lost.refs.values() for label in some}
    assert known <= await lost.gets(Owner(phone.session.chain))  # as long as it is hers
    await revoke(w.alice)
    assert await told(lost, w.alice) == set()  # before anything followed
    while await step(root_ground(w.alice.session)):
        assert await told(lost, w.alice) == set()
    await follow_up(w.alice, w.bob, w.carol)
    await new_things(w.alice, "later")
    await w.bob.put("/alice/trip/bobs.txt", b"his")
    await w.alice.collect()
    assert await told(lost, w.alice) == set()
    again = Lost(w.alice)
    await again.look()
    for id, refs in lost.refs.items():
        assert refs.keys() & again.refs[id].keys() == set()  # no label of those is in use


async def test_what_it_can_do_by_itself_comes_to_nothing(w: World) -> None:
    phone = await phone_of(w)
    connected = await phone.session.line.connected()
    before = phone.session
    await revoke(w.alice)
    await follow_up(w.alice, w.bob, w.carol)
    await new_things(w.alice, "later")
    for path in ("a.txt", "docs/b.txt", "trip/f.txt", "plans/g.txt"):
        with pytest.raises(HoldfastError):
            await phone.read(path)
    for deed in (phone.collect, before.past.states, before.past.pins, phone.used):
        with pytest.raises(HoldfastError):
            await deed()
    assert connected.server_time() > 0  # it was open all the time


async def test_guests_keys_are_others_so_it_is_no_guest_either(w: World) -> None:
    await phone_of(w)
    before = {each.space: each for each in await guests.everything(await look(w.alice.session))}
    await revoke(w.alice)
    for space in (await own_spaces(w.alice.session))[1:]:
        record = (await space.view.newest()).tip.record
        was = before[space.view.space]
        assert all(record.member(each.member) is None for each in was.guests)
    await follow_up(w.alice, w.bob, w.carol)
    for each in await guests.everything(await look(w.alice.session)):
        was = before[each.space]
        assert [x.contact for x in each.present] == [x.contact for x in was.present]
        assert {x.member for x in each.present} & {x.member for x in was.present} == set()
        assert {x.may for x in each.present} == {x.may for x in was.present}
        assert all(each.whose(x.member) == x.contact for x in was.guests)  # who wrote what


# --- everybody else


async def test_another_machine_reads_everything_and_so_do_friends(w: World) -> None:
    alice, bob, carol = w.alice, w.bob, w.carol
    await phone_of(w)
    tablet = await alice.another_device()
    await revoke(alice)
    await follow_up(alice, bob, carol)
    await tablet.sign_in()
    for person in (alice, tablet):
        for path, content in HERS.items():
            assert await person.read(path) == content
        assert await person.read("trip/f.txt") == b"six"
        assert await person.read("plans/g.txt") == b"seven"
        assert await person.read("/bob/his/h.txt") == b"eight"
        assert await person.read("/bob/work/i.txt") == b"nine"
        assert "hello back" in await texts(person.session, person="bob")
    assert await bob.read("/alice/docs/deep/d.bin") == BIG
    assert await bob.read("/alice/photos/e.txt") == b"five"
    assert await carol.read("/alice/the third") == b"three"
    assert await carol.read("/alice/photos/e.txt") == b"five"
    for each in (bob, carol):
        assert "hello" in await texts(each.session, person="alice")
    with pytest.raises((Denied, NotFound)):
        await carol.read("/alice/docs/b.txt")


async def test_all_go_on_writing_to_each_other(w: World) -> None:
    alice, bob, carol = w.alice, w.bob, w.carol
    await phone_of(w)
    await revoke(alice)
    await follow_up(alice, bob, carol)
    await new_things(alice, "later")
    await alice.put("/bob/work/hers.txt", b"hers")
    await bob.put("/alice/trip/his.txt", b"his")
    await bob.put("/alice/plans/his.txt", b"his")
    await carol.put("/alice/plans/carols.txt", b"hers")
    await bob.put("his/new.txt", b"his")
    await say(bob.session, "and later", "alice")
    for each in (alice, bob, carol):
        await each.collect()
    assert await bob.read("work/hers.txt") == b"hers"
    assert await alice.read("trip/his.txt") == b"his"
    assert await alice.read("plans/carols.txt") == b"hers"
    assert await alice.read("/bob/his/new.txt") == b"his"
    assert "and later" in await texts(alice.session)
    for each in (bob, carol):
        assert await each.read("/alice/photos/new.txt") == b"later"
        assert "later" in await texts(each.session)
    assert await bob.read("/alice/docs/new.txt") == b"later"
    await alice.unshare("docs", "bob")
    await verbs.remove(alice.session, "friends", ["carol"])
    await carol.collect()
    with pytest.raises(HoldfastError):
        await carol.read("/alice/photos/new.txt")
    with pytest.raises(HoldfastError):
        await bob.read("/alice/docs/new.txt")
    assert await bob.read("/alice/photos/new.txt") == b"later"


async def test_what_was_is_there_still(w: World) -> None:
    """Versions, the trash, snapshots, the log: of before, over two revocations."""
    alice = w.alice
    await alice.put("a.txt", b"second")
    await alice.put("gone/j.txt", b"ten")
    await alice.rm("gone")
    newest = (await alice.session.past.states())[0]
    await alice.session.past.pin(newest.seq, "before")
    for _ in range(2):
        await phone_of(w)
        await revoke(alice)
        await follow_up(alice)
    assert [pin.name for pin in await alice.session.past.pins()] == ["before"]
    then = await drive_at(alice.drive, Name("before"))
    reader = await (await resolve(then, then.path("docs/deep/d.bin"))).reader()
    assert await reader.read(0, reader.size) == BIG
    first = (await versions(alice.drive, "a.txt"))[-1]
    assert first.size == len(b"one")
    await restore_version(alice.drive, "a.txt", Number(first.seq))
    assert await alice.read("a.txt") == b"one"
    await restore(alice.drive, ["gone"])
    assert await alice.read("gone/j.txt") == b"ten"
    paths = {str(change.path) async for each in log(alice.drive) for change in each.changes}
    assert {"/alice/a.txt", "/alice/docs", "/alice/gone/j.txt"} <= paths
    devices_told = {each.device async for each in log(alice.drive)}
    assert "phone" in devices_told


async def test_nothing_is_left_behind(w: World) -> None:
    for number in range(WIDE):
        await w.alice.put(f"wide/{number}", b"x")
    await phone_of(w)
    await revoke(w.alice)
    await follow_up(w.alice)
    await check_whole(w.alice)
    by_space = {each.space: each for each in await guests.everything(await look(w.alice.session))}
    for space in (await own_spaces(w.alice.session))[1:]:
        await check_space_whole(w.alice, space, by_space[space.view.space])


async def test_circles_have_another_epoch_and_contacts_another_folder_of_shares(w: World) -> None:
    before = await look(w.alice.session)
    epochs = {id: each.epoch for id, each in (await circles.everything(before)).by_id.items()}
    logs = {each.id: each.log for each in await contacts.everybody(before)}
    await phone_of(w)
    await revoke(w.alice)
    after = await look(w.alice.session)
    now = (await circles.everything(after)).by_id
    assert {id: each.epoch - 1 for id, each in now.items()} == epochs
    assert all(each.log != logs[each.id] for each in await contacts.everybody(after))


# --- how far it is


async def test_it_says_how_far_it_is_and_when_it_is_finished(w: World) -> None:
    session = w.alice.session
    assert await underway.renewal(await look(session)) is None
    await phone_of(w)
    await revoke(w.alice)
    session = w.alice.session
    begun = await underway.renewal(await look(session))
    assert begun is not None
    assert (begun.done, begun.spaces) == (0, 2)
    assert begun.labels > len(HERS)
    await step(root_ground(session))
    further = await underway.renewal(await look(session))
    assert further is not None
    assert 0 < further.done <= further.labels
    assert await rekey_spaces(session) == 2
    further = await underway.renewal(await look(session))
    assert further is not None
    assert further.spaces == 0
    await finish(session)
    assert await underway.renewal(await look(session)) is None


async def test_another_machine_goes_on_with_it(w: World) -> None:
    await phone_of(w)
    tablet = await w.alice.another_device()
    await revoke(w.alice)
    await w.alice.crash()
    await tablet.sign_in()
    assert await underway.renewal(await look(tablet.session)) is not None
    await tablet.put("a.txt", b"from the tablet")  # which finishes what is due before
    await follow_up(tablet, w.bob, w.carol)
    assert await underway.renewal(await look(tablet.session)) is None
    assert await w.bob.read("/alice/docs/b.txt") == b"two"


async def test_one_more_is_revoked_before_the_first_is_through(w: World) -> None:
    phone, tablet = await phone_of(w), await w.alice.another_device()
    await revoke(w.alice)
    await step(root_ground(w.alice.session))
    await tablet.sign_in()
    call_it(tablet, "tablet")
    await settle(tablet.session)
    lost = [Lost(tablet), Lost(phone)]
    await lost[0].look()
    await revoke(w.alice, "tablet")
    assert [await told(each, w.alice) for each in lost] == [set(), set()]
    await follow_up(w.alice, w.bob, w.carol)
    assert await underway.renewal(await look(w.alice.session)) is None
    await check_whole(w.alice)
    assert await w.alice.read("docs/deep/d.bin") == BIG
    assert await w.bob.read("/alice/docs/b.txt") == b"two"


async def test_what_is_too_much_for_one_request_goes_ahead(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "AT_ONCE", 0)
    lost = Lost(await phone_of(w))
    await lost.look()
    with w.alice.counting() as calls:
        await revoke(w.alice)
    assert calls.index("blocks.stage") < calls.index("accounts.succeed")
    assert await told(lost, w.alice) == set()
    await follow_up(w.alice, w.bob)
    assert await w.alice.read("docs/deep/d.bin") == BIG


async def test_a_kit_of_before_opens_what_is_now(w: World) -> None:
    """Its words stay; what they open was renewed with the rest, earlier secrets included."""
    kit = await new_kit(w.alice.session, attempt := await prove(w.alice.session, w.alice.password))
    await attempt.aclose()
    await phone_of(w)
    await revoke(w.alice)
    await follow_up(w.alice)
    await check_all(w.alice.session, kit.words)
    at = kit_text(w.alice.session, None)
    opened = (await open_kit(w.alice.around, kit, at)).content.bundle
    assert opened.root == w.alice.session.bundle.root
    assert opened.roots == w.alice.session.bundle.roots
    assert len(opened.roots) == 1


async def test_nothing_that_it_spoils_keeps_it_from_being_revoked(w: World) -> None:
    phone = await phone_of(w)
    lost = Lost(phone)
    await lost.look()

    async def spoil(changing: Changing) -> None:
        system = System(phone.session, changing)
        for folder in (ACCESS, CIRCLES, CONTACTS):
            name = sorted(await system.names(folder))[0]
            await system.put((folder, name), {"what": "nonsense"})
        await system.flush()

    await change(phone.session, spoil)
    await revoke(w.alice)
    assert await told(lost, w.alice) == set()
    assert await w.alice.read("docs/deep/d.bin") == BIG


# --- more spaces than one request holds


async def test_those_beyond_are_shut_before_revoking_returns(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "MAX_MOVES", 1)
    lost = Lost(await phone_of(w))
    await lost.look()
    await revoke(w.alice)
    assert await told(lost, w.alice) == set()
    begun = await underway.renewal(await look(w.alice.session))
    assert begun is not None
    assert (begun.spaces, begun.open) == (0, 0)
    await follow_up(w.alice, w.bob, w.carol)
    await w.bob.put("/alice/trip/his.txt", b"his")
    await w.carol.put("/alice/plans/hers.txt", b"hers")


async def test_where_that_could_not_be_it_says_how_many_are_open(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut_off(*_: object) -> None:
        """The home goes away."""

    monkeypatch.setattr(rotation, "MAX_MOVES", 2)
    monkeypatch.setattr(rotation, "rekey_at_once", cut_off)
    lost, before = Lost(await phone_of(w)), Owner(w.alice.session.chain)
    await lost.look()
    await revoke(w.alice)
    begun = await underway.renewal(await look(w.alice.session))
    assert begun is not None
    assert (begun.spaces, begun.open) == (2, 1)
    assert await lost.gets(before) != set()
    await follow_up(w.alice, w.bob, w.carol)
    assert await told(lost, w.alice) == set()
