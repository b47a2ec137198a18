"""``make together``: many deeds of many devices at once, with trouble, explained by one order.

    python -m tests.together.campaign                  10,000 deeds of 8 devices
    python -m tests.together.campaign --deeds 600      fewer

Prints the seed and what it counted; ends with 0 if all of it held.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random, SystemRandom

import trio

from client.drive.listing import ls_all
from client.sharing.drive import own_drive
from formats.errors import HoldfastError
from tests.together.deeds import Deed, any_deed
from tests.together.devices import Device, history_of
from tests.together.model import Model
from tests.together.record import Done, explain
from tests.together.trouble import Trouble
from tests.world.person import Person
from tests.world.world import World


@dataclass(frozen=True)
class Told:
    """What a run came to."""

    happened: list[Done]
    commits: int
    paths: int
    met: Counter[str]

    def lines(self) -> list[str]:
        """For people."""
        known = Counter(_became(done) for done in self.happened)
        return [
            f"{len(self.happened):,} deeds, {self.commits:,} commits; {self.paths} paths are left",
            *(f"{number:7,} {what}" for what, number in known.most_common()),
            *(f"{number:7,} times: {what}" for what, number in self.met.most_common()),
        ]


def _became(done: Done) -> str:
    if not done.known:
        return "nobody was told what became of them"
    return "done" if done.error is None else f"refused: {type(done.error).__name__}"


async def campaign(deeds: int, devices: int, often: int, seed: int, disk: Path) -> Told:
    """Run it; raises Disagreement, or AssertionError if the drive is not the model in the end."""
    random = Random(seed)
    happened: list[Done] = []
    async with World.open("alice") as world:
        team = await make_team(world, devices, disk, happened)
        trouble = Trouble(world, "alice", random, often)
        numbers = count(1)
        async with trio.open_nursery() as nursery:
            for device in team:
                todo = [any_deed(random, next(numbers)) for _ in range(deeds // devices)]
                nursery.start_soon(trouble.do_all, device, todo)
        model, commits = await check(world, happened)
    return Told(happened, commits, len(model.all()), trouble.met)


async def make_team(world: World, devices: int, disk: Path, happened: list[Done]) -> list[Device]:
    """Devices of Alice's: each is a member of her space by a key of its own."""
    clock, team = count(), []
    for number in range(devices):
        person = await world.alice.another_device()
        device = Device(number, person, clock, disk / str(number), happened)
        await device.wake()
        team.append(device)
    return team


async def check(world: World, happened: list[Done]) -> tuple[Model, int]:
    """One order explains all, and a device that is new sees what the model has."""
    history = await history_of(world.alice)
    model = explain(happened, history)
    fresh = await world.alice.another_device()
    assert await everything(fresh) == model.all()
    return model, len(history)


async def everything(person: Person) -> dict[str, bytes | None]:
    """Every path of a person's home, with its content, or None for a folder."""
    found: dict[str, bytes | None] = {}
    top = f"/{person.name}/"
    async with aclosing(ls_all(own_drive(person.session), "")) as folders:
        async for listed in folders:
            for each in listed.entries:
                path = each.path.removeprefix(top)
                found[path] = None if each.kind == "folder" else await person.read(path)
    return found


def deeds_of(random: Random, numbers: "count[int]", many: int) -> list[Deed]:
    """Some deeds."""
    return [any_deed(random, next(numbers)) for _ in range(many)]


def main(words: Sequence[str] | None = None) -> int:
    """Run one campaign; the exit code."""
    options = _parser().parse_args(words)
    seed: int = SystemRandom().randrange(2**32) if options.seed is None else options.seed
    print(f"{options.deeds:,} deeds of {options.devices} devices, seed {seed}", flush=True)
    begun = time.monotonic()
    try:
        with tempfile.TemporaryDirectory() as disk:
            told = trio.run(
                campaign, options.deeds, options.devices, options.trouble, seed, Path(disk)
            )
    except (AssertionError, HoldfastError) as error:
        print(f"IT DOES NOT HOLD (with --seed {seed}): {error}")
        return 1
    print("\n".join(told.lines()))
    print(f"One order explains all of it; it took {time.monotonic() - begun:.0f} seconds")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.together.campaign", description=__doc__)
    parser.add_argument("--deeds", type=int, default=10_000)
    parser.add_argument("--devices", type=int, default=8)
    parser.add_argument("--trouble", type=int, default=8, help="deeds of a hundred that meet some")
    parser.add_argument("--seed", type=int)
    return parser


if __name__ == "__main__":
    sys.exit(main())
