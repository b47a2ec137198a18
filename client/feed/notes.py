"""What concerns me, noted as it comes in: who answered what I wrote. The newest are kept.

Beside them, how many comments there were under posts of others that I commented on.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from client.feed.answers import Answer
from client.feed.items import ITEM, clean, shortened
from client.social.store import FEED, System
from formats.dag_cbor import Value
from formats.fields import Fields, entries
from formats.limits import ID

MAX_NOTES: Final = 256
MAX_SAID: Final = 120
"""Bytes of what was said that stand in a note."""
MAX_NAME: Final = 512
"""Bytes of a name that stands in a note."""
MAX_COUNTS: Final = 256
"""Posts of others whose number of answers is remembered."""
NOTES: Final = "notes"
_WHAT: Final = "notification"


@dataclass(frozen=True, slots=True)
class Note:
    """``who`` (by id) answered under ``under`` of ``post``. ``time``: taken in (ms).

    ``name``: a handle, for who may be no contact; else it is looked up.
    """

    time: int
    kind: str
    who: bytes
    post: bytes
    under: bytes
    id: bytes
    said: str
    name: str = ""

    @classmethod
    def of(cls, answer: Answer, now: int) -> "Note":
        """Of an answer that was taken in now."""
        said = shortened(answer.text, MAX_SAID)
        return cls(now, str(answer.kind), answer.sender, answer.post, answer.under, answer.id, said)

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        ids: dict[str, Value] = {"who": self.who, "post": self.post, "under": self.under}
        named: dict[str, Value] = {"name": self.name} if self.name else {}
        about: dict[str, Value] = {"time": self.time, "kind": self.kind, "id": self.id}
        return {**ids, **about, **named, "said": self.said}

    @classmethod
    def read(cls, fields: Fields) -> "Note":
        """As it was kept."""
        return cls(
            fields.uint("time"),
            fields.text("kind", 16),
            fields.bytes_("who", ID),
            fields.bytes_("post", ITEM),
            fields.bytes_("under", ITEM),
            fields.bytes_("id", ITEM),
            clean(fields.text("said", MAX_SAID)),
            clean(fields.optional_text("name", MAX_NAME) or ""),
        )


async def all_notes(system: System) -> list[Note]:
    """All that are kept, the newest first."""
    fields = await system.get((FEED, NOTES), _WHAT)
    if fields is None:
        return []
    found = [Note.read(each) for each in entries(fields.list_("notes", MAX_NOTES), _WHAT)]
    return sorted(found, key=lambda each: (-each.time, each.id))


async def counts(system: System) -> dict[bytes, int]:
    """How many answers posts of others ever had, by the post, when they were looked at."""
    fields = await system.get((FEED, NOTES), _WHAT)
    rows = [] if fields is None else fields.optional_list("counts", MAX_COUNTS) or []
    found = entries(rows, _WHAT)
    return {each.bytes_("post", ITEM): each.uint("count") for each in found}


async def change(
    system: System,
    new: Sequence[Note],
    gone: Collection[bytes] = (),
    counted: Mapping[bytes, int] | None = None,
) -> None:
    """Within an operation: keep these, and nothing of answers that are gone.

    One about the same answer takes the place of the older. ``counted``: see ``counts``.
    """
    ids = {*gone, *(each.id for each in new)}
    before = await all_notes(system)
    kept = [each for each in before if each.id not in ids]
    if not new and len(kept) == len(before) and not counted:
        return
    both = sorted([*new, *kept], key=lambda each: (-each.time, each.id))
    value: list[Value] = [each.value for each in both[:MAX_NOTES]]
    known = {id: n for id, n in (await counts(system)).items() if id not in (counted or {})}
    all_counts = [*known.items(), *(counted or {}).items()][-MAX_COUNTS:]
    rows: list[Value] = [{"post": id, "count": count} for id, count in all_counts]
    extra: dict[str, Value] = {"counts": rows} if rows else {}
    await system.put((FEED, NOTES), {"notes": value, **extra})
