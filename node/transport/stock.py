"""libp2p's own yamux behind our seam: to fall back to, and to be measured against.

Slower than ``muxer.py``, and laxer: windows are not enforced, so that too much
that is unread ends the connection instead.
"""

import logging
import os
from collections.abc import Awaitable, Callable, Collection
from typing import Final

import trio
from libp2p.abc import ISecureConn
from libp2p.exceptions import BaseLibp2pError
from libp2p.peer.id import ID
from libp2p.stream_muxer.exceptions import MuxedStreamEOF
from libp2p.stream_muxer.yamux import yamux
from libp2p.stream_muxer.yamux.yamux import Yamux, YamuxStream

from formats.errors import HoldfastError, Unreachable
from node.logs import Log
from node.transport import multistream
from node.transport.carrier import Arrival, Stream
from node.transport.reading import TRUSTED, Reading
from node.transport.sockets import Socket
from node.transport.tasks import patience

PIECE: Final = 65_507
"""Bytes in one write: with yamux's header exactly one encrypted message."""

READ: Final = 256 * 1024

WINDOW: Final = 4 * 1024 * 1024
"""Bytes that a stream may have on their way to who does not read them."""

_log: Final = Log("transport")

# One WINDOW_UPDATE for half a window read, instead of one for each read: a quarter of all work.
os.environ.setdefault("PY_YAMUX_RELEASE_ON_READ", "0")
# Windows grow by themselves, to 16 MiB a stream unless told otherwise. Only we use yamux here.
yamux.MAX_WINDOW_SIZE = WINDOW
# It warns of every connection that ends and every peer that errs, and quotes them.
logging.getLogger("libp2p").setLevel(logging.CRITICAL)

_FAULTS: Final = (BaseLibp2pError, OSError, EOFError, trio.BrokenResourceError)
_GONE: Final = "the connection to the other node is gone"


class Stock:
    """Both ``carrier.Connection`` and ``carrier.Incoming``. Somebody must run ``run``."""

    def __init__(self, socket: Socket, session: ISecureConn, peer: bytes) -> None:
        self._socket = socket
        self._yamux = Yamux(session, ID(peer), is_initiator=socket.is_initiator)
        self._peer = peer
        self._scope = trio.CancelScope()
        self.reading: Callable[[], Reading] = _trusting
        """How much may be unread: beyond it the connection is closed."""
        self.turn: Callable[[], Awaitable[None]] | None = None
        """Not asked for: libp2p's reads whenever something comes."""

    @property
    def peer(self) -> bytes:
        """The authenticated peer id of the other end."""
        return self._peer

    @property
    def local(self) -> bool:
        """Whether the other end is on this machine."""
        return self._socket.local

    @property
    def address(self) -> str:
        """Where the other end comes from, as a multiaddress."""
        return self._socket.address

    @property
    def port_here(self) -> int:
        """The TCP port at this end, 0 if it is not TCP."""
        return self._socket.port_here

    async def run(self) -> None:
        """Carry the streams until the connection ends. Raises nothing."""
        try:
            with self._scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._watch_memory)
                    await self._yamux.start()
                    nursery.cancel_scope.cancel()
        except* Exception as group:  # noqa: BLE001  a fault of libp2p's ends its connection only
            _log.debug("muxer", kind=type(group.exceptions[0]).__name__)
        finally:
            self._yamux.event_started.set()
            self._yamux.event_shutting_down.set()
            with patience(1):
                await self._yamux._cleanup_on_error()

    async def _watch_memory(self) -> None:
        while True:  # woken by what arrives: an idle connection costs nothing
            await self._socket.much.wait()
            self._socket.much = trio.Event()
            if sum(map(len, self._yamux.stream_buffers.values())) > self.reading().unread:
                _log.info("cut-off", why="unread")
                self._scope.cancel()

    async def open(self, protocol: str) -> Stream:
        """A new stream that speaks ``protocol``."""
        await self._yamux.event_started.wait()
        try:
            stream = await self._yamux.open_stream()
            await multistream.choose(stream, protocol)
        except _FAULTS:
            raise Unreachable(_GONE) from None
        return _Stream(stream)

    async def accept(self) -> Arrival | None:
        """The next stream the other end opens, None when the connection has ended."""
        await self._yamux.event_started.wait()
        try:
            stream = await self._yamux.accept_stream()
        except _FAULTS:
            return None
        assert isinstance(stream, YamuxStream)
        return _Arrival(stream)

    async def probe(self) -> None:
        """Nothing: libp2p's yamux asks by itself, and nobody can have it ask now."""
        await trio.lowlevel.checkpoint()

    async def aclose(self) -> None:
        """Close the socket: the other end sees every stream end."""
        self._scope.cancel()
        await self._socket.close()


def _trusting() -> Reading:
    return TRUSTED


class _Arrival:
    """A yamux stream on which nothing is agreed yet."""

    def __init__(self, stream: YamuxStream) -> None:
        self._stream = stream

    async def agree(self, protocols: Collection[str]) -> tuple[str, Stream]:
        try:
            protocol = await multistream.agree(self._stream, protocols)
        except HoldfastError:
            await self._refuse()
            raise
        except _FAULTS:
            await self._refuse()
            raise Unreachable(_GONE) from None
        return protocol, _Stream(self._stream)

    async def _refuse(self) -> None:
        try:
            await self._stream.reset()
        except _FAULTS:
            return


class _Stream:
    """One yamux stream, with waiting writes instead of its five seconds and a reset."""

    def __init__(self, stream: YamuxStream) -> None:
        self._stream = stream

    async def receive_some(self) -> bytes:
        try:
            return await self._stream.read(READ)
        except MuxedStreamEOF:
            return b""
        except _FAULTS:
            raise Unreachable(_GONE) from None

    async def send_all(self, data: bytes) -> None:
        try:
            for at in range(0, len(data), PIECE):
                piece = data[at : at + PIECE]
                await self._window(len(piece))
                await self._stream.write(piece)
        except _FAULTS:
            raise Unreachable(_GONE) from None

    async def _window(self, size: int) -> None:
        """Wait until the other side takes ``size`` bytes more: at once it resets after 5 s."""
        nap = 0.001
        while self._stream.send_window < size:
            if self._stream.send_closed or self._stream.conn.event_shutting_down.is_set():
                raise Unreachable(_GONE)
            await trio.sleep(nap)
            nap = min(nap * 2, 0.02)

    async def aclose(self) -> None:
        try:
            await self._stream.close()
        except _FAULTS:
            return
