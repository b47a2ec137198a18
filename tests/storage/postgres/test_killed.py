"""Processes that write to the same spaces are killed in turn: nothing is lost or doubled."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import trio

from storage.contracts import View
from storage.postgres.address import Address
from tests.storage.postgres.killed import KEYS, block_of
from tests.storage.postgres.stores import opened
from tests.world.postgres import PASSWORD

ROOT = Path(__file__).parents[3]
ROUNDS = int(os.environ.get("HOLDFAST_KILLS", "4"))
WRITERS = 3


@contextmanager
def writing(address: Address, packs: Path, name: str) -> Iterator[subprocess.Popen[str]]:
    """A process that writes; killed when the block is left."""
    command = [sys.executable, str(Path(__file__).with_name("killed.py"))]
    with subprocess.Popen(
        [*command, address.url, str(packs), name, str(WRITERS)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PGPASSWORD": PASSWORD},
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def acknowledged(process: subprocess.Popen[str], most: int | None = None) -> list[str]:
    """What the process said was stored: so many steps of it, or all until its end."""
    assert process.stdout is not None
    lines: list[str] = []
    while most is None or len(lines) < most:
        line = process.stdout.readline()
        if not line.endswith("\n"):
            break
        lines.append(line.rstrip("\n"))
    return lines


def take_turns(address: Address, packs: Path, rng: random.Random) -> list[str]:
    """Let two processes write at all times, and kill the older one again and again."""
    said: list[str] = []
    with ExitStack() as running:
        older = running.enter_context(writing(address, packs, "p0"))
        for number in range(1, ROUNDS + 1):
            newer = running.enter_context(writing(address, packs, f"p{number}"))
            said += acknowledged(older, rng.randint(5, 25))
            said += acknowledged(newer, rng.randint(5, 25))
            older.send_signal(signal.SIGKILL)
            said += acknowledged(older)
            said += acknowledged(newer, rng.randint(5, 15))  # it goes on without the other
            older = newer
        older.send_signal(signal.SIGKILL)
        said += acknowledged(older)
    return said


def check(view: View, said: list[str]) -> int:
    """Every number of a space is one step, every step that was acknowledged one number."""
    done: Counter[str] = Counter()
    used = 0
    for key in KEYS:
        row = view.space(key)
        assert row is not None
        for seq in range(row.seq + 1):
            name = (view.history(key, seq) or b"").decode()
            done[name] += 1
            assert view.block(block_of(name).cid) == block_of(name).data
            assert view.references(key, block_of(name).cid) == 1
            used += len(block_of(name).data)
    assert [name for name, count in done.items() if count != 1] == []
    assert [name for name in said if name not in done] == []
    assert view.usage(KEYS[0].owner) == (used, 0)
    assert view.faults() == []
    return len(done)


@pytest.mark.slow
async def test_two_processes_on_one_store_are_killed_in_turn(
    address: Address, tmp_path: Path, rng: random.Random
) -> None:
    packs = tmp_path / "packs"
    packs.mkdir()
    said = await trio.to_thread.run_sync(take_turns, address, packs, rng)
    async with opened(address, packs) as store:
        done = await store.read(lambda view: check(view, said))
        assert store.keeps_house
    print(f"{ROUNDS} rounds, {len(said)} steps acknowledged, {done} done")
    assert len(said) == len(set(said)) <= done
