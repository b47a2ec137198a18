"""A node on the network: listening as its settings say, and able to reach others.

    async with build(config) as node, online(node) as network:
        doors = await network.reach(home)

The port of the settings, or else the one kept from earlier, or else the default;
when that is taken, a free one, which is kept. Importing this imports libp2p, which
takes seconds: a daemon answers its socket first.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final

from formats.errors import BadConfig
from node.build import Node
from node.config import DEFAULT_PORT
from node.logs import Log
from node.transport.dialer import Dialer, dialing
from node.transport.host import Host, listening

_log: Final = Log("transport")


@asynccontextmanager
async def online(node: Node) -> AsyncIterator[Dialer]:
    """Serve ``node`` to others and reach them, until the block is left.

    Raises BadConfig when the port of the settings cannot be had.
    """
    async with AsyncExitStack() as stack:
        host = await _listening(stack, node)
        node.found(host.addresses)
        _log.info("listening", port=host.port)
        yield await stack.enter_async_context(dialing(node))


async def _listening(stack: AsyncExitStack, node: Node) -> Host:
    fixed = node.config.port
    if fixed is not None:
        return await stack.enter_async_context(_at(node, fixed))
    wanted = node.folder.kept_port() or DEFAULT_PORT
    try:
        host = await stack.enter_async_context(_at(node, wanted))
    except BadConfig:
        host = await stack.enter_async_context(_at(node, 0))
    node.folder.keep_port(host.port)
    return host


def _at(node: Node, port: int) -> AbstractAsyncContextManager[Host]:
    return listening(node, node.key, node.config.listen, port)
