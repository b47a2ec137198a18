"""Saving what a handle has: over the version it was opened at, for the first time, or beside.

the file is as it was opened            its next version
somebody else saved another version     Conflict: nothing is saved
somebody else renamed or moved it       its next version, where the file is now
somebody else removed it                put back where it was, folders and all
access to it was taken back meanwhile   its next version, under its new keys
it was made here, and the name is taken Conflict
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from client.drive.conflict import conflict_names
from client.drive.drive import Drive
from client.drive.file import NewFile
from client.drive.handle.beside import as_another, commit_new, first_version
from client.drive.handle.committing import Committed, Gone, changed_meanwhile, commit_version
from client.drive.handle.saving import Sealed
from client.drive.handle.version import Version, same_content
from client.drive.handle.working import Working
from client.drive.node import FileNode, open_file
from client.drive.paths import DrivePath
from client.keys import NodeKeys
from formats.errors import Conflict, Exists
from formats.leaf import Leaf

Names = Callable[[], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Saved:
    """The version that was saved, and where its file is."""

    path: DrivePath
    version: Version


async def save(drive: Drive, path: DrivePath, work: Working, is_new: bool) -> Saved:
    """One commit; raises Conflict, and whatever the home says."""
    sealed = await work.sealed(drive.now_ns())
    if is_new:
        return await _save_first(drive, path, work, sealed)
    answer = await commit_version(drive, path, work.version, sealed, work.session)
    if isinstance(answer, Committed):
        return _saved(drive, answer.path, sealed, {**_kept(work.version, sealed), **sealed.chunks})
    if isinstance(answer, Gone):
        new, names = await as_another(sealed, work.version), _beside(drive, path)
        return await _save_new(drive, path, work, new, lambda: chain([path.name], names()))
    return await _save_renewed(drive, answer.path, answer.keys, work)


async def keep_beside(drive: Drive, path: DrivePath, work: Working) -> Saved:
    """Save as a file of its own beside the other; where the folder is gone, it is made again."""
    sealed = await work.sealed(drive.now_ns())
    new = await as_another(sealed, work.version)
    return await _save_new(drive, path, work, new, _beside(drive, path))


async def _save_first(drive: Drive, path: DrivePath, work: Working, sealed: Sealed) -> Saved:
    new = first_version(sealed)
    try:
        return await _save_new(drive, path, work, new, lambda: iter([path.name]), sealed.chunks)
    except Exists:
        message = f"{path} was made by somebody else meanwhile"
        raise Conflict(message, hint="what was written can be kept beside it") from None


async def _save_renewed(drive: Drive, path: DrivePath, keys: NodeKeys, work: Working) -> Saved:
    """The same draft on the same content under new keys; Conflict if the content is another."""
    reading = await drive.space.reading()
    node = await open_file(reading, keys, str(path))
    there = Version(node, str(path), drive.space.reading, drive.segments, reading)
    if not await same_content(work.version, there):
        raise changed_meanwhile(path)
    again = Working(drive.space, there, drive.segments)
    try:
        await again.take_over(work)
        return await save(drive, path, again, is_new=False)
    finally:
        await again.aclose()


async def _save_new(
    drive: Drive,
    path: DrivePath,
    work: Working,
    new: NewFile,
    names: Names,
    leaves: Mapping[int, Leaf] | None = None,
) -> Saved:
    at = await commit_new(drive, path.parent, names, new, work.session)
    node = FileNode(new.keys, new.leaf, new.header)
    return Saved(at, Version(node, str(at), drive.space.reading, drive.segments, None, leaves))


def _saved(drive: Drive, path: DrivePath, sealed: Sealed, leaves: Mapping[int, Leaf]) -> Saved:
    node = FileNode(sealed.keys, sealed.leaf, sealed.header)
    refresh, cache = drive.space.reading, drive.segments
    return Saved(path, Version(node, str(path), refresh, cache, None, leaves))


def _kept(version: Version, sealed: Sealed) -> dict[int, Leaf]:
    """Leaves at hand of chunks that are as they were."""
    header = sealed.header
    return {
        chunk: leaf
        for chunk, leaf in version.leaves.items()
        if chunk < header.chunks and not header.is_hole(chunk)
    }


def _beside(drive: Drive, path: DrivePath) -> Names:
    return lambda: conflict_names(path.name, drive.device, drive.now())
