"""Posts that are older than what the list of the newest has: read by month, some at a time."""

from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

from client.drive.entry import Entry
from client.drive.folder import FolderView
from client.drive.node import OF_ONE_NODE, open_folder, open_nodes
from client.feed.channels import MAX_A_MONTH
from client.feed.files import content_of
from client.feed.items import Head, Post
from client.feed.names import is_month, month_of, read_stem
from client.feed.source import ChannelView
from formats.errors import HoldfastError, Malformed, TooMany

MAX_MONTHS: Final = 24
"""Months without any post that are looked into before it is believed that there is nothing."""
_TIES: Final = 64
"""Posts of one millisecond that come together."""


async def earlier(
    channel: ChannelView, floor: int, count: int, problems: list[HoldfastError]
) -> tuple[list[Head], int]:
    """The ``count`` newest posts at or below ``floor`` (ms) in one more month, and the new floor.

    It reads one month; the floor is 0 once there is nothing earlier.
    """
    view = await channel.folder()
    newest = month_of(floor)
    names = [each.name for each in (await view.listing()).entries if is_month(each.name)]
    months = sorted((each for each in names if each <= newest), reverse=True)
    for name in months[:MAX_MONTHS]:
        month = await view.get(name)
        if month is None or not month.is_folder:
            continue
        found = await _stems(channel, month, problems)
        below = sorted((each for each in found if each[0] <= floor), key=_newest_first)
        some = [each for each in below if each[0] >= below[:count][-1][0]][: count + _TIES]
        if some:
            heads = await _read(channel, month, [entry for _, entry in some], problems)
            done = len(some) == len(below) and name == months[-1]
            return heads, 0 if done else max(0, some[-1][0] - 1)
    return [], 0


async def post_in(channel: ChannelView, month: str, name: str) -> Post | None:
    """One post as it is in its file; None if it is not there."""
    entry = await (await channel.folder()).get(month)
    if entry is None or not entry.is_folder:
        return None
    view = await _open(channel, entry)
    file = await view.get(name)
    if file is None:
        return None
    (node,) = await open_nodes(channel.reading, [(file.keys, f"{view.what}/{name}")])
    return Post.decode(content_of(node, f"{view.what}/{name}"))


async def _stems(
    channel: ChannelView, month: Entry, problems: list[HoldfastError]
) -> list[tuple[int, Entry]]:
    """Times and entries of the posts of a month; no more than a month has are gone through."""
    found: list[tuple[int, Entry]] = []
    view, seen = await _open(channel, month), 0
    async with aclosing(view.batches(problems)) as batches:
        async for pages in batches:
            for page in pages:
                for each in page.all():
                    seen += 1
                    stem = read_stem(each.name) if isinstance(each, Entry) else None
                    if isinstance(each, Entry) and stem is not None and each.secret is not None:
                        found.append((stem[0], each))
            if seen > 2 * MAX_A_MONTH:
                problems.append(TooMany(f"{view.what}: more posts than are shown"))
                break
    return found


async def _read(
    channel: ChannelView,
    month: Entry,
    entries: Sequence[Entry],
    problems: list[HoldfastError],
) -> list[Head]:
    what = f"{channel.path}/{month.name}"
    heads: list[Head] = []
    nodes = await open_nodes(
        channel.reading, [(each.keys, f"{what}/{each.name}") for each in entries]
    )
    for entry, node in zip(entries, nodes, strict=True):
        try:
            post = Post.decode(content_of(node, f"{what}/{entry.name}"))
            if read_stem(entry.name) != (post.time, post.id):
                raise Malformed(f"{what}/{entry.name}: another post than its name says")
            heads.append(Head.of(post))
        except OF_ONE_NODE as error:
            problems.append(error)
    return heads


async def _open(channel: ChannelView, month: Entry) -> FolderView:
    what = f"{channel.path}/{month.name}"
    return FolderView(channel.reading, await open_folder(channel.reading, month.keys, what), what)


def _newest_first(each: tuple[int, Entry]) -> tuple[int, str]:
    return -each[0], each[1].name
