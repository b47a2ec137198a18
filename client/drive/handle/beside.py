"""A draft as a file of its own: made for the first time, put back, or kept beside a newer version.

What the version below still says is named by reference, as a copy does it: the
segments stay where they are, and only leaves are new.
"""

from collections.abc import Callable, Iterator

from client.drive.drive import Drive
from client.drive.edit import TreeEdit
from client.drive.file import NewFile, another_file, put_file
from client.drive.folder import FolderEdit
from client.drive.handle.saving import Sealed
from client.drive.handle.version import Version
from client.drive.paths import DrivePath
from client.drive.target import home_edit
from client.drive.writer import Content
from client.space.reading import Changing
from formats.errors import Exists, Internal

Names = Callable[[], Iterator[str]]
"""The names that a file may get, best first."""


def first_version(sealed: Sealed) -> NewFile:
    """A file that was made here and is in no folder yet."""
    content = None if sealed.header.inline else Content()
    if content is not None:
        joined = {chunk: b"".join(leaf.segments) for chunk, leaf in sealed.chunks.items()}
        content.cids.update(joined)
    return NewFile(sealed.keys, sealed.header, sealed.leaf, content)


async def as_another(sealed: Sealed, version: Version) -> NewFile:
    """The same content under a node secret and a file id of its own."""
    if sealed.header.inline:
        return another_file(NewFile(sealed.keys, sealed.header, sealed.leaf))
    every = Content()
    for chunk in sealed.header.stored_chunks():
        leaf = sealed.chunks.get(chunk) or await version.leaf(chunk)
        every.cids[chunk] = b"".join(leaf.segments)
    return another_file(NewFile(sealed.keys, sealed.header, sealed.leaf, every))


async def commit_new(
    drive: Drive,
    folder: DrivePath,
    names: Names,
    new: NewFile,
    session: bytes | None,
) -> DrivePath:
    """Put a new file into a folder, under the first of ``names`` that is free; where it is now.

    Folders on the way that are gone are made again. Raises Exists if no name is
    free, NotAFolder.
    """

    async def operation(changing: Changing) -> DrivePath:
        edit = home_edit(drive, changing)
        into = await _folder(drive, edit, folder)
        name = await _free(into, names())
        if session is not None:
            changing.use_staging(session)
        if not await put_file(edit, into, name, new):
            raise Internal("a name that was free is taken within one operation")
        await edit.flush()
        return folder.child(name)

    return await drive.space.commit(operation)


async def _free(folder: FolderEdit, names: Iterator[str]) -> str:
    tried = ""
    for tried in names:
        if await folder.get(tried) is None:
            return tried
    raise Exists(f"{folder.what}/{tried} is there already")


async def _folder(drive: Drive, edit: TreeEdit, path: DrivePath) -> FolderEdit:
    return await edit.way(await edit.folder(()), path.parts, drive.now_ns())
