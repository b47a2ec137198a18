"""Devices and members at once: one order explains everything, whatever goes wrong meanwhile."""

from itertools import count
from pathlib import Path
from random import Random

import pytest
import trio

from formats.errors import NotFound
from tests.together.campaign import campaign, check, deeds_of, make_team
from tests.together.deeds import Mkdir, Mv, Put, Read, Rm
from tests.together.devices import Device
from tests.together.order import Run
from tests.together.record import Disagreement, Done, explain
from tests.world.world import World


@pytest.mark.parametrize(("devices", "often"), [(3, 0), (8, 0), (3, 20), (8, 20)])
async def test_devices_and_members_at_once(
    devices: int, often: int, tmp_path: Path, rng: Random
) -> None:
    told = await campaign(160, devices, often, rng.randrange(2**32), tmp_path)
    print("\n".join(told.lines()))
    assert sum(done.known and done.error is None for done in told.happened) > 40
    assert bool(told.met) == bool(often)


async def test_one_device_doing_several_things_at_once(tmp_path: Path, rng: Random) -> None:
    happened: list[Done] = []
    numbers = count(1)
    async with World.open("alice") as world:
        team = await make_team(world, 2, tmp_path, happened)
        async with trio.open_nursery() as nursery:
            for device in team:
                for _ in range(6):
                    nursery.start_soon(device.do_all, deeds_of(rng, numbers, 8))
        _, commits = await check(world, happened)
    assert commits < len(happened), "what meets shares a commit"


async def test_who_finds_nothing_to_do_has_looked_at_the_newest(tmp_path: Path) -> None:
    happened: list[Done] = []
    async with World.open("alice") as world:
        one, two = await make_team(world, 2, tmp_path, happened)
        for device, deed in ((one, Mkdir("d0")), (two, Rm("d0")), (one, Mkdir("d0"))):
            await device.do(deed)
        model, _ = await check(world, happened)
    assert model.all() == {"d0": None}


# --- the judge itself


def done(deed: object, base: int, at: int, outcome: object, **more: object) -> Done:
    run = Run(base, at, noted=True, sent=bytes([base + 1]))
    told = Done(0, deed, at, at, [run], outcome, known=True)  # type: ignore[arg-type]  # a deed
    for name, value in more.items():
        setattr(told, name, value)
    return told


HISTORY = {number: bytes([number]) for number in range(10)}


def test_what_fits_is_explained() -> None:
    steps = [done(Put("f0", b"1"), 0, 0, "f0"), done(Mv("f0", "f1"), 1, 1, "f1")]
    assert explain(steps, HISTORY).all() == {"f1": b"1"}


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        ([done(Put("f0", b"1"), 9, 0, "f0")], "in no commit"),
        ([done(Put("f0", b"1"), 0, 0, None, error=NotFound("f0"))], "refused, and it is in"),
        ([done(Mv("f0", "f1"), 0, 0, "f1")], "the model says NotFound"),
        (
            [done(Mkdir("d0"), 1, 5, "d0", begun=5, ended=6), done(Rm("d0"), 2, 1, "d0", begun=1)],
            "did not see",
        ),
    ],
)
def test_what_does_not_fit_is_a_disagreement(steps: list[Done], what: str) -> None:
    with pytest.raises(Disagreement, match=what):
        explain(steps, HISTORY)


def test_a_read_of_the_past_is_a_disagreement() -> None:
    look = Done(1, Read("f0"), 1, 2, [Run(1, 3, reading=True)], b"old", known=True)
    with pytest.raises(Disagreement, match="the model says b'new'"):
        explain([done(Put("f0", b"new"), 0, 0, "f0"), look], HISTORY)


async def test_a_device_that_sleeps_through_it_all_sees_it_all(tmp_path: Path, rng: Random) -> None:
    happened: list[Done] = []
    numbers = count(1)
    async with World.open("alice") as world:
        busy, asleep = await make_team(world, 2, tmp_path, happened)
        await busy.do_all(deeds_of(rng, numbers, 40))
        for path in ("f0", "f1", "d0/f0"):
            await _looks(asleep, path)
        await check(world, happened)


async def _looks(device: Device, path: str) -> None:
    assert (await device.do(Read(path))).known
