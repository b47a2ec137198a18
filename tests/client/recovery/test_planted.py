"""A machine that was stolen writes where it is noted how to seal what a kit opens.

It holds all keys of a session, and the root space is its to write. What it must not get is what
the password alone opens, the key of succession, nor the keys that shut it out.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from client.identity.account import prove
from client.identity.rotation import renew_keys
from client.recovery import giving
from client.recovery.checking import record_of
from client.recovery.given import given_of, keep_given
from client.recovery.making import kit_text
from client.recovery.opening import open_kit
from client.recovery.record import keep_kit
from client.recovery.words import RecoveryKit
from client.session import Session
from client.social.store import RECOVERY, SHARES, System, change, look
from client.space.reading import Changing
from formats.errors import HoldfastError, NotFound
from formats.leaf import Leaf
from tests.client.people import PASSWORD, Town, town
from tests.client.recovery.conftest import kit_of
from tests.client.sharing.conftest import friend


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, "n", "two") as made:
        yield made


async def plant(stolen: Session, kit: RecoveryKit, where: str) -> None:
    """The thief's own words, in place of what is noted."""
    keys = kit.keys
    lock, public = keys.lock(keys.label).public, kit.pair.public

    async def operation(changing: Changing) -> None:
        system = System(stolen, changing)
        changing.put(keys.label, Leaf(lock, header=bytes(512)))
        if where == "paper":
            record = await record_of(stolen)
            await keep_kit(system, replace(record, label=keys.label, lock=lock, public=public))
        else:
            given = await given_of(system)
            assert given is not None
            await keep_given(system, replace(given, label=keys.label, lock=lock, public=public))
        await system.flush()

    await change(stolen, operation)


async def renewed(alice: Session, stolen: Session, revoked: bool) -> Session:
    attempt = await prove(alice, PASSWORD)
    machine = stolen.bundle.own_member(stolen.bundle.space).verify_key.digest()
    try:
        return await renew_keys(alice, attempt, PASSWORD, (machine,) if revoked else ())
    finally:
        await attempt.aclose()


@pytest.mark.parametrize("revoked", [False, True], ids=["renewed", "revoked"])
@pytest.mark.parametrize("where", ["paper", "friends"])
async def test_what_a_thief_of_a_session_noted_is_not_sealed_to(
    world: Town, where: str, revoked: bool
) -> None:
    alice = await world.sign_up("alice", "n")
    await kit_of(alice)
    for name in ("bob", "carol"):
        await friend(world, alice, name)
    attempt = await prove(alice, PASSWORD)
    await giving.give(alice, attempt, 2, ("bob", "carol"))
    await attempt.aclose()
    stolen = await world.sign_in("alice", "n")
    thiefs = RecoveryKit.generate()
    await plant(stolen, thiefs, where)
    after = await renewed(alice, stolen, revoked)
    assert after.unvouched
    text = replace(kit_text(after, None), space=alice.bundle.space)
    with pytest.raises(HoldfastError):
        await open_kit(world.around(), thiefs, text)
    if where == "paper":
        with pytest.raises(NotFound):  # so its owner is told to make another one
            await record_of(after)
    else:
        assert await given_of(await look(after)) is None


@pytest.mark.parametrize("kept_as", [RECOVERY, SHARES])
async def test_nonsense_does_not_keep_a_machine_from_being_shut_out(
    world: Town, kept_as: str
) -> None:
    alice = await world.sign_up("alice", "n")
    await kit_of(alice)
    stolen = await world.sign_in("alice", "n")

    async def operation(changing: Changing) -> None:
        system = System(stolen, changing)
        await system.put((kept_as,), {"label": "no label"})
        await system.flush()

    await change(stolen, operation)
    after = await renewed(alice, stolen, revoked=True)
    assert after.chain.seq == 1
    assert after.unvouched


async def test_ones_own_kits_are_renewed_again_and_again(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    kit = await kit_of(alice)
    for name in ("bob", "carol"):
        await friend(world, alice, name)
    attempt = await prove(alice, PASSWORD)
    await giving.give(alice, attempt, 2, ("bob", "carol"))
    await attempt.aclose()
    for seq in (1, 2):
        stolen = await world.sign_in("alice", "n")
        alice = await renewed(alice, stolen, revoked=True)
        assert not alice.unvouched
        assert (await open_kit(world.around(), kit, kit_text(alice, None))).chain.seq == seq
        given = await given_of(await look(alice))
        assert given is not None
        assert given.seq == seq
