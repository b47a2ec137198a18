"""Answers that come from what is kept here say so: whose home is away, and how old this is."""

from dataclasses import replace

from client.space.away import Away, listening
from frontends.api.incoming import Incoming
from frontends.api.reply import Json, Reply
from frontends.api.routes import Route
from frontends.api.state import State


def noticing(route: Route) -> Route:
    """The same call, with a line ``away`` for each home whose kept state was read."""

    async def handle(
        state: State, values: dict[str, object], reply: Reply, incoming: Incoming | None
    ) -> Json:
        told: set[str] = set()

        def hear(away: Away) -> None:
            if away.whose not in told:
                told.add(away.whose)
                reply.aside("away", _fields(away))

        with listening(hear):
            return await route.handle(state, values, reply, incoming)

    return replace(route, handle=handle)


def _fields(away: Away) -> dict[str, Json]:
    said: dict[str, Json] = {"who": away.whose, "time": away.time}
    return said if away.confirmed is None else {**said, "confirmed": away.confirmed}
