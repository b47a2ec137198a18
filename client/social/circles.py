"""Circles: named sets of contacts. Mine alone: nobody in one learns of it, or who else is.

One record each, ``system/circles/<id in hex>``. A circle holds contacts, and circles that
hold contacts alone: so none goes round in a ring, whatever a damaged record says. One
circle is always there and has no record before it is used: everybody who follows me.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from client.social.store import CIRCLES, System
from formats.dag_cbor import Value
from formats.errors import Exists, Malformed, NotFound, TooMany, Unfit
from formats.fields import MAX_UINT, Fields
from formats.limits import ID, NAME
from formats.names import as_written, normalise_name

CIRCLE: Final = 16
"""Bytes of a circle's id."""
MAX_MEMBERS: Final = 1024
"""Contacts that one circle holds itself."""
MAX_INNER: Final = 64
"""Circles that one circle holds."""
MAX_CIRCLES: Final = 256
ALL: Final = bytes(CIRCLE)
"""The circle of everybody who follows me."""
ALL_NAME: Final = "all-contacts"
_WHAT: Final = "circle"

People = dict[bytes, int]
"""Contacts by id, and since when (ms)."""


@dataclass(frozen=True, slots=True)
class Circle:
    """One circle. ``members`` and ``inner`` say since when (ms) each contact and circle is in it.

    ``tag`` names it in the folders of shares of its members. ``epoch`` counts how often its
    key was replaced, because somebody left.
    """

    id: bytes
    name: str
    tag: bytes
    created: int
    epoch: int = 0
    members: Mapping[bytes, int] = field(default_factory=dict)
    inner: Mapping[bytes, int] = field(default_factory=dict)

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        return {
            "id": self.id,
            "name": self.name,
            "tag": self.tag,
            "created": self.created,
            "epoch": self.epoch,
            "members": [*self.members],
            "since": [*self.members.values()],
            "inner": [*self.inner],
            "inner_since": [*self.inner.values()],
        }

    @classmethod
    def read(cls, fields: Fields) -> "Circle":
        """As it was kept; raises Malformed."""
        return cls(
            id=fields.bytes_("id", CIRCLE),
            name=fields.text("name", NAME),
            tag=fields.bytes_("tag", CIRCLE),
            created=fields.uint("created"),
            epoch=fields.uint("epoch"),
            members=_read_dated(fields, "members", "since", ID, MAX_MEMBERS),
            inner=_read_dated(fields, "inner", "inner_since", CIRCLE, MAX_INNER),
        )


@dataclass(frozen=True, slots=True)
class Circles:
    """All circles of one state. Pure: what changes is a new value."""

    by_id: Mapping[bytes, Circle] = field(default_factory=dict)

    def people(self, id: bytes) -> People:
        """Who is in a circle, itself or through one that it holds, since when."""
        circle = self.by_id.get(id)
        if circle is None:
            return {}
        found = dict(circle.members)
        for inner, since in circle.inner.items():
            through = self.by_id.get(inner)
            for contact, joined in ({} if through is None else through.members).items():
                found[contact] = min(found.get(contact, MAX_UINT), max(joined, since))
        return found

    def around(self, id: bytes) -> list[Circle]:
        """The circles that hold this one."""
        return [each for each in self.by_id.values() if id in each.inner]

    def named(self, name: str) -> Circle | None:
        """The circle of that name."""
        name = as_written(name)
        return next((each for each in self.by_id.values() if each.name == name), None)

    def need(self, name: str) -> Circle:
        """The circle of that name; raises NotFound."""
        found = self.named(name)
        if found is None:
            raise NotFound(f"you have no circle '{name}'", hint=_LIST)
        return found

    def plus(self, *changed: Circle) -> "Circles":
        """With these, in the place of what they were; raises TooMany."""
        for each in changed:
            if len(each.members) > MAX_MEMBERS or len(each.inner) > MAX_INNER:
                raise TooMany(
                    f"a circle holds at most {MAX_MEMBERS} people and {MAX_INNER} circles",
                    hint="make a further circle, and share with both",
                )
        after = {**self.by_id, **{each.id: each for each in changed}}
        if len(after) > MAX_CIRCLES:
            raise TooMany(f"you have {MAX_CIRCLES} circles, which is the most")
        return Circles(after)

    def without(self, id: bytes) -> "Circles":
        """With that one gone, also from those that held it."""
        kept = {each: circle for each, circle in self.by_id.items() if each != id}
        for circle in self.around(id):
            inner = {each: since for each, since in circle.inner.items() if each != id}
            kept[circle.id] = replace(circle, inner=inner)
        return Circles(kept)

    def check_holds(self, outer: Circle, inner: Circle) -> None:
        """Whether one circle can hold another; raises Unfit: rings, and depths nobody needs."""
        if ALL in (outer.id, inner.id):
            raise Unfit(f"'{ALL_NAME}' is who follows you: no circle holds it, and it holds none")
        if outer.id == inner.id or outer.id in inner.inner:
            raise Unfit(f"'{outer.name}' would be in itself", hint=_DEPTH)
        if inner.inner:
            raise Unfit(f"'{inner.name}' holds circles itself", hint=_DEPTH)
        if self.around(outer.id):
            raise Unfit(f"'{outer.name}' is in a circle itself", hint=_DEPTH)


_LIST: Final = "'holdfast circle list' lists them"
_DEPTH: Final = "a circle holds people, and circles that hold people alone"


async def everything(system: System) -> Circles:
    """All circles."""
    records = await system.all(CIRCLES)
    read = map(Circle.read, records.values())
    return Circles({each.id: each for each in read})


async def keep(system: System, before: Circles, after: Circles) -> None:
    """Write down what changed between the two."""
    for id in before.by_id.keys() - after.by_id.keys():
        await system.remove(CIRCLES, id.hex())
    for id, circle in after.by_id.items():
        if before.by_id.get(id) != circle:
            await system.put((CIRCLES, id.hex()), circle.value)


async def check_free(system: System, name: str) -> None:
    """Whether no circle has that name; raises Exists."""
    if name == ALL_NAME or (await everything(system)).named(name) is not None:
        raise Exists(f"you have a circle '{name}'", hint="circles and contacts share their names")


def check_circle_name(name: str) -> str:
    """``name`` in normal form, if a circle can have it; raises BadName, Exists."""
    name = normalise_name(name)
    if name == ALL_NAME:
        raise Exists(f"'{ALL_NAME}' is always there: everybody who follows you")
    return name


def _read_dated(fields: Fields, name: str, since: str, size: int, most: int) -> dict[bytes, int]:
    ids, times = fields.list_(name, most), fields.list_(since, most)
    if len(ids) != len(times):
        raise Malformed(f"{_WHAT}: it does not say since when")
    return dict(_dated(zip(ids, times, strict=True), size))


def _dated(pairs: Iterable[tuple[Value, Value]], size: int) -> Iterable[tuple[bytes, int]]:
    for id, time in pairs:
        if not isinstance(id, bytes) or len(id) != size or type(time) is not int or time < 0:
            raise Malformed(f"{_WHAT}: what is in it is no id with a time")
        yield id, time
