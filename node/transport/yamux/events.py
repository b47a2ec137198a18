"""What the peer of a connection may have, and what it can do that somebody wants to know of."""

from dataclasses import dataclass

from node.transport.yamux.stream import Stream


@dataclass(frozen=True, slots=True)
class Limits:
    """What the peer of one connection may have."""

    streams: int = 64
    """Streams that it has opened; a further one is reset."""
    window: int = 1024 * 1024
    """Bytes of one stream that it may have sent and nobody has read."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The peer has opened this stream: ``accept`` or ``reset`` it."""

    stream: Stream


@dataclass(frozen=True, slots=True)
class Changed:
    """Something can be read of this stream: bytes, its end, or that it was reset."""

    stream: Stream


@dataclass(frozen=True, slots=True)
class Ponged:
    """The peer has answered a ping."""

    value: int


@dataclass(frozen=True, slots=True)
class GoneAway:
    """The peer will answer no further streams."""

    why: int


Event = Opened | Changed | Ponged | GoneAway
