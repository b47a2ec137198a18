"""When background jobs run: now and then, one at a time, and gently.

Each job does one bounded pass and says how much it did. As long as it finds
something it is asked again, after a breath that is long beside the pass; then
it rests. A job that fails is logged and tried again when its rest is over:
nothing else stops for it. Of several nodes that share a store one runs them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import trio

from formats.errors import HoldfastError
from node.core import Core
from node.jobs.expiry import close_sessions, forget_farewells, forget_invites, forget_tokens
from node.jobs.garbage import collect_garbage
from node.jobs.guessing import keep_guesses
from node.jobs.retention import give_back, release_superseded
from node.logs import Log

BREATH: Final = 0.05
"""Seconds between two passes of one job, at least."""

SHARE: Final = 0.05
"""The part of the time in which jobs may be at work."""

MOST_PASSES: Final = 10_000
"""Passes after which a job rests all the same."""

_log: Final = Log("node.jobs")


@dataclass(frozen=True, slots=True)
class Job:
    """A job, and the seconds it rests when there is nothing (more) to do."""

    name: str
    run: Callable[[Core], Awaitable[int]]
    rest: float


JOBS: Final = (
    Job("retention", release_superseded, 60),
    Job("giving back", give_back, 60),
    Job("sessions", close_sessions, 600),
    Job("tokens", forget_tokens, 3600),
    Job("invites", forget_invites, 24 * 3600),
    Job("farewells", forget_farewells, 24 * 3600),
    Job("garbage", collect_garbage, 60),
    Job("guesses", keep_guesses, 60),
)


async def keep_running(core: Core, jobs: tuple[Job, ...] = JOBS) -> None:
    """Run the jobs for ever. The first time each has rested once: starting comes first."""
    async with trio.open_nursery() as nursery:
        turn = trio.Lock()
        for job in jobs:
            nursery.start_soon(_keep_running, core, job, turn)


async def _keep_running(core: Core, job: Job, turn: trio.Lock) -> None:
    while True:
        await trio.sleep(job.rest)
        if core.store.keeps_house:
            await run_once(core, job, turn)


async def run_once(core: Core, job: Job, turn: trio.Lock) -> int:
    """Run a job until it finds nothing more; returns how much it did. Errors are logged."""
    done = 0
    for _ in range(MOST_PASSES):
        try:
            async with turn:
                began = trio.current_time()
                did = await job.run(core)
                took = trio.current_time() - began
        except HoldfastError as error:
            core.counts.failed_jobs[job.name] += 1
            _log.error("job failed", job=job.name, kind=type(error).__name__)
            break
        if not did:
            break
        done += did
        core.counts.jobs[job.name] += did
        await trio.sleep(max(BREATH, took * (1 / SHARE - 1)))
    if done:
        _log.debug("job", job=job.name, did=done)
    return done
