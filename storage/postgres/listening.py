"""What nodes on one database tell one another: which spaces moved, for whom something arrived.

A transaction notes what it changed; PostgreSQL tells everybody who listens when it has
committed, and not otherwise (NOTIFY). A node that lost its connection does not know what
it missed, so it wakes everybody once. The same connection holds the lock of the node
that keeps house.
"""

from collections.abc import Callable
from selectors import EVENT_READ, DefaultSelector
from socket import socketpair
from threading import Event, Thread
from typing import Final

import psycopg

from formats.errors import DiskFull, StorageFailed
from storage.contracts import Change, SpaceKey
from storage.postgres.address import Address
from storage.postgres.connecting import Connection
from storage.postgres.link import Link
from storage.postgres.site import CHANNEL, Site

_EVERY: Final = 2.0
"""Seconds after which a node that does not keep house asks again whether it may."""

_AGAIN: Final = 1.0
"""Seconds between two attempts to connect."""

_ID: Final = 32


def payload(site: Site, writer: int, change: Change) -> str:
    """What is told of a change; ``writer``: who changed it."""
    what = change.owner + change.space if isinstance(change, SpaceKey) else change or b""
    return f"{site.site}:{writer}:{what.hex()}"


def _heard(site: Site, writer: int, text: str) -> tuple[Change, ...]:
    """The change of a payload; nothing for what is our own, of another site, or no payload."""
    of_site, _, rest = text.partition(":")
    of_writer, _, what = rest.partition(":")
    if of_site != str(site.site) or of_writer == str(writer):
        return ()
    try:
        ids = bytes.fromhex(what)
    except ValueError:
        return ()
    if len(ids) == 2 * _ID:
        return (SpaceKey(ids[:_ID], ids[_ID:]),)
    return (ids,) if len(ids) == _ID else (None,)


class Listener:
    """Listens in a thread of its own from ``start`` on; ``heard`` is called there."""

    def __init__(self, address: Address, site: Site, writer: int) -> None:
        self._link = Link(address, f"LISTEN {CHANNEL}")
        self._site = site
        self._writer = writer
        self._stopping = Event()
        self._waker, self._woken = socketpair()
        self._heard: Callable[[Change], None] | None = None
        self._thread = Thread(target=self._serve, name="store-listener", daemon=True)
        self._lost = False
        self.keeps_house = False

    def start(self) -> None:
        """Begin, with a first attempt to keep house made when this returns."""
        self._look(self._link.get())
        self._thread.start()

    def tell(self, heard: Callable[[Change], None] | None) -> None:
        """Call this from now on for what other nodes change; None: for nothing."""
        self._heard = heard

    def close(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._waker.send(b"!")
        if self._thread.is_alive():
            self._thread.join()
        self._link.drop()
        self._waker.close()
        self._woken.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen(self._link.get())
            except (psycopg.Error, DiskFull, StorageFailed):
                self.keeps_house = False
                self._link.drop()
                self._lost = True
                self._stopping.wait(_AGAIN)

    def _listen(self, connection: Connection) -> None:
        self._look(connection)
        if self._lost:
            self._pass_on(None)
        self._lost = False
        with DefaultSelector() as selector:
            selector.register(connection, EVENT_READ)
            selector.register(self._woken, EVENT_READ)
            while not self._stopping.is_set():
                selector.select(None if self.keeps_house else _EVERY)
                self._take(connection)
                self._look(connection)

    def _take(self, connection: Connection) -> None:
        for notice in connection.notifies(timeout=0):
            for change in _heard(self._site, self._writer, notice.payload):
                self._pass_on(change)

    def _look(self, connection: Connection) -> None:
        if not self.keeps_house:
            self.keeps_house = connection.execute(self._site.keep_house).fetchone() == (True,)
            if self.keeps_house:
                self._pass_on(None)  # whoever keeps house looks at everything now

    def _pass_on(self, change: Change) -> None:
        if self._heard is not None:
            self._heard(change)
