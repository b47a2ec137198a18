"""``make fuzz``: hostile frames for every door and what is below; what each of them cost.

    python -m tests.fuzz.campaign                          a million for each door,
                                                           ten million for the decoders
    python -m tests.fuzz.campaign --frames 5000 --only blocks
    python -m tests.fuzz.campaign --seed 7                 as another run was

A frame fails the run if the node raises what is no answer, serves nobody else for more
than 50 ms of processor time, or is left with more than 16 MiB in addition. On a machine
that is itself a guest, processor time is now and then taken away within what is counted:
a frame that was slow is shot again, with all before it, and fails the run if it is slow
once more. Prints seed and counts; ends with 0 if nothing failed.
"""

import argparse
import ctypes
import gc
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

import trio
from trio.abc import Instrument
from trio.lowlevel import Task
from trio.testing import MockClock
from trio.to_thread import current_default_thread_limiter

from protocols.operations import OPERATIONS
from tests.fuzz.below import messages_under_fire, muxer_under_fire
from tests.fuzz.decoders import decoders_under_fire
from tests.fuzz.doors import Load, door_under_fire

MOST_SECONDS: Final = 0.05
MOST_SUSPECTS: Final = 100
"""Slow frames after which none is given the benefit of the doubt."""

MOST_MEMORY: Final = 16 * 2**20
WARM: Final = 10_000
"""Frames before memory is looked at: caches, which are bounded, fill (some 15 MiB by then)."""

PATIENCE: Final = 0.003
"""Real seconds of idleness before time jumps while a thread works: the node is not idle then."""

USUAL: Final = 1_000_000
FRAMES: Final = {"decoders": 10_000_000}
"""How many frames for each target, if nobody says otherwise."""

TARGETS: Final = (*OPERATIONS, "muxer", "messages", "decoders")


class Failed(Exception):
    """A frame did what none may."""


@dataclass(frozen=True)
class Told:
    """What a run against one target came to. Seconds and bytes."""

    target: str
    frames: int
    slowest: float
    grown: int
    seconds: float
    slow: frozenset[int] = frozenset()

    def line(self) -> str:
        """For people."""
        return (
            f"{self.target:10} {self.frames:9,} frames in {self.seconds:5.0f} s; the slowest took "
            f"{self.slowest * 1e3:.1f} ms; memory grew by {self.grown / 2**20:.1f} MiB"
            + (f"; {len(self.slow)} were slow once and not again" if self.slow else "")
        )


class _Faults(logging.Handler):
    """What is logged as a fault of ours fails the run, though it was answered."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record.getMessage())


class _Jumping(Instrument):
    """Time jumps at once when all is idle, unless a thread is at work."""

    def __init__(self, clock: MockClock) -> None:
        self._clock = clock
        self._waits = False

    def after_task_step(self, task: Task) -> None:
        """Look after each step, since each may have begun or ended a thread."""
        waits = current_default_thread_limiter().borrowed_tokens > 0
        if waits is not self._waits:
            self._waits = waits
            self._clock.autojump_threshold = PATIENCE if waits else 0


def under_fire(target: str, random: Random) -> AbstractAsyncContextManager[Load]:
    """What shoots at that target."""
    if target == "decoders":
        return decoders_under_fire(random)
    if target == "muxer":
        return muxer_under_fire(random)
    return messages_under_fire(random) if target == "messages" else door_under_fire(target, random)


async def fire(
    target: str,
    frames: int,
    seed: int,
    most: float = MOST_SECONDS,
    suspects: Collection[int] = (),
) -> Told:
    """Shoot so many frames; raises Failed, which names the one that did it.

    ``most``: processor seconds that one may take; ``suspects``: which of them took more
    when the same was shot before.
    """
    begun, slowest, start, grown = time.monotonic(), 0.0, 0, 0
    slow: set[int] = set()
    warm = min(WARM, frames // 2)
    faults = _Faults()
    logging.getLogger().addHandler(faults)
    try:
        async with under_fire(target, Random(f"{seed} {target}")) as load:
            for number in range(frames):
                took = await _shot(load())
                slowest = max(slowest, took)
                if took > most:
                    slow.add(number)
                    if number in suspects or len(slow) > MOST_SUSPECTS:
                        raise Failed(f"{target}: frame {number} took {took * 1e3:.0f} ms, again")
                if faults.found:
                    raise Failed(f"{target}: frame {number} met a fault: {faults.found[0]}")
                if number == warm:
                    start = _memory()
                if number > warm and number % 1000 == 999:
                    grown = _grown(target, number, start)
    finally:
        logging.getLogger().removeHandler(faults)
    grown, seconds = max(grown, _memory() - start), time.monotonic() - begun
    return Told(target, frames, slowest, grown, seconds, frozenset(slow))


async def _shot(shoot: Callable[[], Awaitable[None]]) -> float:
    """Shoot one; for how many processor seconds nobody else was served meanwhile.

    What is done in worker threads does not count, nor do the collector's rounds.
    """
    gc.disable()
    begun = time.thread_time()
    await shoot()
    took = time.thread_time() - begun
    gc.enable()
    return took


def _grown(target: str, number: int, start: int) -> int:
    grown = _memory() - start
    if grown > MOST_MEMORY:
        raise Failed(f"{target}: after frame {number} there are {grown / 2**20:.0f} MiB more")
    return grown


def _memory() -> int:
    """Bytes of this process that are in memory; 0 where nobody says.

    What is free is given back first: how the allocator keeps it is not the node's doing.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * 4096 if statm.exists() else 0


def main(words: Sequence[str] | None = None) -> int:
    """Run the campaign; the exit code."""
    options = _parser().parse_args(words)
    seed: int = SystemRandom().randrange(2**32) if options.seed is None else options.seed
    print(f"{', '.join(options.only)}; seed {seed}", flush=True)
    failed = 0
    for target in options.only:
        try:
            told = _fired(target, options.frames or FRAMES.get(target, USUAL), seed)
            if told.slow:  # the machine's doing, or the frame's? the same again, up to there
                _fired(target, max(told.slow) + 1, seed, told.slow)
            print(told.line(), flush=True)
        except* Failed as group:
            failed += 1
            print(f"IT DOES NOT HOLD (with --seed {seed}): {_first(group)}", flush=True)
    return 1 if failed else 0


def _fired(target: str, frames: int, seed: int, suspects: Collection[int] = ()) -> Told:
    clock = MockClock(autojump_threshold=0)
    shooting = partial(fire, target, frames, seed, suspects=suspects)
    return trio.run(shooting, clock=clock, instruments=[_Jumping(clock)])


def _first(group: BaseException) -> BaseException:
    return _first(group.exceptions[0]) if isinstance(group, BaseExceptionGroup) else group


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz.campaign",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--frames", type=int, help="for each target, instead of what is usual")
    parser.add_argument("--only", nargs="+", choices=TARGETS, default=TARGETS, metavar="TARGET")
    parser.add_argument("--seed", type=int)
    return parser


if __name__ == "__main__":
    sys.exit(main())
