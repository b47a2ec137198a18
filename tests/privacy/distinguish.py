"""Guessing a secret from what somebody saw: learn from half of the runs, be judged by the rest.

    verdict = judge(cases, seed)       # cases: (which of two secrets it was, what was seen)
    assert not verdict.tells()

What was seen in a run is a flat mapping from names to values. Words (text and bytes: peer ids,
keys, addresses, orders of calls) count as themselves, so that what comes again in many runs
tells; numbers (sizes, counts, times) are also compared by size. The cases are shuffled and
halved. Of the guessers, the one that does best within the first half (each quarter guessed from
the other) is trained on all of that half and judged, once, by the second: so having several is
no several chances.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log
from random import Random
from typing import Final

from tests.privacy.guessers import GUESSERS, Case, Guess

RISK: Final = 1e-6
"""How often ``tells`` may say so of what tells nothing: once in a million runs of a test."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How often the best guesser was right about cases it had not learned from."""

    right: int
    asked: int
    guesser: str

    @property
    def share(self) -> float:
        """From 0 to 1; one half is chance."""
        return self.right / self.asked

    @property
    def luck(self) -> float:
        """How probable it is to be right as often, or more often, by tossing a coin."""
        return sum(_of_tosses(heads, self.asked) for heads in range(self.right, self.asked + 1))

    def misses(self, share: float, risk: float) -> bool:
        """Whether this is no guesser who is right with probability ``share``.

        Such a one would be right so seldom, or more seldom, less often than ``risk``.
        """
        bad_luck = sum(_of_tosses(heads, self.asked, share) for heads in range(self.right + 1))
        return bad_luck < risk

    def tells(self, risk: float = RISK) -> bool:
        """Whether the secret shows: luck explains it less often than ``risk``."""
        return self.luck < risk

    def __str__(self) -> str:
        return f"{self.right} of {self.asked} right ({self.share:.2%}; {self.guesser})"


def judge(cases: Sequence[Case], seed: object) -> Verdict:
    """What can be guessed about the secret from what was seen."""
    mixed = list(cases)
    Random(f"{seed}").shuffle(mixed)
    half, quarter = len(mixed) // 2, len(mixed) // 4
    known, asked = mixed[:half], mixed[half:]
    one, other = known[:quarter], known[quarter:]

    def within(name: str) -> int:
        return _right(GUESSERS[name](one), other) + _right(GUESSERS[name](other), one)

    best = max(GUESSERS, key=within)
    return Verdict(_right(GUESSERS[best](known), asked), len(asked), best)


def _right(guess: Guess, cases: Sequence[Case]) -> int:
    return sum(guess(seen) == which for which, seen in cases)


def _of_tosses(heads: int, tosses: int, weight: float = 0.5) -> float:
    ways = lgamma(tosses + 1) - lgamma(heads + 1) - lgamma(tosses - heads + 1)
    return exp(ways + heads * log(weight) + (tosses - heads) * log(1 - weight))
