"""Households behind NATs, with real daemons, the command line, and one node to begin with."""

from pathlib import Path
from random import Random

import pytest
import trio

from tests.nat.conftest import net
from tests.nat.internet import Internet
from tests.stories.behind_nats import nat_stage
from tests.stories.canaries import Canaries
from tests.stories.main_job import Size, make_props
from tests.stories.story import tell_all
from tests.stories.trees import MIB

__all__ = ["net"]

TINY = Size(("json",), 6 * MIB, 64 * MIB)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_the_story_with_both_behind_nats(tmp_path: Path, rng: Random, net: Internet) -> None:
    props = await trio.to_thread.run_sync(make_props, tmp_path / "disk", TINY, Canaries(rng), rng)
    said: list[str] = []
    async with nat_stage(tmp_path / "stage", net) as stage:
        await tell_all(stage, props, said.append)
        doctor = await stage.alice.told("done", "doctor")
    assert len(said) == 9
    checks = {each["name"]: each for each in doctor[0]["checks"]}  # type: ignore[attr-defined]
    assert checks["reach"]["state"] == "good"
    assert "others reach this node through" in checks["reach"]["said"]
