"""A zip that is sent while it is made: of any size, in bounded memory.

Files are stored as they are: what takes room is compressed already, mostly. Names in it
are those of the drive, but for what would lead astray where it is unpacked. What had to be left
out is said in a text at the end, for when a browser has the status there is no other place.
"""

import io
import stat
import zipfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Final

import trio

from client.drive.drive import Drive
from client.drive.packing import Packed, everything
from client.drive.reader import stream
from formats.errors import HoldfastError

LEFT_OUT: Final = "NOT IN THIS ZIP.txt"
_FIRST: Final = datetime(1980, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2107, 12, 31, tzinfo=UTC)
NS: Final = 1_000_000_000

Send = Callable[[bytes], Awaitable[None]]


class _Sink(io.RawIOBase):
    """Where ``zipfile`` writes: what came is taken out piece by piece, so it cannot seek."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(data)  # type: ignore[arg-type]  # zipfile gives bytes-like things only
        self._written += view
        return len(view)

    def taken(self) -> bytes:
        """What came since the last time."""
        data, self._written = bytes(self._written), bytearray()
        return data


async def send_zip(drive: Drive, paths: Sequence[str], send: Send) -> None:
    """Send files and folders as one zip, all of it."""
    sink, left_out = _Sink(), list[HoldfastError]()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        async with aclosing(everything(drive, paths, left_out)) as things:
            async for each in things:
                await _add(archive, sink, each, send)
        if left_out:
            said = "".join(f"{each.message}\n" for each in left_out)
            archive.writestr(LEFT_OUT, said.encode("utf-8", "replace"))
    await send(sink.taken())


async def _add(archive: zipfile.ZipFile, sink: _Sink, packed: Packed, send: Send) -> None:
    info = _info(packed)
    if packed.reader is None:
        archive.writestr(info, b"")
        await send(sink.taken())
        return
    info.file_size = packed.reader.size
    with archive.open(
        info, "w", force_zip64=packed.reader.size >= zipfile.ZIP64_LIMIT // 2
    ) as file:
        async with stream(packed.reader) as pieces:
            async for piece in pieces:
                await trio.to_thread.run_sync(file.write, piece)
                await send(sink.taken())
    await send(sink.taken())


def _info(packed: Packed) -> zipfile.ZipInfo:
    folder = packed.reader is None
    name = "/".join(_harmless(part) for part in packed.parts) + "/" * folder
    info = zipfile.ZipInfo(name, _moment(packed.modified))
    info.create_system = 3  # Unix: so that the mode is looked at
    mode = stat.S_IFDIR | 0o755 if folder else stat.S_IFREG | 0o644 | 0o111 * packed.executable
    info.external_attr = mode << 16 | 0x10 * folder
    return info


def _harmless(part: str) -> str:
    """A name that is one name everywhere: some take ``\\`` and ``:`` for more than letters."""
    return part.replace("\\", "_").replace(":", "_")


def _moment(modified: int) -> tuple[int, int, int, int, int, int]:
    """A time as a zip can have it."""
    try:
        when = datetime.fromtimestamp(modified // NS, UTC)
    except (OverflowError, OSError, ValueError):
        when = _FIRST
    return min(max(when, _FIRST), _LAST).timetuple()[:6]
