"""What was written through a handle and is not saved: segments in memory, and segments staged.

A draft lies on top of a version. Of every segment it says where its content is:

    dirty    in memory, as it was written
    staged   sealed at the home, in a session, under a CID; None if it is all zeros
    neither  in the version below, as far as that still counts (``kept``), zeros after that

Everything here is plain bookkeeping, without I/O: what has to be read before it can
be changed is handed in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from client.drive.header import Shape
from formats.cid import Cid
from formats.errors import TooLarge
from formats.limits import FILE

_ZEROS: Final = bytes(Shape().segment)


@dataclass(slots=True)
class Draft:
    """Changes on top of a version of ``below`` bytes. ``size``: bytes of the file with them.

    ``kept``: bytes of the version that still count; less than ``below`` once it was cut.
    """

    shape: Shape
    below: int
    size: int
    kept: int
    dirty: dict[int, bytearray] = field(default_factory=dict)
    staged: dict[int, Cid | None] = field(default_factory=dict)

    @classmethod
    def of(cls, shape: Shape, size: int) -> "Draft":
        """No changes yet, on top of a version of this size."""
        return cls(shape, size, size, size)

    @property
    def is_changed(self) -> bool:
        """Whether it says anything else than the version below."""
        return bool(self.dirty or self.staged) or self.size != self.below or self.kept != self.below

    @property
    def unsaved(self) -> int:
        """Bytes in memory."""
        return len(self.dirty) * self.shape.segment

    def length(self, number: int) -> int:
        """Bytes of the file in a segment."""
        return _within(self.size - number * self.shape.segment, self.shape.segment)

    def counts(self, number: int) -> int:
        """Bytes of a segment that the version below still says."""
        return _within(self.kept - number * self.shape.segment, self.shape.segment)

    def numbers(self, offset: int, length: int) -> range:
        """The segments in which these bytes are."""
        step = self.shape.segment
        return range(offset // step, -(-(offset + length) // step))

    def edges(self, offset: int, length: int) -> list[int]:
        """Segments that must be read before these bytes can be written: those not wholly new."""
        return [
            each for each in self.numbers(offset, length) if self._is_edge(each, offset, length)
        ]

    def write(self, offset: int, data: memoryview, edges: Mapping[int, bytes]) -> None:
        """Write; ``edges`` has what those segments hold that ``edges`` named. All of it at once."""
        step = self.shape.segment
        for number in self.numbers(offset, len(data)):
            start = number * step
            buffer = self.dirty.pop(number, None)
            if buffer is None:
                buffer = bytearray(step)
                before = edges.get(number, b"")
                buffer[: len(before)] = before
            first, last = max(offset, start), min(offset + len(data), start + step)
            buffer[first - start : last - start] = data[first - offset : last - offset]
            self.dirty[number] = buffer  # the last to be staged
            self.staged.pop(number, None)
        self.size = max(self.size, offset + len(data))

    def cut_at(self, size: int) -> int | None:
        """The staged segment that must be read before the file is cut there, if there is one."""
        number, inside = divmod(size, self.shape.segment)
        is_staged = number in self.staged and number not in self.dirty
        return number if inside and size < self.size and is_staged else None

    def resize(self, size: int, edge: bytes = b"") -> None:
        """Cut, or grow by zeros. ``edge``: what the segment holds that ``cut_at`` named."""
        number, inside = divmod(size, self.shape.segment)
        if number in self.staged and inside and size < self.size:
            self.dirty.setdefault(number, bytearray(edge.ljust(self.shape.segment, b"\0")))
        beyond = [each for each in (*self.dirty, *self.staged) if each >= number + bool(inside)]
        for each in beyond:
            self.dirty.pop(each, None)
            self.staged.pop(each, None)
        if size < self.size and number in self.dirty:
            self.staged.pop(number, None)
            self.dirty[number][inside:] = bytes(self.shape.segment - inside)
        self.kept = min(self.kept, size)
        self.size = size

    def stageable(self) -> Iterator[int]:
        """Dirty segments that are sealed as they are whatever comes after them, oldest first."""
        step = self.shape.segment
        return (number for number in self.dirty if (number + 1) * step <= self.size)

    def took(self, staged: Mapping[int, Cid | None]) -> None:
        """These are staged now, and in memory no more."""
        for number, cid in staged.items():
            del self.dirty[number]
            self.staged[number] = cid

    def _is_edge(self, number: int, offset: int, length: int) -> bool:
        start = number * self.shape.segment
        covered = offset <= start and start + self.length(number) <= offset + length
        return number not in self.dirty and not covered and self.length(number) > 0


def check_size(size: int) -> int:
    """``size``, if a file can have it; raises TooLarge."""
    if size > FILE:
        raise TooLarge(f"a file of {size} bytes; {FILE} are the most")
    return size


def is_zero(content: bytearray | bytes | memoryview) -> bool:
    """Whether a segment's content is all zeros."""
    return content == memoryview(_ZEROS)[: len(content)]


def _within(value: int, most: int) -> int:
    return max(0, min(value, most))
