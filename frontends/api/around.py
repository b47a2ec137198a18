"""What a session, or whoever looks for somebody, is given here."""

from random import SystemRandom

from client.identity.remembered import Remembered
from client.session import Surroundings
from formats.errors import Unfit
from frontends.api.device import device_name
from frontends.api.homes import Homes
from frontends.api.network import OwnFirst
from frontends.api.state import State


def surroundings(state: State) -> Surroundings:
    """What a session is given here."""
    node = state.node.now
    if node is None:
        raise Unfit("the node is not open yet")
    folder = Homes(state.place).folder
    return Surroundings(
        OwnFirst(state),
        node.clock.now_ms,
        SystemRandom(),
        folder,
        device=device_name(state.place),
        keep=node.config.cache,
        here=node.peer_id,
        remembered=Remembered(folder),
    )
