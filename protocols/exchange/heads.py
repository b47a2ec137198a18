"""What precedes the bodies of a message: a map with the request's number, read and written.

What no head may hold raises ProtocolViolation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from formats import dag_cbor
from formats.cid import MAX_BLOCK
from formats.dag_cbor import Value
from formats.errors import MAX_MESSAGE, ProtocolViolation, TooLarge
from protocols.frames import MAX_FRAME
from protocols.shapes import UINT_MAX
from protocols.wire import MOST_BODIES


@dataclass(frozen=True, slots=True)
class Head:
    """A head that was accepted, and the bodies it announced."""

    id: int
    found: object
    sizes: tuple[int, ...]
    wanted: bool
    """Whether the bodies are to be kept or only passed over."""
    weight: int
    """Bytes of the head and all bodies."""


def parts(head: dict[str, Value], bodies: Sequence[bytes], most: int) -> list[bytes]:
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


def check_keys(head: dict[str, Value], known: set[str]) -> None:
    """Raise for a head with a field besides these."""
    unknown = head.keys() - known
    if unknown:
        raise ProtocolViolation(f"a head with unknown field {ascii(min(unknown))[:40]}")


def uint(head: dict[str, Value], name: str) -> int:
    """The unsigned integer of that name."""
    value = head.get(name)
    if type(value) is not int or not 0 <= value <= UINT_MAX:
        raise ProtocolViolation(f"a head whose '{name}' is no unsigned integer")
    return value


def sizes_of(head: dict[str, Value], most: int) -> tuple[int, ...]:
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


def sayable(message: str) -> str:
    """Text that is safe to send and to show: no lone surrogates, no control characters."""
    return "".join(one if one.isprintable() else "�" for one in message[:MAX_MESSAGE])
