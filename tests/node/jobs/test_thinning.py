"""Which superseded states stay: an hour of all, a day of hours, a month of days."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.cid import Block
from node.jobs.thinning import ALL, DAY, DEFAULT_KEEP, HOUR, MINUTE, SECOND, Keeping, fading
from storage.contracts import PastRow
from tests.contracts.rows import space_key

MONTH = Keeping(30 * DAY)
NOW = 20_000 * DAY  # midnight
ROOT = Block.cbor(b"\xa0").cid


def rows(times: Sequence[int]) -> list[PastRow]:
    return [PastRow(space_key(), seq, ROOT, time) for seq, time in enumerate(times)]


def stays(
    past: Sequence[PastRow],
    now: int,
    keeping: Keeping = MONTH,
    pinned: frozenset[int] = frozenset(),
) -> list[PastRow]:
    gone = fading(iter(past), set(pinned), now, keeping)
    numbers = {row.seq for row in gone}
    assert len(numbers) == len(gone)
    return [row for row in past if row.seq not in numbers]


def test_a_state_every_minute_for_forty_days() -> None:
    past = rows(range(NOW - 40 * DAY, NOW + 1, MINUTE))
    ages = [(NOW - row.superseded) for row in stays(past, NOW)]
    assert [age for age in ages if age < HOUR] == [
        minutes * MINUTE for minutes in range(59, -1, -1)
    ]
    hours = [age for age in ages if HOUR <= age < DAY]
    assert [age // HOUR for age in hours] == [*range(23, 0, -1)] or len(hours) in (23, 24)
    days = [age for age in ages if age >= DAY]
    assert len(days) in (29, 30)
    assert all(age <= 30 * DAY for age in days)
    assert {(NOW - age) // DAY for age in days} == {NOW // DAY - back for back in range(2, 31)}


def test_a_burst_is_thinned_to_a_state_a_second() -> None:
    past = rows([NOW + each for each in range(0, 3000, 10)])
    assert stays(past, NOW + ALL - 1) == past
    after = stays(past, NOW + ALL + 3 * SECOND)
    assert [row.superseded - NOW for row in after] == [990, 1990, 2990]


@pytest.mark.parametrize(("age", "there"), [(30 * DAY, True), (30 * DAY + 1, False)])
def test_the_last_of_them_goes_when_its_time_is_over(age: int, there: bool) -> None:
    past = rows([NOW])
    assert bool(stays(past, NOW + age)) is there


def test_pinned_states_stay_and_stand_for_their_day() -> None:
    past = rows([NOW, NOW + HOUR, NOW + 2 * HOUR])
    assert stays(past, NOW + 5 * DAY, pinned=frozenset({0})) == [past[0], past[2]]
    assert stays(past, NOW + 5 * DAY, pinned=frozenset({2})) == [past[2]]
    assert stays(past, NOW + 50 * DAY, pinned=frozenset({1})) == [past[1]]


def test_a_clock_that_went_back_keeps_what_is_young() -> None:
    past = rows([NOW, NOW - DAY, NOW - 1])
    assert stays(past, NOW - DAY) == past


@pytest.mark.parametrize(
    ("wanted", "most", "seconds"),
    [
        (None, 10**8, DEFAULT_KEEP),
        (None, 3600, 3600),
        (0, 10**8, 600),
        (599, 10**8, 600),
        (601, 10**8, 601),
        (10**8, 7200, 7200),
        (0, 60, 60),
        (10**8, 60, 60),
    ],
)
def test_what_an_owner_wants_within_what_a_node_allows(
    wanted: int | None, most: int, seconds: int
) -> None:
    assert Keeping.of(wanted, most).keep == seconds * SECOND


times = st.lists(st.integers(0, 40 * DAY), max_size=60).map(sorted)
keepings = st.sampled_from([ALL, HOUR, DAY, 30 * DAY]).map(Keeping)


@given(times, keepings, st.integers(0, 80 * DAY), st.integers(0, 80 * DAY))
def test_it_does_not_matter_how_often_it_is_asked(
    when: list[int], keeping: Keeping, first: int, second: int
) -> None:
    past = rows([NOW + each for each in when])
    sooner, later = sorted((NOW + first, NOW + second))
    assert stays(stays(past, sooner, keeping), later, keeping) == stays(past, later, keeping)


@given(times, keepings, st.integers(0, 80 * DAY), st.sets(st.integers(0, 59)))
def test_what_stays_is_enough(when: list[int], keeping: Keeping, at: int, pinned: set[int]) -> None:
    past, now = rows([NOW + each for each in when]), NOW + at
    left = stays(past, now, keeping, frozenset(pinned))
    assert {row.seq for row in past} & pinned <= {row.seq for row in left}
    for row in past:
        age = now - row.superseded
        if age < min(ALL, keeping.keep):
            assert row in left
        elif age <= keeping.keep:
            stretch = DAY if age >= DAY else HOUR if age >= HOUR else SECOND
            same = [
                each for each in left if each.superseded // stretch == row.superseded // stretch
            ]
            assert same
        elif row.seq not in pinned:
            assert row not in left
