"""Which commit each deed is in, and so where in the one order it stands.

An operation runs on a state with a number and is in the commit that follows this
state, or in none. So the state of an operation's last run, and whether the home's
history names the pointer that was sent after it, say where it took effect.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Final, TypeVar

from client.drive.intake.noting import Kept
from client.session import Session
from client.sharing.jobs import GatedSpace, finish, finish_if_due
from client.sharing.steps import root_ground
from client.space.overlay import Overlay
from client.space.reading import Changing, Operation, Reading
from client.space.tip_reading import TipReading
from formats.commit import Commit
from protocols.pointers import Move
from tests.world.faults import Call, Onward

T = TypeVar("T")


@dataclass(eq=False)
class Run:
    """The last run of one operation: on which state, when, and what it came to.

    ``noted``: whether it changed anything. ``sent``: the hash of the pointer that was
    sent for those that ran together, also for one that failed among them. ``reading``:
    it only looked at a state.
    """

    base: int
    at: int
    noted: bool = False
    sent: bytes | None = None
    reading: bool = False
    beside: str | None = None
    """The name under which a put was noted beside what others had changed meanwhile."""


@dataclass
class Watch:
    """One device as it is watched. ``running``: what may be in the next pointer that it sends."""

    clock: "count[int]"
    running: list[Run] = field(default_factory=list)


class Watched(GatedSpace):
    """A person's space, for one deed. ``runs``: the last run of each operation, in their order."""

    def __init__(self, session: Session, watch: Watch) -> None:
        due = partial(finish_if_due, session)
        super().__init__(root_ground(session), partial(finish, session), due)
        self.runs: Final[list[Run]] = []
        self._watch: Final = watch

    async def reading(self) -> Reading:
        """The newest state."""
        reading = await super().reading()
        self.runs.append(Run(_number(reading), next(self._watch.clock), reading=True))
        return reading

    async def commit(self, operation: Operation[T]) -> T:
        """The operation, watched."""
        run = Run(-1, -1)
        self.runs.append(run)

        async def watched(changing: Changing) -> T:
            run.base, run.at = _number(changing), next(self._watch.clock)
            run.noted, run.sent = False, None
            if run not in self._watch.running:
                self._watch.running.append(run)
            result = await operation(changing)
            assert isinstance(changing, Overlay)
            run.noted = not changing.is_empty
            run.beside = next(_kept(result), None)
            return result

        try:
            return await super().commit(watched)
        finally:
            if run in self._watch.running:
                self._watch.running.remove(run)


@dataclass
class Overhears:
    """Sees every pointer that a device sends, and lets it through."""

    watch: Watch

    async def meet(self, call: Call, onward: Onward) -> object:
        """Note which pointer the operations that just ran are in."""
        if isinstance(call.request, Move):
            (move,) = Commit.decode(call.request.commit).moves
            for run in self.watch.running:
                if run.base == move.pointer.seq - 1:
                    run.sent = move.pointer.hash
            self.watch.running.clear()
        return await onward(call.request)


def _number(reading: Reading) -> int:
    """The number of the state that a reading is of, or that is below what was noted on it."""
    while isinstance(reading, Overlay):
        reading = reading._below
    assert isinstance(reading, TipReading)
    return reading.tip.pointer.seq


def is_in(run: Run, history: dict[int, bytes]) -> bool:
    """Whether what a run noted is in the history (number -> hash of the pointer)."""
    return run.noted and _was_sent(run, history)


def place(run: Run, history: dict[int, bytes]) -> tuple[int, bool, int]:
    """Where in the order it stands: on a state, first who only looked, then who changed it."""
    return run.base, _was_sent(run, history), run.at


def _was_sent(run: Run, history: dict[int, bytes]) -> bool:
    return run.sent is not None and history.get(run.base + 1) == run.sent


def operations(runs: Iterable[Run]) -> list[Run]:
    """The operations of a deed that ran at all."""
    return [run for run in runs if not run.reading and run.base >= 0]


def _kept(result: object) -> Iterator[str]:
    """The names in what an operation came to."""
    if isinstance(result, Kept):
        yield result.name
    elif isinstance(result, list | tuple):
        for each in result:
            yield from _kept(each)
