"""One post with everything about it: its whole text, what it said before, and its answers.

Answers are believed by the signature of whoever wrote them. Comments answer the post or each
other; one that answers what is not there, or goes round in a ring, stands below the post itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from client.drive.folder import FolderView
from client.drive.node import open_folder
from client.feed import answering
from client.feed.answers import Answer, Kind
from client.feed.everyone import Everyone
from client.feed.gathering import look_at
from client.feed.items import Post
from client.feed.months import post_in
from client.feed.names import is_month, month_of, read_stem, stem
from client.feed.said import Said, taken_in
from client.feed.source import ChannelView, Source, read_own
from client.feed.whose import author_of
from client.session import Session
from client.social import contacts
from client.social.store import look
from formats.errors import HoldfastError, NotFound

MAX_DEPTH: Final = 64
"""Levels of comments that are told apart; what is deeper stands at the last."""


@dataclass(slots=True)
class Thread:
    """A post, and what is said about it: comments in the order to show them, and reactions."""

    author: bytes
    name: str
    path: str
    post: Post
    comments: list[Said] = field(default_factory=list)
    reactions: list[Said] = field(default_factory=list)
    problems: list[HoldfastError] = field(default_factory=list)


async def thread(session: Session, id: bytes, person: str | None = None) -> Thread:
    """A post, and all about it. ``person``: whose it is, where that is known. Raises NotFound."""
    return await thread_in(session, await looked_at(session, id.hex(), person), id)


async def looked_at(session: Session, begins: str, person: str | None = None) -> Everyone:
    """Whoever wrote the post whose id begins so, as they are now, with what was taken in of mine.

    ``person`` is who that is, or it is who is remembered to have written it; where that is not
    known, everybody. Raises NotFound, and why that one cannot be read.
    """
    found = await look_at(session, person or await author_of(session, begins))
    if found.problems and not found.sources:
        raise found.problems[0]
    if found.notes:
        found.sources = [
            each if each.known is not None else await read_own(session) for each in found.sources
        ]
    return found


async def thread_in(session: Session, found: Everyone, id: bytes) -> Thread:
    """A post among what was read, and all about it; raises NotFound."""
    for source in found.sources:
        for channel in source.channels:
            post = await _post(channel, id)
            if post is not None:
                return await _thread(session, source, channel, post)
    raise NotFound(
        f"there is no post {id.hex()}, or it is not for you (any more)",
        hint="'holdfast feed' lists posts and their ids",
    )


async def _post(channel: ChannelView, id: bytes) -> Post | None:
    head = channel.index.post(id)
    if head is not None:
        when = head.post.time
        return await post_in(channel, month_of(when), stem(when, id)) or head.post
    if not channel.index.floor:
        return None
    view = await channel.folder()
    for month in [each for each in (await view.listing()).entries if is_month(each.name)]:
        what = f"{channel.path}/{month.name}"
        inside = FolderView(
            channel.reading, await open_folder(channel.reading, month.keys, what), what
        )
        for each in (await inside.listing()).entries:
            named = read_stem(each.name)
            if named is not None and named[1] == id:
                return await post_in(channel, month.name, each.name)
    return None


async def _thread(session: Session, source: Source, channel: ChannelView, post: Post) -> Thread:
    made = Thread(source.id, source.name, f"{channel.path}/{month_of(post.time)}", post)
    system = await look(session)
    people = {each.id: each for each in await contacts.everybody(system)}
    said = await taken_in(session, source, channel, post.id, people, made.problems)
    if source.known is not None:
        own = [each for each in await answering.mine(system, source.id) if each.post == post.id]
        said = _with_mine(session, said, own)
    shown = [each for each in said.values() if each.kind is not Kind.GONE]
    made.comments = ordered(post.id, [each for each in shown if each.kind is Kind.COMMENT])
    made.reactions = sorted(
        (each for each in shown if each.kind is Kind.REACTION),
        key=lambda each: (each.time, each.id),
    )
    return made


def ordered(post: bytes, comments: Iterable[Said]) -> list[Said]:
    """Comments as they are shown: each below what it answers, the oldest first."""
    left = {each.id: each for each in sorted(comments, key=lambda each: (each.time, each.id))}
    below: dict[bytes, list[Said]] = {}
    for each in left.values():
        below.setdefault(each.under, []).append(each)
    shown: list[Said] = []
    starts = [*below.get(post, ())]
    while starts or left:
        waiting = [(each, 0) for each in reversed(starts)] or [(next(iter(left.values())), 0)]
        starts = []
        while waiting:
            each, depth = waiting.pop()
            if left.pop(each.id, None) is None:
                continue
            shown.append(replace(each, depth=min(depth, MAX_DEPTH)))
            waiting += [(child, depth + 1) for child in reversed(below.get(each.id, ()))]
        starts = [each for each in left.values() if each.under not in left]
    return shown


def _with_mine(
    session: Session, said: dict[bytes, Said], own: Iterable[Answer]
) -> dict[bytes, Said]:
    """With what I answered, where the author did not take in the newest of it yet."""
    for each in own:
        there = said.get(each.id)
        if there is None or there.seq < each.seq:
            said[each.id] = Said(
                each.id,
                each.under,
                each.kind,
                each.sender,
                session.name,
                each.text,
                each.time,
                each.seq,
                waiting=True,
            )
    return said
