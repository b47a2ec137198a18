"""The feed: a page of it, seen, hide, watch."""

from dataclasses import dataclass

from client.feed.everyone import everyone
from client.feed.feed import PAGE, feed
from client.feed.marks import hide, set_marks
from client.feed.naming import find_item
from formats.errors import NotFound
from frontends.api.feed.arriving import tell_arrived
from frontends.api.feed.shown import item
from frontends.api.reply import Json, Reply
from frontends.api.routes import Nothing
from frontends.api.state import State
from frontends.api.telling import tell_problems


@dataclass(frozen=True, slots=True)
class Asked:
    """``before``: where an earlier page ended; ``who``: one contact, or oneself, alone."""

    before: str = ""
    count: int = PAGE
    who: str | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Hiding:
    """A post or a share, by its id; ``hidden`` false shows it again."""

    post: str
    hidden: bool = True


async def read(state: State, asked: Asked, reply: Reply) -> Json:
    """What friends post and share, and oneself: the newest first, a page at a time."""
    page = await feed(state.session, asked.before, asked.count, asked.who, asked.hidden)
    await tell_arrived(state, page.found)
    await reply.events("item", [item(each) for each in page.items])
    await tell_problems(reply, page.problems)
    return {"after": page.after, "unseen": page.unseen}


async def seen(state: State, _asked: Nothing, _reply: Reply) -> Json:
    """Everything in the feed was seen, up to now."""
    marks = await set_marks(state.session, feed=state.session.around.now())
    return {"feed": marks.feed}


async def hiding(state: State, asked: Hiding, _reply: Reply) -> Json:
    """Leave something out of the feed from now on, on all devices; or show it again."""
    session = state.session
    found = find_item(await everyone(session), asked.post, session.around.now())
    if found is None:
        raise NotFound(f"there is nothing '{asked.post}' in the feed")
    await hide(session, found.person, found.id, asked.hidden)
    return {"id": found.id.hex(), "hidden": asked.hidden}


async def watch(state: State, _asked: Nothing, reply: Reply) -> Json:
    """What is new, as it comes, until the caller leaves."""
    with state.person.watchers.watching() as events:
        await reply.event("watching", {})
        async for kind, value in events:
            await reply.event(kind, value)
    return {}
