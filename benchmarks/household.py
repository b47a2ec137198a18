"""A household under load while its node is killed: nothing that was acknowledged is missing.

    python -m benchmarks.household                       # 20 accounts, ten minutes
    python -m benchmarks.household --accounts 3 --seconds 20 --every 8 --seed 7

A real ``holdfast serve`` is killed with -9 every 20 seconds and started again. Each account
is a real client of it over libp2p that goes on putting, replacing and removing files.
What a call returned for is acknowledged; what it failed at may have happened or not. At
the end each account signs in on a device that knows nothing: every file must have a content
that it may have, and ``holdfast node verify`` must find the node whole.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import trio

from benchmarks.kept import Change, Kept
from benchmarks.serving import Serving
from client.drive.change import rm
from client.drive.download import download
from client.drive.drive import Drive
from client.drive.upload import upload
from client.identity.login import sign_in
from client.identity.signup import sign_up
from client.session import Session, Surroundings
from client.sharing.drive import own_drive
from formats.errors import HoldfastError
from node.clock import SystemClock
from node.transport.dialer import Dialer, dialing

PASSWORD: Final = "correct horse battery staple"
SIZES: Final = (0, 100, 3_000, 60_000, 70_000, 300_000, 2_000_000)
FILES: Final = 40
"""Names that one account uses: most are replaced or removed, and come back."""
REMOVED: Final = 0.25
"""Share of changes that remove, where there is something."""
PAUSE: Final = 0.2
"""Seconds until somebody tries again whose node was away."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many, how long, how often (seconds), and from which seed."""

    accounts: int = 20
    seconds: float = 600.0
    every: float = 20.0
    seed: int = 0


@dataclass
class Counts:
    """What was done in all."""

    acknowledged: int = 0
    unknown: int = 0
    kills: int = 0
    files: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.acknowledged:,} changes acknowledged, {self.unknown:,} unknown, "
            f"{self.kills} kills; {self.files:,} files read back, {len(self.wrong)} wrong"
        )


@dataclass
class Household:
    """The node, the people, and what they did."""

    plan: Plan
    folder: Path
    node: Serving
    dialer: Dialer
    counts: Counts = field(default_factory=Counts)
    kept: dict[str, Kept] = field(default_factory=dict)

    def around(self, device: str) -> Surroundings:
        """What a session on that device is given."""
        place = self.folder / device
        place.mkdir()
        return Surroundings(self.dialer, SystemClock().now_ms, Random(device), place)

    async def move_in(self, name: str) -> Session:
        """One more account."""
        self.kept[name] = Kept()
        code = await self.node.invite()
        return await sign_up(self.around(name), self.node.home, name, PASSWORD, code)

    async def live(self, session: Session) -> None:
        """One change after another, until cancelled."""
        drive, rng = own_drive(session), Random(f"{self.plan.seed} {session.name}")
        kept, folder = self.kept[session.name], self.folder / session.name
        while True:
            try:
                with kept.changing(f"file-{rng.randrange(FILES)}") as change:
                    await _change(drive, change, rng, folder)
            except HoldfastError:
                self.counts.unknown += 1
                await trio.sleep(PAUSE)
            else:
                self.counts.acknowledged += 1

    async def kill_now_and_then(self) -> None:
        """Kill the node and start it again, until cancelled."""
        while True:
            await trio.sleep(self.plan.every)
            with trio.CancelScope(shield=True):
                if not await self.node.kill():
                    self.counts.wrong.append("the node ended by itself")
                self.counts.kills += 1
                await self.node.start()

    async def look(self, name: str) -> None:
        """Compare what a fresh device finds with what was acknowledged."""
        device = f"{name}-again"
        session = await sign_in(self.around(device), self.node.home, name, PASSWORD)
        back = self.folder / device / "back"
        await download(own_drive(session), [f"/{name}"], str(back))
        await session.aclose()
        found = await trio.to_thread.run_sync(_contents, back)
        self.counts.files += len(found)
        wrong = self.kept[name].differences(found)
        self.counts.wrong += [f"{name}: {each}" for each in wrong]


async def household(plan: Plan, folder: Path) -> Counts:
    """Run it in an empty folder; what was counted."""
    node = Serving(folder / "node")
    await node.start()
    try:
        async with dialing() as dialer:
            there = Household(plan, folder, node, dialer)
            await _load(there)
            for name in there.kept:
                await there.look(name)
        await node.run("node", "verify")
    finally:
        await node.stop()
    return there.counts


async def _load(there: Household) -> None:
    sessions = [await there.move_in(f"person{n}") for n in range(there.plan.accounts)]
    with trio.move_on_after(there.plan.seconds):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(there.kill_now_and_then)
            for session in sessions:
                nursery.start_soon(there.live, session)
    for session in sessions:
        await session.aclose()


async def _change(drive: Drive, change: Change, rng: Random, folder: Path) -> None:
    if change.is_there and rng.random() < REMOVED:
        change.to(None)
        await rm(drive, [change.name])
        return
    data = rng.randbytes(rng.choice(SIZES))
    file = folder / change.name
    await trio.Path(file).write_bytes(data)
    change.to(data)
    await upload(drive, [str(file)], change.name)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def options(arguments: Sequence[str]) -> Plan:
    """What was asked for."""
    plan = Plan()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.household", description=__doc__)
    parser.add_argument("--accounts", type=int, default=plan.accounts)
    parser.add_argument("--seconds", type=float, default=plan.seconds)
    parser.add_argument("--every", type=float, default=plan.every, help="seconds between kills")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    found = parser.parse_args(arguments)
    return Plan(found.accounts, found.seconds, found.every, found.seed)


def main(arguments: Sequence[str]) -> int:
    """Run it, say the seed and the counts, and end with 1 if anything is wrong."""
    plan = options(arguments)
    print(f"household: {plan}", flush=True)
    with TemporaryDirectory(prefix="household-", dir=".") as folder:
        counts = trio.run(household, plan, Path(folder).resolve())
    print(counts)
    for each in counts.wrong[:50]:
        print(f"  {each}")
    return 1 if counts.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
