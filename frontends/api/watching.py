"""Whoever watches is told what is new, as it comes; who is too slow misses some of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import trio

from frontends.api.reply import Json

Told = tuple[str, dict[str, Json]]
"""The kind of an event, and what it says."""
WAITING: Final = 256
"""Events that wait for one who reads slowly."""


class Watchers:
    """Those who watch now."""

    def __init__(self) -> None:
        self._open: Final[set[trio.MemorySendChannel[Told]]] = set()

    def tell(self, kind: str, value: dict[str, Json]) -> None:
        """Tell everybody who watches."""
        for each in self._open:
            try:
                each.send_nowait((kind, value))
            except trio.WouldBlock:
                continue  # they read too slowly; what they miss is in the feed all the same

    @contextmanager
    def watching(self) -> Iterator[trio.MemoryReceiveChannel[Told]]:
        """What is told from now on."""
        send, receive = trio.open_memory_channel[Told](WAITING)
        self._open.add(send)
        try:
            yield receive
        finally:
            self._open.discard(send)
            send.close()
            receive.close()
