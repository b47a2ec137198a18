"""Which superseded states are kept: the rule, a function without I/O.

    younger than an hour     all (of a burst, from ten minutes on, one a second)
    younger than a day       one an hour
    younger than ``keep``    one a day
    older                    none

Of those superseded in one second, hour or day the last is kept. So whether a state goes
depends on the next one alone, and it does not matter how often, or when, this is asked.
Pinned states stay, and stand for their hour and day like others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from storage.contracts import PastRow

SECOND: Final = 1000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

ALL: Final = 10 * MINUTE
"""Milliseconds for which every state is kept: so long a reader may name it."""

STRETCHES: Final = ((DAY, DAY), (HOUR, HOUR), (ALL, SECOND))
"""From this age on, one state for each stretch of so many milliseconds since 1970."""

DEFAULT_KEEP: Final = 30 * DAY // SECOND
"""Seconds for which states are kept where an account's owner did not say."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How one account wants it. ``keep``: milliseconds after which nothing is kept."""

    keep: int

    @classmethod
    def of(cls, wanted: int | None, most: int) -> "Keeping":
        """What an account wants (seconds; None: the default), as far as the node lets it."""
        seconds = min(DEFAULT_KEEP if wanted is None else wanted, most)
        return cls(max(seconds * SECOND, min(ALL, most * SECOND)))


def fading(past: Iterable[PastRow], pinned: set[int], now: int, keeping: Keeping) -> list[PastRow]:
    """The states of one space that shall go. ``past`` is oldest first; numbers are ``pinned``.

    Reads no further than to the first state that is too young to go.
    """
    gone: list[PastRow] = []
    before: PastRow | None = None
    for row in past:
        if before is not None and before.seq not in pinned and _goes(before, row, now, keeping):
            gone.append(before)
        before = row
        if now - row.superseded < min(ALL, keeping.keep):
            return gone
    if before is not None and before.seq not in pinned and _goes(before, None, now, keeping):
        gone.append(before)
    return gone


def _goes(row: PastRow, following: PastRow | None, now: int, keeping: Keeping) -> bool:
    age = now - row.superseded
    if age > keeping.keep:
        return True
    if following is None:
        return False
    for least, stretch in STRETCHES:
        if age >= least:
            return row.superseded // stretch == following.superseded // stretch
    return False
