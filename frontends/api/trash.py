"""The trash: listing, restoring, emptying."""

from dataclasses import dataclass

from client.drive.trash import Trashed, trash_of
from client.drive.trash import empty as empty_trash
from client.drive.trash import restore as put_back
from client.drive.trash import trash as look
from client.sharing.mounts import shared_folders
from formats.errors import Partial
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from frontends.api.telling import NS_A_MS, tell_problems
from frontends.telling import tell


@dataclass(frozen=True, slots=True)
class Looking:
    """``of``: a shared folder that has a trash of its own; that of the home without."""

    of: str | None = None


@dataclass(frozen=True, slots=True)
class Restoring:
    """``names``: paths as they were, or ids. ``to``: into this folder; where they were without.

    ``of``: whose trash (see ``trash``).
    """

    names: tuple[str, ...]
    to: str | None = None
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Emptying:
    """``names``: paths as they were, or ids; all without. ``before``: removed before, in ms.

    ``of``: whose trash (see ``trash``).
    """

    names: tuple[str, ...] = ()
    before: int | None = None
    of: str | None = None


async def trash(state: State, asked: Looking, reply: Reply) -> Json:
    """What is in the trash, the newest first; and which shared folders have one of their own."""
    there, problems = await look(await trash_of(state.drive, asked.of))
    await reply.events("trashed", [_shown(thing) for thing in there])
    if asked.of is None:
        others = await shared_folders(state.session)
        await reply.events("trash_of", [{"path": path} for path in others])
    await tell_problems(reply, problems)
    if problems:
        raise Partial(f"{len(problems)} things in the trash could not be read")
    return {}


async def restore(state: State, asked: Restoring, reply: Reply) -> Json:
    """Put things back, all of it or nothing; beside what has the name now."""
    drive = await trash_of(state.drive, asked.of)
    back = await put_back(drive, asked.names, asked.to)
    await reply.events("restored", [{"from": each.source, "to": each.target} for each in back])
    return {}


async def empty(state: State, asked: Emptying, _reply: Reply) -> Json:
    """Remove things in the trash for good."""
    drive = await trash_of(state.drive, asked.of)
    done = await empty_trash(drive, asked.names, asked.before)
    unfinished = done.unfinished
    why = None if unfinished is None else dict(tell(unfinished))
    return {"count": done.count, "unfinished": why}


def _shown(thing: Trashed) -> Json:
    entry = thing.entry
    return {
        "id": thing.id,
        "path": str(thing.path),
        "kind": str(entry.kind),
        "size": entry.size,
        "modified": entry.modified // NS_A_MS,
        "removed": thing.removed,
        "device": thing.device,
        "shared": thing.shared,
    }
