"""Circles: new, add, remove, list, delete."""

from dataclasses import dataclass

from client.sharing.circles import verbs
from client.sharing.circles.verbs import Shown
from frontends.api.reply import Json, Reply
from frontends.api.routes import Nothing
from frontends.api.state import State


@dataclass(frozen=True, slots=True)
class Named:
    """A circle, by name."""

    circle: str


@dataclass(frozen=True, slots=True)
class Membership:
    """A circle, and contacts or circles, by name."""

    circle: str
    who: tuple[str, ...]


async def new(state: State, asked: Named, _reply: Reply) -> Json:
    """Make an empty circle."""
    return _shown(await verbs.new(state.session, asked.circle))


async def add(state: State, asked: Membership, _reply: Reply) -> Json:
    """Let contacts, or those in other circles, see what is shared with a circle."""
    shown = await verbs.add(state.session, asked.circle, asked.who, and_tell=False)
    _ring(state)
    return _shown(shown)


async def remove(state: State, asked: Membership, _reply: Reply) -> Json:
    """Take it back from them, at once."""
    shown = await verbs.remove(state.session, asked.circle, asked.who, and_finish=False)
    _ring(state)
    return _shown(shown)


async def delete(state: State, asked: Named, _reply: Reply) -> Json:
    """Forget a circle, and take back what was shared with it."""
    shown = await verbs.delete(state.session, asked.circle, and_finish=False)
    _ring(state)
    return _shown(shown)


async def circles(state: State, _asked: Nothing, reply: Reply) -> Json:
    """All circles."""
    await reply.events("circle", [_shown(each) for each in await verbs.listing(state.session)])
    return {}


def _ring(state: State) -> None:
    """What follows the commit, keys below and messages, goes on behind the answer."""
    if state.signed_in is not None:
        state.signed_in.taken_back.ring()


def _shown(shown: Shown) -> dict[str, Json]:
    return {
        "circle": shown.name,
        "created": shown.created,
        "members": list(shown.members),
        "circles": list(shown.inner),
        "people": shown.people,
        "epoch": shown.epoch,
    }
