"""Notifications: who answered, and who asks to follow; and that they were seen."""

from dataclasses import dataclass

from client.feed.marks import set_marks
from client.feed.notifications import MAX_SHOWN, notifications
from formats.errors import Usage
from frontends.api.feed.arriving import tell_arrived
from frontends.api.feed.shown import notice
from frontends.api.reply import Json, Reply
from frontends.api.routes import Nothing
from frontends.api.state import State
from frontends.api.telling import tell_problems


@dataclass(frozen=True, slots=True)
class Asked:
    """How many, and from where an earlier page ended (a time in ms)."""

    count: int = 50
    before: int | None = None


async def read(state: State, asked: Asked, reply: Reply) -> Json:
    """Who answered what one wrote, and who asks to follow: the newest first."""
    if not 1 <= asked.count <= MAX_SHOWN:
        raise Usage(f"1 to {MAX_SHOWN} notifications at once, not {asked.count}")
    found, looked = await notifications(state.session)
    await tell_arrived(state, looked)
    below = [each for each in found if asked.before is None or each.time < asked.before]
    await reply.events("notification", [notice(each) for each in below[: asked.count]])
    await tell_problems(reply, looked.problems)
    more = below[asked.count - 1].time if len(below) > asked.count else None
    return {"new": sum(each.is_new for each in found), "after": more}


async def seen(state: State, _asked: Nothing, _reply: Reply) -> Json:
    """All notifications were seen, up to now."""
    marks = await set_marks(state.session, notifications=state.session.around.now())
    return {"notifications": marks.notifications}
