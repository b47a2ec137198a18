"""A TCP socket as libp2p reads and writes one.

libp2p's own turns each read into a system call, two for each encrypted message,
and gives up on a message that arrives in more than a hundred pieces. This one
reads ahead, and gives exactly what is asked for.
"""

import socket
from typing import Final

import trio
from libp2p.abc import IRawConnection
from libp2p.connection_types import ConnectionType
from libp2p.io.exceptions import ConnectionClosedError, IOException

from formats.errors import Unreachable
from node.transport.addresses import is_loopback, multiaddress
from node.transport.noise import AHEAD
from node.transport.relayed import Relayed

MOST: Final = 64 * 1024
"""Most that may be asked for: one encrypted message and its length."""

MUCH: Final = 1024 * 1024
"""Bytes after which somebody looks how much of them is unread."""

SILENT_MS: Final = 90_000
"""Longest that what we sent may stay unacknowledged; libp2p pings every 30 s."""


_GONE: Final = "the connection to the other node is gone"


class Socket(IRawConnection):
    """One TCP connection, or what a relay passes on instead.

    ``host`` is the other end's IP address, "" behind a relay.
    """

    def __init__(self, stream: trio.SocketStream | Relayed, initiator: bool) -> None:
        self.is_initiator = initiator
        self.host, self._port = "", 0
        if isinstance(stream, trio.SocketStream):
            self.host, self._port = stream.socket.getpeername()[:2]
            _watch(stream)
        self._stream = stream
        self._ahead = bytearray()
        self._since = 0
        self.much = trio.Event()
        """Set when ``MUCH`` was read; whoever waits puts another in its place."""

    @property
    def local(self) -> bool:
        """Whether the other end is on this machine."""
        return bool(self.host) and is_loopback(self.host)

    @property
    def address(self) -> str:
        """Where the other end comes from, as a multiaddress."""
        if isinstance(self._stream, Relayed):
            return self._stream.address
        return multiaddress(self.host.partition("%")[0], self._port)

    @property
    def port_here(self) -> int:
        """The TCP port at this end, 0 behind a relay or when it is closed."""
        if isinstance(self._stream, Relayed) or self._stream.socket.fileno() < 0:
            return 0
        return int(self._stream.socket.getsockname()[1])

    async def read(self, n: int | None = None) -> bytes:
        """Exactly ``n`` bytes, fewer only when the connection has ended."""
        wanted = 1 if n is None else n
        if wanted > MOST:
            raise IOException("more was asked for than one message")
        while len(self._ahead) < wanted:
            more = await self._received()
            if not more:
                break
            self._ahead += more
        taken = bytes(self._ahead if n is None else self._ahead[:n])
        del self._ahead[: len(taken)]
        return taken

    async def receive_some(self, most: int = AHEAD) -> bytes:
        """At least one byte, none at the end. Raises Unreachable."""
        if self._ahead:
            ahead = bytes(self._ahead)
            self._ahead.clear()
            return ahead
        try:
            return bytes(await self._stream.receive_some(most))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise Unreachable(_GONE) from None

    async def send_all(self, data: bytes) -> None:
        """Return when the system has taken all of it. Raises Unreachable."""
        try:
            await self._stream.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise Unreachable(_GONE) from None

    async def _received(self) -> bytes:
        try:
            data = bytes(await self._stream.receive_some(AHEAD))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise ConnectionClosedError("the connection was closed", transport="tcp") from None
        self._since += len(data)
        if self._since >= MUCH:
            self._since = 0
            self.much.set()
        return data

    async def write(self, data: bytes) -> None:
        """Return when the system has taken all of it."""
        try:
            await self._stream.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise ConnectionClosedError("the connection was closed", transport="tcp") from None

    async def close(self) -> None:
        """Close it now."""
        await trio.aclose_forcefully(self._stream)

    def get_remote_address(self) -> tuple[str, int]:
        """IP address and port of the other end."""
        return self.host, self._port

    def get_transport_addresses(self) -> list[str]:
        """Nothing that we use asks."""
        return []

    def get_connection_type(self) -> ConnectionType:
        """Direct: nobody relays it."""
        return ConnectionType.DIRECT


def _watch(stream: trio.SocketStream) -> None:
    """Notice when the other end is gone without a word."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_MS)
