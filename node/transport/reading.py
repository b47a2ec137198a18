"""How much of what arrives may be unread: of a stream, of a connection, of all of them.

A node holds what has arrived until somebody takes it. Windows bound it for one stream, and
a connection with too much of it is not read. All connections together have a room each
(``unread.py``): those that have proven nothing, those that have, and those we made.
"""

from dataclasses import dataclass
from typing import Final

from node.transport.unread import Together

MIB: Final = 1024 * 1024

UNREAD: Final = 256 * MIB
"""Bytes of all connections of a node, unless it is said otherwise."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How much may be unread. Bytes."""

    window: int = 16 * MIB
    """Of one stream: what a line of 50 ms and 300 MB/s needs to be full."""
    unread: int = 32 * MIB
    """Of one connection: with more it is not read until some was taken."""
    together: Together | None = None
    """Of all connections that read by the same; None: each counts for itself alone."""


TRUSTED: Final = Reading()
"""For a node that we have chosen to ask."""


class Readings:
    """Those of one node. ``unread``: bytes of all its connections."""

    def __init__(self, unread: int = UNREAD) -> None:
        self.known: Final = Reading(together=Together(0))
        """For connections to us that have proven to act for somebody who lives here."""
        self.ours: Final = Reading(together=Together(0))
        """For connections that we made."""
        self.strangers: Final = Reading(256 * 1024, MIB, Together(0))
        """For connections to us that have proven nothing: there may be hundreds."""
        self.share_out(unread)

    def share_out(self, unread: int) -> None:
        """So much for all together from now on: half of it for those who are known."""
        for reading, parts in ((self.known, 2), (self.ours, 1), (self.strangers, 1)):
            if reading.together is not None:
                reading.together.most = unread * parts // 4
