"""Changing one's own tree: mkdir, mv, rm. Each is one commit, whatever the size of what it names.

A moved file or folder keeps its node secret: only its entry goes from one page
to another, so ``mv`` costs the same for a file and for a library. So does ``rm``, which
moves to the trash (``trash.py``). What is removed for good loses its entry at once;
if much was below it, the entry first goes to the journal, from where its leaves are
cleared in commits of bounded size, also after a crash (``clearing.py``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from client.drive.clearing import discard, try_clear
from client.drive.drive import Drive
from client.drive.edit import TreeEdit, need
from client.drive.entry import Entry, is_placeholder
from client.drive.folder import FolderEdit
from client.drive.node import new_folder
from client.drive.paths import DrivePath
from client.drive.trash import to_trash
from client.space.reading import Changing
from formats.errors import Exists, HoldfastError, IsAFolder, NotAFolder, NotFound, Unfit


@dataclass(frozen=True, slots=True)
class Moved:
    """What ``mv`` did: from where, to where."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Removed:
    """What ``rm`` did. ``ids``: what each is called in the trash; empty for what is gone for good.

    ``unfinished``: why clearing what it held has to go on later.
    """

    paths: tuple[str, ...]
    ids: tuple[str, ...]
    unfinished: HoldfastError | None = None


def home_edit(drive: Drive, changing: Changing) -> TreeEdit:
    """Changes in the own home."""
    return drive.edit(changing)


async def mkdir(drive: Drive, path: str, parents: bool = False) -> str:
    """Make a folder. ``parents``: also those above it, and no error if it is there."""
    at = drive.own(path)
    if not at.parts and not parents:
        raise Exists(f"{at} is there already")
    now = drive.now_ns()

    async def operation(changing: Changing) -> None:
        edit = home_edit(drive, changing)
        folder = await edit.folder(() if parents else at.parts[:-1])
        for name in at.parts if parents else at.parts[-1:]:
            folder = await _make(edit, folder, name, now, parents)
        await edit.flush()

    await drive.space.commit(operation)
    return str(at)


async def _make(
    edit: TreeEdit, parent: FolderEdit, name: str, now: int, may_exist: bool
) -> FolderEdit:
    entry = await parent.get(name)
    if entry is None:
        made = new_folder(now)
        return await edit.make(parent, made, made.entry(name, now))
    if not may_exist:
        raise Exists(f"{parent.what}/{name} is there already")
    return await edit.open_entry(parent, entry)


async def mv(drive: Drive, sources: Sequence[str], target: str, force: bool = False) -> list[Moved]:
    """Move or rename, as ``mv`` does, all of it or nothing.

    If ``target`` is a folder they go into it; else there is one source, and it
    gets that name. ``force``: a file or link that has the name already is
    replaced. Raises Exists, Unfit (a folder into itself), NotFound, NotAFolder.
    """
    paths = [drive.own(source) for source in sources]
    to = drive.own(target)

    async def operation(changing: Changing) -> list[Moved]:
        edit = home_edit(drive, changing)
        folder, name = await find_target(edit, to, len(paths))
        moved = [await _move(drive, edit, path, folder, name, force) for path in paths]
        await edit.flush()
        return moved

    moved = await drive.space.commit(operation)
    if force:
        await try_clear(drive)
    return moved


async def find_target(
    edit: TreeEdit, target: DrivePath, count: int
) -> tuple[DrivePath, str | None]:
    """The folder that things go into, and the name that a single one gets (None: its own)."""
    if not target.parts:
        return target, None
    parent = await edit.folder(target.parts[:-1])
    entry = await parent.get(target.name)
    if entry is not None and entry.is_folder:
        return target, None
    if count > 1:
        what = "does not exist" if entry is None else "is no folder"
        raise NotAFolder(f"{target} {what}: several things go into a folder that is there")
    if target.must_be_folder:
        raise NotAFolder(f"{target} is no folder")
    return target.parent, target.name


async def _move(
    drive: Drive,
    edit: TreeEdit,
    path: DrivePath,
    folder: DrivePath,
    name: str | None,
    force: bool,
) -> Moved:
    above = await edit.chain(path.parent.parts)
    parent = above[-1]
    entry = await need(parent, path.name)
    if path.must_be_folder and not entry.is_folder:
        raise NotAFolder(f"{path} is a {entry.kind}")
    chain = await edit.chain(folder.parts)
    into = chain[-1]
    renamed = replace(entry, name=name or entry.name)
    place = folder.child(renamed.name)
    if into is parent and renamed.name == entry.name:
        raise Unfit(f"{path} is there already")
    if entry.is_folder and any(above.node.keys.secret == entry.secret for above in chain):
        raise Unfit(f"{path} cannot go into itself")
    await make_room(drive, edit, into, renamed, force)
    renamed = await drive.grants.moved(edit, renamed, _ids(above), _ids(chain))
    await parent.remove(entry.name)
    await into.put(renamed)
    return Moved(str(path), str(place))


def _ids(folders: Sequence[FolderEdit]) -> list[bytes]:
    return [each.node.header.id for each in folders]


async def make_room(
    drive: Drive, edit: TreeEdit, folder: FolderEdit, entry: Entry, force: bool
) -> None:
    """Take away what has the name of ``entry``, if it may be; raises Exists."""
    there = await folder.get(entry.name)
    if there is None:
        return
    if not force or there.is_folder or entry.is_folder:
        hint = None if force else "choose another name, or use --force to replace a file"
        raise Exists(f"{folder.what}/{entry.name} is there already", hint)
    await discard(drive, edit, there, f"{folder.what}/{entry.name}")
    await folder.remove(entry.name)


async def rm(
    drive: Drive, paths: Sequence[str], recursive: bool = False, forever: bool = False
) -> Removed:
    """Move files to the trash, and with ``recursive`` folders and all below; all or nothing.

    ``forever``: past the trash. When this returns they are gone, and what they held is
    cleared; if that could not be finished, it goes on later (``Removed.unfinished``).
    """
    gone = [drive.own(path) for path in paths]

    async def operation(changing: Changing) -> list[str]:
        edit = home_edit(drive, changing)
        ids = [await _remove(drive, edit, path, recursive, forever) for path in gone]
        await edit.flush()
        return ids

    ids = await drive.space.commit(operation)
    return Removed(tuple(map(str, gone)), tuple(ids), await try_clear(drive) if forever else None)


async def _remove(
    drive: Drive, edit: TreeEdit, path: DrivePath, recursive: bool, forever: bool
) -> str:
    """Take an entry away; its id in the trash."""
    above = await edit.chain(path.parent.parts)
    parent = above[-1]
    if is_placeholder(path.name) and await parent.remove(path.name):
        return ""
    entry = await parent.get(path.name)
    if entry is None:
        raise NotFound(f"{path} does not exist")
    if entry.is_folder and not recursive:
        raise IsAFolder(f"{path} is a folder", hint="use -r to remove it with all that is in it")
    if path.must_be_folder and not entry.is_folder:
        raise NotAFolder(f"{path} is a {entry.kind}")
    id = ""
    if forever:
        await discard(drive, edit, entry, str(path))
    else:
        id = await to_trash(drive, edit, entry, path.parts, _ids(above))
    await parent.remove(entry.name)
    return id
