"""The household that is loaded and killed, small: it finds nothing wrong, and would."""

from pathlib import Path
from random import Random

import pytest

from benchmarks.household import Plan, household, options
from benchmarks.kept import Kept
from formats.errors import Unreachable


@pytest.mark.slow
async def test_two_kills_lose_nothing_that_was_acknowledged(tmp_path: Path, rng: Random) -> None:
    plan = Plan(accounts=2, seconds=14, every=5, seed=rng.randrange(2**31))
    counts = await household(plan, tmp_path)
    print(plan, counts)
    assert counts.wrong == []
    assert counts.kills >= 1
    assert counts.acknowledged
    assert counts.files


def test_what_was_acknowledged_must_be_there() -> None:
    kept = Kept()
    with kept.changing("a") as change:
        change.to(b"one")
    assert kept.differences({"a": b"one"}) == []
    assert kept.differences({}) == ["a: is missing"]
    assert kept.differences({"a": b"two"}) == ["a: has another content"]
    assert kept.differences({"a": b"one", "b": b""}) == ["b: was never put"]


def fail(kept: Kept, name: str, data: bytes | None) -> None:
    """A change whose answer never came."""
    try:
        with kept.changing(name) as change:
            change.to(data)
            raise Unreachable("killed")
    except Unreachable:
        return


def test_what_failed_may_be_one_or_the_other() -> None:
    kept = Kept()
    with kept.changing("a") as change:
        change.to(b"one")
    fail(kept, "a", b"two")
    assert kept.differences({"a": b"one"}) == kept.differences({"a": b"two"}) == []
    assert kept.differences({}) == ["a: is missing"]
    fail(kept, "a", None)
    assert kept.differences({}) == []
    with kept.changing("a") as change:
        assert not change.is_there
        change.to(b"three")
    assert kept.differences({"a": b"one"}) == ["a: has another content"]


def test_the_full_size_is_the_usual_one() -> None:
    plan = options([])
    assert (plan.accounts, plan.seconds, plan.every) == (20, 600, 20)
    assert options(["--seed", "7", "--accounts", "3"]).seed == 7
