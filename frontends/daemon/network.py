"""Listening on a port: the one that is configured, else the one kept from last time, else any."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from formats.errors import BadConfig
from node.build import Node
from node.config import DEFAULT_PORT
from node.transport.host import Host, listening


@asynccontextmanager
async def listening_somewhere(node: Node) -> AsyncIterator[Host]:
    """The node's listener. A port that was found free is kept, so that addresses stay good."""
    configured, kept = node.config.port, node.folder.kept_port()
    async with AsyncExitStack() as stack:
        host = await _listen(
            stack, node, [kept or DEFAULT_PORT, 0] if configured is None else [configured]
        )
        if configured is None and host.port != kept:
            node.folder.keep_port(host.port)
        yield host


async def _listen(stack: AsyncExitStack, node: Node, ports: list[int]) -> Host:
    hosts = node.config.listen
    *first, last = ports
    for port in first:
        try:
            return await stack.enter_async_context(listening(node, node.key, hosts, port))
        except BadConfig:
            continue  # somebody has it; the next one
    return await stack.enter_async_context(listening(node, node.key, hosts, last))
