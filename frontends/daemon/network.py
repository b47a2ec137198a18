"""Listening for others, on a port that is kept, so that addresses stay good."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from frontends.ports import somewhere
from node.build import Node
from node.config import DEFAULT_PORT, Config
from node.transport.costs import Limits as ServerLimits
from node.transport.host import Doorway, Host, listening


@asynccontextmanager
async def listening_somewhere(node: Node) -> AsyncIterator[Host]:
    """The node's listener. A port that was found free is kept."""
    configured, kept = node.config.port, node.folder.kept_port()
    async with AsyncExitStack() as stack:
        host = await somewhere(configured, kept or DEFAULT_PORT, partial(_listen_on, stack, node))
        if configured is None and host.port != kept:
            node.folder.keep_port(host.port)
        node.found(host.addresses)
        yield host


async def _listen_on(stack: AsyncExitStack, node: Node, port: int) -> Host:
    doorway, limits = admitted(node.config)
    host = listening(
        node,
        node.key,
        node.config.listen,
        port,
        doorway=doorway,
        limits=limits,
        counts=node.core.counts,
    )
    return await stack.enter_async_context(host)


def admitted(config: Config) -> tuple[Doorway, ServerLimits]:
    """How many connections come in, and what each may cost, by the node's settings."""
    limits = config.limits
    doorway = Doorway(
        connections=limits.connections,
        connections_of_site=limits.connections_of_address,
        unread=limits.unread,
        stock=config.muxer == "libp2p",
    )
    in_all, answers = limits.bytes_in_flight_in_all, limits.answers_in_flight
    return doorway, ServerLimits(
        bytes_shared=limits.bytes_in_flight,
        known_in=in_all - in_all // 8,
        strangers_in=in_all // 8,
        answers=answers - answers // 4,
        strangers_answers=answers // 4,
        stranger_turns=limits.strangers_requests,
        strangers_turns=limits.strangers_requests_in_all,
    )
