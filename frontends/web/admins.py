"""Who may run the node through the page: who else lives here, what they may, what they are told.

The command line and the socket are of this machine's user alone, so there nobody is asked. A
page may stand open where a family sits, and whoever else signs in there is not who runs it.
"""

from collections.abc import Sequence
from typing import Final

from formats.errors import Denied, Unfit
from formats.handle import Handle, parse_handle
from frontends.api.routes import PREFIX, Route
from frontends.api.state import State

_OF_THE_NODE: Final = (f"{PREFIX}node/", f"{PREFIX}invite")
_COMMANDS: Final = (f"{PREFIX}node/reset-factors", f"{PREFIX}node/drain")
"""They take away what keeps an account safe, or the node from those who use it: whoever got hold
of a page shall not get that."""
HERE: Final = "here"
_COMING: Final = (f"{PREFIX}import", f"{PREFIX}recovery/restore")
"""They bring an account to this node, by an invite that it makes itself, where they say so."""


class Admins:
    """``handles``: whose page runs the node; without any, that of whoever is signed in."""

    def __init__(self, handles: Sequence[str] = ()) -> None:
        self._handles: Final[tuple[Handle, ...]] = tuple(map(parse_handle, handles))

    def has(self, state: State) -> bool:
        """Whether it is the account that calls are about now."""
        person = state.signed_in
        if person is None:
            return False
        id = person.session.id
        return not self._handles or any(each.matches(id) for each in self._handles)

    def check(self, state: State, route: Route, values: dict[str, object]) -> None:
        """Return if a call may be made; raises NotSignedIn, Denied, Unfit."""
        if route.path in _COMING and str(values.get("to", HERE)).strip() == HERE:
            self._check_coming(state)
        if not route.path.startswith(_OF_THE_NODE):
            return
        if route.path in _COMMANDS:
            command = route.path.removeprefix(PREFIX).replace("/", " ")
            raise Unfit("that is for the command line alone", hint=f"'holdfast {command} --help'")
        name = state.session.name
        if not self.has(state):
            raise Denied(
                f"{name} does not run this node",
                hint="'web_admins' in config.toml says whose page does",
            )

    def _check_coming(self, state: State) -> None:
        """Who comes back may not be signed in yet; so it is only asked where somebody is named."""
        if self._handles and not self.has(state):
            raise Denied(
                "an account comes to this node by an invite of whoever runs it",
                hint="ask them for one, and name it in place of 'here'; or use the command line",
            )
