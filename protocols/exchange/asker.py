"""The asking end of one door's stream."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from formats.dag_cbor import Value
from formats.errors import (
    MAX_MESSAGE,
    HoldfastError,
    Malformed,
    ProtocolViolation,
    TooMany,
    from_wire,
)
from protocols.exchange.heads import Head, check_keys, parts, sayable, sizes_of, uint
from protocols.exchange.machine import MAX_IN_FLIGHT, Machine, Rows
from protocols.frames import framed
from protocols.operations import Operation
from protocols.wire import Parsed, Shape


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to request ``id``. ``message()`` gives it, or raises what the peer answered."""

    id: int
    result: Parsed[object] | HoldfastError
    bodies: tuple[bytes, ...] = ()

    @property
    def size(self) -> int:
        """Bytes that ``message`` hashes."""
        return sum(map(len, self.bodies))

    def message(self) -> object:
        """The reply, its blocks hashed now. Raises the error answered, or BadBlock."""
        if isinstance(self.result, HoldfastError):
            raise self.result
        return self.result.complete(self.bodies)


class Asker(Machine):
    """The asking end of one door's stream."""

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self._rows = rows
        self._last = 0
        self._asked: dict[int, Operation] = {}
        self._abandoned: set[int] = set()

    @property
    def in_flight(self) -> int:
        """Requests without a reply yet, abandoned ones included."""
        return len(self._asked)

    def ask(self, operation: Operation, message: object) -> tuple[int, Iterator[bytes]]:
        """Send ``message``: its id, and the writes that carry it.

        Raises TooMany with 64 in flight, and Malformed or TooLarge for a message
        that breaks its own limits; then nothing was sent.
        """
        self._check_open()
        if self.in_flight >= MAX_IN_FLIGHT:
            raise TooMany(f"{MAX_IN_FLIGHT} requests are in flight on this stream")
        if type(message) is not operation.request:
            raise Malformed(f"{operation} takes no {type(message).__name__}")
        head, bodies = operation.asks.write(message)
        id = self._last + 1
        pieces = parts({"i": id, "o": operation.name, "q": head}, bodies, operation.most_in)
        self._last = id
        self._asked[id] = operation
        return id, framed(pieces)

    def abandon(self, id: int) -> None:
        """Nobody waits for this reply any more; it will be passed over when it comes."""
        if id in self._asked:
            self._abandoned.add(id)

    def next_reply(self) -> Reply | None:
        """The next reply that is whole, None when more must be fed. Raises ProtocolViolation."""
        while (found := self._next()) is not None:
            head, bodies = found
            del self._asked[head.id]
            if head.id in self._abandoned:
                self._abandoned.discard(head.id)
                continue
            return Reply(head.id, cast("Parsed[object] | HoldfastError", head.found), bodies)
        return None

    def _judged(self, head: dict[str, Value], length: int) -> Head:
        id = uint(head, "i")
        operation = self._asked.get(id)
        if operation is None:
            raise ProtocolViolation(f"a reply to request {id}, which is not in flight")
        if "e" in head:
            return Head(id, _error_of(head), (), False, length)
        check_keys(head, {"i", "r", "n", "k"})
        sizes = sizes_of(head, operation.most_out)
        parsed = _reply_shape(head, operation).parse(head.get("r"), sizes)
        return Head(id, parsed, sizes, id not in self._abandoned, length + sum(sizes))


def _reply_shape(head: dict[str, Value], operation: Operation) -> Shape[object]:
    if len(operation.answers) == 1 and "k" not in head:
        return next(iter(operation.answers.values()))
    name = head.get("k")
    if len(operation.answers) == 1 or type(name) is not str or name not in operation.answers:
        raise ProtocolViolation(f"{operation} is not answered with that")
    return operation.answers[name]


def _error_of(head: dict[str, Value]) -> HoldfastError:
    check_keys(head, {"i", "e", "m"})
    message = head.get("m")
    if type(message) is not str or len(message) > MAX_MESSAGE:
        raise ProtocolViolation(f"an error's message is text of at most {MAX_MESSAGE} characters")
    return from_wire(uint(head, "e"), sayable(message))
