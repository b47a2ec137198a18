"""Who answered what I commented under a friend's post: noted when I look at that friend.

The author's list says how many answers a post ever had. Where that is another number than was seen,
and I commented there, what the author took in is read: two questions more for each such post.
"""

from dataclasses import dataclass
from typing import Final

from client.feed import marks, notes
from client.feed.answers import Kind
from client.feed.channels import own_channels
from client.feed.everyone import Everyone, one_of
from client.feed.items import shortened
from client.feed.marks import First
from client.feed.notes import MAX_NAME, MAX_SAID, Note
from client.feed.said import Said, taken_in
from client.feed.source import Source
from client.session import Session
from client.social import contacts
from client.social.contacts import Contact
from client.social.store import System, change, look
from client.space.reading import Changing

AT_ONCE: Final = 16
"""Posts of one person that are looked into at one time; the rest with the next look."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of one post: whose it is, how many answers the list says, and those there."""

    source: Source
    post: bytes
    count: int
    said: list[Said]


async def note_replies(session: Session, found: Everyone) -> None:
    """Note what others said about comments of mine, in one commit if anything is to be noted."""
    system = await look(session)
    mine = await _mine(system)
    counts = await notes.counts(system) if mine else {}
    people = {each.id: each for each in await contacts.everybody(system)} if mine else {}
    read: list[_Read] = []
    for source in found.sources:
        if source.known is not None and source.id in mine:
            with one_of(source.name, found.problems):
                read += await _read(session, source, mine[source.id], counts, people, found)
    if not read:
        return

    async def operation(changing: Changing) -> list[Note]:
        system = System(session, changing)
        made = [note for each in read for note in await _noted(system, each, mine)]
        await notes.change(system, made, counted={each.post: each.count for each in read})
        await system.flush()
        return made

    found.notes += await change(session, operation)


async def _mine(system: System) -> dict[bytes, dict[bytes, set[bytes]]]:
    """Ids of what I answered, by the author of the post and the post."""
    found: dict[bytes, dict[bytes, set[bytes]]] = {}
    for channel in await own_channels(system):
        for head in (await channel.index()).answers:
            found.setdefault(head.to, {}).setdefault(head.post, set()).add(head.id)
    return found


async def _read(
    session: Session,
    source: Source,
    mine: dict[bytes, set[bytes]],
    counts: dict[bytes, int],
    people: dict[bytes, Contact],
    found: Everyone,
) -> list[_Read]:
    read: list[_Read] = []
    for channel in source.channels:
        for head in channel.index.posts:
            id, count = head.post.id, head.answers or head.comments
            if id not in mine or count == counts.get(id, 0) or len(read) >= AT_ONCE:
                continue
            said = await taken_in(session, source, channel, id, people, found.problems)
            live = [each for each in said.values() if each.kind is not Kind.GONE]
            read.append(_Read(source, id, count, live))
    return read


async def _noted(
    system: System, read: _Read, mine: dict[bytes, dict[bytes, set[bytes]]]
) -> list[Note]:
    """Within an operation: comments on mine, and reactions to it, that were not seen before."""
    me, under = system.session.id, mine[read.source.id][read.post]
    below = {each.id: each for each in read.said if each.under in under and each.who != me}
    seen = await marks.seen_of(system, read.source.id)
    fresh = [each for id, each in below.items() if id not in seen.things]
    if fresh:
        things = {each.id: First(each.time, each.seq) for each in fresh}
        await marks.note(system, read.source.id, things)
    return [
        Note(
            system.now,
            str(each.kind),
            each.who,
            read.post,
            each.under,
            each.id,
            shortened(each.text, MAX_SAID),
            shortened(each.name, MAX_NAME),
        )
        for each in fresh
    ]
