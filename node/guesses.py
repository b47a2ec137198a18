"""Guessing passwords takes longer and longer; nobody is locked out by it.

    of one source   after a few wrong ones, each further try waits: 1, 2, 4, 8 seconds,
                    one try at a time, whoever it is for
    of one account  after many wrong ones from anywhere, tries from sources that have not
                    signed in to it before wait up to 4 seconds

A machine that its owner signed in from before shows what it was given then (``known.py``) and is
a source of its own, which no stranger's guesses count for, wherever it is.

So somebody who guesses at an account slows themselves, and the account's owner not at
all where they have signed in before, and by a few seconds where they have not. The wait
comes before the key is looked at: it is the same for right and wrong, and for names
that nobody has. Remembered for an hour; what accounts were guessed at also beyond a restart
(``jobs/guessing.py``). Where from is an address, and is not written down.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final, TypeVar

import trio

from formats.errors import WrongPassword
from node.counts import Counts

K = TypeVar("K")
V = TypeVar("V")

FORGET: Final = 3600.0
"""Seconds without a wrong one after which all is forgotten."""

MOST_WAIT: Final = 8.0
"""Seconds; below what the caller gives an answer."""

MOST_WAIT_OF_NAME: Final = 4.0
MANY: Final = 10
"""Times what one source may: wrong ones for an account, from anywhere, before it is slowed."""

MOST_KNOWN: Final = 20_000
MOST_WRITTEN: Final = 1000
LEAST_WRITTEN: Final = MANY
"""Wrong ones for a name from which on they are written down."""


class Guesses:
    """Wrong passwords at one node."""

    def __init__(self, counts: Counts) -> None:
        self._counts: Final = counts
        self._of_source: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._of_name: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._good: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._trying: dict[str, trio.Lock] = {}

    def of_names(self) -> dict[str, tuple[int, float]]:
        """Wrong ones for each name that were not forgotten, and how many seconds ago the last was.

        Only those that slow somebody down or are about to: the worst first, at most MOST_WRITTEN.
        """
        now = trio.current_time()
        found = {
            name: (_wrong(self._of_name, name), now - last)
            for name, (_, last) in self._of_name.items()
        }
        worst = sorted(found, key=lambda name: -found[name][0])[:MOST_WRITTEN]
        return {name: found[name] for name in worst if found[name][0] >= LEAST_WRITTEN}

    def recall(self, found: Mapping[str, tuple[int, float]]) -> None:
        """Go on from what ``of_names`` said, before anybody has guessed here."""
        for name, (number, ago) in found.items():
            self._of_name[name] = number, trio.current_time() - ago

    @asynccontextmanager
    async def trying(
        self, name: str, source: str, allowed: int, known: bool = False
    ) -> AsyncIterator[None]:
        """Around looking at a password's proof, which raises WrongPassword when it is wrong.

        ``known``: the source is a machine that the account's owner signed in from before.
        """
        lock = self._trying.setdefault(source, trio.Lock())
        try:
            async with lock:
                await self._wait(name, source, allowed, known)
                try:
                    yield
                except WrongPassword:
                    _count(self._of_source, source)
                    _count(self._of_name, name)
                    raise
                self._of_source.pop(source, None)
                _keep(self._good, (name, source), None)
        finally:
            if not lock.locked():
                self._trying.pop(source, None)

    async def _wait(self, name: str, source: str, allowed: int, known: bool) -> None:
        wait = _doubled(_wrong(self._of_source, source) - allowed, MOST_WAIT)
        if not known and (name, source) not in self._good:
            of_name = _wrong(self._of_name, name) - allowed * MANY
            wait = max(wait, _doubled(of_name, MOST_WAIT_OF_NAME))
        if wait:
            self._counts.slowed["guesses"] += 1
            await trio.sleep(wait)


def _doubled(over: int, most: float) -> float:
    return 0.0 if over < 0 else min(2.0 ** min(over, 10), most)


def _wrong(counts: OrderedDict[str, tuple[int, float]], key: str) -> int:
    number, last = counts.get(key, (0, 0.0))
    return number if trio.current_time() - last < FORGET else 0


def _count(counts: OrderedDict[str, tuple[int, float]], key: str) -> None:
    _keep(counts, key, (_wrong(counts, key) + 1, trio.current_time()))


def _keep(kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > MOST_KNOWN:
        kept.popitem(last=False)
