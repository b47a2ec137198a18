"""Guessers: each learns from cases whose secret is known, and guesses it for others.

Simple ones, of five kinds, so that what shows in a single value among much noise, in several,
in two together, in a shift of a number or behind a cut is found by one of them.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations
from math import inf, log
from statistics import fmean, pvariance
from typing import Final

Seen = Mapping[str, str | bytes | float]
"""What was seen in one run, by name."""

Case = tuple[bool, Seen]
"""Which of two secrets it was, and what was seen."""

Guess = Callable[[Seen], bool]


def by_words(cases: Sequence[Case], width: int = 1) -> Guess:
    """Naive Bayes over what was seen as it is; ``width``: so many things at a time."""
    seen_with = {True: Counter[object](), False: Counter[object]()}
    runs = Counter(which for which, _ in cases)
    for which, seen in cases:
        seen_with[which].update(_words(seen, width))

    def guess(seen: Seen) -> bool:
        score = 0.0
        for word in _words(seen, width):
            yes, no = seen_with[True][word], seen_with[False][word]
            if yes + no > 1:  # what came in one run only says nothing about others
                score += log((yes + 1) / (runs[True] + 2)) - log((no + 1) / (runs[False] + 2))
        return score > 0

    return guess


def by_one_word(cases: Sequence[Case]) -> Guess:
    """The one thing that would have told best of each run from all the others."""
    best, tables = "", dict[str, Counter[tuple[object, bool]]]()
    most = -inf
    for name in sorted({name for _, seen in cases for name in seen}):
        table = tables[name] = Counter((seen.get(name), which) for which, seen in cases)
        told = sum(_lead(table, seen.get(name), which) for which, seen in cases)
        if told > most:
            best, most = name, told

    table = tables.get(best, Counter())  # nothing was seen: nothing is told

    def guess(seen: Seen) -> bool:
        word = seen.get(best)
        return table[word, True] > table[word, False]

    return guess


def by_bells(cases: Sequence[Case]) -> Guess:
    """Naive Bayes over numbers, each with a mean and a spread for either secret."""
    bells: list[tuple[str, _Bell, _Bell]] = []
    for name in _names_of_numbers(cases):
        yes, no = ([_number(seen, name) for which, seen in cases if which is w] for w in _BOTH)
        if yes and no:
            bells.append((name, _Bell(yes), _Bell(no)))

    def guess(seen: Seen) -> bool:
        return (
            sum(
                y.height(_number(seen, name)) - n.height(_number(seen, name))
                for name, y, n in bells
            )
            > 0
        )

    return guess


def by_cuts(cases: Sequence[Case], depth: int = 3) -> Guess:
    """A tree of questions: is this number above that cut?"""
    cut = _best_cut(cases) if depth else None
    if cut is None:
        answer = 2 * sum(which for which, _ in cases) > len(cases)
        return lambda _seen: answer
    name, at = cut
    above = by_cuts([case for case in cases if _number(case[1], name) > at], depth - 1)
    below = by_cuts([case for case in cases if _number(case[1], name) <= at], depth - 1)
    return lambda seen: (above if _number(seen, name) > at else below)(seen)


GUESSERS: Final[Mapping[str, Callable[[Sequence[Case]], Guess]]] = {
    "one word": by_one_word,
    "words": by_words,
    "pairs of words": partial(by_words, width=2),
    "bells": by_bells,
    "cuts": by_cuts,
}

_BOTH: Final = (True, False)
_ABSENT: Final = -1.0
"""The number of what was not seen: sizes, counts and times are not negative."""


class _Bell:
    """A normal distribution; never infinitely narrow."""

    def __init__(self, numbers: Sequence[float]) -> None:
        self._mean = fmean(numbers)
        self._variance = pvariance(numbers, self._mean) + 1e-9

    def height(self, number: float) -> float:
        """The logarithm of its density, but for what is the same everywhere."""
        return -((number - self._mean) ** 2 / self._variance + log(self._variance)) / 2


def _words(seen: Seen, width: int) -> Iterator[object]:
    return combinations(sorted(seen.items(), key=lambda item: item[0]), width)


def _lead(table: Counter[tuple[object, bool]], word: object, which: bool) -> int:
    """What the other runs with this word say of one: 1 if they tell, -1 if they mislead."""
    lead = table[word, which] - 1 - table[word, not which]
    return (lead > 0) - (lead < 0)


def _names_of_numbers(cases: Sequence[Case]) -> list[str]:
    return sorted({n for _, seen in cases for n, v in seen.items() if isinstance(v, int | float)})


def _number(seen: Seen, name: str) -> float:
    value = seen.get(name)
    return value if isinstance(value, int | float) else _ABSENT


def _best_cut(cases: Sequence[Case]) -> tuple[str, float] | None:
    """The name and number whose two sides are the least mixed; None if there is none."""
    least, found = inf, None
    for name in _names_of_numbers(cases):
        ordered = sorted((_number(seen, name), which) for which, seen in cases)
        for mixed, at in _cuts(ordered):
            if mixed < least:
                least, found = mixed, (name, at)
    return found


def _cuts(ordered: Sequence[tuple[float, bool]]) -> Iterator[tuple[float, float]]:
    """Every cut between two different numbers: how mixed its sides are, and where it is."""
    yes_below, yes = 0, sum(which for _, which in ordered)
    for below, (number, which) in enumerate(ordered[:-1], 1):
        yes_below += which
        if ordered[below][0] > number:
            mixed = _mixed(yes_below, below) + _mixed(yes - yes_below, len(ordered) - below)
            yield mixed, number


def _mixed(yes: int, of: int) -> float:
    return yes * (of - yes) / of
