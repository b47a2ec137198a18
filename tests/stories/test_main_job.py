"""The main story: in a world, and with real processes and sockets."""

from pathlib import Path
from random import Random

import pytest
import trio

from tests.stories.canaries import Canaries
from tests.stories.in_world import world_stage
from tests.stories.main_job import SMALL, Size, make_props, tell
from tests.stories.story import tell_all
from tests.stories.trees import MIB

TINY = Size(("json",), 6 * MIB, 12 * MIB)


async def test_the_story_in_a_world(tmp_path: Path, rng: Random) -> None:
    props = await trio.to_thread.run_sync(make_props, tmp_path, TINY, Canaries(rng), rng)
    said: list[str] = []
    async with world_stage() as stage:
        await tell_all(stage, props, said.append)
    assert len(said) == 9


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_the_story_with_processes_and_sockets(tmp_path: Path, rng: Random) -> None:
    said: list[str] = []
    await tell(tmp_path, SMALL, rng.randrange(2**32), said.append)
    assert "no canary" in said[-1]
