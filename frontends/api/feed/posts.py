"""Posts: new, edit, delete, show."""

from dataclasses import dataclass

from client.feed import posting
from client.feed.naming import find_item, whole
from client.feed.thread import Thread, looked_at, thread_in
from formats.errors import NotFound
from frontends.api.feed import shown
from frontends.api.feed.arriving import tell_arrived
from frontends.api.reply import Json, Reply
from frontends.api.shapes import LocalPaths
from frontends.api.state import State
from frontends.api.telling import tell_problems


@dataclass(frozen=True, slots=True)
class Posting:
    """``to``: contacts and circles; ``files``: absolute paths of local files to go with it.

    ``copies``: paths of files of the drive, of which copies go with it.
    """

    text: str
    to: tuple[str, ...]
    files: LocalPaths = ()
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Editing:
    """A post of one's own, by its id, and another text."""

    post: str
    text: str


@dataclass(frozen=True, slots=True)
class Which:
    """A post, by its id or the beginning of it; ``who``: whose it is."""

    post: str
    who: str | None = None


async def new(state: State, asked: Posting, _reply: Reply) -> Json:
    """Write a post for contacts and circles, with files or without."""
    made = await posting.post(
        state.session,
        state.drive,
        asked.text,
        asked.to,
        asked.files,
        asked.copies,
        and_tell=False,
    )
    _ring(state)
    return {"id": made.id.hex(), "time": made.time, "to": list(asked.to)}


async def edit(state: State, asked: Editing, _reply: Reply) -> Json:
    """Give a post of one's own another text; what it said stays with it."""
    seen = await post_named(state, asked.post, state.session.name)
    changed = await posting.edit(state.session, seen.post.id, asked.text, and_tell=False)
    _ring(state)
    return {"id": changed.id.hex(), "edits": changed.seq}


async def delete(state: State, asked: Which, _reply: Reply) -> Json:
    """Take a post of one's own away, with its files and comments: it goes to the trash."""
    seen = await post_named(state, asked.post, state.session.name)
    await posting.delete(state.session, state.drive, seen.post.id, and_tell=False)
    _ring(state)
    return {"id": seen.post.id.hex()}


async def show(state: State, asked: Which, reply: Reply) -> Json:
    """One post: its whole text, what it said before, comments and reactions."""
    seen = await post_named(state, asked.post, asked.who)
    await reply.event("post", shown.whole(seen.post, seen.name, seen.path))
    await reply.events("comment", [shown.said(each) for each in seen.comments])
    await reply.events("reaction", [shown.said(each) for each in seen.reactions])
    await tell_problems(reply, seen.problems)
    return {}


async def post_named(state: State, text: str, who: str | None) -> Thread:
    """The post whose id begins so, with all about it; raises NotFound, Usage."""
    session, id = state.session, whole(text)
    found = await looked_at(session, text.strip().lower(), who)
    await tell_arrived(state, found)
    if id is None:
        item = find_item(found, text, session.around.now())
        if item is None or item.head is None:
            raise NotFound(
                f"there is no post '{text}' among the newest",
                hint="'holdfast feed' shows ids; older posts are found by the whole id",
            )
        id = item.id
    return await thread_in(session, found, id)


def _ring(state: State) -> None:
    """Everybody is told behind the answer."""
    if state.signed_in is not None:
        state.signed_in.taken_back.ring()
