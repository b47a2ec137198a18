"""One's machines: a member key each, names, and who wrote what."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from client.drive.log import log
from client.identity.admitting import MAX_MACHINES, following
from client.identity.bundle import MAX_REVOKED, Bundle
from client.identity.device_keys import DeviceKeys
from client.identity.device_notes import Device, everything, names, put
from client.identity.devices import (
    SEEN_EVERY,
    Standing,
    devices,
    find,
    name_device,
    own_digest,
    settle,
)
from client.identity.password import PasswordKeys
from client.identity.remembered import Remembered
from client.sharing.own_spaces import by_key, own_spaces
from client.sharing.whose import members
from client.social.store import DEVICES, System, change, look
from client.space.reading import Changing
from crypto.secret import Secret, random_secret
from formats.cid import Block
from formats.errors import (
    BadName,
    Exists,
    Forged,
    HoldfastError,
    Internal,
    Malformed,
    NotFound,
    TooMany,
    Usage,
)
from formats.fields import Fields
from formats.space import Member, Rights, SpaceRecord
from tests.world.person import Person
from tests.world.world import World


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with World.open("alice", "bob") as made:
        await made.alice.put("a.txt", b"one")
        yield made


def called(person: Person, name: str) -> None:
    """What the machine calls itself from now on."""
    person.session.around = replace(person.session.around, device=name)


async def shown(person: Person) -> dict[str | None, Standing]:
    return {each.name: each.standing for each in await devices(person.session)}


async def record(person: Person) -> SpaceRecord:
    return (await person.session.space.view.newest()).tip.record


async def writer(person: Person) -> bytes:
    """The key that signed the newest state of the root space."""
    return (await person.session.space.view.newest()).tip.pointer.member


# --- keys


async def test_each_machine_signs_with_a_key_of_its_own(w: World) -> None:
    phone = await w.alice.another_device()
    keys = [own_digest(each.session) for each in (w.alice, phone)]
    assert keys[0] != keys[1]
    await phone.put("b.txt", b"two")
    assert await writer(w.alice) == keys[1]
    await w.alice.put("c.txt", b"three")
    assert await writer(phone) == keys[0]
    entry = w.alice.session.bundle.member.verify_key.digest()
    assert {each.key: each.rights for each in (await record(w.alice)).members} == {
        keys[0]: Rights.ALL,
        keys[1]: Rights.ALL,
        entry: Rights.MEMBERS,
    }


async def test_a_machine_has_the_same_key_when_it_signs_in_again(w: World) -> None:
    before = own_digest(w.alice.session)
    await w.alice.sign_out()
    await w.alice.sign_in()
    assert own_digest(w.alice.session) == before
    await w.alice.renew_keys()
    assert own_digest(w.alice.session) == before


async def test_the_key_of_the_bundle_writes_nothing(w: World) -> None:
    """Whoever has only what the home keeps sealed, and the password, comes in as somebody new."""
    session = w.alice.session
    impostor = by_key(session, session.space.view, session.bundle.member)

    async def write(changing: Changing) -> None:
        system = System(session, changing)
        await system.folder("made-up")
        await system.flush()

    with pytest.raises(Forged, match="no right"):
        await impostor.commit(write)


async def test_a_seed_and_an_account_key_are_both_needed() -> None:
    seed, account, space = random_secret(), random_secret(), bytes(32)
    own = DeviceKeys(account, seed).member(space).verify_key
    assert DeviceKeys(account, seed).member(space).verify_key == own
    for other in (DeviceKeys(account, random_secret()), DeviceKeys(random_secret(), seed)):
        assert other.member(space).verify_key != own
    assert DeviceKeys(account, seed).member(bytes([1]) * 32).verify_key != own


async def test_no_bundle_has_them_that_is_sealed(w: World) -> None:
    bundle = w.alice.session.bundle
    keys = PasswordKeys.of(Secret(bytes(64)))
    opened = Bundle.open(bundle.seal("alice", keys), "alice", bundle.id, keys)
    assert opened.member.verify_key == bundle.member.verify_key
    assert opened.device is None
    with pytest.raises(Internal):
        opened.own_member(bundle.space)


async def test_what_was_revoked_stands_in_the_bundle_within_limits(w: World) -> None:
    keys, bundle = PasswordKeys.of(Secret(bytes(64))), w.alice.session.bundle
    some = [each.to_bytes(32, "big") for each in range(MAX_REVOKED + 1)]
    full = bundle.revoking(*some).revoking(some[5])
    assert len(full.revoked) == MAX_REVOKED
    assert full.revoked[-1] == some[5]
    assert some[0] not in full.revoked
    assert Bundle.open(full.seal("alice", keys), "alice", bundle.id, keys).revoked == full.revoked
    for wrong in ((*full.revoked, some[0]), (b"short",)):
        sealed = replace(bundle, revoked=wrong).seal("alice", keys)
        with pytest.raises(HoldfastError):
            Bundle.open(sealed, "alice", bundle.id, keys)


async def test_a_machine_that_was_revoked_comes_back_as_another_one(w: World) -> None:
    around, bundle = w.alice.around, w.alice.session.bundle
    own = own_digest(w.alice.session)
    again = around.on_this_machine(replace(bundle.revoking(own), device=None))
    digest = again.own_member(bundle.space).verify_key.digest()
    assert digest != own
    same = around.on_this_machine(replace(bundle.revoking(own), device=None))
    assert same.own_member(bundle.space).verify_key.digest() == digest


async def test_only_so_many_machines_come_in(w: World) -> None:
    session = w.alice.session
    many = [
        Member(n.to_bytes(32, "big"), Rights.ALL) for n in range(MAX_MACHINES - 2)
    ]  # and this one

    def crowded(present: SpaceRecord) -> SpaceRecord:
        mine = [each for each in present.members if each.rights & Rights.MEMBERS]
        return following(present, [*mine, *many], session.chain, session.bundle)

    await session.space.change_members(crowded)
    phone = await w.alice.another_device()
    await phone.put("b.txt", b"two")  # the last one
    third = await w.alice.another_device()
    assert await third.read("b.txt") == b"two"
    with pytest.raises(TooMany, match="machines"):
        await third.put("c.txt", b"three")


async def test_uploads_are_gone_on_with_by_another_machine(w: World) -> None:
    phone = await w.alice.another_device()
    await phone.put("b.txt", b"two")
    staging = await w.alice.session.space.open_staging()
    block = Block.raw(b"held")
    await staging.stage([block])
    theirs = phone.session.space.staged(staging.session)
    assert await theirs.recall([block.cid]) == [block.data]


# --- older accounts


async def as_before(person: Person) -> None:
    """An account of before machines had keys: one member, whose key is in the bundle."""
    session = person.session
    for space in await own_spaces(session):
        key = session.bundle.entry_key(space.view.space)
        member = Member(key.verify_key.digest(), Rights.ALL)

        def older(present: SpaceRecord, member: Member = member) -> SpaceRecord:
            return following(present, [member], session.chain, session.bundle)

        await by_key(session, space.view, key).change_members(older)


async def test_an_account_of_before_goes_on_and_its_machines_get_keys(w: World) -> None:
    await w.alice.befriend(w.bob)
    await w.alice.put("trip/a.txt", b"one")
    await w.alice.share_write("trip", "bob")
    await as_before(w.alice)
    assert len((await record(w.alice)).members) == 1
    await w.alice.sign_out()
    await w.alice.sign_in()
    assert await w.alice.read("trip/a.txt") == b"one"  # reading needs no key of its own
    await w.alice.put("b.txt", b"two")
    await w.alice.put("trip/b.txt", b"three")
    assert await w.bob.read("/alice/trip/b.txt") == b"three"
    await w.bob.put("/alice/trip/c.txt", b"by bob")
    for space in await own_spaces(w.alice.session):
        present = (await space.view.newest()).tip.record
        own = w.alice.session.bundle.own_member(space.view.space).verify_key.digest()
        entry = w.alice.session.bundle.entry_key(space.view.space).verify_key.digest()
        rights = {each.key: each.rights for each in present.members}
        assert (rights[own], rights[entry]) == (Rights.ALL, Rights.MEMBERS)
    phone = await w.alice.another_device()
    await phone.put("trip/d.txt", b"four")
    assert await w.bob.read("/alice/trip/d.txt") == b"four"
    assert await w.alice.read("trip/c.txt") == b"by bob"


async def test_an_account_of_before_is_listed_and_renewed(w: World) -> None:
    await as_before(w.alice)
    await settle(w.alice.session)
    assert await shown(w.alice) == {"device": Standing.HERE}
    await as_before(w.alice)
    await w.alice.renew_keys()
    await w.alice.put("b.txt", b"two")
    assert await w.alice.read("a.txt") == b"one"


# --- the list


async def test_the_list_says_which_is_this_one_and_how_the_others_stand(w: World) -> None:
    called(w.alice, "laptop")
    phone = await w.alice.another_device()
    called(phone, "phone")
    for each in (w.alice, phone):
        await settle(each.session)
    assert await shown(w.alice) == {"laptop": Standing.HERE, "phone": Standing.IN}
    assert await shown(phone) == {"phone": Standing.HERE, "laptop": Standing.IN}
    await w.alice.renew_keys()
    assert await shown(w.alice) == {"laptop": Standing.HERE, "phone": Standing.OUT}
    await phone.sign_in()
    await phone.put("x.txt", b"x")
    assert (await shown(w.alice))["phone"] is Standing.IN


async def test_a_machine_that_never_said_what_it_is_stands_there(w: World) -> None:
    phone = await w.alice.another_device()
    await phone.put("x.txt", b"x")
    await settle(w.alice.session)
    assert await shown(w.alice) == {"device": Standing.HERE, None: Standing.IN}
    key = own_digest(phone.session).hex()
    assert find(await devices(w.alice.session), key[:8]).standing is Standing.IN
    named = await name_device(w.alice.session, key[:12], "phone")
    assert (named.name, named.standing) == ("phone", Standing.IN)
    await settle(phone.session)
    assert find(await devices(phone.session), key).standing is Standing.HERE


async def test_nothing_is_committed_while_nothing_is_new(w: World) -> None:
    await settle(w.alice.session)
    seq = (await w.alice.session.space.view.newest()).tip.pointer.seq
    await settle(w.alice.session)
    assert (await w.alice.session.space.view.newest()).tip.pointer.seq == seq
    (before,) = await devices(w.alice.session)
    around = w.alice.session.around
    w.alice.session.around = replace(around, now=lambda: around.now() + SEEN_EVERY)
    await settle(w.alice.session)
    (after,) = await devices(w.alice.session)
    assert before.device is not None
    assert after.device is not None
    assert after.device.since == before.device.since
    assert after.device.seen >= before.device.seen + SEEN_EVERY


async def test_no_two_have_one_name(w: World) -> None:
    phone = await w.alice.another_device()
    for each in (w.alice, phone):
        called(each, "laptop")
        await settle(each.session)
    assert await shown(w.alice) == {"laptop": Standing.HERE, "laptop-2": Standing.IN}
    with pytest.raises(Exists):
        await name_device(w.alice.session, "laptop", "laptop-2")
    with pytest.raises(NotFound, match="no device"):
        await name_device(w.alice.session, "tablet", "x")
    for bad in ("", "a/b", "x" * 65, "a(b)"):
        with pytest.raises(BadName):
            await name_device(w.alice.session, "laptop", bad)
    await name_device(w.alice.session, "laptop-2", "phone")
    await settle(phone.session)  # which goes on calling itself laptop, and is called phone
    assert await shown(phone) == {"phone": Standing.HERE, "laptop": Standing.IN}
    called(phone, "tablet")
    await settle(phone.session)
    assert await shown(phone) == {"tablet": Standing.HERE, "laptop": Standing.IN}


async def test_two_of_one_name_are_told_apart_by_their_keys(w: World) -> None:
    phone = await w.alice.another_device()
    for each in (w.alice, phone):
        await settle(each.session)
    twin = (await everything(await look(w.alice.session)))[0]

    async def same(changing: Changing) -> None:
        system = System(w.alice.session, changing)
        for each in await everything(system):
            await put(system, replace(each, name=twin.name))
        await system.flush()

    await change(w.alice.session, same)
    with pytest.raises(Usage, match="two devices"):
        await name_device(w.alice.session, twin.name, "x")
    await name_device(w.alice.session, own_digest(phone.session).hex()[:8], "phone")
    assert (await shown(phone))["phone"] is Standing.HERE


async def test_a_machine_that_wrote_nonsense_hides_no_other(w: World) -> None:
    await settle(w.alice.session)

    async def nonsense(changing: Changing) -> None:
        system = System(w.alice.session, changing)
        await system.put((DEVICES, bytes(32).hex()), {"name": 5})
        await system.put((DEVICES, "no key"), {"name": "x"})
        await system.flush()

    await change(w.alice.session, nonsense)
    assert await shown(w.alice) == {"device": Standing.HERE, "device 00000000": Standing.OUT}
    await settle(w.alice.session)


@pytest.mark.parametrize(
    "wrong",
    [{"keys": [b"short"]}, {"name": "x" * 65}, {"more": 1}, {"keys": [bytes(32)] * 1025}],
)
def test_a_record_that_is_none_is_refused(wrong: dict[str, object]) -> None:
    good = Device(bytes(32), "laptop", "laptop", 1, 2, (bytes(32),), 3)
    assert Device.read(bytes(32), Fields(dict(good.value), "x")) == good
    with pytest.raises((Malformed, HoldfastError)):
        Device.read(bytes(32), Fields({**good.value, **wrong}, "x"))  # type: ignore[dict-item]


# --- who wrote


async def test_what_a_machine_wrote_is_told_by_its_key_and_not_by_its_word(w: World) -> None:
    called(w.alice, "laptop")
    await settle(w.alice.session)
    phone = await w.alice.another_device()
    called(phone, "phone")
    await settle(phone.session)
    called(phone, "laptop")  # it lies, in what it seals into each state
    await phone.put("x.txt", b"x")
    told = await names(w.alice.session)
    (newest, *_) = [each async for each in log(w.alice.drive)]
    assert newest.device == "laptop"
    assert told[newest.member] == "phone"


async def test_in_a_space_with_guests_too(w: World) -> None:
    await w.alice.befriend(w.bob)
    await w.alice.put("trip/a.txt", b"one")
    await w.alice.share_write("trip", "bob")
    phone = await w.alice.another_device()
    called(phone, "phone")
    await phone.put("trip/b.txt", b"two")
    await settle(phone.session)
    (newest, *_) = [each async for each in log(w.alice.drive, "trip")]
    assert (await names(w.alice.session))[newest.member] == "phone"
    whose = await members(w.alice.session, w.alice.drive, "trip")
    assert whose[newest.member] == "alice"
    await w.bob.put("/alice/trip/c.txt", b"by bob")
    (newest, *_) = [each async for each in log(w.alice.drive, "trip")]
    assert newest.member not in await names(w.alice.session)
    assert (await members(w.alice.session, w.alice.drive, "trip"))[newest.member] == "bob"


def test_a_seed_is_kept_for_each_person(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("people")
    kept = Remembered(folder)
    first = kept.machine(bytes(32))
    assert Remembered(folder).machine(bytes(32)) == first
    assert kept.machine(bytes([1]) * 32) != first
    kept.forget("alice", b"peer")
    assert kept.machine(bytes(32)) == first
    second = kept.machine(bytes(32), new=True)
    assert second != first
    assert Remembered(folder).machine(bytes(32)) == second
