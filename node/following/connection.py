"""Reaching the other node, as this node: it is known there by its peer id."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import trio

from formats.errors import Unreachable
from formats.whereabouts import Home
from protocols.services import Doors, Network, Replicas

GOODBYE: Final = 2.0
"""Seconds for closing a connection."""


@asynccontextmanager
async def reached(network: Network, home: Home) -> AsyncIterator[Replicas]:
    """The replicas door of that node, until the block is left; raises Unreachable."""
    doors: Doors = await network.reach(home)
    try:
        if doors.peer != home.peer:
            raise Unreachable("another node answers under that address")
        yield doors.replicas
    finally:
        with trio.CancelScope(shield=True, deadline=trio.current_time() + GOODBYE):
            await doors.aclose()
