"""Answering: comments and reactions, changed and taken back again.

To a friend's post: a file in the channel for them alone, which their client takes in. To a post
of one's own: taken in at once.
"""

from dataclasses import dataclass, replace
from typing import Final

from client.feed import gathering
from client.feed.answers import MAX_EDITS, Answer, Kind, reaction_id
from client.feed.channels import ANSWER, Channel, channel_for, own_channels
from client.feed.files import read_file, write_file
from client.feed.index import AnswerHead
from client.feed.items import ITEM, MAX_COMMENT, check_reaction, check_text
from client.session import Session
from client.sharing.jobs import commit_settled
from client.social import contacts, outbox
from client.social.store import System
from client.space.reading import Changing
from crypto.secret import random_bytes
from formats.errors import NotFound, TooMany, Unfit


@dataclass(frozen=True, slots=True)
class About:
    """A post, and what in it is answered: the post itself, or a comment. ``author`` by id."""

    author: bytes
    post: bytes
    under: bytes


async def comment(session: Session, about: About, text: str) -> Answer:
    """Write a comment; raises Malformed, TooLarge, Unfit (they do not follow me), NotFound."""
    check_text(text, MAX_COMMENT)
    return await _answer(session, about, random_bytes(ITEM), Kind.COMMENT, text)


async def react(session: Session, about: About, what: str) -> Answer:
    """React with an emoji or a word, instead of an earlier reaction; nothing takes it back."""
    id = reaction_id(session.id, about.under)
    kind = Kind.REACTION if what else Kind.GONE
    return await _answer(session, about, id, kind, check_reaction(what) if what else "")


async def change_comment(session: Session, about: About, id: bytes, text: str) -> Answer:
    """Give a comment of mine another text; raises NotFound."""
    check_text(text, MAX_COMMENT)
    return await _answer(session, about, id, Kind.COMMENT, text, again=True)


async def take_back(session: Session, about: About, id: bytes) -> Answer:
    """Take a comment of mine back; raises NotFound."""
    return await _answer(session, about, id, Kind.GONE, "", again=True)


async def mine(system: System, author: bytes) -> list[Answer]:
    """Within an operation, or of a reading: what I answered to posts of somebody, as it is now."""
    found: list[Answer] = []
    for channel in await own_channels(system):
        for head in (await channel.index()).answers:
            if head.to == author:
                answer = await _before(channel, head.id)
                if answer is not None:
                    found.append(answer)
    return found


async def _answer(
    session: Session, about: About, id: bytes, kind: Kind, text: str, again: bool = False
) -> Answer:
    async def operation(changing: Changing) -> Answer:
        system = System(session, changing)
        write = _to_me if about.author == session.id else _to_them
        answer = await write(system, about, id, kind, text, again)
        await system.flush()
        return answer

    answer = await commit_settled(session, operation)
    if about.author != session.id:
        await outbox.flush(session, about.author)
    return answer


async def _to_them(
    system: System, about: About, id: bytes, kind: Kind, text: str, again: bool
) -> Answer:
    known = await contacts.get(system, about.author)
    if known is None:
        raise NotFound("whoever wrote that is none of your contacts")
    if not known.follower:
        raise Unfit(
            f"{known.name} does not follow you, and so would not see it",
            hint=f"they can: 'holdfast follow' with your card, then 'holdfast accept {known.name}'",
        )
    channel = await channel_for(system, [known.name])
    before = await _before(channel, id)
    answer = _next(system.session, about, id, kind, text, before, again)
    await write_file(channel.edit, channel.folder, ANSWER + id.hex(), answer.encoded, system.now)
    head = AnswerHead(id, answer.seq, system.now, about.author, about.post)
    await channel.write_index((await channel.index()).with_answer(head))
    await channel.tell()
    return answer


async def _to_me(
    system: System, about: About, id: bytes, kind: Kind, text: str, again: bool
) -> Answer:
    before = await gathering.laid(system, about.post, id)
    answer = _next(system.session, about, id, kind, text, before, again)
    await gathering.take(system, [(answer, None)])
    return answer


async def _before(channel: Channel, id: bytes) -> Answer | None:
    data = await read_file(channel.edit, channel.folder, ANSWER + id.hex())
    return None if data is None else Answer.decode(data)


def _next(
    session: Session,
    about: About,
    id: bytes,
    kind: Kind,
    text: str,
    before: Answer | None,
    again: bool,
) -> Answer:
    """The version after ``before``; ``again``: there has to be one, which is a comment of mine."""
    if again and (before is None or before.kind is not Kind.COMMENT or before.sender != session.id):
        raise NotFound(f"you have no comment {id.hex()}", hint=_SHOW)
    if before is not None:
        about = replace(about, under=before.under)
    seq = 0 if before is None else before.seq + 1
    if seq > MAX_EDITS:
        raise TooMany(f"it was changed {MAX_EDITS} times, which is the most")
    number = (id, seq, session.around.now())
    whom = (about.author, about.post, about.under)
    return Answer.make(kind, session.chain, whom, number, text, session.bundle.daily)


_SHOW: Final = "'holdfast post show POST' shows comments and their ids"
