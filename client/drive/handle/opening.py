"""Opening files: for reading, for writing; made, only if they are not there, or emptied."""

from dataclasses import dataclass
from typing import Final

from client.drive.crossing import inside
from client.drive.drive import Drive
from client.drive.file import About, small_file
from client.drive.handle.handle import FileHandle
from client.drive.handle.version import Version
from client.drive.node import FileNode
from client.drive.paths import DrivePath
from client.drive.resolve import Found, resolve, try_descend
from formats.errors import Exists, IsAFolder, NotFound, Usage


@dataclass(frozen=True, slots=True)
class Access:
    """How a file is opened. Without ``write`` it is read only, and the rest may not be said.

    ``create``: it may be absent; the first ``flush`` makes it. ``exclusive``: it must
    be absent, and is there, empty, when ``open_handle`` returns: of two who try, one
    gets Exists. ``truncate``: what is there is cut to nothing by the first ``flush``.
    ``executable``: of a file that is made.
    """

    write: bool = False
    create: bool = False
    exclusive: bool = False
    truncate: bool = False
    executable: bool = False

    def __post_init__(self) -> None:
        if not self.write and (self.create or self.exclusive or self.truncate):
            raise Usage("a file that is made or cut is opened for writing")


READ: Final = Access()
"""To read what is there."""


async def open_handle(drive: Drive, path: str, access: Access = READ) -> FileHandle:
    """Open the file at a path: one's own, or for reading also what others share.

    Raises NotFound, NotAFolder, IsAFolder, Unfit for a link, Exists, Denied.
    """
    if not access.write:
        return await _opened(drive, await resolve(drive, drive.path(path)), access)
    drive = await inside(drive, path)
    at = drive.own(path)
    found = await _look(drive, at)
    if found is None and not (access.create or access.exclusive):
        raise NotFound(f"{at} does not exist")
    if found is not None and access.exclusive:
        raise Exists(f"{at} is there already")
    if found is not None:
        return await _opened(drive, found, access)
    if at.must_be_folder:
        raise IsAFolder(f"{at} means a folder")
    handle = _new(drive, at, access)
    if access.exclusive:
        await handle.make()
    return handle


async def _look(drive: Drive, path: DrivePath) -> Found | None:
    home = await resolve(drive, drive.at())
    return await try_descend(drive, home, path)


async def _opened(drive: Drive, found: Found, access: Access) -> FileHandle:
    node = await found.file()
    version = Version(node, str(found.path), found.refresh, drive.segments, found.reading)
    handle = FileHandle(drive, found.path, version, access.write)
    if access.truncate:
        await handle.truncate(0)
    return handle


def _new(drive: Drive, path: DrivePath, access: Access) -> FileHandle:
    now = drive.now_ns()
    file = small_file(b"", About(now, now, access.executable))
    node = FileNode(file.keys, file.leaf, file.header)
    version = Version(node, str(path), drive.space.reading, drive.segments)
    return FileHandle(drive, path, version, writable=True, is_new=True)
