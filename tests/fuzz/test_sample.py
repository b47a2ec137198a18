"""A few hundred hostile frames for every target; ``make fuzz`` is the same by the million."""

import logging
from random import Random

import pytest
from trio.testing import MockClock

from tests.fuzz import campaign
from tests.fuzz.below import messages_under_fire
from tests.fuzz.campaign import TARGETS, Failed, fire


@pytest.mark.parametrize("target", TARGETS)
async def test_hostile_frames_harm_nobody(target: str, autojump_clock: MockClock) -> None:
    told = await fire(target, 300, seed=1, most=1.0)  # speed is judged by the campaign
    assert told.frames == 300


async def test_a_fault_that_is_logged_fails_the_run(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hostile(target: str, random: Random) -> object:
        logging.getLogger("holdfast.test").error("a fault")
        return messages_under_fire(random)

    with pytest.raises(Failed):
        await _fired_with(hostile, monkeypatch)


async def _fired_with(hostile: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "under_fire", hostile)
    await fire("messages", 3, seed=1)


async def test_slowness_fails_the_run_the_second_time(autojump_clock: MockClock) -> None:
    told = await fire("messages", 3, seed=1, most=0.0)
    assert told.slow == {0, 1, 2}
    with pytest.raises(Failed, match="frame 2 took"):
        await fire("messages", 3, seed=1, most=0.0, suspects={2})


async def test_much_slowness_fails_the_run(autojump_clock: MockClock) -> None:
    with pytest.raises(Failed, match="frame 100 took"):
        await fire("messages", 101, seed=1, most=0.0)


async def test_growing_fails_the_run(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign, "MOST_MEMORY", -1 << 40)
    with pytest.raises(Failed, match="MiB more"):
        await fire("messages", 1000, seed=1)
