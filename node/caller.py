"""Who is at the other end of one connection, and what it has proven there.

What is proven belongs to the connection and ends with it. A proof is of a
*key*: whether that key still counts (is a member, is the daily key, is the
sign-in key) is looked up again with every request, in ``node/authorise.py``.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import trio

from crypto.secret import random_bytes
from formats.errors import HoldfastError, TooMany, Unreachable
from storage.contracts import SpaceKey

NONCE_SIZE: Final = 32
MAX_PROVEN: Final = 1024
"""Keys that one connection may prove."""
MAX_READERS: Final = 8
"""Of them, keys of readers: each proof that is shown is tried with every one of them."""


@dataclass(slots=True)
class Attempt:
    """One attempt at a second factor: what was drawn for it, and how many answers are left."""

    left: int
    challenge: bytes = field(default_factory=lambda: random_bytes(NONCE_SIZE))


@dataclass(slots=True, eq=False)
class Caller:
    """One connection. ``peer`` is the authenticated peer id at its other end, empty in process.

    ``local``: on this machine (in process, or over loopback). ``nonce``: what
    this node drew for the connection; statements name it. ``site``: the address it
    comes from, as far as households differ in it; empty for this machine.
    """

    peer: bytes = b""
    local: bool = True
    site: str = ""
    nonce: bytes = field(default_factory=lambda: random_bytes(NONCE_SIZE))
    members: set[tuple[SpaceKey, bytes]] = field(default_factory=set)
    """Space and digest of a member key."""
    owners: set[tuple[bytes, bytes]] = field(default_factory=set)
    """Identity id and digest of a daily key."""
    sign_ins: set[tuple[str, bytes]] = field(default_factory=set)
    """Account name and digest of a sign-in key."""
    known: dict[str, str] = field(default_factory=dict)
    """Account name, and what the person's machine that is at the other end is known by."""
    asked: dict[str, "Attempt"] = field(default_factory=dict)
    """Account name, and the second factor that is asked for."""
    passed: set[tuple[str, bytes]] = field(default_factory=set)
    """Account name and digest of a sign-in key, for which a second factor was shown as well."""
    readers: set[bytes] = field(default_factory=set)
    """Public keys of readers."""
    follows: set[bytes] = field(default_factory=set)
    """Owners whose accounts the node at the other end was found to follow, or this one there."""
    _closed: bool = False
    _busy: set[trio.CancelScope] = field(default_factory=set)

    @property
    def closed(self) -> bool:
        """Whether the connection has ended."""
        return self._closed

    @property
    def in_process(self) -> bool:
        """Whether it is the person whose node this is: no network is between."""
        return not self.peer and self.local

    @property
    def shares(self) -> list[str | bytes]:
        """What is counted together with others: the address, and the account it acts for."""
        if not self.site:
            return []
        owners = {key.owner for key, _ in self.members} | {id for id, _ in self.owners}
        return [self.site, *owners]

    def check_room(self, more: int = 1) -> None:
        """Return if so many more keys may be proven; raises TooMany."""
        proven = len(self.members) + len(self.owners) + len(self.sign_ins) + len(self.readers)
        if proven + more > MAX_PROVEN:
            raise TooMany(f"a connection proves at most {MAX_PROVEN} keys")

    def check_readers(self, more: Iterable[bytes]) -> None:
        """Return if the connection may read as these readers too; raises TooMany."""
        if len(self.readers.union(more)) > MAX_READERS:
            raise TooMany(f"a connection proves at most {MAX_READERS} keys of readers")

    def add_reader(self, key: bytes) -> None:
        """Let the connection read as this reader too; raises TooMany."""
        self.check_readers((key,))
        self.readers.add(key)

    def proven_members(self, key: SpaceKey) -> list[bytes]:
        """Digests of the member keys that were proven for a space."""
        return [digest for space, digest in self.members if space == key]

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Around every answer: raises Unreachable when the connection is closed, also meanwhile."""
        if self._closed:
            raise _closed()
        with trio.CancelScope() as scope:
            self._busy.add(scope)
            try:
                yield
            except HoldfastError as error:
                # What is refused now may be refused for what was forgotten in the middle.
                self._check_open(error)
                raise
            finally:
                self._busy.discard(scope)
        if scope.cancelled_caught:
            raise _closed()

    def _check_open(self, error: HoldfastError) -> None:
        if self._closed:
            raise _closed() from error

    def close(self) -> None:
        """End the connection and what is under way on it; nothing is proven any more."""
        self._closed = True
        for scope in self._busy:
            scope.cancel()
        for proven in (self.members, self.owners, self.sign_ins, self.passed):
            proven.clear()
        for other in (self.readers, self.follows, self.known, self.asked):
            other.clear()


def _closed() -> Unreachable:
    return Unreachable("the connection to the node was closed")
