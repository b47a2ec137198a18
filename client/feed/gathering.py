"""Taking in what others answer to my posts: verified, counted, laid beside the post.

A comment is in the space of whoever wrote it, shared with me alone: they do not know whom else
my post is for. So I lay a copy, signed by them, beside it, where everybody sees it whom the post
is for. Each is taken in once, in one commit with the counts; what is not to be believed, or is no
answer to anything of mine, is passed over and not asked for again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import trio

from client.drive.entry import Kind as EntryKind
from client.drive.folder import FolderEdit
from client.drive.node import OF_ONE_NODE, open_nodes
from client.feed import marks, notes
from client.feed.answers import MAX_OF_A_POST, Answer, Gathered, Kind
from client.feed.channels import ANSWER, ANSWERS, Audience, Channel, everybody_in
from client.feed.everyone import Everyone, everyone, note_seen
from client.feed.files import content_of, write_file
from client.feed.index import AnswerHead
from client.feed.items import Head
from client.feed.marks import First, Seen
from client.feed.notes import Note
from client.feed.posts import Own, OwnPosts
from client.feed.replies import note_replies
from client.feed.source import Source
from client.session import Session
from client.sharing.jobs import commit_settled
from client.social import circles, contacts, outbox
from client.social.circles import Circles
from client.social.contacts import Contact
from client.social.store import MILLI, System
from client.space.reading import Changing
from formats.errors import Forged, HoldfastError, NotFound, Stale, TooLarge

MAX_OF_ONE: Final = 64
"""Answers to one post by one person that are taken in: nobody crowds out the others."""
AT_ONCE: Final = 64
"""Answers of one person that are asked for at once; the rest comes with the next look."""


@dataclass(frozen=True, slots=True)
class _Came:
    """An answer that was read and verified, and who wrote it."""

    known: Contact
    answer: Answer


async def gather(session: Session, found: Everyone) -> None:
    """Take in what is new of what was read."""
    came: list[_Came] = []
    looked: dict[bytes, dict[bytes, First]] = {}
    for source in found.sources:
        heads = _unknown(session, source, found)
        if source.known is not None and heads:
            looked[source.id] = {each.id: First(each.time, each.seq) for each in heads}
            came += await _read(source, heads, found.problems)
    if not looked:
        return

    async def operation(changing: Changing) -> list[Note]:
        system = System(session, changing)
        made = await take(system, [(each.answer, each.known) for each in came])
        for id, things in looked.items():
            found.seen[id] = await marks.note(system, id, things)
        await system.flush()
        return made

    found.notes = await commit_settled(session, operation)


async def look_at(session: Session, person: str | None = None) -> Everyone:
    """Everybody as they are now, or one of them: what is new is noted, and answers are taken in.

    Raises NotFound (nobody of that name).
    """
    found = await everyone(session, person)
    await note_seen(session, found)
    await gather(session, found)
    await note_replies(session, found)
    return found


async def take(system: System, came: Iterable[tuple[Answer, Contact | None]]) -> list[Note]:
    """Within an operation: lay answers beside the posts that they answer; what is news of it.

    They were verified. One to what is gone, or by somebody whom the post is not for, is passed
    over. None stands for oneself.
    """
    posts, known = await OwnPosts.of(system), await circles.everything(system)
    beside: dict[bytes, _Beside] = {}
    news: list[Note] = []
    for answer, writer in sorted(came, key=lambda each: (each[0].time, each[0].id)):
        own = await posts.find(answer.post)
        if own is None or not _is_for(own.channel.audience, known, writer):
            continue
        if answer.post not in beside:
            beside[answer.post] = await _Beside.of(own, answer.post)
        if await beside[answer.post].lay(answer, writer) and writer is not None:
            news.append(Note.of(answer, system.now))
            await beside[answer.post].tell_others(answer)
    for each in beside.values():
        await each.count()
    gone = {each.id for each in news if each.kind == Kind.GONE}
    await notes.change(system, [each for each in news if each.id not in gone], gone)
    return news


async def remove(session: Session, post: bytes, id: bytes) -> None:
    """Take an answer away from beside a post of mine; it does not come again. Raises NotFound."""

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        beside = await _Beside.of(await (await OwnPosts.of(system)).need(post), post)
        if await beside.folder.get(id.hex()) is None:
            raise NotFound(f"{id.hex()} is no answer to that post")
        await beside.put(id, Gathered(None, system.now))
        await beside.count()
        await notes.change(system, [], {id})
        await system.flush()

    await commit_settled(session, operation)


async def laid(system: System, post: bytes, id: bytes) -> Answer | None:
    """Within an operation: an answer that lies beside a post of mine; raises NotFound (no post)."""
    beside = await _Beside.of(await (await OwnPosts.of(system)).need(post), post)
    found = beside.there.get(id)
    return None if found is None else found.answer


def _is_for(audience: Audience, known: Circles, writer: Contact | None) -> bool:
    """Whether a post is for whoever answers it."""
    return writer is None or writer.id in everybody_in(known, audience)


def _unknown(session: Session, source: Source, found: Everyone) -> list[AnswerHead]:
    """Answers to posts of mine that were not looked at yet, the newest first."""
    things = found.seen.get(source.id, Seen()).things
    heads = [head for channel in source.channels for head in channel.index.answers]
    return [
        head
        for head in heads
        if head.to == session.id and (head.id not in things or things[head.id].seq < head.seq)
    ][:AT_ONCE]


async def _read(
    source: Source, heads: Iterable[AnswerHead], problems: list[HoldfastError]
) -> list[_Came]:
    """Answers from their files, one question for each channel; those that can be believed."""
    came: list[_Came] = []
    wanted = {head.id: head for head in heads}
    for channel in source.channels:
        names = {
            ANSWER + head.id.hex(): head for head in channel.index.answers if head.id in wanted
        }
        view = await channel.folder()
        await view.reach(names)
        entries = [entry for name in names if (entry := await view.get(name)) is not None]
        keys = [(each.keys, each.name) for each in entries if each.kind is EntryKind.FILE]
        for node in await open_nodes(channel.reading, keys) if keys else []:
            try:
                answer = Answer.decode(content_of(node, channel.path))
                came.append(await _verified(source, answer))
            except (*OF_ONE_NODE, Forged, Stale) as error:
                problems.append(type(error)(f"{source.name}: {error.message}"))
    return came


async def _verified(source: Source, answer: Answer) -> _Came:
    if source.known is None:
        raise Forged("an answer of nobody's")
    await trio.to_thread.run_sync(answer.verify, source.known.chain)
    return _Came(source.known, answer)


@dataclass(slots=True)
class _Beside:
    """What lies beside a post of mine, within an operation: read once, and kept up with."""

    channel: Channel
    post: bytes
    folder: FolderEdit
    there: dict[bytes, Gathered]
    changed: bool = False

    @classmethod
    async def of(cls, own: Own, post: bytes) -> "_Beside":
        channel = own.channel
        now = channel.system.now * MILLI
        folder = await channel.edit.way(channel.folder, (ANSWERS + post.hex(),), now)
        return cls(channel, post, folder, await gathered(channel, folder))

    async def lay(self, answer: Answer, writer: Contact | None) -> bool:
        """Lay an answer there; False if there is no room, or it is not news."""
        before = self.there.get(answer.id)
        if before is not None and not _follows(before, answer):
            return False
        if before is None and (answer.kind is Kind.GONE or not _has_room(self.there, answer)):
            return False
        session = self.channel.system.session
        first = self.channel.system.now if before is None else before.first
        who = (session.name, session.chain) if writer is None else (writer.reach.name, writer.chain)
        try:
            await self.put(answer.id, Gathered(answer, first, who[0], who[1].encoded))
        except TooLarge:
            return False  # an identity with more records than fit beside an answer
        return True

    async def put(self, id: bytes, kept: Gathered) -> None:
        """Lay it there as it is; raises TooLarge."""
        channel = self.channel
        now = channel.system.now
        await write_file(channel.edit, self.folder, id.hex(), kept.encoded, now)
        self.there[id] = kept
        self.changed = True

    async def count(self) -> None:
        """The list of the newest says how many answers there are now, if that changed."""
        index = await self.channel.index()
        head = index.post(self.post)
        if head is None or not self.changed:
            return
        live = [each.answer for each in self.there.values() if each.answer is not None]
        comments = sum(each.kind is Kind.COMMENT for each in live)
        reactions = Counter(
            each.text for each in live if each.kind is Kind.REACTION and each.under == self.post
        )
        counted = Head.of(head.post, comments, reactions, len(self.there))
        await self.channel.write_index(index.with_post(replace(counted, cut=head.cut)))

    async def tell_others(self, answer: Answer) -> None:
        """Those who take part are told at once; others see it when they look."""
        system = self.channel.system
        part = {each.answer.sender for each in self.there.values() if each.answer}
        people = [await contacts.get(system, each) for each in sorted(part - {answer.sender})]
        await outbox.post_changed(system, [each for each in people if each is not None])


def _follows(before: Gathered, answer: Answer) -> bool:
    """Whether it is a later version by the same person, of what I did not take away."""
    old = before.answer
    return old is not None and old.sender == answer.sender and answer.seq > old.seq


def _has_room(there: Mapping[bytes, Gathered], answer: Answer) -> bool:
    theirs = [x for x in there.values() if x.answer and x.answer.sender == answer.sender]
    return len(there) < MAX_OF_A_POST and len(theirs) < MAX_OF_ONE


async def gathered(channel: Channel, folder: FolderEdit) -> dict[bytes, Gathered]:
    """Within an operation: what lies beside a post, by id; what cannot be read is not there."""
    found: dict[bytes, Gathered] = {}
    entries = [each for each in (await folder.listing()).entries if each.kind is EntryKind.FILE]
    keys = [(each.keys, each.name) for each in entries]
    nodes = await open_nodes(channel.system.changing, keys) if keys else []
    for entry, node in zip(entries, nodes, strict=True):
        try:
            found[bytes.fromhex(entry.name)] = Gathered.decode(content_of(node, folder.what))
        except (*OF_ONE_NODE, ValueError):
            continue  # taken in again, if it still is where it came from
    return found
