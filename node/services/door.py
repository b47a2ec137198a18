"""What all doors have in common: how an answer is given, and when.

A refusal is given at the next beat of 50 ms after the request came, so that its
time does not say why: a name that is absent takes as long as one that is there,
a retired label as long as one that never was.
"""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Final, TypeVar

import trio

from formats.errors import BadInvite, Denied, Forged, HoldfastError, Unreachable, WrongPassword
from node.caller import Caller
from node.core import Core
from node.counts import OK
from node.logs import Log
from storage.contracts import View

BEAT: Final = 0.05
"""Seconds between the times at which refusals are given."""

ALIKE: Final = (Denied, Forged, WrongPassword, BadInvite)
"""Refusals whose reason is nobody's business."""

_log: Final = Log("node.door")


class Door:
    """One door of one connection."""

    def __init__(self, core: Core, caller: Caller) -> None:
        self.core: Final = core
        self.caller: Final = caller

    @property
    def name(self) -> str:
        """The door's name, for logs."""
        return type(self).__name__

    async def check_new(self) -> None:
        """Return if the node takes something new; raises TooMany and DiskFull."""
        await self.measure()
        self.core.gate.check_new(self.core.config.limits)

    async def measure(self) -> None:
        """Look at what all accounts use, now and then, where the node's owner set a limit to it."""
        gate = self.core.gate
        if self.core.config.limits.storage and gate.is_due():
            gate.stored = await self.core.store.read(_stored)

    def now(self) -> int:
        """The node's time in milliseconds."""
        return self.core.clock.now_ms()


D = TypeVar("D", bound=Door)
Q = TypeVar("Q")
A = TypeVar("A")


def answers(
    method: Callable[[D, Q], Awaitable[A]],
) -> Callable[[D, Q], Coroutine[object, object, A]]:
    """Make a method an answer of its door: ended by the connection, refusals on the beat."""

    @wraps(method)
    async def answer(door: D, request: Q) -> A:
        started = trio.current_time()
        with door.caller.busy():
            try:
                await door.core.pace.turn(door.caller, door.core.config.limits)
                found = await method(door, request)
            except ALIKE as error:
                await beat(started)
                _said(door, method.__name__, started, type(error).__name__)
                raise
            except HoldfastError as error:
                _said(door, method.__name__, started, type(error).__name__)
                raise
            _said(door, method.__name__, started, OK)
            return found
        raise Unreachable("the connection to the node was closed")

    return answer


def writes(
    method: Callable[[D, Q], Awaitable[A]],
) -> Callable[[D, Q], Coroutine[object, object, A]]:
    """The same for a method that writes: a closed node refuses it, a drain waits for it."""

    @answers
    @wraps(method)
    async def write(door: D, request: Q) -> A:
        with door.core.gate.write():
            return await method(door, request)

    return write


def _stored(view: View) -> int:
    owners = {row.id for row in view.accounts()} | {row.owner for row in view.replicas()}
    return sum(sum(view.usage(owner)) for owner in owners)


async def beat(started: float, length: float = BEAT) -> None:
    """Wait for the next multiple of ``length`` seconds after ``started``."""
    passed = trio.current_time() - started
    # What took a whole number of beats, as waits of guessers do, is not to be one beat or two
    # by how its seconds happen to be rounded.
    await trio.sleep_until(started + length * (int(passed / length + 1e-6) + 1))


def _said(door: Door, method: str, started: float, outcome: str) -> None:
    ms = (trio.current_time() - started) * 1000
    door.core.counts.answered(door.name, method, outcome, ms)
    _log.debug("answered", door=door.name, method=method, outcome=outcome, ms=ms)
