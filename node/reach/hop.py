"""Circuit relay v2, its messages: what a relay is asked, and what it asks whoever is dialled.

    to the relay   RESERVE                → STATUS, reservation {expire, addresses, voucher}, limit
                   CONNECT peer           → STATUS, limit, then the bytes of a connection
    by the relay   CONNECT peer, limit    → STATUS, then the same bytes

The names and numbers are libp2p's (``circuit.proto``).
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from node.reach.protobuf import Field, Message, encode

HOP: Final = "/libp2p/circuit/relay/0.2.0/hop"
STOP: Final = "/libp2p/circuit/relay/0.2.0/stop"

RESERVE: Final = 0
CONNECT: Final = 1
STATUS: Final = 2
"""Types of a hop message. In a stop message CONNECT is 0 and STATUS 1."""

_NONE: Final = 99
"""Stands for a type that is not said: proto2 has no default for it."""


class Status(IntEnum):
    """How a request went. Others have other numbers; they are failures to us."""

    OK = 100
    RESERVATION_REFUSED = 200
    RESOURCE_LIMIT_EXCEEDED = 201
    PERMISSION_DENIED = 202
    CONNECTION_FAILED = 203
    NO_RESERVATION = 204
    MALFORMED_MESSAGE = 400
    UNEXPECTED_MESSAGE = 401


WORDS: Final = {
    Status.RESERVATION_REFUSED: "the relay has no place left",
    Status.RESOURCE_LIMIT_EXCEEDED: "the relay has passed on as much as it does for that node",
    Status.PERMISSION_DENIED: "the relay does not relay for us",
    Status.CONNECTION_FAILED: "the relay cannot reach the node",
    Status.NO_RESERVATION: "the node is not connected to that relay",
}
"""What a person is told of a failure."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a circuit may take: seconds, and bytes in each direction. 0: no limit."""

    seconds: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Hop:
    """A message to a relay or from it. ``type`` is one of RESERVE, CONNECT, STATUS."""

    type: int
    peer: bytes = b""
    status: int = 0
    expire: int = 0
    addresses: tuple[bytes, ...] = ()
    voucher: bytes = b""
    limit: Limit | None = None

    def encode(self) -> bytes:
        """As it is sent."""
        fields: list[Field] = [(1, self.type)]
        if self.peer:
            fields.append((2, encode([(1, self.peer)])))
        if self.expire:
            reserved: list[Field] = [(1, self.expire), *((2, each) for each in self.addresses)]
            fields.append((3, encode([*reserved, (3, self.voucher)] if self.voucher else reserved)))
        return encode([*fields, *_rest(self.limit, 4, self.status)])

    @classmethod
    def read(cls, message: Message) -> "Hop":
        """From what was heard. Raises Malformed."""
        reserved = message.message(3)
        return cls(
            message.number(1, _NONE),
            message.message(2).bytes_(1),
            message.number(5),
            reserved.number(1),
            tuple(reserved.all(2)),
            reserved.bytes_(3),
            _limit(message, 4),
        )


@dataclass(frozen=True, slots=True)
class Stop:
    """A message of a relay to whoever is dialled, or the answer (which has a status)."""

    peer: bytes = b""
    status: int = 0
    limit: Limit | None = None

    def encode(self) -> bytes:
        """As it is sent."""
        if self.status:
            return encode([(1, 1), (4, self.status)])
        fields: list[Field] = [(1, 0), (2, encode([(1, self.peer)]))]
        return encode([*fields, *_rest(self.limit, 3, 0)])

    @classmethod
    def read(cls, message: Message) -> "Stop":
        """From what was heard. Raises Malformed."""
        return cls(message.message(2).bytes_(1), message.number(4), _limit(message, 3))


def _rest(limit: Limit | None, field: int, status: int) -> list[Field]:
    """Limit and status, which stand last in both."""
    fields: list[Field] = []
    if limit is not None:
        fields.append((field, encode([(1, limit.seconds), (2, limit.bytes)])))
    if status:
        fields.append((field + 1, status))
    return fields


def _limit(message: Message, field: int) -> Limit | None:
    if not message.has(field):
        return None
    found = message.message(field)
    return Limit(found.number(1), found.number(2))
