"""The table of the local API: every call there is.

``docs/spec/local_api.md`` has the same table for people; a test keeps both alike.
"""

from typing import Final

from formats.errors import Unfit, Usage
from frontends.api import account, change, files, people, running, sharing, tree
from frontends.api.routes import Nothing, Route, call, look

OPERATOR: Final = (
    look("version", running.version),
    look("status", running.status),
    look("doctor", running.doctor),
    call("invite", account.Inviting, account.invite),
)
"""What also a headless node answers."""

PEOPLE: Final = (
    call("signup", account.SigningUp, account.signup),
    call("login", account.SigningIn, account.login),
    call("logout", Nothing, account.logout),
    call("passwd", account.Passwords, account.passwd),
    look("whoami", account.whoami),
    call("ls", tree.Listing, tree.ls),
    call("stat", tree.Paths, tree.stat),
    call("du", tree.Measuring, tree.du),
    call("find", tree.Finding, tree.find),
    call("put", files.Putting, files.put),
    call("get", files.Getting, files.get),
    call("cat", files.Pouring, files.cat, gives_bytes=True),
    call("mkdir", change.Making, change.mkdir),
    call("mv", change.Moving, change.mv),
    call("cp", change.Copying, change.cp),
    call("rm", change.Removing, change.rm),
    call("card", Nothing, people.card),
    call("follow", people.Following, people.follow),
    call("requests", Nothing, people.requests),
    call("accept", people.Accepting, people.accept),
    call("decline", people.Who, people.decline),
    call("contacts", Nothing, people.contacts),
    call("share", sharing.Giving, sharing.share),
    call("unshare", sharing.TakingBack, sharing.unshare),
    call("shared", sharing.Shared, sharing.shared),
)
"""What needs a person: accounts, files, friends."""

ROUTES: Final = {(route.method, route.path): route for route in OPERATOR + PEOPLE}


def find_route(method: str, path: str, headless: bool) -> Route:
    """The call of that name; raises Usage, or Unfit where the node is headless."""
    route = ROUTES.get((method, path))
    if route is None:
        raise Usage(f"there is no call '{method} {path}'", hint="docs/spec/local_api.md lists all")
    if headless and route in PEOPLE:
        raise Unfit(
            "this is a headless node ('holdfast serve'): it holds no keys and no accounts' files",
            hint="on your own machine, run 'holdfast up' and sign up or in with --at",
        )
    return route
