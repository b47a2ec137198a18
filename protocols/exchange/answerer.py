"""The answering end of one door's stream."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from formats.dag_cbor import Value
from formats.errors import (
    HoldfastError,
    Malformed,
    ProtocolViolation,
    UnknownVersion,
)
from protocols.exchange.heads import Head, check_keys, parts, sayable, sizes_of, uint
from protocols.exchange.machine import MAX_IN_FLIGHT, Machine, Rows
from protocols.frames import framed
from protocols.operations import Operation
from protocols.wire import Parsed


@dataclass(frozen=True, slots=True)
class Request:
    """Request ``id`` arrived. It is in flight until ``answer`` or ``fail`` is called for it."""

    id: int
    operation: Operation
    parsed: Parsed[object]
    bodies: tuple[bytes, ...]
    weight: int
    """Bytes of it on the wire."""

    @property
    def size(self) -> int:
        """Bytes that ``message`` hashes."""
        return sum(map(len, self.bodies))

    def message(self) -> object:
        """The request, its blocks hashed now. Raises BadBlock."""
        return self.parsed.complete(self.bodies)


@dataclass(frozen=True, slots=True)
class Refused:
    """Request ``id`` is no message of this protocol. ``fail`` it with ``error``."""

    id: int
    error: HoldfastError


class Answerer(Machine):
    """The answering end of one door's stream."""

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self._rows = rows
        self._most_in = max(row.most_in for row in rows.values())
        self._open: dict[int, Operation | None] = {}

    @property
    def in_flight(self) -> int:
        """Requests that wait for ``answer`` or ``fail``."""
        return len(self._open)

    def next_request(self) -> Request | Refused | None:
        """The next request that is whole, None when more must be fed. Raises ProtocolViolation."""
        found = self._next()
        if found is None:
            return None
        head, bodies = found
        if isinstance(head.found, HoldfastError):
            return Refused(head.id, head.found)
        operation = self._open[head.id]
        assert operation is not None
        parsed = cast("Parsed[object]", head.found)
        return Request(head.id, operation, parsed, bodies, head.weight)

    def answer(self, id: int, message: object) -> Iterator[bytes]:
        """The writes that answer request ``id``.

        Raises Malformed or TooLarge for a reply that the table does not allow; the
        request is in flight still, and can be failed.
        """
        operation = self._open[id]
        name = type(message).__name__
        if operation is None or name not in operation.answers:
            raise Malformed(f"{operation} is not answered with {name}")
        head, bodies = operation.answers[name].write(message)
        reply: dict[str, Value] = {"i": id, "r": head}
        if len(operation.answers) > 1:
            reply["k"] = name
        pieces = parts(reply, bodies, operation.most_out)
        del self._open[id]
        return framed(pieces)

    def fail(self, id: int, error: HoldfastError) -> Iterator[bytes]:
        """The writes that answer request ``id`` with an error: its number and message."""
        del self._open[id]
        head: dict[str, Value] = {"i": id, "e": error.number, "m": sayable(error.message)}
        return framed(parts(head, (), 0))

    def _judged(self, head: dict[str, Value], length: int) -> Head:
        check_keys(head, {"i", "o", "q", "n"})
        id = uint(head, "i")
        if id in self._open:
            raise ProtocolViolation(f"request {id} is in flight already")
        if len(self._open) >= MAX_IN_FLIGHT:
            raise ProtocolViolation(f"more than {MAX_IN_FLIGHT} requests in flight")
        name = head.get("o")
        if type(name) is not str:
            raise ProtocolViolation("a request that names no operation")
        operation = self._rows.get(name)
        sizes = sizes_of(head, self._most_in if operation is None else operation.most_in)
        found = _request_of(operation, head.get("q"), sizes)
        self._open[id] = operation
        return Head(id, found, sizes, isinstance(found, Parsed), length + sum(sizes))


def _request_of(
    operation: Operation | None, query: Value, sizes: Sequence[int]
) -> Parsed[object] | HoldfastError:
    if operation is None:
        return UnknownVersion("this node does not know that operation")
    try:
        return operation.asks.parse(query, sizes)
    except Malformed as error:
        return error
