"""Nodes of several machines in one process: sockets are made where the task is.

    with machine.inside():      # this task, and those it starts; ``socket.socket`` replaced
        async with listening(...)

Everything that makes a socket by ``socket.socket`` then makes it on that machine:
trio does, and so does whoever asks the routing table for an address.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, Final

from tests.nat.spaces import Space

_HERE: Final[ContextVar[Space | None]] = ContextVar("here", default=None)


class PlacedSocket(socket.socket):
    """A socket of the task's machine."""

    def __init__(self, *args: Any, **named: Any) -> None:
        space = _HERE.get()
        with nullcontext() if space is None else space.entered():
            super().__init__(*args, **named)


@contextmanager
def inside(space: Space) -> Iterator[None]:
    """The block, and the tasks started in it, are on that machine."""
    token = _HERE.set(space)
    try:
        yield
    finally:
        _HERE.reset(token)
