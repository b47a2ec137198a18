"""START HERE: the feed. What others post and share with me, and what I post, the newest first.

Somebody's time is their word: a thing stands where they say, but never later than when it was
first seen here. "New" goes by when it was first seen alone (docs/spec/feed.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from client.drive.tasks import together
from client.feed.everyone import Everyone, Item
from client.feed.gathering import look_at
from client.feed.items import ITEM
from client.feed.months import earlier
from client.feed.source import ChannelView
from client.session import Session
from formats.errors import HoldfastError, Usage

PAGE: Final = 20
"""Things on a page of the feed, unless another number is asked for."""
MAX_PAGE: Final = 200
DEEPER: Final = 4
"""How often earlier posts of everybody are asked for, for one page."""
PART: Final = 64
"""Earlier posts that are read at once of one channel; a page is full after these rounds."""


@dataclass(slots=True)
class Page:
    """Some of the feed. ``after``: where the next page begins, empty at the end.

    ``unseen``: how many things are new, of all that was looked at. ``problems``: what, and of
    whom, could not be read. ``found``: what was looked at.
    """

    items: list[Item] = field(default_factory=list)
    after: str = ""
    unseen: int = 0
    problems: list[HoldfastError] = field(default_factory=list)
    found: Everyone = field(default_factory=Everyone, repr=False)


async def feed(
    session: Session,
    before: str = "",
    count: int = PAGE,
    person: str | None = None,
    hidden: bool = False,
) -> Page:
    """A page of the feed, from the newest or from where an earlier page ended.

    ``person``: of one contact, or oneself, alone. ``hidden``: with what was hidden. What is seen
    for the first time is noted, and answers to one's own posts are taken in on the way. Raises
    NotFound (nobody of that name), Usage (no such place).
    """
    count, place = max(1, min(count, MAX_PAGE)), _read_place(before)
    found = await look_at(session, person)
    return await _page(session, found, place, count, hidden)


async def _page(
    session: Session, found: Everyone, place: tuple[int, bytes] | None, count: int, hidden: bool
) -> Page:
    now, turn = session.around.now(), 0
    while True:
        every = found.items(now)
        shown = _below([each for each in every if hidden or not each.hidden], place)
        end = shown[count - 1].time if len(shown) >= count else 0
        channels = [channel for source in found.sources for channel in source.channels]
        waiting = [each for each in channels if each.index.floor and each.index.floor >= end]
        if not waiting or turn == DEEPER:
            break
        turn += 1
        async with together() as nursery:
            for each in waiting:
                start = each.index.floor if place is None else min(each.index.floor, -place[0])
                nursery.start_soon(_deepen, each, max(0, start), found.problems)
    items = shown[:count]
    more = len(shown) > count or any(each.index.floor for each in channels)
    after = _place(items[-1]) if items and more else ""
    unseen = sum(each.is_new and not each.hidden for each in every)
    return Page(items, after, unseen, found.problems, found)


def _below(items: Iterable[Item], place: tuple[int, bytes] | None) -> list[Item]:
    """In order, what comes after a place."""
    below = [each for each in items if place is None or each.order > place]
    return sorted(below, key=lambda each: each.order)


async def _deepen(channel: ChannelView, floor: int, problems: list[HoldfastError]) -> None:
    """More posts of a channel, below what is there of it."""
    try:
        heads, lower = await earlier(channel, floor, PART, problems)
    except HoldfastError as error:
        problems.append(error)
        heads, lower = [], 0
    index = channel.index
    channel.index = replace(index, posts=(*index.posts, *heads), floor=lower)


def _place(item: Item) -> str:
    return f"{item.time}-{item.id.hex()}"


def _read_place(text: str) -> tuple[int, bytes] | None:
    """As it stands in ``Item.order``; None for the beginning."""
    if not text:
        return None
    digits, _, letters = text.partition("-")
    try:
        place = -int(digits), bytes.fromhex(letters)
    except ValueError:
        place = 0, b""
    if len(place[1]) != ITEM or not digits.isascii() or len(digits) > 17:
        raise Usage("that is no place in the feed", hint="pass what the page before said")
    return place
