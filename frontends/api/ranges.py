"""Parts of files: bytes from the caller to any offset of a file, and cutting."""

from dataclasses import dataclass

from client.drive.handle.handle import FileHandle
from client.drive.handle.opening import Access, open_handle
from formats.errors import Conflict
from frontends.api.incoming import Incoming
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from frontends.api.telling import NS_A_MS


@dataclass(frozen=True, slots=True)
class Writing:
    """The request's bytes go to ``offset`` of a file, which is made if it is not there.

    ``cut``: the file ends where they end. ``seen``: when the version was modified that the caller
    has in mind, in milliseconds; if there is another by now, both are kept.
    """

    path: str
    offset: int = 0
    cut: bool = False
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Appending:
    """The request's bytes go to the end of a file, which is made if it is not there."""

    path: str


@dataclass(frozen=True, slots=True)
class Cutting:
    """``size``: bytes that the file shall have; what it grows by is zeros."""

    path: str
    size: int


async def write(state: State, asked: Writing, reply: Reply, incoming: Incoming) -> Json:
    """Bytes to an offset of a file, in one commit."""
    async with await open_handle(state.drive, asked.path, _OR_NEW) as file:
        was = None if file.is_changed else file.stat().modified // NS_A_MS
        end = await _pour(file, asked.offset, incoming)
        if asked.cut:
            await file.truncate(end)
        if asked.seen is not None and was not in (None, asked.seen):
            raise await _kept(file, reply, f"somebody else changed {file.path} meanwhile")
        return await _saved(file, reply)


async def append(state: State, asked: Appending, reply: Reply, incoming: Incoming) -> Json:
    """Bytes to the end of a file, in one commit."""
    async with await open_handle(state.drive, asked.path, _OR_NEW) as file:
        await _pour(file, file.size, incoming)
        return await _saved(file, reply)


async def truncate(state: State, asked: Cutting, reply: Reply) -> Json:
    """Cut a file, or let it grow by zeros."""
    async with await open_handle(state.drive, asked.path, Access(write=True)) as file:
        await file.truncate(asked.size)
        return await _saved(file, reply)


async def _pour(file: FileHandle, offset: int, incoming: Incoming) -> int:
    """Write everything that the caller sends; where it ends."""
    while piece := await incoming.piped():
        await file.write(offset, piece)
        offset += len(piece)
    return offset


async def _saved(file: FileHandle, reply: Reply) -> Json:
    """Save. If somebody saved another version meanwhile, both are kept: told, and raised."""
    try:
        await file.flush()
    except Conflict as error:
        raise await _kept(file, reply, error.message) from None
    modified = file.stat().modified // NS_A_MS
    return {"path": str(file.path), "size": file.size, "modified": modified}


async def _kept(file: FileHandle, reply: Reply, why: str) -> Conflict:
    """Keep what was written beside the file, and tell where; the error to raise."""
    opened = file.path
    kept = await file.keep_both()
    await reply.event("kept", {"path": str(opened), "beside": str(kept)})
    return Conflict(why, hint=f"what you wrote is in {kept}")


_OR_NEW = Access(write=True, create=True)
