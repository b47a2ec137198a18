"""Every lie times every operation: none is believed, none does harm, and the person is told."""

import logging
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
import trio
from trio.testing import MockClock

from formats.errors import HoldfastError, Internal
from protocols.operations import OPERATIONS
from tests.conftest import SEED
from tests.hostile.home.follower import followed
from tests.hostile.home.lies import LIES
from tests.hostile.home.places import Setting, setting
from tests.hostile.home.saying import NEVER, Lie, Listening, Lying
from tests.hostile.home.stories import FOLLOWED, STORIES, Story

MOST_SECONDS = 10.0


@pytest.mark.parametrize("operation", STORIES)
async def test_no_lie_is_believed(operation: str, tmp_path: Path) -> None:
    door, name = operation.split(".")
    row, story = OPERATIONS[door][name], STORIES[operation]
    async with setting(tmp_path) as at:
        truth = await heard(at, operation, story)
        told = 0
        for lie in LIES:
            lying = Lying(lie, row, at.memory, Random(f"{SEED} {operation} {lie}"))
            if not lying.has_something_to_say():
                continue
            seen = await lied_to(at, story, lying)
            assert seen is None or seen == truth, f"{lie} was believed: {seen!r}"
            told += bool(lying.told)
            await tells_the_truth_again(at, story, truth, lie)
    assert told >= 12, "hardly any lie could be told about this operation"


async def heard(at: Setting, operation: str, story: Story) -> object:
    """What is true; and what is answered, for lies that replay it, also to Mallory."""
    her, at.her = at.her, at.world.mallory
    with suppress(HoldfastError), at.her.meeting(Listening(at.memory.others)):
        await story(at)  # as far as it gets: she has no friends
    at.her = her
    listening = Listening(at.memory.first)
    with at.her.meeting(listening), at.keeper.meeting(listening):
        truth = await story(at)
    assert operation in at.memory.first, "the story does not ask this operation"
    return truth


async def lied_to(at: Setting, story: Story, lying: Lying) -> object:
    """What the person sees, or None if they were told that something is wrong."""
    begun = trio.current_time()
    try:
        with at.her.meeting(lying), at.keeper.meeting(lying):
            return await story(at)
    except HoldfastError as error:
        check_words(error, lying.lie)
        return None
    finally:
        assert trio.current_time() - begun < MOST_SECONDS, lying.lie


def check_words(error: HoldfastError, lie: Lie) -> None:
    """That a person is told something that they can do something with."""
    said = f"{lie}: {type(error).__name__}: {error.message}; {error.advice}"
    assert error.message.strip(), said
    assert error.advice.strip(), said
    assert error.message.isprintable(), said
    assert not [word for word in NEVER if word in error.message], said
    if isinstance(error, Internal):
        assert error.message.startswith("the node answered: "), said


async def tells_the_truth_again(at: Setting, story: Story, truth: object, lie: Lie) -> None:
    """Afterwards the home is honest: this device goes on, or at least a fresh one does."""
    try:
        seen = await story(at)
    except HoldfastError as error:
        check_words(error, lie)
        await at.replaced()
        seen = await story(at)
    assert seen == truth, f"after {lie}: {seen!r}"


@pytest.mark.parametrize("operation", FOLLOWED)
async def test_no_lie_gets_into_a_replica(
    operation: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    async with followed(tmp_path) as at:
        told = [await at.lied_to(lie, operation) for lie in LIES]
    assert sum(map(bool, told)) >= 12
    assert [record for record in caplog.records if record.name.startswith("holdfast")] == []


@pytest.fixture(autouse=True)
def clock(request: pytest.FixtureRequest) -> MockClock | None:
    """A replica waits before it tries again: in virtual time."""
    if "replica" not in request.node.name:
        return None
    return MockClock(autojump_threshold=0.01)
