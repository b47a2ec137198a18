"""Power goes at every call that a store makes, SQLite's own included: ``make crash``.

    python -m tests.crash.power [--points N] [--seed S] [--processes P]

A workload is run once for each round and everything it tells the disk is logged. Then
the power goes at points of that log, one seed for each: the files are made as a disk may have
left them, the store is opened, and all that was acknowledged must be there, whole,
within a second and without any repair. At every tenth point the store goes on to write.
"""

import argparse
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Final

import trio

from storage.embedded import writer
from storage.embedded.store import EmbeddedStore
from tests.crash.disk import Call, Disk, Log, LoggingFiles, LoggingWatcher, in_memory
from tests.crash.sqlite import watched
from tests.storage.embedded.workload import Step, check, last_step

PACK: Final = 400_000
STEPS: Final = 14
ROUND: Final = 2000
"""Points of one run of the workload."""

OPENS_WITHIN: Final = 1.0
"""Seconds of processor time: many of these run side by side."""
GOES_ON: Final = 10


@dataclass(slots=True)
class Result:
    """What a round came to. ``slowest``: seconds of the slowest opening."""

    points: int = 0
    calls: int = 0
    slowest: float = 0.0


class Lost(Exception):
    """Something acknowledged is not there. Says how to see it again."""


def run_round(seed: int, points: int) -> Result:
    """One workload, and ``points`` power cuts spread over its log."""
    folder = Path(mkdtemp(prefix="holdfast-crash-", dir=in_memory()))
    try:
        with small_checkpoints():
            calls = trio.run(_record, folder / "store", seed)
        return _cut(folder, calls, seed, points)
    finally:
        shutil.rmtree(folder)


@contextmanager
def small_checkpoints() -> Iterator[None]:
    """Let the log be moved into the database every few steps, not every few thousand changes."""
    before = writer._CHECKPOINT_CHANGES
    writer._CHECKPOINT_CHANGES = 60  # type: ignore[misc]
    try:
        yield
    finally:
        writer._CHECKPOINT_CHANGES = before  # type: ignore[misc]


async def _record(folder: Path, seed: int) -> list[Call]:
    """All calls of a store's first opening, some steps, closing, opening again and more steps."""
    log = Log()
    files = LoggingFiles(log, folder)
    step = 0
    with watched(folder, LoggingWatcher(log)):
        for _ in range(2):
            store = await EmbeddedStore.open(folder, files=files, pack_size=PACK, readers=1)
            for _ in range(STEPS // 2):
                await store.write(Step(seed, step))
                log.add(Call("told", number=step))
                step += 1
            await store.aclose()
    return log.calls


def _cut(folder: Path, calls: list[Call], seed: int, points: int) -> Result:
    result, disk, told, played = Result(calls=len(calls)), Disk(), -1, 0
    for point in range(points):
        until = 1 + point * len(calls) // points
        while played < until:
            call = calls[played]
            told = call.number if call.what == "told" else told
            disk.play(call)
            played += 1
        target = folder / f"at{point}"
        _lay_out(target, disk, Random(f"{seed}/{point}"))
        try:
            took = trio.run(_reopen, target, seed, told, point % GOES_ON == 0)
        except Exception as error:
            raise Lost(
                f"seed {seed}, point {point} of {points} (call {until}): {error!r}"
            ) from error
        if took > OPENS_WITHIN:
            raise Lost(f"seed {seed}, point {point} of {points}: opened in {took:.1f} s")
        result.slowest = max(result.slowest, took)
        result.points += 1
        shutil.rmtree(target)
    return result


def _lay_out(target: Path, disk: Disk, rng: Random) -> None:
    (target / "packs").mkdir(parents=True)
    for path, content in disk.crash(rng):
        (target / path).write_bytes(content)


async def _reopen(folder: Path, seed: int, told: int, go_on: bool) -> float:
    """Open, check that everything up to step ``told`` is there, whole; how long opening took."""
    files = LoggingFiles(Log(), folder)
    began = time.process_time()
    store = await EmbeddedStore.open(folder, files=files, pack_size=PACK, readers=1)
    took = time.process_time() - began
    last = await store.read(last_step)
    if not told <= last <= told + 1:
        raise Lost(f"step {told} was acknowledged, and {last} is the last one there")
    await store.read(lambda view: check(view, seed))
    if go_on:
        for step in (last + 1, last + 2):
            await store.write(Step(seed, step))
        await store.read(lambda view: check(view, seed))
    await store.aclose()
    return took


def _one(job: tuple[int, int]) -> Result:
    return run_round(*job)


def main() -> int:
    """Run it and say how it went."""
    options = argparse.ArgumentParser(prog="make crash")
    options.add_argument("--points", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--processes", type=int, default=2)
    given = options.parse_args()
    rounds = -(-given.points // ROUND)
    jobs = [(given.seed + number, min(ROUND, given.points)) for number in range(rounds)]
    began, total = time.monotonic(), Result()
    with get_context("spawn").Pool(given.processes) as pool:
        for result in pool.imap_unordered(_one, jobs):
            total.points += result.points
            total.calls += result.calls
            total.slowest = max(total.slowest, result.slowest)
            print(f"{total.points} power cuts, nothing lost", flush=True)
    print(
        f"seeds {given.seed} to {given.seed + rounds - 1}: {total.points} power cuts in"
        f" {rounds} workloads of {total.calls // rounds} file calls; nothing acknowledged lost,"
        f" nothing repaired, opened within {total.slowest:.2f} s;"
        f" {time.monotonic() - began:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
