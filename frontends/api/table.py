"""START HERE. The table of the local API: every call there is.

The daemon answers some calls before it has loaded the rest, which takes it half a
second: those are here, and ``personal.py`` has the others. ``docs/spec/local_api.md`` has
one table of both for people; a test keeps them alike.
"""

from typing import Final

import trio

from formats.errors import Unfit, Usage
from frontends.api import running
from frontends.api.node import invites
from frontends.api.node.table import NODE
from frontends.api.routes import Route, call, look

OPERATOR: Final = (
    look("version", running.version),
    look("status", running.status),
    look("doctor", running.doctor),
    call("invite", invites.Inviting, invites.invite),
    *NODE,
)
"""What also a headless node answers."""

_OPERATOR: Final = {(route.method, route.path): route for route in OPERATOR}


async def find_route(method: str, path: str, headless: bool) -> Route:
    """The call of that name; raises Usage, or Unfit where the node is headless."""
    route = _OPERATOR.get((method, path))
    if route is not None:
        return route
    if headless:
        raise Unfit(
            "this is a headless node ('holdfast serve'): it has no keys and no such calls",
            hint="on your own machine, run 'holdfast up' and sign up or in with --at",
        )
    return find_personal(await trio.to_thread.run_sync(personal_routes), method, path)


def find_personal(routes: tuple[Route, ...], method: str, path: str) -> Route:
    """The call of that name among some; raises Usage."""
    for route in routes:
        if (route.method, route.path) == (method, path):
            return route
    raise Usage(f"there is no call '{method} {path}'", hint="docs/spec/local_api.md lists all")


def personal_routes() -> tuple[Route, ...]:
    """The calls that need a person; the first time takes a while."""
    from frontends.api.personal import PEOPLE

    return PEOPLE
