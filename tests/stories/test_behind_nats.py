"""Households behind NATs, with real daemons, the command line, and one node to begin with."""

from pathlib import Path
from random import Random

import pytest
import trio

from tests.nat.conftest import net
from tests.nat.internet import Internet
from tests.stories.behind_nats import NO_TWO_MEET, nat_stage
from tests.stories.by_handle import (
    LETTER,
    he_follows_by_handle,
    she_is_published,
    she_signs_in_elsewhere,
    what_she_shares_he_gets,
)
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


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_by_handle_and_by_relays_alone(tmp_path: Path, rng: Random, net: Internet) -> None:
    """Three NATs no two of which let their machines meet; one public node that knows nobody."""
    source = tmp_path / LETTER
    await trio.Path(source).write_bytes(rng.randbytes(6 * MIB))
    async with nat_stage(tmp_path / "stage", net, NO_TWO_MEET) as stage:
        alice, bob = stage.alice, stage.bob
        handle = await she_is_published(alice, bob)
        await he_follows_by_handle(alice, bob, handle)
        await what_she_shares_he_gets(alice, bob, source)
        elsewhere = await stage.arrive("elsewhere")
        await she_signs_in_elsewhere(alice, elsewhere, handle, source)
        assert (await elsewhere.holdfast("whoami")).lines[0] == handle
