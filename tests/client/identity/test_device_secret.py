"""The device secret: the right password alone opens nothing, anywhere."""

import json
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from client.identity.account import change_password, prove, replace_device_secret
from client.identity.bundle import Bundle, open_next
from client.identity.device_secret import DeviceSecret
from client.identity.login import sign_in
from client.identity.password import PasswordKeys, password_keys
from client.identity.remembered import Remembered
from client.identity.signup import sign_up
from client.session import Session, Surroundings
from formats.errors import Damaged, StorageFailed, Usage, WrongPassword
from formats.invite import Invite
from formats.sign_in import SignInRecord
from tests.client.people import CHEAP, PASSWORD, Town, town

DEVICE = DeviceSecret.generate()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, "n") as made:
        yield made


async def made(world: Town, device: DeviceSecret | None = DEVICE) -> tuple[Surroundings, Session]:
    """A machine, and somebody who signed up there."""
    around = world.around()
    code = Invite.parse(await world.nodes["n"].admin.invite()).code
    home = world.home("n")
    return around, await sign_up(around, home, "alice", PASSWORD, code, device=device)


async def stored(world: Town) -> SignInRecord:
    """What a thief of the home's disk has."""
    row = await world.nodes["n"].core.store.read(lambda view: view.account("alice"))
    assert row is not None
    return SignInRecord.decode(row.sign_in)


async def keys_of(record: SignInRecord, device: DeviceSecret | None) -> PasswordKeys:
    return await password_keys(PASSWORD, record.parameters, CHEAP.floor, device)


async def test_the_machine_that_has_it_needs_the_password_alone(world: Town) -> None:
    around, alice = await made(world)
    again = await sign_in(around, world.home("n"), "alice", PASSWORD)
    assert again.id == alice.id
    with pytest.raises(WrongPassword):
        await sign_in(around, world.home("n"), "alice", "wrong password")


async def test_elsewhere_the_right_password_alone_is_a_wrong_one(world: Town) -> None:
    await made(world)
    with pytest.raises(WrongPassword) as refused:
        await world.sign_in("alice", "n")
    assert "--device-secret" in refused.value.advice
    around = world.around()
    session = await sign_in(around, world.home("n"), "alice", PASSWORD, device=DEVICE)
    assert session.name == "alice"
    assert (await sign_in(around, world.home("n"), "alice", PASSWORD)).name == "alice"


async def test_with_the_homes_database_the_right_password_cannot_even_be_recognised(
    world: Town,
) -> None:
    """A thief tries the right password, and every other thing they have, and learns nothing."""
    _, alice = await made(world)
    record = await stored(world)
    for device in (None, DeviceSecret.generate()):
        keys = await keys_of(record, device)
        assert keys.sign_in.verify_key != record.sign_in
        with pytest.raises(Damaged):
            Bundle.open(record.bundle, "alice", alice.id, keys)
        with pytest.raises(Damaged):
            open_next(alice.bundle.inner, "alice", alice.id, keys)
    keys = await keys_of(record, DEVICE)
    assert keys.sign_in.verify_key == record.sign_in
    assert Bundle.open(record.bundle, "alice", alice.id, keys).root == alice.bundle.root


async def test_nothing_that_the_home_keeps_tells_whether_there_is_one(world: Town) -> None:
    await made(world)
    sealed = await stored(world)
    code = Invite.parse(await world.nodes["n"].admin.invite()).code
    await sign_up(world.around(), world.home("n"), "bobby", PASSWORD, code)
    row = await world.nodes["n"].core.store.read(lambda view: view.account("bobby"))
    assert row is not None
    plain = SignInRecord.decode(row.sign_in)
    same = replace(plain, name="alice", id=sealed.id, sign_in=sealed.sign_in, bundle=sealed.bundle)
    assert len(same.encoded) == len(sealed.encoded)
    assert DEVICE.code.reveal() not in sealed.encoded
    assert DEVICE.key.reveal() not in sealed.encoded


async def test_a_new_password_keeps_it(world: Town) -> None:
    around, alice = await made(world)
    await change_password(alice, PASSWORD, "another good one")
    assert (await sign_in(around, world.home("n"), "alice", "another good one")).id == alice.id
    with pytest.raises(WrongPassword):
        await world.sign_in("alice", "n", "another good one")


@pytest.mark.parametrize(("before", "after"), [(None, DEVICE), (DEVICE, None)])
async def test_it_is_turned_on_and_off(
    world: Town, before: DeviceSecret | None, after: DeviceSecret | None
) -> None:
    around, alice = await made(world, before)
    attempt = await prove(alice, PASSWORD)
    await replace_device_secret(alice, attempt, PASSWORD, after)
    await attempt.aclose()
    assert (await sign_in(around, world.home("n"), "alice", PASSWORD)).id == alice.id
    if after is None:
        assert (await world.sign_in("alice", "n")).id == alice.id
    else:
        with pytest.raises(WrongPassword):
            await world.sign_in("alice", "n")


def test_it_is_carried_as_words() -> None:
    assert len(DEVICE.words.split(" ")) == 11
    assert DeviceSecret.read(DEVICE.words.upper()) == DEVICE
    assert repr(DEVICE.code.reveal()) not in repr(DEVICE)
    assert not set(DEVICE.words.split(" ")) & set(repr(DEVICE).split(" "))
    with pytest.raises(Usage):
        DeviceSecret.read(DEVICE.words + " zoom")


def test_what_a_machine_remembers_is_its_owners_alone(tmp_path: Path) -> None:
    one = Remembered(tmp_path)
    one.keep_secret("alice", b"home", DEVICE)
    one.keep_known("alice", b"home", bytes(48))
    one.keep_known("alice", b"another", bytes(48))
    file = tmp_path / "signing-in.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    here = Remembered(tmp_path).find("alice", b"home")
    assert (here.secret, here.known) == (DEVICE, bytes(48))
    assert Remembered(tmp_path).find("alice", b"another").secret is None
    one.forget("alice", b"home")
    assert Remembered(tmp_path).find("alice", b"home").secret is None
    assert len(json.loads(file.read_text())) == 1


@pytest.mark.parametrize("damage", [{"secret": "zz"}, {"secret": "00"}, {"secret": 7}, {}])
def test_what_is_damaged_there_is_not_believed(tmp_path: Path, damage: dict[str, object]) -> None:
    file = tmp_path / "signing-in.json"
    file.write_text(json.dumps({f"alice@{b'home'.hex()}": damage}))
    assert Remembered(tmp_path).find("alice", b"home").secret is None
    file.write_text("{")
    with pytest.raises(StorageFailed):
        Remembered(tmp_path).find("alice", b"home")
