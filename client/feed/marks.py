"""What I saw of the feed, and when first; what I hid: sealed in my own space, for all my devices.

One record for each person, ``system/feed/<id in hex>``, and ``system/feed/marks`` for the whole.
The time at which something was first seen here bounds what its author claims, and is what
"new" goes by: nobody's false date makes anything new, or old, twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from client.feed.items import ITEM
from client.session import Session
from client.social.store import FEED, System, change
from client.space.reading import Changing
from formats.dag_cbor import Value
from formats.errors import Malformed
from formats.fields import Fields
from formats.limits import ID

MAX_SEEN: Final = 1024
"""Things of one person whose first time is remembered; the oldest give way."""
MAX_HIDDEN: Final = 512
MARKS: Final = "marks"
_WHAT: Final = "feed"


@dataclass(frozen=True, slots=True)
class First:
    """When something was first seen (ms), and its highest version so far."""

    time: int
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one person, by id. ``begun``: when (ms) that began, 0 if never.

    ``beneath``: things that are not here were first seen by then.
    """

    begun: int = 0
    things: Mapping[bytes, First] = field(default_factory=dict)
    hidden: tuple[bytes, ...] = ()
    beneath: int = 0

    def plus(self, found: Mapping[bytes, First], now: int) -> "Seen":
        """With these seen now; what was seen before keeps its first time.

        ``First.time`` is what their author claims: what is there when somebody's things are seen
        for the first time is as old as they say, and whatever comes later is new.
        """
        things = dict(self.things)
        for id, each in found.items():
            before = things.get(id, First(now if self.begun else min(now, each.time)))
            things[id] = First(before.time, max(before.seq, each.seq))
        order = sorted(things.items(), key=lambda each: (-each[1].time, each[0]))
        dropped = order[MAX_SEEN:]
        beneath = max([self.beneath, *(each.time for _, each in dropped)])
        return replace(
            self, begun=self.begun or now, things=dict(order[:MAX_SEEN]), beneath=beneath
        )

    def hiding(self, id: bytes, hide: bool) -> "Seen":
        """With something hidden, or not any more; the oldest hidden give way."""
        others = tuple(each for each in self.hidden if each != id)
        return replace(self, hidden=(*others, id)[-MAX_HIDDEN:] if hide else others)

    def first(self, id: bytes, now: int) -> First:
        """When something was first seen; what is not known here was seen long ago, or never."""
        return self.things.get(id) or First(max(self.begun, self.beneath) or now)

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        return {
            "begun": self.begun,
            "beneath": self.beneath,
            "ids": list(self.things),
            "times": [each.time for each in self.things.values()],
            "seqs": [each.seq for each in self.things.values()],
            "hidden": list(self.hidden),
        }

    @classmethod
    def read(cls, fields: Fields) -> "Seen":
        """As it was kept; raises Malformed."""
        ids = _ids(fields, "ids", MAX_SEEN)
        times, seqs = _numbers(fields, "times"), _numbers(fields, "seqs")
        if not len(ids) == len(times) == len(seqs):
            raise Malformed(f"{_WHAT}: not as many times as things")
        things = {id: First(when, seq) for id, when, seq in zip(ids, times, seqs, strict=True)}
        return cls(
            fields.uint("begun"),
            things,
            tuple(_ids(fields, "hidden", MAX_HIDDEN)),
            fields.uint("beneath"),
        )


@dataclass(frozen=True, slots=True)
class Marks:
    """Up to when (ms) the feed, and the notifications, were seen."""

    feed: int = 0
    notifications: int = 0

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        return {"feed": self.feed, "notifications": self.notifications}

    @classmethod
    def read(cls, fields: Fields) -> "Marks":
        """As it was kept."""
        return cls(fields.uint("feed"), fields.uint("notifications"))


async def marks(system: System) -> Marks:
    """Up to when everything was seen."""
    fields = await system.get((FEED, MARKS), _WHAT)
    return Marks() if fields is None else Marks.read(fields)


async def seen_of(system: System, person: bytes) -> Seen:
    """What was seen of one person."""
    fields = await system.get((FEED, person.hex()), _WHAT)
    return Seen() if fields is None else Seen.read(fields)


async def everything(system: System) -> tuple[dict[bytes, Seen], Marks]:
    """What was seen of everybody."""
    records = await system.all(FEED)
    found = records.pop(MARKS, None)
    records = {name: each for name, each in records.items() if len(name) == 2 * ID}
    seen = {bytes.fromhex(name): Seen.read(fields) for name, fields in records.items()}
    return seen, Marks() if found is None else Marks.read(found)


async def note(system: System, person: bytes, found: Mapping[bytes, First]) -> Seen:
    """Within an operation: these were seen; what is known of that person from now on."""
    before = await seen_of(system, person)
    after = before.plus(found, system.now)
    if after != before:
        await system.put((FEED, person.hex()), after.value)
    return after


async def set_marks(session: Session, feed: int = 0, notifications: int = 0) -> Marks:
    """The feed, or the notifications, were seen up to here; never back. The marks afterwards."""

    async def operation(changing: Changing) -> Marks:
        system = System(session, changing)
        before = await marks(system)
        after = Marks(max(before.feed, feed), max(before.notifications, notifications))
        if after != before:
            await system.put((FEED, MARKS), after.value)
            await system.flush()
        return after

    return await change(session, operation)


async def hide(session: Session, person: bytes, id: bytes, hidden: bool = True) -> None:
    """Leave something out of the feed from now on, or show it again."""

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        before = await seen_of(system, person)
        await system.put((FEED, person.hex()), before.hiding(id, hidden).value)
        await system.flush()

    await change(session, operation)


def _ids(fields: Fields, name: str, most: int) -> list[bytes]:
    found = [each for each in fields.list_(name, most) if isinstance(each, bytes)]
    if any(len(each) != ITEM for each in found):
        raise Malformed(f"{_WHAT}: what was seen has no id")
    return found


def _numbers(fields: Fields, name: str) -> list[int]:
    values: Iterable[Value] = fields.list_(name, MAX_SEEN)
    return [each for each in values if isinstance(each, int) and each >= 0]
