"""What a node found lately: by key, within bounds, and which of several values is the newest."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from formats.published import Published
from node.dht.rules import CACHE_SECONDS, KEEP_SECONDS
from node.finding import Sighting

REMEMBERED: Final = 256
"""Keys whose sightings are remembered."""

MOST_FOUND: Final = 3
"""Different values of one key that are shown; more than one is rare, and an alarm."""


class Sightings:
    """The newest sighting of each key. Times in milliseconds since 1970."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, Sighting] = OrderedDict()

    def get(self, key: bytes) -> Sighting | None:
        """The last one, whatever its age."""
        return self._kept.get(key)

    def fresh(self, key: bytes, now: int) -> Sighting | None:
        """The last one, if it is new enough to be told instead of looking again."""
        known = self._kept.get(key)
        return known if known and now - known.time < CACHE_SECONDS * 1000 else None

    def note(self, key: bytes, sighting: Sighting) -> None:
        """Remember it, unless nothing was found; the oldest goes when there are too many."""
        if sighting.values:
            self._kept[key] = sighting
            self._kept.move_to_end(key)
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)

    def expire(self, now: int) -> None:
        """Forget those that nobody would keep any more either."""
        for key, sighting in list(self._kept.items()):
            if now - sighting.time > KEEP_SECONDS * 1000:
                del self._kept[key]


def newest(found: Iterable[Published], seen: Iterable[Published]) -> tuple[bytes, ...]:
    """The newest value of each person found; two of one person only if they contradict.

    What was seen before is taken for found where what is found of that person is older.
    """
    there = list(found)
    people = {each.id for each in there}
    there += [each for each in seen if each.id in people]
    ages: dict[bytes, tuple[int, int]] = {}
    for each in there:
        ages[each.id] = max(each.age, ages.get(each.id, (0, 0)))
    best = {each.encode(): None for each in there if each.age == ages[each.id]}
    return tuple(best)[:MOST_FOUND]
