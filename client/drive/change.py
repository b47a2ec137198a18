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
from client.drive.copying import copy_over
from client.drive.crossing import holding, inside
from client.drive.drive import Drive
from client.drive.edit import TreeEdit, need
from client.drive.entry import FOLDERS, Entry, is_placeholder
from client.drive.folder import FolderEdit
from client.drive.node import new_folder
from client.drive.paths import DrivePath
from client.drive.target import find_target, home_edit
from client.drive.trash import to_trash
from client.space.overlay import Overlay
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


async def mkdir(drive: Drive, path: str, parents: bool = False) -> str:
    """Make a folder. ``parents``: also those above it, and no error if it is there."""
    drive = await inside(drive, path)
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
    replaced. Raises Exists, Unfit (a folder into itself), NotFound, NotAFolder. Into another
    space, and out of one, they are copied, one after the other.
    """
    drives = [await holding(drive, source) for source in sources]
    into = await inside(drive, target)
    if any(each.name != into.name for each in drives):
        return await _mv_across(drives, sources, into, target, force)
    return await _mv(into, sources, target, force)


async def _mv_across(
    drives: Sequence[Drive], sources: Sequence[str], into: Drive, target: str, force: bool
) -> list[Moved]:
    """Between spaces: each is copied whole, and then goes to the trash where it was.

    What was cut off goes on when it is said again: files that are there already are left alone.
    """
    moved = []
    for its, source in zip(drives, sources, strict=True):
        at = its.own(source)
        if its.name == into.name:
            moved += await _mv(into, [source], target, force)
            continue
        await _check_goes(its, at)
        place = await copy_over(into, source, target, len(sources), force)
        await _rm(its, [source], recursive=True, forever=False)
        moved.append(Moved(str(at), place))
    return moved


async def _check_goes(drive: Drive, path: DrivePath) -> None:
    """Return if what was copied may then be removed: asked before anything is copied."""
    edit = home_edit(drive, Overlay(await drive.space.reading()))
    parent = (await edit.chain(path.parent.parts))[-1]
    await drive.grants.check_goes(edit, await need(parent, path.name), path.parts)


async def _mv(drive: Drive, sources: Sequence[str], target: str, force: bool) -> list[Moved]:
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
    if path.must_be_folder and not entry.has_names:
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
    await drive.grants.now_at(edit, path.parts, place.parts)
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
    if not force or there.kind in FOLDERS or entry.kind in FOLDERS:
        hint = None if force else "choose another name, or use --force to replace a file"
        raise Exists(f"{folder.what}/{entry.name} is there already", hint)
    await discard(drive, edit, there, f"{folder.what}/{entry.name}")
    await folder.remove(entry.name)


async def rm(
    drive: Drive, paths: Sequence[str], recursive: bool = False, forever: bool = False
) -> Removed:
    """Move files to the trash, and with ``recursive`` folders and all below; all or nothing.

    So it is for what is in one space; what is in another goes by itself, and to the trash there.

    ``forever``: past the trash. When this returns they are gone, and what they held is
    cleared; if that could not be finished, it goes on later (``Removed.unfinished``).
    """
    by_name: dict[str, tuple[Drive, list[str]]] = {}
    for path in paths:
        its = await holding(drive, path)
        by_name.setdefault(its.name, (its, []))[1].append(path)
    done = [await _rm(its, some, recursive, forever) for its, some in by_name.values()]
    ids = tuple(id for each in done for id in each.ids)
    unfinished = next((each.unfinished for each in done if each.unfinished is not None), None)
    return Removed(tuple(path for each in done for path in each.paths), ids, unfinished)


async def _rm(drive: Drive, paths: Sequence[str], recursive: bool, forever: bool) -> Removed:
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
    if entry.has_names and not recursive:
        raise IsAFolder(f"{path} is a folder", hint="use -r to remove it with all that is in it")
    if path.must_be_folder and not entry.has_names:
        raise NotAFolder(f"{path} is a {entry.kind}")
    id = ""
    if forever:
        await discard(drive, edit, entry, str(path))
    else:
        id = await to_trash(drive, edit, entry, path.parts, _ids(above))
    await parent.remove(entry.name)
    return id
