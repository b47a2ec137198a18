"""A machine that is revoked changes nothing any more, whatever it kept and whenever it tries."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
import trio

from client.identity.account import prove, replace_password
from client.identity.device_notes import names
from client.identity.devices import (
    Standing,
    devices,
    find,
    find_other,
    own_digest,
    settle,
)
from client.identity.login import sign_in
from client.session import Session
from client.sharing.own_spaces import by_key, own_spaces
from client.social.store import System
from client.space.overlay import Overlay
from client.space.tip_reading import TipReading
from formats.cid import Block
from formats.commit import Commit
from formats.errors import (
    Conflict,
    Denied,
    Expired,
    Forged,
    HoldfastError,
    NotFound,
    NotSignedIn,
    Stale,
    Unfit,
    Unreachable,
    WrongPassword,
)
from formats.space import Member, Rights, SpaceRecord
from protocols import pointers as p
from tests.client.identity.revoking import call_it, follow_up, revoke
from tests.world.faults import Breaks, Call, LosesAnswer, Onward
from tests.world.person import Person
from tests.world.world import World

NEW = "another password of hers"


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with World.open("alice", "bob") as made:
        await made.alice.befriend(made.bob)
        await made.alice.put("trip/a.txt", b"one")
        await made.alice.share_write("trip", "bob")
        call_it(made.alice, "laptop")
        await settle(made.alice.session)
        yield made


async def phone_of(w: World, name: str = "phone") -> Person:
    """Another machine of hers, which wrote to both of her spaces and holds its sessions open."""
    phone = await w.alice.another_device()
    call_it(phone, name)
    await phone.put("from-the-phone.txt", b"x")
    await phone.put("trip/from-the-phone.txt", b"x")
    await settle(phone.session)
    return phone


async def members(person: Person) -> list[set[bytes]]:
    """Who may write, in each of the person's spaces."""
    found = []
    for space in await own_spaces(person.session):
        record = (await space.view.newest()).tip.record
        found.append({each.key for each in record.members})
    return found


async def made_up(session: Session) -> tuple[TipReading, Overlay]:
    """The newest state, and something on top of it that is not committed."""
    reading = await session.space.view.newest()
    overlay = Overlay(reading)
    system = System(session, overlay)
    await system.folder("made-up")
    await system.flush()
    return reading, overlay


REFUSED = (NotSignedIn, Denied, Forged, Stale, Conflict, Expired)


async def test_it_is_no_member_of_any_space_and_its_sessions_are_of_no_use(w: World) -> None:
    phone = await phone_of(w)
    own = [phone.session.bundle.own_member(s.view.space) for s in await own_spaces(phone.session)]
    staging, held = await phone.session.space.open_staging(), Block.raw(b"held")
    await staging.stage([held])
    await revoke(w.alice, "phone")
    for key, present in zip(own, await members(w.alice), strict=True):
        assert key.verify_key.digest() not in present
    deeds: list[Callable[[], Awaitable[object]]] = [
        lambda: phone.put("x.txt", b"x"),
        lambda: phone.put("trip/x.txt", b"x"),
        phone.session.space.view.newest,
        phone.session.space.open_staging,
        lambda: staging.recall([held.cid]),
        phone.used,
        phone.collect,
        phone.session.past.states,
    ]
    for deed in deeds:
        with pytest.raises(REFUSED):
            await deed()
    assert await w.alice.read("from-the-phone.txt") == b"x"  # what it wrote stays
    await w.alice.put("y.txt", b"y")
    await follow_up(w.alice, w.bob)
    await w.bob.put("/alice/trip/z.txt", b"z")
    assert await w.alice.read("trip/z.txt") == b"z"


async def test_it_stands_in_the_list_and_by_what_it_wrote(w: World) -> None:
    phone = await phone_of(w)
    key = own_digest(phone.session)
    await revoke(w.alice, "phone")
    shown = find(await devices(w.alice.session), "phone")
    assert shown.standing is Standing.REVOKED
    assert shown.device is not None
    assert shown.device.revoked is not None
    assert (await names(w.alice.session))[key] == "phone (revoked)"
    with pytest.raises(Unfit, match="already"):
        find_other(await devices(w.alice.session), "phone")


async def test_not_this_one_nor_one_that_is_not_there(w: World) -> None:
    shown = await devices(w.alice.session)
    with pytest.raises(Unfit, match="you are on"):
        find_other(shown, "laptop")  # which is the last one, too
    with pytest.raises(NotFound):
        find_other(shown, "tablet")


async def test_a_machine_without_a_name_is_revoked_by_its_key(w: World) -> None:
    silent = await w.alice.another_device()
    await silent.put("x.txt", b"x")
    key = own_digest(silent.session).hex()
    await revoke(w.alice, key[:8])
    assert find(await devices(w.alice.session), key).standing is Standing.REVOKED
    with pytest.raises(REFUSED):
        await silent.put("y.txt", b"y")


