"""Who has access to what: kept by the owner, for the owner alone.

One record for each shared file or folder, ``system/access/<its id in hex>``. The
path is a hint for people, right when it was shared; the id is what counts.
"""

from dataclasses import dataclass, replace
from typing import Final

from client.social.circles import CIRCLE
from client.social.store import ACCESS, System
from formats.dag_cbor import Value
from formats.errors import Malformed, TooMany
from formats.fields import Fields, entries
from formats.limits import ID, NAME, PATH

MAX_GRANTS: Final = 512
"""People one thing is shared with, one by one."""
MAX_CIRCLES: Final = 64
"""Circles one thing is shared with."""
_FILE_ID: Final = 16
_WHAT: Final = "access"


@dataclass(frozen=True, slots=True)
class Grant:
    """A contact (by id) who has access under a share name, since when (ms)."""

    contact: bytes
    name: str
    since: int


@dataclass(frozen=True, slots=True)
class CircleGrant:
    """A circle (by id): everybody in it has access under a share name, since when (ms)."""

    circle: bytes
    name: str
    since: int


@dataclass(frozen=True, slots=True)
class Access:
    """Everybody who has access to one file or folder of mine.

    Each contact, and each circle however many are in it, has one grant. ``space``: the space
    that it is in, if that is not the root space.
    """

    id: bytes
    parts: tuple[str, ...]
    grants: tuple[Grant, ...] = ()
    circles: tuple[CircleGrant, ...] = ()
    space: bytes | None = None

    def of(self, contact: bytes) -> Grant | None:
        """The grant of a contact."""
        return next((each for each in self.grants if each.contact == contact), None)

    def without(self, contact: bytes) -> "Access":
        """With that contact's grant gone."""
        return replace(self, grants=tuple(x for x in self.grants if x.contact != contact))

    def plus(self, grant: Grant) -> "Access":
        """With this grant, in the place of an earlier one to the same contact."""
        return replace(self, grants=(*self.without(grant.contact).grants, grant))

    def of_circle(self, circle: bytes) -> CircleGrant | None:
        """The grant of a circle."""
        return next((each for each in self.circles if each.circle == circle), None)

    def without_circle(self, circle: bytes) -> "Access":
        """With that circle's grant gone."""
        return replace(self, circles=tuple(x for x in self.circles if x.circle != circle))

    def plus_circle(self, grant: CircleGrant) -> "Access":
        """With this grant, in the place of an earlier one to the same circle."""
        return replace(self, circles=(*self.without_circle(grant.circle).circles, grant))

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        grants: list[Value] = [
            {"contact": each.contact, "name": each.name, "since": each.since}
            for each in self.grants
        ]
        circles: list[Value] = [
            {"circle": each.circle, "name": each.name, "since": each.since} for each in self.circles
        ]
        value: dict[str, Value] = {"id": self.id, "path": "/".join(self.parts), "grants": grants}
        if circles:
            value["circles"] = circles
        if self.space is not None:
            value["space"] = self.space
        return value

    @classmethod
    def read(cls, fields: Fields) -> "Access":
        """As it was kept."""
        id, path = fields.bytes_("id", _FILE_ID), fields.text("path", PATH)
        grants = tuple(
            Grant(each.bytes_("contact", ID), each.text("name", NAME), each.uint("since"))
            for each in entries(fields.list_("grants", MAX_GRANTS), "grant")
        )
        circles = tuple(
            CircleGrant(each.bytes_("circle", CIRCLE), each.text("name", NAME), each.uint("since"))
            for each in entries(fields.optional_list("circles", MAX_CIRCLES) or [], "grant")
        )
        parts = tuple(part for part in path.split("/") if part)
        return cls(id, parts, grants, circles, fields.optional_bytes("space", ID))


async def get(system: System, id: bytes | None) -> Access | None:
    """Who has access to the file or folder of that id, if anybody."""
    fields = None if id is None else await system.get((ACCESS, id.hex()), _WHAT)
    return None if fields is None else Access.read(fields)


async def put(system: System, access: Access) -> None:
    """Keep it; without grants, forget it."""
    if len(access.grants) > MAX_GRANTS:
        raise TooMany(f"it is shared with {MAX_GRANTS} people, which is the most")
    if len(access.circles) > MAX_CIRCLES:
        raise TooMany(f"it is shared with {MAX_CIRCLES} circles, which is the most")
    if access.grants or access.circles:
        await system.put((ACCESS, access.id.hex()), access.value)
    else:
        await system.remove(ACCESS, access.id.hex())


async def all_ids(system: System) -> set[bytes]:
    """The ids of everything that is shared, without opening the records."""
    try:
        return {bytes.fromhex(name) for name in await system.names(ACCESS)}
    except ValueError:
        raise Malformed("a record of who has access has no id for a name") from None


async def everything(system: System) -> list[Access]:
    """All that is shared."""
    return list((await system.all_as(Access.read, ACCESS)).values())
