"""The owner's local API: HTTP/1.1 over a Unix socket, one request a connection.

    connection --> who is it? --> asking.py: head and body, within limits of size and time
               --> routes.py --> answering.py: handler --> JSON lines or bytes as they come

The page's listener on loopback (``frontends/web``) answers the same calls.
"""

from functools import partial
from typing import Final

import h11
import trio

from formats.errors import HoldfastError, TooMany
from frontends.api.answering import Answering, refuse
from frontends.api.asking import MAX_HEAD, Finder, asked, head_of
from frontends.api.credentials import check_caller
from frontends.api.incoming import Incoming
from frontends.api.reply import Reply
from frontends.api.state import State
from frontends.api.table import find_route

MAX_CONNECTIONS: Final = 64


class Server:
    """Answers connections from what ``state`` holds. ``find``: the call for method and path."""

    def __init__(self, state: State, find: Finder = find_route) -> None:
        self._state = state
        self._find = find
        self._open = 0

    async def serve(self, listener: trio.SocketListener) -> None:
        """Answer until cancelled."""
        await trio.serve_listeners(self._answer, [listener])

    async def _answer(self, stream: trio.SocketStream) -> None:
        self._open += 1
        try:
            async with stream:
                await self._exchange(stream)
        except (trio.BrokenResourceError, h11.LocalProtocolError):
            pass  # the caller is gone, or cannot be answered in HTTP: there is nobody to tell
        finally:
            self._open -= 1

    async def _exchange(self, stream: trio.SocketStream) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        incoming, reply = Incoming(stream, connection), Reply(stream, connection)
        try:
            self._check(stream)
            head = await head_of(incoming)
            request = await asked(incoming, head, self._find, self._state.headless)
        except HoldfastError as error:
            await refuse(stream, partial(reply.failed, error))
            return
        await Answering(self._state, request, reply).follow(stream)

    def _check(self, stream: trio.SocketStream) -> None:
        if self._open > MAX_CONNECTIONS:
            raise TooMany(f"{MAX_CONNECTIONS} requests are under way at this daemon")
        check_caller(stream)
