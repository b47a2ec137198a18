"""Health and figures over HTTP on loopback, for whatever watches the machine.

    GET /health     200 "ok" when the node is open and reads; 503 and why otherwise
    GET /metrics    the figures, as Prometheus reads them

No secret is needed and none is told: figures name nobody. One request a connection,
within limits of size and time.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import h11
import trio

from formats.errors import BadConfig, HoldfastError
from node.build import Node
from node.gate import Doing
from node.metrics import CONTENT_TYPE, metrics

LOOPBACK: Final = "127.0.0.1"
MAX_HEAD: Final = 8 * 1024
SECONDS: Final = 5.0
AT_ONCE: Final = 16
PLAIN: Final = "text/plain; charset=utf-8"

Answer = tuple[int, str, str]
"""Status, content type, text."""


@asynccontextmanager
async def telling(node: Node, port: int) -> AsyncIterator[int]:
    """Answer on this port of loopback until the block is left; 0: do not. Gives the port.

    Raises BadConfig when the port cannot be had.
    """
    if not port:
        yield 0
        return
    try:
        listeners = await trio.open_tcp_listeners(port, host=LOOPBACK)
    except OSError:
        raise BadConfig(f"metrics_port {port} is taken or cannot be listened on") from None
    places = trio.CapacityLimiter(AT_ONCE)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, _Telling(node, places).answer, listeners)
        yield port
        nursery.cancel_scope.cancel()


class _Telling:
    """Answers connections."""

    def __init__(self, node: Node, places: trio.CapacityLimiter) -> None:
        self._node = node
        self._places = places

    async def answer(self, stream: trio.SocketStream) -> None:
        """One request, if it comes in time; raises nothing."""
        async with stream, self._places:
            with trio.move_on_after(SECONDS):
                try:
                    await self._exchange(stream)
                except (trio.BrokenResourceError, h11.ProtocolError):
                    return  # it was no request, or nobody is there to answer

    async def _exchange(self, stream: trio.SocketStream) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        while (event := connection.next_event()) is h11.NEED_DATA:
            connection.receive_data(await stream.receive_some(MAX_HEAD))
        if not isinstance(event, h11.Request):
            return
        status, kind, text = await self._said(event.method, event.target)
        body = text.encode()
        headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
        head = h11.Response(
            status_code=status, headers=[*headers, ("Connection", "close")], reason=b"-"
        )
        for part in (head, h11.Data(data=body), h11.EndOfMessage()):
            await stream.send_all(connection.send(part) or b"")

    async def _said(self, method: bytes, target: bytes) -> Answer:
        if method != b"GET":
            return 405, PLAIN, "only GET\n"
        if target == b"/metrics":
            return 200, CONTENT_TYPE, metrics(self._node.core)
        if target == b"/health":
            return await self._health()
        return 404, PLAIN, "there are /health and /metrics\n"

    async def _health(self) -> Answer:
        core = self._node.core
        if core.gate.doing is not Doing.OPEN:
            return 503, PLAIN, f"{core.gate.doing}\n"
        try:
            await core.store.read(lambda view: view.setting("server secret") is not None)
        except HoldfastError as error:
            return 503, PLAIN, f"{type(error).__name__}\n"
        short = core.gate.short(core.config.limits)
        return 200, PLAIN, "ok, short of room: nothing is added\n" if short else "ok\n"
