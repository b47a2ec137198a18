"""What callers may cost a node: the numbers."""

from dataclasses import dataclass
from typing import Final

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What callers may cost. Seconds and bytes."""

    streams: int = 16
    """Open streams of a connection."""
    agree_seconds: float = 10.0
    """To say what a stream is for."""
    begun_seconds: float = 30.0
    """For a request that has begun to arrive, besides its size at ``slowest``."""
    slowest: int = 16 * 1024
    """Bytes a second."""
    stall_seconds: float = 60.0
    """For the other side to take a write of a MiB."""
    bytes_in: int = 48 * MIB
    """Requests of one connection that are arriving or being answered."""
    stranger_in: int = MIB
    """The same while it has proven nothing: small ones add up, and there may be many connections.

    A larger request is taken when it is the only one.
    """
    large_answers: int = 4
    """Large answers of one connection that are being made or written."""
    strangers_in: int = 64 * MIB
    """As ``bytes_in``, of all connections that have proven nothing."""
    known_in: int = 448 * MIB
    """As ``bytes_in``, of all others."""
    answers: int = 384 * MIB
    """Large answers of all who have proven something, while they are made and written."""
    strangers_answers: int = 128 * MIB
    """The same of all others."""
    answers_shared: int = 96 * MIB
    """The same of one address, and of one account."""
    stall_crowded: float = 10.0
    """Instead of ``stall_seconds`` while somebody waits for that room."""
    stranger_turns: float = 100.0
    """A second, of one address, while its connections have proven nothing (decision 0280)."""
    strangers_turns: float = 150.0
    """The same of all addresses together."""
    bytes_shared: int = 64 * MIB
    """As ``bytes_in``, of one address, and of one account."""
