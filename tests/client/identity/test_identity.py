"""Signing up, signing in, a new password, whereabouts: over a real node in process."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from client.identity.account import account, change_password
from client.identity.bundle import open_next
from client.identity.login import sign_in
from client.identity.password import MOST_MEMORY, password_keys
from client.identity.signup import sign_up
from client.identity.whereabouts import WHEREABOUTS_LIFE, publish_if_due
from client.session import Session
from crypto.passwords import FLOOR
from crypto.signing import SigningKey
from formats.errors import (
    BadInvite,
    BadName,
    Conflict,
    Damaged,
    Exists,
    Forged,
    Stale,
    Unreachable,
    Usage,
    WrongPassword,
)
from formats.sign_in import SignInRecord
from formats.whereabouts import Home
from protocols import accounts as a
from protocols import directory as d
from protocols.services import Accounts, Directory, Doors
from tests.client.people import CHEAP, PASSWORD, Town, town


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, "n") as made:
        yield made


class Lying:
    """Doors whose accounts or directory answers were changed on the way."""

    def __init__(self, doors: Doors, lies: dict[str, Callable[[object], object]]) -> None:
        self._doors = doors
        self.accounts: Accounts = _Door(doors.accounts, lies)  # type: ignore[assignment]
        self.directory: Directory = _Door(doors.directory, lies)  # type: ignore[assignment]

    def __getattr__(self, name: str) -> object:
        return getattr(self._doors, name)


class _Door:
    def __init__(self, door: object, lies: dict[str, Callable[[object], object]]) -> None:
        self._door, self._lies = door, lies

    def __getattr__(self, name: str) -> Callable[[object], Awaitable[object]]:
        ask = getattr(self._door, name)

        async def answer(request: object) -> object:
            said = await ask(request)
            return self._lies[name](said) if name in self._lies else said

        return answer


def lie(world: Town, **lies: Callable[[object], object]) -> None:
    world.wrap = lambda doors: Lying(doors, lies)  # type: ignore[assignment,return-value]


async def test_who_signed_up_can_sign_in_and_holds_the_same_keys(world: Town) -> None:
    first = await world.sign_up("alice", "n")
    second = await world.sign_in("alice", "n")
    assert second.id == first.id
    assert second.root.encode() == first.root.encode()
    assert second.bundle.daily.verify_key == first.bundle.daily.verify_key
    assert (await account(second)).name == "alice"
    assert (await second.space.reading()).owner == first.id
    await second.aclose()


async def test_a_wrong_password_and_an_unknown_name_are_one_answer(world: Town) -> None:
    await world.sign_up("alice", "n")
    said = []
    for name, password in (("alice", "wrong password"), ("nobody", PASSWORD)):
        with pytest.raises(WrongPassword) as caught:
            await world.sign_in(name, "n", password)
        said.append(str(caught.value))
    assert said[0] == said[1]
    with pytest.raises(WrongPassword):
        await world.sign_in("Not A Name", "n")


async def test_names_and_passwords_that_cannot_be(world: Town) -> None:
    with pytest.raises(BadName):
        await sign_up(world.around(), world.home("n"), "Alice!", PASSWORD)
    with pytest.raises(Usage):
        await sign_up(world.around(), world.home("n"), "alice", "short")
    with pytest.raises(BadInvite):
        await sign_up(world.around(), world.home("n"), "alice", PASSWORD, bytes(16))


async def test_a_name_is_taken_once(world: Town) -> None:
    await world.sign_up("alice", "n")
    with pytest.raises(Exists):
        await world.sign_up("alice", "n")


@pytest.mark.parametrize(
    "weak",
    [
        {"operations": 1},
        {"memory": 8192},
        {"memory": 2**40},
        {"operations": 2, "memory": MOST_MEMORY + 1024},
        {"algorithm": 2},
    ],
)
async def test_a_home_cannot_choose_how_the_password_is_stretched(
    world: Town, weak: dict[str, int]
) -> None:
    await world.sign_up("alice", "n")
    lie(world, parameters=lambda said: replace(said, **weak))  # type: ignore[type-var]
    strict = replace(world.around(), hardness=replace(CHEAP, floor=FLOOR))
    with pytest.raises(Forged):
        await sign_in(strict, world.home("n"), "alice", PASSWORD)


async def test_another_salt_is_a_wrong_password(world: Town) -> None:
    await world.sign_up("alice", "n")
    lie(world, parameters=lambda said: replace(said, salt=bytes(16)))  # type: ignore[type-var]
    with pytest.raises(WrongPassword):
        await world.sign_in("alice", "n")


async def test_another_accounts_record_is_refused(world: Town) -> None:
    alice, bob = await world.sign_up("alice", "n"), await world.sign_up("bob", "n")
    record = await _stored(bob)
    lie(world, sign_in=lambda said: a.SignInAnswer(record.encoded))
    with pytest.raises(Forged):
        await world.sign_in("alice", "n")
    del alice


async def test_a_swapped_bundle_does_not_open(world: Town) -> None:
    alice, bob = await world.sign_up("alice", "n"), await world.sign_up("bob", "n")
    mine, theirs = await _stored(alice), await _stored(bob)
    for mixed in (replace(mine, bundle=theirs.bundle), replace(mine, id=bob.id)):
        lie(world, sign_in=lambda said, mixed=mixed: a.SignInAnswer(mixed.encoded))  # type: ignore[misc]
        with pytest.raises(Damaged):
            await world.sign_in("alice", "n")


async def test_another_persons_records_are_refused(world: Town) -> None:
    alice, bob = await world.sign_up("alice", "n"), await world.sign_up("bob", "n")
    swapped = d.Person(bob.chain.encoded, bob.whereabouts.encoded)
    lie(world, look=lambda said: swapped)
    with pytest.raises(Forged):
        await world.sign_in("alice", "n")
    lie(world, look=lambda said: d.Person(alice.chain.encoded, bob.whereabouts.encoded))
    with pytest.raises(Forged):
        await world.sign_in("alice", "n")


class LosesAnswers:
    """Doors whose first answers to a sign-up get lost, after it was done."""

    def __init__(self, lost: int) -> None:
        self.left = lost
        self.requests: list[a.SignUp] = []

    def __call__(self, doors: Doors) -> Doors:
        def lost(said: object) -> object:
            self.left -= 1
            if self.left >= 0:
                raise Unreachable("the connection broke")
            return said

        return Lying(doors, {"sign_up": lost})  # type: ignore[return-value]


async def test_a_lost_answer_is_asked_for_again(world: Town) -> None:
    world.wrap = LosesAnswers(1)
    alice = await world.sign_up("alice", "n")
    assert (await world.sign_in("alice", "n")).id == alice.id


async def test_an_answer_lost_for_good_leaves_an_account_to_sign_in_to(world: Town) -> None:
    world.wrap = LosesAnswers(2)
    with pytest.raises(Unreachable) as caught:
        await world.sign_up("alice", "n")
    assert "login" in caught.value.advice
    assert (await world.sign_in("alice", "n")).name == "alice"


async def test_after_a_new_password_only_it_opens(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    before = await _stored(alice)
    await change_password(alice, PASSWORD, "another good one")
    again = await world.sign_in("alice", "n", "another good one")
    assert again.root.encode() == alice.root.encode()
    with pytest.raises(WrongPassword):
        await world.sign_in("alice", "n")
    after = await _stored(alice)
    assert after.seq == before.seq + 1
    assert after.parameters.salt != before.parameters.salt


async def test_a_new_password_needs_the_old_one(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    with pytest.raises(WrongPassword):
        await change_password(alice, "not the old one", "another good one")
    with pytest.raises(Usage):
        await change_password(alice, PASSWORD, "short")
    assert (await world.sign_in("alice", "n")).id == alice.id


async def test_two_password_changes_at_once_do_not_mix(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    old = await _stored(alice)
    await change_password(alice, PASSWORD, "another good one")
    lie(world, parameters=lambda said: _parameters(old), sign_in=lambda said: said)
    with pytest.raises((WrongPassword, Conflict)):
        await change_password(alice, PASSWORD, "a third good one")
    world.wrap = lambda doors: doors
    assert (await world.sign_in("alice", "n", "another good one")).id == alice.id


async def test_the_key_of_succession_opens_with_the_password_alone(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    record = await _stored(alice)
    keys = await password_keys(PASSWORD, record.parameters, CHEAP.floor)
    other = await password_keys("another password", record.parameters, CHEAP.floor)
    seed = open_next(alice.bundle.inner, "alice", alice.id, keys)
    assert SigningKey.from_seed(seed).verify_key.digest() == alice.chain.head.next
    with pytest.raises(Damaged):
        open_next(alice.bundle.inner, "alice", alice.id, other)


async def test_whereabouts_are_renewed_at_half_time(world: Town) -> None:
    await world.sign_up("alice", "n")
    world.clock.now += WHEREABOUTS_LIFE // 2 - 1
    assert (await world.sign_in("alice", "n")).whereabouts.seq == 0
    world.clock.now += 1
    alice = await world.sign_in("alice", "n")
    assert alice.whereabouts.seq == 1
    assert alice.whereabouts.expires == world.clock.now + WHEREABOUTS_LIFE
    assert (await world.sign_in("alice", "n")).whereabouts.seq == 1
    world.clock.now += 2 * WHEREABOUTS_LIFE
    assert (await world.sign_in("alice", "n")).whereabouts.seq == 2


async def test_whereabouts_follow_the_homes_addresses(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    moved = Home(world.home("n").peer, ("/ip4/10.0.0.1/tcp/4001",))
    again = await sign_in(world.around(), moved, "alice", PASSWORD)
    assert again.whereabouts.home.addresses == moved.addresses
    assert again.whereabouts.seq == 1
    assert again.whereabouts.sealing == alice.whereabouts.sealing
    silent = replace(moved, addresses=())
    assert not await publish_if_due(again, silent)


async def test_older_whereabouts_than_published_are_noticed(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    old = alice.whereabouts.encoded
    world.clock.now += WHEREABOUTS_LIFE
    renewed = await world.sign_in("alice", "n")
    await change_password(renewed, PASSWORD, "another good one")
    lie(world, look=lambda said: replace(said, whereabouts=old))  # type: ignore[type-var]
    with pytest.raises(Stale):
        await world.sign_in("alice", "n", "another good one")


async def test_older_whereabouts_are_noticed_on_a_machine_that_saw_newer_ones(
    world: Town, tmp_path: Path
) -> None:
    """The bundle at the home does not know of them: it is sealed anew with the password only."""
    here = world.around(tmp_path)
    old = (await world.sign_up("alice", "n")).whereabouts.encoded
    world.clock.now += WHEREABOUTS_LIFE
    renewed = await sign_in(here, world.home("n"), "alice", PASSWORD)
    assert renewed.whereabouts.seq == 1
    await renewed.aclose()
    lie(world, look=lambda said: replace(said, whereabouts=old))  # type: ignore[type-var]
    with pytest.raises(Stale):
        await sign_in(here, world.home("n"), "alice", PASSWORD)
    lie(world)
    again = await sign_in(here, world.home("n"), "alice", PASSWORD)
    assert again.whereabouts.encoded == renewed.whereabouts.encoded
    await again.aclose()


async def _stored(session: Session) -> SignInRecord:
    account = await _account(session)
    return SignInRecord.decode(account)


async def _account(session: Session) -> bytes:
    town_ = session.around.network
    assert isinstance(town_, Town)
    node = town_.nodes["n"]

    def find(view: object) -> bytes:
        row = view.account(session.name)  # type: ignore[attr-defined]
        return bytes(row.sign_in)

    return await node.store.read(find)


def _parameters(record: SignInRecord) -> a.Parameters:
    p = record.parameters
    return a.Parameters(p.algorithm, p.opslimit, p.memlimit, p.salt)
