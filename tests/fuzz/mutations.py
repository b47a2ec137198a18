"""Frames that are nearly right: requests of every operation with something wrong at any level."""

from collections.abc import Callable
from random import Random
from typing import Any, Final

from formats import dag_cbor
from formats.errors import HoldfastError
from protocols.exchange import Asker
from protocols.operations import OPERATIONS, Operation
from tests.protocols.making import plain

INTEGERS: Final = (
    0,
    1,
    2,
    23,
    24,
    255,
    256,
    65_535,
    65_536,
    2**31,
    2**32,
    2**53,
    2**63,
    2**64 - 1,
    -1,
)
SIZES: Final = (0, 1, 2, 16, 31, 32, 33, 36, 64, 255, 4096)
TEXTS: Final = ("", "a", "stage", "read", "\u0000", "\u202e", "x" * 300, "𝔘" * 50)
MOST: Final = 2 * 1024 * 1024
"""Bytes of what is sent at once."""
LENGTHS: Final = (0, 1, 4, 2**16, 1024 * 1024, 1024 * 1024 + 65_537, 2**31, 2**32 - 1)


class Frames:
    """Endless hostile requests for one door. ``known``: values that mean something to the node."""

    def __init__(self, door: str, random: Random, known: list[bytes]) -> None:
        self._random = random
        self._known = known
        self._rows = list(OPERATIONS[door].values())
        self._ids = 0
        self._repeats: tuple[int, ...] = ()

    def next(self) -> bytes:
        """The next one, as bytes of the stream."""
        head = self._head(self._random.choice(self._rows))
        self._repeats = (0, 1, 2, 100, 5000)
        for _ in range(self._random.choice((0, 1, 1, 2, 5))):
            head = self._changed(head)
        return self.spoilt(_framed(_encoded(head)))[:MOST]

    def _head(self, row: Operation) -> Any:
        _, writes = Asker(OPERATIONS[row.door]).ask(row, plain(row.request))
        head: Any = dag_cbor.decode(b"".join(writes)[4:])
        self._ids += 1
        head["i"] = self._ids
        return head

    def rewritten(self, value: Any) -> bytes:
        """A value with one thing in it replaced, as bytes."""
        self._repeats = (0, 1, 2, 100)
        return _encoded(self._changed(value))

    # --- what the head says

    def _changed(self, value: Any) -> Any:
        """The value with one thing in it replaced."""
        if isinstance(value, dict) and value and self._random.random() < 0.85:
            return self._in_map(dict(value))
        if isinstance(value, list) and value and self._random.random() < 0.7:
            at = self._random.randrange(len(value))
            return [*value[:at], self._changed(value[at]), *value[at + 1 :]]
        return self._other(value)

    def _in_map(self, value: dict[str, Any]) -> dict[str, Any]:
        key = self._random.choice(sorted(value))
        match self._random.randrange(8):
            case 0:
                del value[key]
            case 1:
                value[self._random.choice(TEXTS)] = value[key]
            case _:
                value[key] = self._changed(value[key])
        return value

    def _other(self, value: Any) -> Any:
        if isinstance(value, bytes) and self._random.random() < 0.8:
            same = [each for each in self._known if len(each) == len(value)]
            return self._random.choice(same) if same else self._some_bytes()
        makers: tuple[Callable[[], Any], ...] = (
            lambda: self._random.choice(INTEGERS),
            self._some_bytes,
            lambda: self._random.choice(TEXTS),
            lambda: self._repeated(value),
            lambda: {"a": value},
            lambda: None,
            lambda: True,
            lambda: self._deep(value),
        )
        return self._random.choice(makers)()

    def _repeated(self, value: Any) -> list[Any]:
        """A list of the same; a long one once in a frame, or it would fill any memory."""
        times = self._random.choice(self._repeats)
        self._repeats = (0, 1, 2)
        return [value] * times

    def _some_bytes(self) -> bytes:
        return self._random.randbytes(self._random.choice(SIZES))

    def _deep(self, value: Any) -> Any:
        for _ in range(self._random.choice((3, 30, 40))):
            value = [value]
        return value

    # --- how it is written

    def spoilt(self, frame: bytes) -> bytes:
        """Bytes with some of them changed, cut off, repeated; or others altogether."""
        match self._random.randrange(12):
            case 0:
                at = self._random.randrange(len(frame))
                return frame[:at] + bytes([self._random.randrange(256)]) + frame[at + 1 :]
            case 1:
                return frame[: self._random.randrange(len(frame))]
            case 2:
                return self._random.choice(LENGTHS).to_bytes(4, "big") + frame[4:]
            case 3:
                return frame * self._random.choice((2, 3))
            case 4:
                return self._random.randbytes(self._random.choice((1, 4, 12, 100, 20_000)))
            case _:
                return frame


def _encoded(head: Any) -> bytes:
    try:
        return dag_cbor.encode(head)
    except (HoldfastError, ValueError, OverflowError, TypeError, RecursionError):
        return b"\xa1\x61i\x1b" + bytes(8)  # what our encoder will not write; an integer too long


def _framed(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data
