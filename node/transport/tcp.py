"""TCP connections from ports that can be used once more.

A NAT shows the others one port for each of ours. To be called back on it, a second
connection (or a listener) has to have the very port of the first; the system allows
that if both say so before they are bound.
"""

import socket
from ipaddress import ip_address

import trio

from node.transport.addresses import Endpoint


async def connect(to: Endpoint, port: int = 0) -> trio.SocketStream:
    """A connection to an address or a name, from ``port`` (0: any). Raises OSError, ValueError."""
    try:
        version = ip_address(to.host.partition("%")[0]).version
    except ValueError:
        return await trio.open_tcp_stream(to.host, to.port)
    made = bound(version, port)
    try:
        await made.connect((to.host, to.port))
    except BaseException:
        made.close()
        raise
    return trio.SocketStream(made)


def bound(version: int, port: int) -> trio.socket.SocketType:
    """A socket for IPv4 or IPv6 (``version`` 4 or 6) that shares its port. Raises OSError."""
    six = version == 6
    made = socket.socket(socket.AF_INET6 if six else socket.AF_INET)
    try:
        for name in ("SO_REUSEADDR", "SO_REUSEPORT"):
            if hasattr(socket, name):
                made.setsockopt(socket.SOL_SOCKET, getattr(socket, name), 1)
        if six:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(("::" if six else "0.0.0.0", port))
    except BaseException:
        made.close()
        raise
    return trio.socket.from_stdlib_socket(made)
