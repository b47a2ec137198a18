"""The guessers find what is planted, however it shows, and nothing where there is nothing."""

from collections.abc import Callable
from random import Random

import pytest

from tests.privacy.distinguish import Verdict, judge
from tests.privacy.guessers import Case, Seen

RUNS = 400
PLANTED: dict[str, Callable[[bool, Random], Seen]] = {
    "a key that comes again": lambda which, _: {"peer": b"alice" if which else b"bob"},
    "an order": lambda which, _: {"calls": "hello leave" if which else "leave hello"},
    "a size": lambda which, _: {"size": 4096 if which else 4097},
    "a later time": lambda which, rng: {"time": rng.gauss(10 + 3 * which, 1)},
    "a wider time": lambda which, rng: {"time": rng.gauss(10, 4 if which else 1)},
    "two things together": lambda which, rng: (lambda one: {"a": one, "b": one ^ which})(
        rng.randrange(2)
    ),
    "something that is missing": lambda which, rng: {
        "x": rng.random(),
        **({"y": 0} if which else {}),
    },
}


def _noise(rng: Random) -> Seen:
    return {"key": rng.randbytes(32), "moment": rng.random() * 100, "count": rng.randrange(3)}


def _cases(rng: Random, plant: Callable[[bool, Random], Seen], runs: int = RUNS) -> list[Case]:
    cases: list[Case] = []
    for _ in range(runs):
        which = rng.random() < 0.5
        cases.append((which, {**_noise(rng), **plant(which, rng)}))
    return cases


@pytest.mark.parametrize("plant", PLANTED)
def test_what_is_planted_is_found(plant: str, rng: Random) -> None:
    verdict = judge(_cases(rng, PLANTED[plant]), plant)
    assert verdict.tells(), verdict
    assert verdict.share > 0.7


def test_noise_tells_nothing(rng: Random) -> None:
    for number in range(10):
        verdict = judge(_cases(rng, lambda _which, _rng: {}), number)
        assert not verdict.tells(), verdict


def test_a_secret_that_shows_seldom_is_found_in_many_runs(rng: Random) -> None:
    def seldom(which: bool, rng: Random) -> Seen:
        return (
            {"peer": rng.choice(("alice", "bob"))} if rng.random() < 0.8 else {"peer": f"{which}"}
        )

    verdict = judge(_cases(rng, seldom, 4000), 1)
    assert verdict.tells()
    assert verdict.share < 0.7


def test_luck_is_that_of_a_coin() -> None:
    assert Verdict(0, 10, "").luck == pytest.approx(1)
    assert Verdict(10, 10, "").luck == pytest.approx(2**-10)
    assert Verdict(9, 10, "").luck == pytest.approx(11 * 2**-10)
    assert not Verdict(2600, 5000, "").tells()
    assert Verdict(2600, 5000, "").tells(risk=0.01)


def test_a_coin_is_not_taken_for_one_who_nearly_always_tells() -> None:
    for right, asked, misses in (
        (13, 20, True),
        (14, 20, False),
        (20, 20, False),
        (160, 200, True),
        (170, 200, False),
    ):
        assert Verdict(right, asked, "").misses(0.9, 1e-2) is misses, (right, asked)
