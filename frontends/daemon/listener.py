"""The Unix socket, bound so that whoever can see it can use it.

It is made under another name, closed to others, and listening before it gets
its own: a client finds no socket or one that answers. What a killed daemon
left behind is replaced; the lock says that nobody uses it.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import trio

from formats.errors import StorageFailed
from frontends.place import Place, socket_address

BACKLOG: Final = 128


@contextmanager
def listening(place: Place) -> Iterator[trio.SocketListener]:
    """The socket of this data folder; gone again on leaving. Hold the folder's lock."""
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _bind(bound, place)
        yield trio.SocketListener(trio.socket.from_stdlib_socket(bound))
    finally:
        bound.close()
        with suppress(OSError):  # somebody removed it: then it is gone already
            os.unlink(place.socket)


def _bind(bound: socket.socket, place: Place) -> None:
    draft = f"{place.socket}.new"
    try:
        with suppress(FileNotFoundError):
            os.unlink(draft)
        with socket_address(draft) as address:
            bound.bind(address)
        os.chmod(draft, 0o600)
        bound.listen(BACKLOG)
        os.replace(draft, place.socket)
    except OSError as error:
        raise StorageFailed(
            f"the socket cannot be made: {error.strerror}",
            hint="a data folder on a local disk is needed; choose one with --home",
        ) from None
