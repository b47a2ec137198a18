"""Each verb, cancelled in the middle: nothing is half visible, and the device goes on.

A step is what a task does between two checkpoints. The verb's own tasks are counted, and
it is cancelled before one of them: before each of the first steps, before each of those
around its commits, and before some others that the seed chooses.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Final

import pytest
import trio

from tests.together.campaign import everything
from tests.together.test_every_call import VERBS, State, Verb, prepare, settle, undisturbed
from tests.together.whole import check_whole
from tests.world.world import World

TRIES: Final = 24
"""Steps before which each verb is cancelled."""


class Steps(trio.abc.Instrument):
    """Counts the steps of a task and its children, and cancels a scope before one of them."""

    def __init__(self, top: trio.lowlevel.Task, scope: trio.CancelScope, at: int) -> None:
        self.seen = 0
        self._top: Final = top
        self._scope: Final = scope
        self._at: Final = at

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        """One more step of somebody's."""
        if self._is_below(task):
            self.seen += 1
            if self.seen == self._at:
                self._scope.cancel()

    def _is_below(self, task: trio.lowlevel.Task | None) -> bool:
        while task is not None:
            if task is self._top:
                return True
            task = None if task.parent_nursery is None else task.parent_nursery.parent_task
        return False


@contextmanager
def cancelled_at(step: int) -> Iterator[Steps]:
    """The block, cancelled before that step of it (0: never)."""
    with trio.CancelScope() as scope:
        steps = Steps(trio.lowlevel.current_task(), scope, step)
        trio.lowlevel.add_instrument(steps)
        try:
            yield steps
        finally:
            trio.lowlevel.remove_instrument(steps)


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS, ids=str)
async def test_cancelled_at_some_checkpoint(verb: Verb, rng: Random) -> None:
    old, new, _ = await undisturbed(verb)
    count = await steps_of(verb)
    some = sorted(rng.sample(range(1, count + 1), min(TRIES, count)))
    print(f"{verb}: {count} steps, cancelled before {some}")
    while some:
        some = await cancel_until_done(verb, some, old, new)


async def steps_of(verb: Verb) -> int:
    """How many steps it takes undisturbed, about."""
    async with World.open("alice", "bob") as w:
        await prepare(w, verb)
        with cancelled_at(0) as steps:
            await verb.act(w.alice)
        return steps.seen


async def cancel_until_done(verb: Verb, some: list[int], old: State, new: State) -> list[int]:
    """Cancel before one step after another until it was done all the same; the steps left."""
    async with World.open("alice", "bob") as w:
        await prepare(w, verb)
        while some:
            step, *some = some
            with cancelled_at(step):
                await verb.act(w.alice)
            seen = await everything(w.alice)
            assert seen in (old, new), f"cancelled before step {step}"
            assert seen == await everything(await w.alice.another_device())
            if seen == new:
                break
        await settle(w.alice)
        await check_whole(w.alice)
        return some
