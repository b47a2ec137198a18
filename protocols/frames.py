"""Frames: how one stream of bytes is cut into pieces. No I/O.

A frame is its length, 4 bytes big-endian, and that many bytes. A length is
judged as soon as it is there, before anything of its frame is kept, so a
Frames never holds more than one frame and what was fed to it last.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from formats.errors import ProtocolViolation

MAX_FRAME: Final = 1024 * 1024 + 64 * 1024
"""Most bytes in one frame, its length not counted."""

LENGTH: Final = 4
"""Bytes of a frame's length."""

WRITE: Final = 1024 * 1024
"""Small pieces are put together into writes of at least this many bytes, but for the last."""


class Frames:
    """Cuts frames out of bytes that arrive in any pieces."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = bytearray()

    def __len__(self) -> int:
        """Bytes held that are not taken yet."""
        return len(self._held)

    def feed(self, data: bytes) -> None:
        """More bytes of the stream. Take what is there before feeding again."""
        self._held += data

    def take(self, least: int, most: int) -> bytes | None:
        """The next frame once it is whole, None until then.

        Raises ProtocolViolation when its length is below ``least`` or above ``most``.
        """
        if len(self._held) < LENGTH:
            return None
        size = int.from_bytes(self._held[:LENGTH], "big")
        if not least <= size <= most:
            raise ProtocolViolation(f"a frame of {size} bytes where {least} to {most} may stand")
        if len(self._held) < LENGTH + size:
            return None
        with memoryview(self._held) as held:
            frame = bytes(held[LENGTH : LENGTH + size])
        del self._held[: LENGTH + size]
        return frame


def framed(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts as frames, joined into writes of about ``WRITE`` bytes.

    Many small writes cost up to eight times the processor time of few large ones.
    """
    pieces: list[bytes] = []
    held = 0
    for part in parts:
        pieces += (len(part).to_bytes(LENGTH, "big"), part)
        held += LENGTH + len(part)
        if held >= WRITE:
            yield b"".join(pieces)
            pieces, held = [], 0
    if pieces:
        yield b"".join(pieces)
