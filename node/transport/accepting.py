"""Accepting sockets: who cannot be let in costs as little as can be.

A refusal is two calls of the system, no task and no stream, and there are so many a
second at most: what dials faster waits in the system's queue.
"""

import errno
import socket
from collections.abc import Awaitable, Callable
from typing import Final

import trio

AT_ONCE: Final = 16
"""Refusals after which others have a turn, and"""
REST: Final = 0.01
"""the seconds until the next: 1,600 a second are some 5 % of a processor core."""

FULL: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})
"""The system has no room for another socket; what waits is taken later."""

Welcome = Callable[[str], bool]
Serve = Callable[[trio.SocketStream], Awaitable[None]]


async def accepting(listener: trio.SocketListener, is_welcome: Welcome, serve: Serve) -> None:
    """Serve whoever dials, each in a task, until cancelled; then the listener is closed.

    ``is_welcome`` is asked with the IP address. Sockets are closed when they were served.
    """
    own = listener.socket
    async with listener:
        with socket.fromfd(own.fileno(), own.family, own.type) as queue:
            queue.setblocking(False)
            await _accept(queue, is_welcome, serve)


async def _accept(queue: socket.socket, is_welcome: Welcome, serve: Serve) -> None:
    async with trio.open_nursery() as nursery:
        while True:
            await trio.lowlevel.wait_readable(queue.fileno())
            if not _taken(queue, is_welcome, serve, nursery):
                await trio.sleep(REST)


def _taken(queue: socket.socket, is_welcome: Welcome, serve: Serve, nursery: trio.Nursery) -> bool:
    """Take those who wait; False when there may be more of them than there is time for now."""
    refused = 0
    while refused < AT_ONCE:
        try:
            dialled, where = queue.accept()
        except BlockingIOError:
            return True
        except OSError as error:
            if error.errno in FULL:
                return False
            continue  # of one that has gone again
        if is_welcome(str(where[0])):
            stream = trio.SocketStream(trio.socket.from_stdlib_socket(dialled))
            nursery.start_soon(_serve, serve, stream)
        else:
            dialled.close()
            refused += 1
    return False


async def _serve(serve: Serve, stream: trio.SocketStream) -> None:
    try:
        await serve(stream)
    finally:
        await trio.aclose_forcefully(stream)
