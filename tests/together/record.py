"""What happened, and whether one order explains it: strict serialisability, by replay."""

from dataclasses import dataclass, field

from formats.errors import HoldfastError
from tests.together.deeds import Deed, Read
from tests.together.model import Model
from tests.together.order import Run, is_in, place


@dataclass
class Done:
    """A deed by a device. ``outcome`` is None when nobody can say what became of it."""

    device: int
    deed: Deed
    begun: int
    ended: int = 0
    runs: list[Run] = field(default_factory=list)
    outcome: object = None
    error: HoldfastError | None = None
    known: bool = False
    """Whether its device was told what became of it."""

    @property
    def run(self) -> Run | None:
        """The operation that did it."""
        return self.deed.effective(self.runs)

    def __str__(self) -> str:
        became = self.error or self.outcome if self.known else "?"
        became = f"{type(became).__name__} {became}" if isinstance(became, Exception) else became
        return f"device {self.device}: {self.deed!r:.60} -> {became!r:.80}"


class Disagreement(AssertionError):
    """No one order explains what was seen."""


def explain(happened: list[Done], history: dict[int, bytes]) -> Model:
    """The model after everything that took effect, in the one order there is.

    Raises Disagreement if something acknowledged is not in the history, if an outcome is not
    the model's, or if a deed stands before another that had ended when it began.
    """
    placed = [done for done in happened if _counts(done, history)]
    placed.sort(key=lambda done: place(_run(done), history))
    _check_time(placed)
    model = Model()
    for done in placed:
        _replay(done, model)
    return model


def _counts(done: Done, history: dict[int, bytes]) -> bool:
    """Whether a deed has a place in the order: it took effect, or its outcome must fit there."""
    run = done.run
    if run is None:
        return False
    applied = is_in(run, history)
    if done.known and done.error is None and run.noted and not applied:
        raise Disagreement(f"acknowledged, and in no commit: {done}")
    if done.known and done.error is not None and applied:
        raise Disagreement(f"refused, and it is in a commit: {done}")
    return done.known or applied


def _replay(done: Done, model: Model) -> None:
    before = str(sorted(model.all())) if done.error else ""
    try:
        outcome: object = done.deed.on(model, done.outcome)
    except HoldfastError as error:
        if done.known and type(error) is type(done.error):
            return
        raise Disagreement(f"the model says {type(error).__name__}: {done}") from error
    if done.error is not None:
        raise Disagreement(f"the model says {outcome!r:.80}: {done}\nthere was {before}")
    if done.known and outcome != done.outcome:
        raise Disagreement(f"the model says {outcome!r:.80}: {done}")


def _check_time(placed: list[Done]) -> None:
    """Nobody who begins after a change was acknowledged does not see it."""
    last: Done | None = None
    for done in placed:
        if last is None or done.begun > last.begun:
            last = done
        elif done.known and done.ended < last.begun:
            raise Disagreement(f"{last} did not see what had ended before it began: {done}")


def _run(done: Done) -> Run:
    assert done.run is not None
    return done.run


def is_read(done: Done) -> bool:
    """Whether it only looked."""
    return isinstance(done.deed, Read)
