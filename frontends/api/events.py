"""What changes, as it comes: for whatever shows the drive and should not have to ask again.

An event says that something is new, and is no copy of it: who missed some, because they were
away or read too slowly, loses nothing by asking once.
"""

from typing import Final

import trio

from client.space.awaiting import next_tip
from formats.errors import HoldfastError, NotSignedIn, TimedOut, Unreachable
from frontends.api.reply import Json, Reply
from frontends.api.routes import Nothing
from frontends.api.state import Person, State
from frontends.api.watching import Watchers

AGAIN: Final = 10.0
"""Seconds until a home that could not be asked is asked again."""

APART: Final = 0.2
"""Seconds between two tellings that the drive has changed, at least."""


async def events(state: State, _asked: Nothing, reply: Reply) -> Json:
    """What changes, as it comes, until the caller leaves: accounts, news, the feed, one's files."""
    while True:
        person = state.signed_in
        name = None if person is None else person.session.name
        await reply.event("account", {"name": name})
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_pass_on, state.watchers, reply)
            if person is not None:
                nursery.start_soon(_pass_on, person.watchers, reply)
                nursery.start_soon(_follow, state, person, reply)
            await state.another(person)
            nursery.cancel_scope.cancel()


async def _pass_on(watchers: Watchers, reply: Reply) -> None:
    with watchers.watching() as told:
        async for kind, value in told:
            await reply.event(kind, value)


async def _follow(state: State, person: Person, reply: Reply) -> None:
    """Tell when the own space has another state, of whatever device."""
    view = person.session.space.view
    seen = view.tip
    while True:
        try:
            if seen is None:
                seen = (await view.refresh()).tip
            seen = await next_tip(view, seen)
        except NotSignedIn:
            return
        except (Unreachable, TimedOut):
            await trio.sleep(AGAIN)  # its home is away; whatever asks next says so
            continue
        except HoldfastError as error:
            state.note(error)
            return
        await reply.event("changed", {"state": seen.pointer.seq})
        await trio.sleep(APART)
