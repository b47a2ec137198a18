"""Changing the drive: mkdir, mv, cp, rm."""

from dataclasses import dataclass

from client.drive.change import mkdir as make_folder
from client.drive.change import mv as move
from client.drive.change import rm as remove
from client.drive.copying import cp as copy
from client.drive.resealing import reseal as seal_anew
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from frontends.api.telling import Transfer, summed
from frontends.api.tree import each
from frontends.telling import tell


@dataclass(frozen=True, slots=True)
class Making:
    """``parents``: also those above, and no error if it is there."""

    paths: tuple[str, ...]
    parents: bool = False


@dataclass(frozen=True, slots=True)
class Moving:
    """``force``: replace a file that has the name."""

    sources: tuple[str, ...]
    to: str
    force: bool = False


@dataclass(frozen=True, slots=True)
class Copying:
    """``recursive``: folders too. ``force``: a file that is there gets a new version."""

    sources: tuple[str, ...]
    to: str
    recursive: bool = False
    force: bool = False
    each: bool = False


@dataclass(frozen=True, slots=True)
class Resealing:
    """A file, or a folder with all below it."""

    path: str
    each: bool = False


@dataclass(frozen=True, slots=True)
class Removing:
    """``recursive``: folders and all that is below them. ``forever``: not into the trash."""

    paths: tuple[str, ...]
    recursive: bool = False
    forever: bool = False


async def mkdir(state: State, asked: Making, reply: Reply) -> Json:
    """Make folders."""

    async def one(path: str) -> int:
        made = await make_folder(state.drive, path, asked.parents)
        await reply.event("made", {"path": made})
        return 0

    return await each(reply, asked.paths, one)


async def mv(state: State, asked: Moving, reply: Reply) -> Json:
    """Move or rename, all of it or nothing."""
    moved = await move(state.drive, asked.sources, asked.to, asked.force)
    await reply.events("moved", [{"from": each.source, "to": each.target} for each in moved])
    return {}


async def cp(state: State, asked: Copying, reply: Reply) -> Json:
    """Copy; the contents are not moved, so it is quick."""
    told = Transfer(reply, asked.each)
    words = asked.sources, asked.to, asked.recursive, asked.force
    return summed(await copy(state.drive, *words, told))


async def reseal(state: State, asked: Resealing, reply: Reply) -> Json:
    """Seal contents anew, under keys that nobody who could read them ever had."""
    told = Transfer(reply, asked.each)
    return summed(await seal_anew(state.drive, asked.path, told))


async def rm(state: State, asked: Removing, reply: Reply) -> Json:
    """Move to the trash, or remove for good; all of it or nothing."""
    removed = await remove(state.drive, asked.paths, asked.recursive, asked.forever)
    both = zip(removed.paths, removed.ids, strict=True)
    await reply.events("removed", [{"path": path, "id": id or None} for path, id in both])
    unfinished = removed.unfinished
    return {"unfinished": None if unfinished is None else dict(tell(unfinished))}
