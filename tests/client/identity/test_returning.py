"""Coming back from what this machine keeps: with the password or without, with the home or not."""

import os
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from client.drive.change import mkdir
from client.drive.listing import ls
from client.identity.account import change_password
from client.identity.device_secret import DeviceSecret
from client.identity.entry import Entries, Entry
from client.identity.returning import entry_of, open_stayed, open_with_password
from client.identity.signup import sign_up
from client.session import Session
from client.sharing.drive import own_drive
from crypto.secret import random_secret
from formats.errors import Damaged, Malformed, StorageFailed, Unreachable, WrongPassword
from formats.invite import Invite
from tests.client.people import PASSWORD, Town, town


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, "n") as made:
        yield made


def entry(world: Town, session: Session, *machine: object) -> Entry:
    found = entry_of(session, world.home("n"), *machine)  # type: ignore[arg-type]
    assert found is not None
    return found


async def test_the_password_opens_it_without_the_home(world: Town, tmp_path: Path) -> None:
    alice = await world.sign_up("alice", "n")
    await mkdir(own_drive(alice), "/alice/photos")
    kept = entry(world, await world.sign_in("alice", "n"))
    world.down.add(world.home("n").peer)
    again = await open_with_password(world.around(), kept, PASSWORD)
    assert again.bundle.root == alice.bundle.root
    assert again.chain.id == alice.id
    with pytest.raises(Unreachable):
        await ls(own_drive(again), "/alice")
    world.down.clear()
    listed = await ls(own_drive(again), "/alice")
    assert [each.name for each in listed.entries] == ["photos"]
    with pytest.raises(WrongPassword):
        await open_with_password(world.around(), kept, "wrong password")


async def test_a_password_changed_elsewhere_opens_what_is_kept_and_nothing_at_the_home(
    world: Town,
) -> None:
    alice = await world.sign_up("alice", "n")
    kept = entry(world, alice)
    await change_password(alice, PASSWORD, "another good one")
    assert (await open_with_password(world.around(), kept, PASSWORD)).id == alice.id
    with pytest.raises(WrongPassword):
        await world.sign_in("alice", "n")
    kept = entry(world, alice)
    with pytest.raises(WrongPassword):
        await open_with_password(world.around(), kept, PASSWORD)
    await open_with_password(world.around(), kept, "another good one")


async def test_with_a_device_secret_what_is_kept_takes_both(world: Town) -> None:
    code = Invite.parse(await world.nodes["n"].admin.invite()).code
    around, device = world.around(), DeviceSecret.generate()
    home = world.home("n")
    alice = await sign_up(around, home, "alice", PASSWORD, code, device=device)
    kept = entry(world, alice)
    assert (await open_with_password(around, kept, PASSWORD)).id == alice.id
    with pytest.raises(WrongPassword):
        await open_with_password(world.around(), kept, PASSWORD)


async def test_staying_signed_in_takes_this_machines_key(world: Town) -> None:
    alice, machine = await world.sign_up("alice", "n"), random_secret()
    kept = entry(world, alice, machine)
    assert open_stayed(world.around(), kept, machine).bundle.root == alice.bundle.root
    with pytest.raises(Damaged):
        open_stayed(world.around(), kept, random_secret())
    with pytest.raises(Damaged):
        open_stayed(world.around(), replace(kept, stay=None), machine)
    bob = entry(world, await world.sign_up("bob", "n"), machine)
    with pytest.raises(Damaged):
        open_stayed(world.around(), replace(kept, stay=bob.stay), machine)


async def test_the_key_of_succession_still_takes_the_password(world: Town) -> None:
    alice, machine = await world.sign_up("alice", "n"), random_secret()
    again = open_stayed(world.around(), entry(world, alice, machine), machine)
    assert again.bundle.inner == alice.bundle.inner


async def test_entries_are_kept_for_their_owner_alone(world: Town, tmp_path: Path) -> None:
    folder = tmp_path / "people"
    folder.mkdir()
    kept = Entries(folder)
    one = entry(world, await world.sign_up("alice", "n"), kept.key)
    other = entry(world, await world.sign_up("bob", "n"))
    for each in (one, other):
        kept.put(each)
    assert Entries(folder).key == kept.key
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    _order(folder, one, other)
    assert [each.name for each in kept.all()] == ["alice", "bob"]
    assert kept.find("alice") == one == Entry.decode(one.encoded)
    assert kept.find("alice", b"another home") is None
    kept.lock(one.id)
    assert kept.find("alice") == replace(one, stay=None)
    kept.remove(one.id)
    kept.remove(one.id)
    assert kept.all() == [other]


def _order(folder: Path, *entries: Entry) -> None:
    for place, each in enumerate(entries):
        os.utime(folder / f"entry-{each.id.hex()[:16]}", (place, place))


@pytest.mark.parametrize("damage", [b"", b"\xa0", b"garbage", bytes(5 * 1024 * 1024)])
async def test_what_is_damaged_takes_a_sign_in_and_hides_no_other(
    world: Town, tmp_path: Path, damage: bytes
) -> None:
    kept = Entries(tmp_path)
    kept.put(entry(world, await world.sign_up("alice", "n")))
    (tmp_path / "entry-0000000000000000").write_bytes(damage)
    assert [each.name for each in kept.all()] == ["alice"]
    with pytest.raises(Malformed):
        Entry.decode(damage[:100])
    (tmp_path / "device.key").write_bytes(b"short")
    with pytest.raises(StorageFailed):
        _ = kept.key
