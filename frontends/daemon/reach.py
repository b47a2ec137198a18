"""Being reached: the node's addresses as they change, and publishing them for who lives here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import trio

from formats.errors import HoldfastError
from formats.whereabouts import Home
from frontends.api.network import own_home
from frontends.api.state import State
from node.build import Node
from node.dht.service import Dht
from node.reach.helpers import KnownRelay
from node.reach.reaching import Reaching, reaching
from node.transport.host import Host

SETTLE_SECONDS: Final = 3.0
"""Longest that a daemon waits, before it says it is up, to know how it can be reached."""

CALM_SECONDS: Final = 1.0
"""Seconds for which changes are gathered before they are signed and published."""

AGAIN_SECONDS: Final = 60.0
"""Seconds after which publishing is tried again."""


@asynccontextmanager
async def reachable(
    state: State, node: Node, host: Host, dht: Dht | None
) -> AsyncIterator[Reaching]:
    """Have the node know how it can be reached, until the block is left.

    Nodes of the network that it knows may help.
    """

    def tell(addresses: tuple[str, ...]) -> None:
        node.found(addresses)
        state.moved.ring()

    def known() -> list[KnownRelay]:
        nodes = () if dht is None else dht.table
        return [KnownRelay(each.peer, each.addresses) for each in nodes]

    node.found(host.addresses)
    config = node.config
    async with reaching(host, config.network, config.announce, tell, known) as reach:
        await reach.settled(SETTLE_SECONDS)
        yield reach


def met(dht: Dht | None) -> list[Home]:
    """Nodes of the network that this one knows: they might pass drops on."""
    return [] if dht is None else [Home(each.peer, each.addresses) for each in dht.table]


async def keep_published(state: State) -> None:
    """Publish where the signed-in person's home is, whenever that changes, if it is this node."""
    while True:
        await state.moved.wait()
        await trio.sleep(CALM_SECONDS)
        try:
            if not state.headless:
                await _publish(state)
        except HoldfastError as error:
            state.note_error(error)
            with trio.move_on_after(AGAIN_SECONDS):
                await state.moved.wait()
            state.moved.ring()


async def _publish(state: State) -> None:
    """As signing in does it. Who is being signed in meanwhile has it done there."""
    from client.identity.whereabouts import publish_if_due
    from client.social.follow import tell_if_moved

    async with state.signing:
        here = await own_home(state)
        for person in list(state.people.values()):
            session = person.session
            if session.whereabouts.home.peer == here.peer:
                await publish_if_due(session, here)
                await tell_if_moved(session)
