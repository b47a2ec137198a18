"""A person with second factors: signing in, a new password, losing them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client.identity.account import change_password, prove, replace_password
from client.identity.attempt import Attempt
from client.identity.factors import (
    UNREADABLE,
    add_app,
    add_key,
    factors,
    new_backups,
    remove,
)
from client.identity.login import arrive, sign_in
from client.session import Session
from crypto.secret import Secret
from crypto.totp import STEP, totp
from formats.errors import Unfit, Usage, WrongPassword
from frontends.security_keys import add, show
from tests.client.people import PASSWORD, Town, town
from tests.keys import VirtualKey

SECRET = Secret(b"a secret of an app..")
NEW = "another good one"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, "n") as made:
        yield made


def code(world: Town) -> str:
    return totp(SECRET.reveal(), world.clock.now // 1000 // STEP)


async def with_app(world: Town) -> Session:
    """Alice, with an app; its next code is another one."""
    alice = await world.sign_up("alice", "n")
    attempt = await prove(alice, PASSWORD)
    await add_app(alice, attempt, "my phone", SECRET, code(world))
    await attempt.aclose()
    world.clock.now += STEP * 1000
    return alice


async def begin(world: Town, password: str = PASSWORD) -> Attempt:
    return await Attempt.begin(world.around(), world.home("n"), "alice", password)


async def test_signing_in_with_a_code(world: Town) -> None:
    alice = await with_app(world)
    with pytest.raises(Unfit, match="second factor"):
        await sign_in(world.around(), world.home("n"), "alice", PASSWORD)
    attempt = await begin(world)
    with pytest.raises(Unfit, match="second factor"):
        await arrive(attempt)
    with pytest.raises(WrongPassword):
        await attempt.show_code("000000")
    await attempt.show_code(f" {code(world)[:3]} {code(world)[3:]}")
    session = await arrive(attempt)
    await attempt.aclose()
    assert session.id == alice.id
    assert session.root.encode() == alice.root.encode()


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])
async def test_what_is_no_code_costs_no_try(world: Town, typed: str) -> None:
    await with_app(world)
    attempt = await begin(world)
    with pytest.raises(WrongPassword, match="6 digits"):
        await attempt.show_code(typed)
    await attempt.show_code(code(world))


async def test_backup_codes_and_a_key(world: Town) -> None:
    alice = await with_app(world)
    key = VirtualKey()
    attempt = await prove(alice, PASSWORD)
    await attempt.show_code(code(world))
    made = add(key, await attempt.challenge_to_add(), "alice", [], lambda: None, lambda: None)
    standing = await add_key(alice, attempt, "Blue one", made.client_data, made.said)
    assert [(each.number, each.kind, each.name) for each in standing.factors] == [
        (1, "app", "my phone"),
        (2, "key", "Blue one"),
    ]
    codes = await new_backups(alice, attempt)
    assert len(set(codes)) == 10
    attempt = await begin(world)
    await attempt.show_backup(codes[3].upper().replace("-", " "))
    assert (await arrive(attempt)).id == alice.id
    attempt = await begin(world)
    with pytest.raises(WrongPassword):
        await attempt.show_backup(codes[3])
    with pytest.raises(Usage):
        await attempt.show_backup("123456")
    assert attempt.asked is not None
    said = show(key, attempt.challenge, attempt.asked.keys, lambda: None, lambda: None)
    await attempt.show_key(said.credential, said.client_data, said.said, said.signature)
    assert (await arrive(attempt)).id == alice.id
    standing = await factors(alice)
    assert standing.backups == 9
    assert [each.used for each in standing.factors] == [world.clock.now, world.clock.now]


async def test_a_new_password_takes_the_factor_too(world: Town) -> None:
    alice = await with_app(world)
    with pytest.raises(Unfit, match="second factor"):
        await change_password(alice, PASSWORD, NEW)
    attempt = await prove(alice, PASSWORD)
    await attempt.show_code(code(world))
    await replace_password(alice, attempt, NEW)
    await attempt.aclose()
    with pytest.raises(WrongPassword):
        await begin(world)
    world.clock.now += STEP * 1000
    attempt = await begin(world, NEW)
    await attempt.show_code(code(world))
    assert (await arrive(attempt)).id == alice.id


async def test_after_the_last_is_removed_the_password_is_enough(world: Town) -> None:
    alice = await with_app(world)
    attempt = await prove(alice, PASSWORD)
    await attempt.show_code(code(world))
    assert (await remove(alice, attempt, 1)).factors == ()
    assert (await world.sign_in("alice", "n")).id == alice.id


async def test_what_they_are_called_is_not_the_homes_to_know_or_say(world: Town) -> None:
    alice = await with_app(world)
    row = await world.nodes["n"].core.store.read(lambda view: view.account("alice"))
    assert row is not None
    assert b"my phone" not in row.factors
    attempt = await prove(alice, PASSWORD)
    await attempt.show_code(code(world))
    with pytest.raises(Usage):
        await add_app(alice, attempt, "x" * 65, SECRET, code(world))
    bob = await world.sign_up("bob", "n")
    theirs = await prove(bob, PASSWORD)
    await add_app(bob, theirs, "bob's", SECRET, code(world))
    other = await world.nodes["n"].core.store.read(lambda view: view.account("bob"))
    assert other is not None

    def exchange(tx: object) -> None:
        from dataclasses import replace

        tx.put_account(replace(row, factors=other.factors))  # type: ignore[attr-defined]

    await world.nodes["n"].core.store.write(exchange)
    assert [each.name for each in (await factors(alice)).factors] == [UNREADABLE]