async def test_another_machine_comes_in_again_with_its_own_key(w: World) -> None:
    await phone_of(w)
    tablet = await phone_of(w, "tablet")
    key = own_digest(tablet.session)
    await revoke(w.alice, "phone")
    with pytest.raises(NotSignedIn, match="renewed elsewhere"):
        await tablet.put("x.txt", b"x")
    await tablet.sign_in()
    await tablet.put("x.txt", b"x")
    assert own_digest(tablet.session) == key
    assert find(await devices(tablet.session), "tablet").standing is Standing.HERE


async def test_with_a_new_password_it_does_not_come_back(w: World) -> None:
    phone = await phone_of(w)
    was = phone.password
    await revoke(w.alice, "phone", NEW)
    with pytest.raises(WrongPassword):
        await sign_in(phone.around, phone.place.home, "alice", was)


async def test_where_its_person_signs_in_again_it_is_another_machine_of_the_same_name(
    w: World,
) -> None:
    phone = await phone_of(w)
    key = own_digest(phone.session)
    await revoke(w.alice, "phone")
    await phone.sign_in()
    call_it(phone, "phone")
    assert own_digest(phone.session) != key
    await phone.put("again.txt", b"x")
    await settle(phone.session)
    told = await names(w.alice.session)
    assert told[key] == "phone (revoked)"
    assert told[own_digest(phone.session)] == "phone"
    meant = find(await devices(w.alice.session), "phone")  # the one that may write
    assert meant.key == own_digest(phone.session)
    await revoke(w.alice, "phone")
    for gone in (key, own_digest(phone.session)):
        shown = find(await devices(w.alice.session), gone.hex())
        assert shown.standing is Standing.REVOKED


# --- what it kept, and what it does meanwhile


async def signed_before(session: Session) -> p.Move:
    """A commit that was signed and not sent."""
    reading, overlay = await made_up(session)
    draft = await session.space.draft(reading.tip, overlay)
    return p.Move(Commit((draft.move,)).encoded, tuple(draft.made))


async def test_a_commit_that_it_signed_before_is_not_taken_after(w: World) -> None:
    phone = await phone_of(w)
    kept = await signed_before(phone.session)
    connected = await phone.session.line.connected()  # which stays open, with all it proved
    await revoke(w.alice, "phone")
    with pytest.raises(Denied):
        await connected.doors.pointers.move(kept)
    mine = await w.alice.session.line.connected()
    with pytest.raises(HoldfastError):  # nor handed in by somebody else
        await mine.doors.pointers.move(kept)


async def test_a_commit_on_top_of_its_own_revocation_is_not_taken(w: World) -> None:
    """It sees the new state, where its home lets anybody see it, and signs on top of that."""
    phone = await phone_of(w)
    connected = await phone.session.line.connected()
    await revoke(w.alice, "phone")
    reading, overlay = await made_up(w.alice.session)
    bundle, view = phone.session.bundle, w.alice.session.space.view
    for key in (bundle.own_member(bundle.space), bundle.member):
        draft = await by_key(w.alice.session, view, key).draft(reading.tip, overlay)
        request = p.Move(Commit((draft.move,)).encoded, tuple(draft.made))
        with pytest.raises(Denied):
            await connected.doors.pointers.move(request)


async def test_it_commits_in_the_middle_of_its_own_revocation(w: World) -> None:
    phone = await phone_of(w)

    @dataclass
    class Meanwhile:
        times: int = 2

        async def meet(self, call: Call, onward: Onward) -> object:
            if str(call) == "accounts.succeed" and self.times:
                self.times -= 1
                await phone.put(f"meanwhile-{self.times}.txt", b"x")
            return await onward(call.request)

    with w.alice.meeting(Meanwhile()):
        await revoke(w.alice, "phone")
    assert await w.alice.read("meanwhile-0.txt") == b"x"
    with pytest.raises(REFUSED):
        await phone.put("after.txt", b"x")


async def test_whom_it_lets_in_meanwhile_goes_with_it(w: World) -> None:
    phone = await phone_of(w)
    strange = (7).to_bytes(32, "big")

    def with_more(record: SpaceRecord) -> SpaceRecord:
        who = phone.session
        members = [*record.members, Member(strange, Rights.ALL)]
        return SpaceRecord.following(record, who.chain, members, who.bundle.daily)

    @dataclass
    class Meanwhile:
        done: bool = False

        async def meet(self, call: Call, onward: Onward) -> object:
            if str(call) == "accounts.succeed" and not self.done:
                self.done = True
                await phone.session.space.change_members(with_more)
            return await onward(call.request)

    with w.alice.meeting(Meanwhile()):
        await revoke(w.alice, "phone")
    assert strange not in (await members(w.alice))[0]


