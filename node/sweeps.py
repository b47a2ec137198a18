"""Accounts whose old states cannot be followed: nothing of theirs is given back, and that is said.

A block that is missing or cannot be read might lead to others that are still needed
elsewhere. So giving back stops there for that account, and only for that one, until
somebody has looked: ``holdfast node verify`` names the block.
"""

from dataclasses import dataclass, field
from typing import Final

from formats.errors import Internal, Malformed, MissingBlock, StorageFailed
from node.logs import Log

AGAIN: Final = 60 * 60 * 1000
"""Milliseconds after which a sweep that was given up is tried again."""

BROKEN: Final = (MissingBlock, Malformed, StorageFailed, Internal)
"""Errors that end the sweep of one account."""

_log: Final = Log("node.sweeps")


@dataclass(frozen=True, slots=True)
class Stopped:
    """A sweep that was given up: when, in milliseconds, and the kind of the error."""

    time: int
    kind: str


@dataclass(slots=True)
class Sweeps:
    """Which sweeps were given up, by account id. In memory: a node that starts tries all."""

    stopped: dict[bytes, Stopped] = field(default_factory=dict)

    def rests(self, owner: bytes, now: int) -> bool:
        """Whether it is too early to try this account again."""
        stop = self.stopped.get(owner)
        return stop is not None and now < stop.time + AGAIN

    def stop(self, owner: bytes, now: int, error: Exception) -> None:
        """An error ended the sweep of this account."""
        self.stopped[owner] = Stopped(now, type(error).__name__)
        _log.error("sweep stopped", kind=type(error).__name__, stopped=len(self.stopped))

    def went_on(self, owner: bytes) -> None:
        """The sweep of this account works."""
        self.stopped.pop(owner, None)
