"""One post with everything about it: its whole text, what it said before, and its answers.

Answers are believed by the signature of whoever wrote them. Comments answer the post or each
other; one that answers what is not there, or goes round in a ring, stands below the post itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import trio

from client.drive.entry import Kind as EntryKind
from client.drive.folder import FolderView
from client.drive.node import OF_ONE_NODE, open_folder, open_nodes
from client.feed import answering
from client.feed.answers import Answer, Gathered, Kind
from client.feed.channels import ANSWERS
from client.feed.everyone import Everyone
from client.feed.files import content_of
from client.feed.gathering import MAX_OF_A_POST, look_at
from client.feed.items import Post
from client.feed.months import post_in
from client.feed.names import is_month, month_of, read_stem, stem
from client.feed.source import ChannelView, Source, read_own
from client.feed.whose import author_of
from client.session import Session
from client.social import contacts
from client.social.contacts import Contact
from client.social.store import look
from formats.errors import Forged, Forked, HoldfastError, NotFound, Stale
from formats.handle import handle
from formats.identity import IdentityChain

MAX_DEPTH: Final = 64
"""Levels of comments that are told apart; what is deeper stands at the last."""


@dataclass(frozen=True, slots=True)
class Said:
    """A comment or a reaction as it is shown. ``name``: mine for them, else their handle.

    ``time``: when (ms), as they say, but not after it was taken in. ``depth``: 0 below the post.
    ``waiting``: mine, and not taken in by the author yet.
    """

    id: bytes
    under: bytes
    kind: Kind
    who: bytes
    name: str
    text: str
    time: int
    seq: int = 0
    depth: int = 0
    waiting: bool = False


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
    said = await _said(session, source, channel, post, people, made.problems)
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


async def _said(
    session: Session,
    source: Source,
    channel: ChannelView,
    post: Post,
    people: Mapping[bytes, Contact],
    problems: list[HoldfastError],
) -> dict[bytes, Said]:
    """What the author took in, each verified."""
    view = await channel.folder()
    entry = await view.get(ANSWERS + post.id.hex())
    if entry is None or not entry.is_folder:
        return {}
    what = f"{channel.path}/{entry.name}"
    inside = FolderView(channel.reading, await open_folder(channel.reading, entry.keys, what), what)
    listing = await inside.listing()
    files = [each for each in listing.entries if each.kind is EntryKind.FILE][:MAX_OF_A_POST]
    nodes = await open_nodes(channel.reading, [(each.keys, what) for each in files])
    chains, found = dict[tuple[bytes, ...], IdentityChain](), dict[bytes, Said]()
    for node in nodes:
        try:
            kept = Gathered.decode(content_of(node, what))
            answer = kept.answer
            if answer is None:
                continue
            if answer.to != source.id or answer.post != post.id:
                raise Forged(f"{what}: an answer to something else")
            chain = chains.get(kept.records)
            if chain is None:
                chain = await trio.to_thread.run_sync(IdentityChain.decode, kept.records)
                chains[kept.records] = chain
            known = people.get(answer.sender)
            if known is not None and known.blocked:
                continue
            _check_known(session, answer, chain, known)
            await trio.to_thread.run_sync(answer.verify, chain)
            found[answer.id] = _shown(session, kept, answer, known)
        except (*OF_ONE_NODE, Forged, Forked, Stale) as error:
            problems.append(error)
    return found


def _check_known(
    session: Session, answer: Answer, chain: IdentityChain, known: Contact | None
) -> None:
    """Whether the records beside an answer go with what is pinned of its writer here."""
    pinned = session.chain if answer.sender == session.id else known and known.chain
    if pinned and not pinned.has(answer.head):
        chain.extends(pinned.id, pinned.seq, pinned.head_hash)


def _shown(session: Session, kept: Gathered, answer: Answer, known: Contact | None) -> Said:
    name = handle(kept.name, answer.sender) if known is None else known.name
    return Said(
        answer.id,
        answer.under,
        answer.kind,
        answer.sender,
        session.name if answer.sender == session.id else name,
        answer.text,
        min(answer.time, kept.first),
        answer.seq,
    )


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
