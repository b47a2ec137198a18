"""Guessing passwords takes longer and longer, and locks nobody out."""

import pytest
import trio
import trio.testing

from formats.errors import WrongPassword
from formats.statement import Role
from node.build import Node
from node.caller import Caller
from node.counts import Counts
from node.guesses import FORGET, MANY, MOST_WAIT, MOST_WAIT_OF_NAME, Guesses
from tests.node.people import Person, prove, signing_key

ALLOWED = 5


async def attempt(guesses: Guesses, name: str, source: str, right: bool = False) -> float:
    """Seconds that one try took."""
    start = trio.current_time()
    try:
        async with guesses.trying(name, source, ALLOWED):
            if not right:
                raise WrongPassword("no")
    except WrongPassword:
        assert not right
    return trio.current_time() - start


async def test_a_few_are_free_and_then_it_takes_longer(
    autojump_clock: trio.testing.MockClock,
) -> None:
    guesses = Guesses(Counts())
    waits = [await attempt(guesses, "alice", "s") for _ in range(ALLOWED + 6)]
    assert waits == [0] * ALLOWED + [1, 2, 4, 8, 8, 8]
    assert max(waits) == MOST_WAIT


async def test_other_names_do_not_help_a_source(autojump_clock: trio.testing.MockClock) -> None:
    guesses = Guesses(Counts())
    for number in range(ALLOWED):
        await attempt(guesses, f"name{number}", "s")
    assert await attempt(guesses, "another", "s") == 1


async def test_many_at_once_are_tried_one_after_the_other(
    autojump_clock: trio.testing.MockClock,
) -> None:
    guesses = Guesses(Counts())
    async with trio.open_nursery() as nursery:
        for _ in range(ALLOWED + 3):
            nursery.start_soon(attempt, guesses, "alice", "s")
    assert trio.current_time() == 1 + 2 + 4
    assert not guesses._trying


async def test_the_owner_is_not_slowed_where_they_were_before(
    autojump_clock: trio.testing.MockClock,
) -> None:
    guesses = Guesses(Counts())
    await attempt(guesses, "alice", "home", right=True)
    for number in range(ALLOWED * MANY + 20):
        await attempt(guesses, "alice", f"stranger{number}")
    assert await attempt(guesses, "alice", "home", right=True) == 0


async def test_elsewhere_the_owner_waits_seconds_and_gets_in(
    autojump_clock: trio.testing.MockClock,
) -> None:
    guesses = Guesses(Counts())
    for number in range(ALLOWED * MANY + 20):
        await attempt(guesses, "alice", f"stranger{number}")
    assert await attempt(guesses, "alice", "new laptop", right=True) == MOST_WAIT_OF_NAME
    assert await attempt(guesses, "bob", "new laptop") == 0


async def test_the_right_one_ends_the_waiting(autojump_clock: trio.testing.MockClock) -> None:
    guesses = Guesses(Counts())
    for _ in range(ALLOWED):
        await attempt(guesses, "alice", "s")
    assert await attempt(guesses, "alice", "s", right=True) == 1
    assert await attempt(guesses, "alice", "s") == 0


async def test_it_is_forgotten(autojump_clock: trio.testing.MockClock) -> None:
    guesses = Guesses(Counts())
    for _ in range(ALLOWED + 3):
        await attempt(guesses, "alice", "s")
    await trio.sleep(FORGET)
    assert await attempt(guesses, "alice", "s") == 0


@pytest.mark.parametrize("name", ["alice", "nobody"])
async def test_a_node_slows_who_guesses_whoever_it_is(
    node: Node, alice: Person, autojump_clock: trio.testing.MockClock, name: str
) -> None:
    doors = node.open(Caller(b"peer", local=False, site="192.0.2.7"))
    start = trio.current_time()
    for _ in range(ALLOWED + 2):
        with pytest.raises(WrongPassword):
            await prove(doors, Role.SIGN_IN, name.encode(), signing_key("wrong"))
    assert 3 <= trio.current_time() - start < 4
    assert node.core.counts.slowed["guesses"] == 2