async def test_of_two_that_revoke_each_other_one_is_left(w: World) -> None:
    phone = await phone_of(w)
    outcomes: dict[str, str] = {}

    async def one(person: Person, which: str) -> None:
        try:
            await revoke(person, which)
            outcomes[which] = "revoked"
        except (Conflict, NotSignedIn, Denied, Forged, WrongPassword, Stale, Unreachable) as error:
            outcomes[which] = type(error).__name__

    async with trio.open_nursery() as nursery:
        nursery.start_soon(one, w.alice, "phone")
        nursery.start_soon(one, phone, "laptop")
    assert sorted(outcomes.values()).count("revoked") == 1
    left, gone = (w.alice, phone) if outcomes["phone"] == "revoked" else (phone, w.alice)
    await left.put("mine.txt", b"x")
    assert left.session.chain.seq == 1
    with pytest.raises(REFUSED):
        await gone.put("x.txt", b"x")
    standings = {each.standing for each in await devices(left.session)}
    assert standings == {Standing.HERE, Standing.REVOKED}


# --- homes


async def test_a_home_that_goes_on_taking_its_commits_is_caught_by_readers(w: World) -> None:
    """The home shows a state that the revoked machine signed: nobody takes it for one."""
    phone = await phone_of(w)
    await revoke(w.alice, "phone")
    reading, overlay = await made_up(w.alice.session)
    bundle, view = phone.session.bundle, w.alice.session.space.view
    draft = await by_key(w.alice.session, view, bundle.own_member(bundle.space)).draft(
        reading.tip, overlay
    )

    @dataclass
    class ShowsIt:
        async def meet(self, call: Call, onward: Onward) -> object:
            said = await onward(call.request)
            if isinstance(said, p.Resolved):
                return replace(said, pointer=draft.pointer.encoded)
            return said

    with w.alice.meeting(ShowsIt()), pytest.raises(Forged):
        await w.alice.session.space.view.newest()
    assert await w.alice.read("from-the-phone.txt") == b"x"


async def test_a_home_that_brings_its_membership_back_is_not_believed(w: World) -> None:
    """The whole space as it was before, with a state on top that the revoked machine signed."""
    phone = await phone_of(w)
    before = (await w.alice.session.space.view.newest()).tip
    await revoke(w.alice, "phone")

    @dataclass
    class Older:
        async def meet(self, call: Call, onward: Onward) -> object:
            said = await onward(call.request)
            if isinstance(said, p.Resolved):
                return replace(said, pointer=before.pointer.encoded, record=before.record.encoded)
            return said

    with w.alice.meeting(Older()), pytest.raises((Stale, Forged)):
        await w.alice.session.space.view.newest()
    assert phone.session.chain.seq == 0


# --- cut off


async def test_cut_off_at_any_call_it_is_all_or_nothing(w: World) -> None:
    phone = await phone_of(w)
    with w.alice.counting() as calls:
        await revoke(w.alice, "phone")
    number = len(calls)
    for at in range(1, number + 1):
        for fault in (Breaks(at=at), LosesAnswer(at=at)):
            phone = await phone_again(w, phone)
            await _cut_off(w, phone, fault)


async def phone_again(w: World, phone: Person) -> Person:
    await phone.sign_in()
    call_it(phone, "phone")
    await phone.put("trip/from-the-phone.txt", b"x")
    await phone.put("from-the-phone.txt", b"x")
    await settle(phone.session)
    await w.alice.sign_in()
    call_it(w.alice, "laptop")
    return phone


async def _cut_off(w: World, phone: Person, fault: Breaks | LosesAnswer) -> None:
    """The machine that revokes dies there; the other one is in altogether, or out."""
    seq, key = w.alice.session.chain.seq, own_digest(phone.session)
    with w.alice.meeting(fault):
        try:
            await revoke(w.alice, key.hex())
        except (Unreachable, Stale):
            await w.alice.crash()
    await w.alice.sign_in()
    shown = find(await devices(w.alice.session), key.hex())
    present = [phone_key in each for phone_key, each in await _keys(w, phone)]
    if w.alice.session.chain.seq == seq:
        assert shown.standing is Standing.IN
        assert all(present)
        await phone.put("still.txt", b"x")
    else:
        assert shown.standing is Standing.REVOKED
        assert not any(present)
        with pytest.raises(REFUSED):
            await phone.put("still.txt", b"x")


async def _keys(w: World, phone: Person) -> list[tuple[bytes, set[bytes]]]:
    bundle = phone.session.bundle
    spaces = [each.view.space for each in await own_spaces(w.alice.session)]
    keys = [bundle.own_member(space).verify_key.digest() for space in spaces]
    return list(zip(keys, await members(w.alice), strict=True))


async def test_changing_the_password_afterwards_keeps_it_out(w: World) -> None:
    phone = await phone_of(w)
    key = own_digest(phone.session)
    await revoke(w.alice, "phone")
    attempt = await prove(w.alice.session, w.alice.password)
    await replace_password(w.alice.session, attempt, NEW)
    await attempt.aclose()
    assert w.alice.session.bundle.revoked == (key,)
    phone.password = NEW
    await phone.sign_in()
    assert own_digest(phone.session) != key
