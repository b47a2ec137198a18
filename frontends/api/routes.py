"""What a call of the local API is: method and path, what its request holds, who answers it.

``table.py`` lists them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from formats.errors import Internal, Unfit
from frontends.api.incoming import Incoming
from frontends.api.reply import Json, Reply
from frontends.api.shapes import fit, local_fields
from frontends.api.state import State

T = TypeVar("T")
PREFIX: Final = "/v1/"


@dataclass(frozen=True, slots=True)
class Route:
    """One call. ``shape``: the dataclass of its request; ``what``: a sentence for people."""

    method: str
    path: str
    shape: type
    handle: Callable[[State, dict[str, object], Reply, Incoming | None], Awaitable[Json]]
    what: str = ""
    gives_bytes: bool = False
    takes_bytes: bool = False
    listens: bool = False
    """It waits for what others do: whoever only listens is not at work."""


def look(name: str, handler: Callable[[State], Awaitable[Json]]) -> Route:
    """A question without arguments that changes nothing: ``GET /v1/name``."""

    async def handle(
        state: State, values: dict[str, object], _reply: Reply, _incoming: Incoming | None
    ) -> Json:
        fit(Nothing, values)
        return await handler(state)

    return Route("GET", PREFIX + name, Nothing, handle, _sentence(handler))


def call(
    name: str,
    shape: type[T],
    handler: Callable[[State, T, Reply], Awaitable[Json]],
    gives_bytes: bool = False,
    listens: bool = False,
) -> Route:
    """Something to be done: ``POST /v1/name`` with a JSON object that fits ``shape``."""

    async def handle(
        state: State, values: dict[str, object], reply: Reply, _incoming: Incoming | None
    ) -> Json:
        return await handler(state, fit(shape, values), reply)

    what = _sentence(handler)
    return Route("POST", PREFIX + name, shape, handle, what, gives_bytes, listens=listens)


def pipe(
    name: str,
    shape: type[T],
    handler: Callable[[State, T, Reply, Incoming], Awaitable[Json]],
) -> Route:
    """The same for a call that takes bytes: its body, with the arguments in a header."""

    async def handle(
        state: State, values: dict[str, object], reply: Reply, incoming: Incoming | None
    ) -> Json:
        if incoming is None:
            raise Internal("a call that takes bytes was given none")
        return await handler(state, fit(shape, values), reply, incoming)

    what = _sentence(handler)
    return Route("POST", PREFIX + name, shape, handle, what, takes_bytes=True)


def nothing_local(route: Route, values: dict[str, object]) -> None:
    """Return if no file of this machine is named; raises Unfit."""
    named = [each for each in local_fields(route.shape) if values.get(each)]
    if named:
        raise Unfit(
            f"{', '.join(named)}: files of this machine are not reached through the page",
            hint="the command line reaches them",
        )


def _sentence(handler: object) -> str:
    """The first line of what is written under the handler."""
    return (getattr(handler, "__doc__", None) or "").strip().split("\n")[0]


@dataclass(frozen=True, slots=True)
class Nothing:
    """The request of a call without arguments."""
