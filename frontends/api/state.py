"""What the local API answers from: the node once it is open, and at most one person's session."""

import time
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import trio

from formats.errors import HoldfastError, TimedOut
from frontends.place import Place

if TYPE_CHECKING:  # it takes a while to import; the socket is answered before
    from node.build import Node

OPENING_TIME: Final = 60.0
"""Seconds that a request waits for the store to open (which repairs what a crash left)."""

KEPT_ERRORS: Final = 10


class Phase(StrEnum):
    """How far the daemon is."""

    OPENING = "opening"
    CONNECTING = "connecting"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Noted:
    """An error worth showing again. ``time`` in milliseconds since 1970."""

    time: int
    error: HoldfastError


class State:
    """One daemon. ``headless``: it serves a node and no person (``holdfast serve``)."""

    def __init__(self, place: Place, headless: bool) -> None:
        self.place: Final = place
        self.headless: Final = headless
        self.started: Final = time.time_ns() // 1_000_000
        self.phase = Phase.OPENING
        self.errors: Final[deque[Noted]] = deque(maxlen=KEPT_ERRORS)
        self._node: Node | None = None
        self._opened = trio.Event()

    def opened(self, node: "Node") -> None:
        """The node can be used from now on."""
        self._node = node
        self.phase = Phase.CONNECTING
        self._opened.set()

    @property
    def node_now(self) -> "Node | None":
        """The node, if it is open already."""
        return self._node

    async def node(self) -> "Node":
        """The node; waits while it is being opened, which is seconds at most. TimedOut after."""
        with trio.move_on_after(OPENING_TIME):
            await self._opened.wait()
        if self._node is None:
            raise TimedOut("the node's store is still being opened")
        return self._node

    def note_error(self, error: HoldfastError) -> None:
        """Keep an error for ``holdfast status``, if it is not the caller's own mistake."""
        if error.http_status >= 500:
            self.errors.append(Noted(time.time_ns() // 1_000_000, error))
