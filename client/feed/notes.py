"""What concerns me, noted as it comes in: who answered what I wrote. The newest are kept."""

from collections.abc import Collection, Sequence
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
NOTES: Final = "notes"
_WHAT: Final = "notification"


@dataclass(frozen=True, slots=True)
class Note:
    """``who`` (a contact, by id) answered under ``under`` of ``post``. ``time``: taken in (ms)."""

    time: int
    kind: str
    who: bytes
    post: bytes
    under: bytes
    id: bytes
    said: str

    @classmethod
    def of(cls, answer: Answer, now: int) -> "Note":
        """Of an answer that was taken in now."""
        said = shortened(answer.text, MAX_SAID)
        return cls(now, str(answer.kind), answer.sender, answer.post, answer.under, answer.id, said)

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        ids: dict[str, Value] = {"who": self.who, "post": self.post, "under": self.under}
        return {**ids, "time": self.time, "kind": self.kind, "id": self.id, "said": self.said}

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
        )


async def all_notes(system: System) -> list[Note]:
    """All that are kept, the newest first."""
    fields = await system.get((FEED, NOTES), _WHAT)
    if fields is None:
        return []
    found = [Note.read(each) for each in entries(fields.list_("notes", MAX_NOTES), _WHAT)]
    return sorted(found, key=lambda each: (-each.time, each.id))


async def change(system: System, new: Sequence[Note], gone: Collection[bytes] = ()) -> None:
    """Within an operation: keep these, and nothing of answers that are gone.

    One about the same answer takes the place of the older.
    """
    ids = {*gone, *(each.id for each in new)}
    before = await all_notes(system)
    kept = [each for each in before if each.id not in ids]
    if not new and len(kept) == len(before):
        return
    both = sorted([*new, *kept], key=lambda each: (-each.time, each.id))
    value: list[Value] = [each.value for each in both[:MAX_NOTES]]
    await system.put((FEED, NOTES), {"notes": value})
