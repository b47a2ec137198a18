"""Notifications: who answered what I wrote, and who asks to follow me, the newest first."""

from dataclasses import dataclass
from typing import Final

from client.feed import marks
from client.feed.everyone import Everyone
from client.feed.gathering import look_at
from client.feed.notes import all_notes
from client.session import Session
from client.social import contacts
from client.social.requests import requests
from client.social.store import look

FOLLOW: Final = "follow"
MAX_SHOWN: Final = 256


@dataclass(frozen=True, slots=True)
class Notification:
    """``kind``: comment, reaction, or follow (somebody asks to). ``name``: who, as I call them.

    ``post``, ``under`` and ``id`` are of answers. ``time``: when it came (ms).
    """

    time: int
    kind: str
    name: str
    said: str = ""
    post: bytes = b""
    under: bytes = b""
    id: bytes = b""
    is_new: bool = False


async def notifications(
    session: Session, count: int = MAX_SHOWN
) -> tuple[list[Notification], Everyone]:
    """The newest of them, once everybody was asked for what is new; and what that gave."""
    found = await look_at(session)
    return await noted(session, count), found


async def noted(session: Session, count: int = MAX_SHOWN) -> list[Notification]:
    """Those that are noted already."""
    system = await look(session)
    until = (await marks.marks(system)).notifications
    people = {each.id: each for each in await contacts.everybody(system)}
    made = [
        Notification(
            each.time,
            each.kind,
            people[each.who].name if each.who in people else each.name,
            each.said,
            each.post,
            each.under,
            each.id,
            each.time > until,
        )
        for each in await all_notes(system)
        if (each.name or each.who in people)
        and not (each.who in people and people[each.who].blocked)
    ]
    made += [
        Notification(each.time, FOLLOW, each.name, each.handle, is_new=each.time > until)
        for each in await requests(session)
    ]
    made.sort(key=lambda each: (-each.time, each.id))
    return made[:count]
