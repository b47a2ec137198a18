"""Everybody's posts and shares, read at the same time; what of it is new is noted, in one commit.

Whoever is slow, away or hostile is told of, and keeps back nobody else: each is given the same
time, and what is read of one is bounded.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

import trio

from client.drive.entry import Entry, Kind
from client.drive.tasks import together
from client.feed import marks
from client.feed.items import Head, Medium
from client.feed.marks import First, Marks, Seen
from client.feed.names import month_of
from client.feed.notes import Note
from client.feed.source import ChannelView, Source, read_own, read_person
from client.session import Session
from client.sharing.theirs import visible
from client.social import contacts
from client.social.contacts import Contact, check_not_stopped
from client.social.store import MILLI, System, change, look
from client.space.reading import Changing
from formats.errors import HoldfastError, TimedOut

AT_ONCE: Final = 16
"""People who are read at the same time."""
PATIENCE: Final = 10.0
"""Seconds for reading one person."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in the feed: a post, or something that was shared (``head`` is None).

    ``time`` (ms) is where it stands, ``claimed`` what its author says, ``first`` when it was
    first seen here. ``path`` is where it, or its files, are. ``older``: it is a version before
    one that was seen already, so its author went back. ``hidden``: by me.
    """

    id: bytes
    person: bytes
    name: str
    time: int
    claimed: int
    first: int
    path: str
    head: Head | None = None
    kind: Kind = Kind.FILE
    size: int = 0
    is_new: bool = False
    older: bool = False
    hidden: bool = False

    @property
    def order(self) -> tuple[int, bytes]:
        """The newest first."""
        return -self.time, self.id

    @property
    def media(self) -> Sequence[tuple[str, Medium]]:
        """The files beside a post, with the paths at which they are for me."""
        if self.head is None:
            return ()
        return [(f"{self.path}/{each.file}", each) for each in self.head.post.media]


@dataclass(slots=True)
class Everyone:
    """What was read, and what of it was seen before.

    ``fresh`` and ``notes``: what was seen, and taken in, for the first time by this look.
    """

    sources: list[Source] = field(default_factory=list)
    seen: dict[bytes, Seen] = field(default_factory=dict)
    marks: Marks = field(default_factory=Marks)
    problems: list[HoldfastError] = field(default_factory=list)
    fresh: list[Item] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def items(self, now: int) -> list[Item]:
        """All of it, in no order, each thing once."""
        found: dict[tuple[bytes, bytes], Item] = {}
        for source in self.sources:
            known = self.seen.get(source.id, Seen())
            for item in self._of(source, known, now):
                found.setdefault((item.person, item.id), item)
        return list(found.values())

    def _of(self, source: Source, known: Seen, now: int) -> list[Item]:
        posts = [
            _post(source, channel, head, known.first(head.post.id, now))
            for channel in source.channels
            for head in channel.index.posts
        ]
        shares = [_share(source, each, known.first(each.id or b"", now)) for each in source.shares]
        return [
            replace(
                each,
                is_new=source.known is not None
                and each.id in known.things
                and each.first > self.marks.feed,
                hidden=each.id in known.hidden,
            )
            for each in posts + shares
        ]


async def everyone(session: Session, person: str | None = None) -> Everyone:
    """Read everybody I follow, and myself; or one of them alone. Raises NotFound."""
    system = await look(session)
    seen, until = await marks.everything(system)
    found = Everyone(seen=seen, marks=until)
    if person in (None, session.name):
        found.sources.append(await read_own(session))
    people = await contacts.everybody(system)
    if person is not None and person != session.name:
        people = [contacts.named(people, person)]
    elif person is not None:
        people = []
    limit = trio.CapacityLimiter(AT_ONCE)
    async with together() as nursery:
        for known in people:
            if visible(known) and not known.blocked:
                nursery.start_soon(_read, session, known, limit, found)
    found.sources.sort(key=lambda each: each.name)
    for source in found.sources:
        found.problems += source.problems
    return found


async def note_seen(session: Session, found: Everyone) -> None:
    """Note what was seen for the first time, in one commit if there is anything."""
    now = session.around.now()
    fresh = {
        source.id: things
        for source in found.sources
        if source.known is not None
        and (things := _fresh(source, found.seen.get(source.id))) is not None
    }
    if not fresh:
        return
    before: dict[bytes, Seen] = {}  # as it was committed: another look may have been first

    async def operation(changing: Changing) -> dict[bytes, Seen]:
        system = System(session, changing)
        for id in fresh:
            before[id] = await marks.seen_of(system, id)
        seen = {id: await marks.note(system, id, things) for id, things in fresh.items()}
        await system.flush()
        return seen

    found.seen |= await change(session, operation)
    found.fresh = [
        each
        for each in found.items(now)
        if each.person in fresh and each.is_new and each.id not in before[each.person].things
    ]


def _fresh(source: Source, seen: Seen | None) -> Mapping[bytes, First] | None:
    """What of a person's things is not noted yet, or is of a later version than is noted.

    None if nothing is to be noted; for whom nothing ever was, it is noted that this begins.
    """
    known = Seen() if seen is None else seen
    things = {
        head.post.id: First(head.post.time, head.post.seq)
        for channel in source.channels
        for head in channel.index.posts
    }
    things |= {each.id: First(each.modified // MILLI) for each in source.shares if each.id}
    fresh = {
        id: each
        for id, each in things.items()
        if id not in known.things or known.things[id].seq < each.seq
    }
    return fresh if fresh or not known.begun else None


async def _read(
    session: Session, known: Contact, limit: trio.CapacityLimiter, found: Everyone
) -> None:
    async with limit:
        with one_of(known.name, found.problems):
            check_not_stopped(known)
            found.sources.append(await read_person(session, known))


@contextmanager
def one_of(name: str, problems: list[HoldfastError]) -> Iterator[None]:
    """What is done here with one person keeps back nobody else: it ends in time, and what is
    wrong is noted in ``problems`` with their name.
    """
    try:
        with trio.fail_after(PATIENCE):
            yield
    except trio.TooSlowError:
        problems.append(TimedOut(f"{name}: their home did not answer in time"))
    except HoldfastError as error:
        problems.append(type(error)(f"{name}: {error.message}", error.advice))


def _post(source: Source, channel: ChannelView, head: Head, first: First) -> Item:
    post = head.post
    mine = source.known is None
    return Item(
        post.id,
        source.id,
        source.name,
        post.time if mine else min(post.time, first.time),
        post.time,
        post.time if mine else first.time,
        f"{channel.path}/{month_of(post.time)}",
        head,
        older=head.post.seq < first.seq,
    )


def _share(source: Source, entry: Entry, first: First) -> Item:
    return Item(
        entry.id or b"",
        source.id,
        source.name,
        first.time,
        entry.modified // MILLI,
        first.time,
        f"/{source.name}/{entry.name}",
        kind=entry.kind,
        size=entry.size,
    )
