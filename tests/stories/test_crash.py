"""A daemon killed at moments that a seed chose: all that was acknowledged is there, and whole."""

from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
import trio

from formats.errors import HoldfastError
from tests.stories.processes import holdfast
from tests.stories.real import RealPerson
from tests.stories.trees import differences

ROUNDS = 3
WRITERS = 3
SIZES = (0, 100, 60_000, 300_000, 6_000_000)
LONGEST = 2.5
"""Seconds until the kill, at most; a put takes a fraction of one."""


@dataclass
class Puts:
    """What was put: every file, and those of which it was said that they are stored."""

    folder: Path
    random: Random
    tried: list[Path] = field(default_factory=list)
    acknowledged: list[Path] = field(default_factory=list)

    def next(self) -> Path:
        """One more file of some size."""
        file = self.folder / f"file-{len(self.tried)}"
        file.write_bytes(self.random.randbytes(self.random.choice(SIZES)))
        self.tried.append(file)
        return file

    async def keep_putting(self, alice: RealPerson) -> None:
        """One file after another, until the daemon is gone."""
        while alice.daemon.is_running:
            file = self.next()
            try:
                await alice.put(file)
            except HoldfastError:
                return
            self.acknowledged.append(file)


@pytest.mark.slow
async def test_nothing_acknowledged_is_lost_whenever_it_is_killed(
    tmp_path: Path, rng: Random
) -> None:
    puts = Puts(tmp_path / "files", rng)
    puts.folder.mkdir()
    settings = {"HOLDFAST_PORT": "0", "HOLDFAST_LISTEN": "127.0.0.1"}
    alice = RealPerson("alice", tmp_path, holdfast(tmp_path / "bin"), settings)
    alice.logs.mkdir()
    async with trio.open_nursery() as nursery:
        await alice.start(nursery)
        await alice.sign_up()
        for _ in range(ROUNDS):
            async with trio.open_nursery() as writers:
                for _ in range(WRITERS):
                    writers.start_soon(puts.keep_putting, alice)
                with trio.move_on_after(rng.uniform(0.3, LONGEST)):
                    await alice.daemon.ended()
                await alice.daemon.kill()
            await alice.start(nursery)
        await check(alice, puts, tmp_path / "back")
        await alice.daemon.kill()


async def check(alice: RealPerson, puts: Puts, back: Path) -> None:
    names = await alice.listing("/alice")
    print(
        f"{len(puts.acknowledged)} of {len(puts.tried)} were acknowledged, {len(names)} are there"
    )
    assert puts.acknowledged
    assert {file.name for file in puts.acknowledged} <= names <= {file.name for file in puts.tried}
    await alice.get("/alice", back)
    found = await trio.to_thread.run_sync(differences, puts.folder, back)
    missing = {f"{file.name}: missing" for file in puts.tried if file.name not in names}
    assert set(found) == missing
