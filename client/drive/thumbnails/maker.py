"""Having thumbnails made: by a process each, bounded, one at a time.

An image that is broken, a bomb, too large, or of a format that is not drawn has no
thumbnail: nothing else follows from it.
"""

import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import trio

from client.drive.types import PICTURES
from formats.limits import KIB, MIB

MAX_THUMBNAIL: Final = 30 * KIB
"""A thumbnail, before it is padded and sealed."""
MAX_IMAGE: Final = 32 * MIB
"""Larger files are not looked at."""
SECONDS: Final = 15.0
"""After these the process is ended."""
_DRAWING: Final = Path(__file__).with_name("drawing.py")


class Maker:
    """Makes thumbnails of image files."""

    def __init__(self, command: tuple[str, ...] | None = None, seconds: float = SECONDS) -> None:
        self._command: Final = command or (sys.executable, "-I", str(_DRAWING))
        self._seconds: Final = seconds
        self._one: Final = trio.CapacityLimiter(1)

    def draws(self, type_: str | None, size: int) -> bool:
        """Whether a file of this type and size is worth trying."""
        return type_ in PICTURES and 0 < size <= MAX_IMAGE

    async def make(self, content: bytes) -> bytes | None:
        """A thumbnail of an image file; None if there is none."""
        async with self._one:
            return await _run(self._command, content, self._seconds)


def installed() -> Maker | None:
    """A maker, if what draws is installed here."""
    return Maker() if importlib.util.find_spec("PIL") is not None else None


async def _run(command: Sequence[str], content: bytes, seconds: float) -> bytes | None:
    """What the process wrote, if it did well; it is gone when this returns, however it does."""
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    try:
        process = await trio.lowlevel.open_process(
            command, stdin=pipe, stdout=pipe, stderr=nowhere, env={}, cwd="/"
        )
    except OSError:
        return None
    assert process.stdin is not None
    assert process.stdout is not None
    good = None
    try:
        with trio.move_on_after(seconds):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_feed, process.stdin, content)
                picture = await _drain(process.stdout)
                nursery.cancel_scope.cancel()
            if await process.wait() == 0 and 0 < len(picture) <= MAX_THUMBNAIL:
                good = picture
    finally:
        process.kill()
        with trio.CancelScope(shield=True):
            await process.wait()
            await process.stdin.aclose()
            await process.stdout.aclose()
    return good


async def _feed(stdin: trio.abc.SendStream, content: bytes) -> None:
    try:
        await stdin.send_all(content)
        await stdin.aclose()
    except trio.BrokenResourceError:
        return  # it has ended, and its code says how


async def _drain(stdout: trio.abc.ReceiveStream) -> bytes:
    """What comes out, to the end, and little more than may: nobody fills our memory."""
    picture = b""
    while len(picture) <= MAX_THUMBNAIL and (some := await stdout.receive_some(MAX_THUMBNAIL)):
        picture += some
    return picture
