"""How a session reaches nodes: its own in process, at once; others when libp2p is there."""

from typing import Final

from formats.base58 import base58
from formats.invite import Invite
from formats.whereabouts import Home
from frontends.api.reply import Json
from frontends.api.state import State
from protocols.services import Doors


class OwnFirst:
    """A ``protocols.services.Network`` that does not wait for libp2p to reach the own node."""

    def __init__(self, state: State) -> None:
        self._state: Final = state

    async def reach(self, home: Home) -> Doors:
        """A fresh connection to that node; raises Unreachable or TimedOut."""
        node = await self._state.node.wait()
        if home.peer == node.peer_id:
            return node.open()
        dialer = await self._state.dialer.wait()
        return await dialer.reach(home)


async def own_home(state: State) -> Home:
    """This node as a home, with the addresses it has now."""
    node = await state.node.wait()
    return Home(node.peer_id, node.addresses())


async def own_invite(state: State, quota: int | None = None) -> bytes:
    """The code of a new invite to this node, for whoever runs it; ``quota``: the usual without."""
    node = await state.node.wait()
    return Invite.parse(await node.admin.invite(quota)).code


def located(home: Home) -> dict[str, Json]:
    """A node, and where it is, as answers have it."""
    return {"peer": base58(home.peer), "addresses": list(home.addresses)}
