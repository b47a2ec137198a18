"""Around each call of a person: what comes from what is kept here says so; nothing locks."""

from dataclasses import replace

import trio

from client.space.away import Away, listening
from frontends.api.incoming import Incoming
from frontends.api.reply import Json, Reply
from frontends.api.routes import Route
from frontends.api.state import State


def noticing(route: Route) -> Route:
    """The same call, with a line ``away`` for each home whose kept state was read.

    Who calls is there: nothing locks by itself meanwhile.
    """

    async def handle(
        state: State, values: dict[str, object], reply: Reply, incoming: Incoming | None
    ) -> Json:
        told: set[str] = set()

        def hear(away: Away) -> None:
            if away.whose not in told:
                told.add(away.whose)
                reply.aside("away", _fields(away))

        state.busy += not route.listens
        try:
            with listening(hear):
                return await route.handle(state, values, reply, incoming)
        finally:
            state.busy -= not route.listens
            state.used = trio.current_time()

    return replace(route, handle=handle)


def _fields(away: Away) -> dict[str, Json]:
    said: dict[str, Json] = {"who": away.whose, "time": away.time}
    return said if away.confirmed is None else {**said, "confirmed": away.confirmed}
