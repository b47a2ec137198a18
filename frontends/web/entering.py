"""Coming in and going out: a link's token for cookie and key; ending a visit."""

from dataclasses import dataclass
from typing import Final

from frontends.api.reply import Json, Reply
from frontends.api.routes import Nothing, Route, call, look
from frontends.api.state import State
from frontends.web.admins import Admins
from frontends.web.guard import Headers
from frontends.web.sites import Sites
from frontends.web.visits import Visit, Visits

ENTER: Final = "/v1/web/enter"
KEY: Final = b"holdfast-key"


@dataclass(frozen=True, slots=True)
class Entering:
    """``token``: what is behind the ``#enter=`` of a link."""

    token: str


def cookie_name(sites: Sites) -> str:
    """Browsers keep cookies by host, whatever the port: two daemons have two names."""
    return f"holdfast-{sites.port}"


def find_visit(visits: Visits, sites: Sites, headers: Headers) -> Visit:
    """The visit that a request belongs to; raises Expired."""
    name, worn = cookie_name(sites), ""
    for each in headers.get(b"cookie", b"").decode("ascii", "replace").split(";"):
        key, _, value = each.strip().partition("=")
        worn = value if key == name else worn
    return visits.find(worn, headers.get(KEY, b"").decode("ascii", "replace"))


def entering(visits: Visits, sites: Sites) -> Route:
    """The only call that needs no visit: it begins one."""

    async def enter(_state: State, asked: Entering, reply: Reply) -> Json:
        """Use the token of a link: the answer sets a cookie and holds the key of the visit."""
        entered = visits.enter(asked.token)
        cookie = f"{cookie_name(sites)}={entered.cookie}; Path=/v1; HttpOnly; SameSite=Strict"
        reply.also("Set-Cookie", cookie)
        return {"key": entered.key, "content": sites.content}

    return call("web/enter", Entering, enter)


def leaving(visits: Visits, visit: Visit) -> Route:
    """Ending the visit that asks."""

    async def leave(_state: State, _asked: Nothing, _reply: Reply) -> Json:
        """End this visit: its cookie, key and addresses of content are good for nothing more."""
        visits.leave(visit)
        return {}

    return call("web/leave", Nothing, leave)


def staying(sites: Sites, admins: Admins) -> Route:
    """Whether one has entered."""

    async def visit(state: State) -> Json:
        """Whether this visit goes on, where content is shown, and whether it runs the node."""
        return {"content": sites.content, "runs_node": admins.has(state)}

    return look("web/visit", visit)
