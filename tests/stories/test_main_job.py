"""The main story: in a world, and with real processes and sockets."""

from pathlib import Path
from random import Random

import trio

from tests.stories.canaries import Canaries
from tests.stories.in_world import world_stage
from tests.stories.main_job import Size, make_props
from tests.stories.story import tell_all
from tests.stories.trees import MIB

TINY = Size(("json",), 6 * MIB, 12 * MIB)


async def test_the_story_in_a_world(tmp_path: Path, rng: Random) -> None:
    props = await trio.to_thread.run_sync(make_props, tmp_path, TINY, Canaries(rng), rng)
    said: list[str] = []
    async with world_stage() as stage:
        await tell_all(stage, props, said.append)
    assert len(said) == 9
