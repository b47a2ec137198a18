"""Requests and replies over one stream: both machines, without I/O.

    asker                                        answerer
      {i: 7, o: "stage", q: {…}, n: [sizes]}  --->
      body, body, …                           --->
                                              <---  {i: 7, r: {…}}  or  {i: 7, e: 29, m: "…"}

A machine is fed what arrives and asked for events until there is none:

    asker.feed(data)
    while (reply := asker.next_reply()) is not None: …

How the stream was cut into pieces makes no difference. What an event calls for
is told to the machine (``ask``, ``answer``, ``fail``), which gives the bytes to
write. Up to 64 requests are in flight, replies come in any order. Whatever the
protocol does not allow raises ProtocolViolation and leaves the machine BROKEN:
the stream is to be closed, and nothing after that is believed.

Everything is checked from the head, before a body is kept: id, operation,
message, number and sizes of bodies. A request that is well framed and yet no
message is answered with its error; only its own asker is to blame for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, cast

from formats import dag_cbor
from formats.cid import MAX_BLOCK
from formats.dag_cbor import Value
from formats.errors import (
    MAX_MESSAGE,
    HoldfastError,
    Malformed,
    ProtocolViolation,
    TooLarge,
    TooMany,
    UnknownVersion,
    from_wire,
)
from protocols.frames import MAX_FRAME, Frames, framed
from protocols.operations import Operation
from protocols.shapes import UINT_MAX
from protocols.wire import MOST_BODIES, Parsed, Shape

MAX_IN_FLIGHT: Final = 64
"""Requests of one stream that wait for their answer."""

MAX_HEAD_ITEMS: Final = 2**17
"""Values in one head. The largest message that the doors know has fewer; a frame has room for
eight times as many, which would take seconds to read."""

Rows = Mapping[str, Operation]


class State(Enum):
    """OPEN until the other side breaks a rule; nothing mends a BROKEN machine."""

    OPEN = auto()
    BROKEN = auto()


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


@dataclass(frozen=True, slots=True)
class _Head:
    """A head that was accepted, and the bodies it announced."""

    id: int
    found: object
    sizes: tuple[int, ...]
    wanted: bool
    """Whether the bodies are to be kept or only passed over."""
    weight: int
    """Bytes of the head and all bodies."""


class _Machine:
    """Heads and their bodies, cut out of what is fed. Subclasses judge the heads."""

    def __init__(self) -> None:
        self.state = State.OPEN
        self._frames = Frames()
        self._head: _Head | None = None
        self._bodies: list[bytes] = []
        self._passed = 0

    @property
    def announced(self) -> int:
        """Bytes of the message that is arriving, with its head; 0 before its head is whole."""
        return 0 if self._head is None else self._head.weight

    @property
    def unread(self) -> int:
        """Bytes that were fed and not taken yet."""
        return len(self._frames)

    @property
    def between(self) -> bool:
        """Whether no message has begun to arrive."""
        return self._head is None and len(self._frames) == 0

    def feed(self, data: bytes) -> None:
        """More bytes of the stream. Ask for events until there is none before feeding again."""
        self._check_open()
        self._frames.feed(data)

    def _check_open(self) -> None:
        if self.state is State.BROKEN:
            raise ProtocolViolation("the other side broke the protocol earlier on this stream")

    def _next(self) -> tuple[_Head, tuple[bytes, ...]] | None:
        self._check_open()
        try:
            return self._assembled()
        except ProtocolViolation:
            self._break()
            raise
        except Malformed as error:
            self._break()
            raise ProtocolViolation(
                f"what came is no message of this protocol: {error.message}"
            ) from None

    def _break(self) -> None:
        self.state = State.BROKEN
        self._frames, self._head, self._bodies = Frames(), None, []

    def _assembled(self) -> tuple[_Head, tuple[bytes, ...]] | None:
        if self._head is None and not self._begun():
            return None
        head = self._head
        assert head is not None
        while self._passed < len(head.sizes):
            size = head.sizes[self._passed]
            body = self._frames.take(size, size)
            if body is None:
                return None
            self._passed += 1
            if head.wanted:
                self._bodies.append(body)
        bodies = tuple(self._bodies)
        self._head, self._bodies, self._passed = None, [], 0
        return head, bodies

    def _begun(self) -> bool:
        frame = self._frames.take(1, MAX_FRAME)
        if frame is None:
            return False
        value = dag_cbor.decode(frame, max_items=MAX_HEAD_ITEMS)
        if type(value) is not dict:
            raise ProtocolViolation("a head that is no map")
        self._head = self._judged(value, len(frame))
        return True

    def _judged(self, head: dict[str, Value], length: int) -> _Head:
        raise NotImplementedError


class Asker(_Machine):
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
        parts = _parts({"i": id, "o": operation.name, "q": head}, bodies, operation.most_in)
        self._last = id
        self._asked[id] = operation
        return id, framed(parts)

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

    def _judged(self, head: dict[str, Value], length: int) -> _Head:
        id = _uint(head, "i")
        operation = self._asked.get(id)
        if operation is None:
            raise ProtocolViolation(f"a reply to request {id}, which is not in flight")
        if "e" in head:
            return _Head(id, _error_of(head), (), False, length)
        _check_keys(head, {"i", "r", "n", "k"})
        sizes = _sizes(head, operation.most_out)
        parsed = _reply_shape(head, operation).parse(head.get("r"), sizes)
        return _Head(id, parsed, sizes, id not in self._abandoned, length + sum(sizes))


class Answerer(_Machine):
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
        parts = _parts(reply, bodies, operation.most_out)
        del self._open[id]
        return framed(parts)

    def fail(self, id: int, error: HoldfastError) -> Iterator[bytes]:
        """The writes that answer request ``id`` with an error: its number and message."""
        del self._open[id]
        head: dict[str, Value] = {"i": id, "e": error.number, "m": _sayable(error.message)}
        return framed(_parts(head, (), 0))

    def _judged(self, head: dict[str, Value], length: int) -> _Head:
        _check_keys(head, {"i", "o", "q", "n"})
        id = _uint(head, "i")
        if id in self._open:
            raise ProtocolViolation(f"request {id} is in flight already")
        if len(self._open) >= MAX_IN_FLIGHT:
            raise ProtocolViolation(f"more than {MAX_IN_FLIGHT} requests in flight")
        name = head.get("o")
        if type(name) is not str:
            raise ProtocolViolation("a request that names no operation")
        operation = self._rows.get(name)
        sizes = _sizes(head, self._most_in if operation is None else operation.most_in)
        found = _request_of(operation, head.get("q"), sizes)
        self._open[id] = operation
        return _Head(id, found, sizes, isinstance(found, Parsed), length + sum(sizes))


# --- heads


def _request_of(
    operation: Operation | None, query: Value, sizes: Sequence[int]
) -> Parsed[object] | HoldfastError:
    if operation is None:
        return UnknownVersion("this node does not know that operation")
    try:
        return operation.asks.parse(query, sizes)
    except Malformed as error:
        return error


def _reply_shape(head: dict[str, Value], operation: Operation) -> Shape[object]:
    if len(operation.answers) == 1 and "k" not in head:
        return next(iter(operation.answers.values()))
    name = head.get("k")
    if len(operation.answers) == 1 or type(name) is not str or name not in operation.answers:
        raise ProtocolViolation(f"{operation} is not answered with that")
    return operation.answers[name]


def _parts(head: dict[str, Value], bodies: Sequence[bytes], most: int) -> list[bytes]:
    """Head and bodies, to be framed. Raises TooLarge over a limit."""
    size = sum(map(len, bodies))
    if size > most:
        raise TooLarge(f"{size} bytes of blocks in one message, at most {most}")
    if bodies:
        head["n"] = [len(body) for body in bodies]
    encoded = dag_cbor.encode(head)
    if len(encoded) > MAX_FRAME:
        raise TooLarge(f"a message of {len(encoded)} bytes without its blocks, at most {MAX_FRAME}")
    return [encoded, *bodies]


def _check_keys(head: dict[str, Value], known: set[str]) -> None:
    unknown = head.keys() - known
    if unknown:
        raise ProtocolViolation(f"a head with unknown field {ascii(min(unknown))[:40]}")


def _uint(head: dict[str, Value], name: str) -> int:
    value = head.get(name)
    if type(value) is not int or not 0 <= value <= UINT_MAX:
        raise ProtocolViolation(f"a head whose '{name}' is no unsigned integer")
    return value


def _sizes(head: dict[str, Value], most: int) -> tuple[int, ...]:
    """The announced sizes of bodies; absent when there is none."""
    if "n" not in head:
        return ()
    sizes = head["n"]
    if type(sizes) is not list or not 1 <= len(sizes) <= MOST_BODIES:
        raise ProtocolViolation(f"'n' lists 1 to {MOST_BODIES} sizes")
    found: list[int] = []
    for size in sizes:
        if type(size) is not int or not 0 <= size <= MAX_BLOCK:
            raise ProtocolViolation(f"a body has 0 to {MAX_BLOCK} bytes")
        found.append(size)
    if sum(found) > most:
        raise ProtocolViolation(f"{sum(found)} bytes of bodies where {most} may stand")
    return tuple(found)


def _error_of(head: dict[str, Value]) -> HoldfastError:
    _check_keys(head, {"i", "e", "m"})
    message = head.get("m")
    if type(message) is not str or len(message) > MAX_MESSAGE:
        raise ProtocolViolation(f"an error's message is text of at most {MAX_MESSAGE} characters")
    return from_wire(_uint(head, "e"), _sayable(message))


def _sayable(message: str) -> str:
    """Text that is safe to send and to show: no lone surrogates, no control characters."""
    return "".join(one if one.isprintable() else "�" for one in message[:MAX_MESSAGE])
