"""Claims of the table of threats: who cannot tell which of two secrets it was.

A scene plays one world with one of two secrets, and hands back what each party saw. What
is ``hidden`` from a party no guesser tells better than a coin does; what is ``shown`` to one is
told nearly always, which also shows that these guessers can tell anything.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

import trio

from tests.conftest import SEED
from tests.privacy.distinguish import Verdict, judge
from tests.privacy.guessers import Case, Seen

Scene = Callable[[bool], Awaitable[Mapping[str, Seen]]]
"""One world with one of two secrets: what each party saw, by party."""

NEARLY_ALWAYS: Final = 0.9
MISSED: Final = 1e-2
"""How often a small sample of what is told nearly always may look as if it were not."""


@dataclass(frozen=True, slots=True)
class Claim:
    """``what`` in words; ``hidden``: parties that cannot tell, ``shown``: parties that can.

    ``always``: it is a part of every run of the tests, not of ``make privacy`` alone.
    """

    what: str
    scene: Scene
    hidden: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    always: bool = True

    def verdicts(self, runs: int) -> dict[str, Verdict]:
        """How each party does over so many runs, half of them to learn from."""
        rng = Random(f"{SEED}/{self.what}")
        cases: dict[str, list[Case]] = {party: [] for party in (*self.hidden, *self.shown)}
        for number in range(runs):
            which = number % 2 == 0
            seen = trio.run(self.scene, which)
            for party, mine in cases.items():
                mine.append((which, seen[party]))
        return {party: judge(mine, rng.random()) for party, mine in cases.items()}

    def failures(self, verdicts: Mapping[str, Verdict]) -> list[str]:
        """In words, what is not as claimed."""
        told = [
            f"{party} tells {self.what}: {verdicts[party]}"
            for party in self.hidden
            if verdicts[party].tells()
        ]
        missed = [
            f"{party} does not tell {self.what}: {verdicts[party]}"
            for party in self.shown
            if verdicts[party].misses(NEARLY_ALWAYS, MISSED)
        ]
        return told + missed
