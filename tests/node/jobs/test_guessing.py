"""Who guesses at an account is not forgiven because the home was started again."""

from pathlib import Path

import pytest
import trio
import trio.testing

from crypto.totp import STEP, totp
from formats.errors import WrongPassword
from formats.statement import Role
from node.build import Node, build
from node.caller import Caller
from node.config import Config
from node.factors import MOST_WRONG, of_account
from node.guesses import FORGET, MANY, MOST_WAIT_OF_NAME
from node.jobs.guessing import keep_guesses
from protocols import accounts as a
from protocols import factors as f
from storage.memory import MemoryStore
from tests.node.people import Clock, Person, prove, signing_key

SECRET = b"a secret of an app.."
ENOUGH = 5 * MANY + 3
"""Wrong ones after which whoever is not known waits as long as it gets."""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path / "home", work_bits=4)


async def guess(node: Node, times: int, name: str = "alice") -> None:
    """Wrong passwords, each from an address of its own."""
    for number in range(times):
        doors = node.open(Caller(b"guesser", local=False, site=f"192.0.2.{number}"))
        with pytest.raises(WrongPassword):
            await prove(doors, Role.SIGN_IN, name.encode(), signing_key("wrong"))


async def waited(node: Node, name: str = "alice") -> float:
    """Seconds that a guess from an address that nobody came from takes, without the beat."""
    begun = trio.current_time()
    doors = node.open(Caller(b"guesser", local=False, site="198.51.100.1"))
    with pytest.raises(WrongPassword):
        await prove(doors, Role.SIGN_IN, name.encode(), signing_key("wrong"))
    return trio.current_time() - begun


async def test_guesses_at_an_account_survive_a_restart(
    config: Config, autojump_clock: trio.testing.MockClock
) -> None:
    clock, store = Clock(), MemoryStore()
    async with build(config, store=store, clock=clock) as node:
        await Person("alice").sign_up(node.open())
        await guess(node, ENOUGH)
        assert await waited(node) >= MOST_WAIT_OF_NAME
    async with build(config, store=store, clock=clock) as node:
        assert await waited(node) >= MOST_WAIT_OF_NAME
        assert await waited(node, "nobody") < 1


async def test_they_survive_a_kill_when_they_were_written(
    config: Config, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, store = Clock(), MemoryStore()

    async def dies(core: object) -> None:
        await trio.lowlevel.checkpoint()

    monkeypatch.setattr("node.build.keep_at_the_end", dies)
    async with build(config, store=store, clock=clock) as node:
        await guess(node, ENOUGH)
        await keep_guesses(node.core)
    async with build(config, store=store, clock=clock) as node:
        assert await waited(node) >= MOST_WAIT_OF_NAME


async def test_they_are_forgotten_after_an_hour_also_of_standing_still(
    config: Config, autojump_clock: trio.testing.MockClock
) -> None:
    clock, store = Clock(), MemoryStore()
    async with build(config, store=store, clock=clock) as node:
        await guess(node, ENOUGH)
    clock.now += int(FORGET * 1000) + 1000
    async with build(config, store=store, clock=clock) as node:
        assert await waited(node) < 1


@pytest.mark.parametrize("written", [b"", b"\xa0", b"no cbor", b"\xa1avx", b"\x80"])
async def test_what_cannot_be_read_stops_no_home(
    config: Config, autojump_clock: trio.testing.MockClock, written: bytes
) -> None:
    async with build(config, store=MemoryStore(), clock=Clock()) as node:
        store = node.store
        await store.write(lambda tx: tx.put_setting("guesses", written))
        again = Config(config.home.with_name("other"))
        async with build(again, store=store, clock=Clock()) as other:
            assert await waited(other) < 1


async def test_no_address_is_written_down(
    config: Config, autojump_clock: trio.testing.MockClock
) -> None:
    async with build(config, store=MemoryStore(), clock=Clock()) as node:
        await guess(node, ENOUGH)
        await keep_guesses(node.core)
        data = await node.store.read(lambda view: view.setting("guesses"))
    assert data is not None
    assert b"alice" in data
    assert b"192.0.2" not in data


async def test_codes_that_are_shut_for_a_day_stay_shut(
    config: Config, autojump_clock: trio.testing.MockClock
) -> None:
    """Fifty wrong codes: also the right one is refused, before and after a restart."""
    clock, alice, store = Clock(), Person("alice"), MemoryStore()
    async with build(config, store=store, clock=clock) as node:
        await alice.sign_up(node.open())
        doors = node.open()
        await prove(doors, Role.SIGN_IN, b"alice", alice.sign_in)
        code = totp(SECRET, clock.now // 1000 // STEP)
        await doors.accounts.add_code(f.AddCode("alice", b"", SECRET, code))
        for _ in range(MOST_WRONG):
            await shown_wrong(node, alice)
    clock.now += 2 * STEP * 1000
    async with build(config, store=store, clock=clock) as node:
        row = await node.store.read(lambda view: view.account("alice"))
        assert of_account(row).wrong == MOST_WRONG
        doors = node.open()
        await prove(doors, Role.SIGN_IN, b"alice", alice.sign_in)
        await doors.accounts.sign_in(a.SignIn("alice"))
        right = totp(SECRET, clock.now // 1000 // STEP)
        with pytest.raises(WrongPassword):
            await doors.accounts.show_code(f.ShowCode("alice", right))


async def shown_wrong(node: Node, alice: Person) -> None:
    doors = node.open()
    await prove(doors, Role.SIGN_IN, b"alice", alice.sign_in)
    await doors.accounts.sign_in(a.SignIn("alice"))
    with pytest.raises(WrongPassword):
        await doors.accounts.show_code(f.ShowCode("alice", "000000"))
