"""Comments and reactions: add, edit, delete."""

from dataclasses import dataclass

from client.feed import answering, gathering
from client.feed.answering import About
from client.feed.naming import find_said
from client.feed.said import Said
from client.feed.thread import Thread
from frontends.api.feed.posts import post_named
from frontends.api.reply import Json, Reply
from frontends.api.state import State


@dataclass(frozen=True, slots=True)
class Commenting:
    """A post, by its id; ``under``: a comment that is answered; ``who``: whose post it is."""

    post: str
    text: str
    under: str | None = None
    who: str | None = None


@dataclass(frozen=True, slots=True)
class Editing:
    """A comment of one's own under a post, and another text."""

    post: str
    comment: str
    text: str
    who: str | None = None


@dataclass(frozen=True, slots=True)
class Deleting:
    """A comment of one's own, or under a post of one's own."""

    post: str
    comment: str
    who: str | None = None


@dataclass(frozen=True, slots=True)
class Reacting:
    """``what``: an emoji or a word; empty takes an earlier one back."""

    post: str
    what: str = ""
    under: str | None = None
    who: str | None = None


async def add(state: State, asked: Commenting, _reply: Reply) -> Json:
    """Comment on a post, or answer a comment: all see it whom the post is for."""
    seen = await post_named(state, asked.post, asked.who)
    made = await answering.comment(state.session, _about(seen, asked.under), asked.text)
    return {"id": made.id.hex(), "post": made.post.hex(), "who": seen.name}


async def edit(state: State, asked: Editing, _reply: Reply) -> Json:
    """Give a comment of one's own another text."""
    seen = await post_named(state, asked.post, asked.who)
    said = find_said(seen, asked.comment)
    made = await answering.change_comment(state.session, _about(seen, None), said.id, asked.text)
    return {"id": made.id.hex(), "edits": made.seq}


async def delete(state: State, asked: Deleting, _reply: Reply) -> Json:
    """Take a comment of one's own back, or another's away from one's own post."""
    session, seen = state.session, await post_named(state, asked.post, asked.who)
    said = find_said(seen, asked.comment)
    if seen.author == session.id and not _mine(state, said):
        await gathering.remove(session, seen.post.id, said.id)
    else:
        await answering.take_back(session, _about(seen, None), said.id)
    return {"id": said.id.hex()}


async def react(state: State, asked: Reacting, _reply: Reply) -> Json:
    """React to a post or a comment, once; a further reaction takes its place."""
    seen = await post_named(state, asked.post, asked.who)
    made = await answering.react(state.session, _about(seen, asked.under), asked.what)
    return {"id": made.id.hex(), "post": made.post.hex(), "what": made.text}


def _about(seen: Thread, under: str | None) -> About:
    at = seen.post.id if under is None else find_said(seen, under).id
    return About(seen.author, seen.post.id, at)


def _mine(state: State, said: Said) -> bool:
    return said.who == state.session.id
