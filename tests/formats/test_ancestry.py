"""The arithmetic of skips."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.ancestry import Spine, descent, skip_seq, step
from tests.records.people import digest

SEQ = st.integers(0, 2**53)


def test_skips() -> None:
    assert [skip_seq(seq) for seq in range(1, 17)] == [
        0, 0, 2, 0, 4, 4, 6, 0, 8, 8, 10, 8, 12, 12, 14, 0,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="nowhere"):
        skip_seq(0)


@given(SEQ, SEQ)
def test_a_descent_is_short_and_every_step_is_a_link(one: int, other: int) -> None:
    newest, oldest = max(one, other), min(one, other)
    path = descent(newest, oldest)
    assert (path[0], path[-1]) == (newest, oldest)
    assert len(path) <= 1 + 54 * 54 // 2
    for here, there in pairwise(path):
        assert there in (here - 1, skip_seq(here))
        assert there == step(here, oldest)


def test_the_longest_descent_there_can_be() -> None:
    # From a power of two to 1: skips never help until the last, so all runs of ones are walked.
    assert len(descent(2**53, 1)) == 1432


def test_a_descent_goes_back() -> None:
    with pytest.raises(ValueError, match="newer to older"):
        descent(3, 4)


@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 9, 100])
def test_a_spine_names_every_next_skip(length: int) -> None:
    spine = Spine()
    assert spine.skip_hash() is None
    for seq in range(length):
        spine = spine.then(seq, digest(str(seq)))
        assert spine.skip_hash() == digest(str(skip_seq(seq + 1)))
        assert [seq for seq, _ in reversed(spine.links)] == descent_by_skips(seq)


def descent_by_skips(seq: int) -> list[int]:
    path = [seq]
    while path[-1]:
        path.append(skip_seq(path[-1]))
    return path


def test_a_spine_grows_by_one() -> None:
    with pytest.raises(ValueError, match="by one"):
        Spine().then(1, digest("1"))
    with pytest.raises(ValueError, match="by one"):
        Spine().then(0, digest("0")).then(2, digest("2"))
