"""The trash: listing, restoring, emptying."""

from dataclasses import dataclass

from client.drive.trash import Trashed
from client.drive.trash import empty as empty_trash
from client.drive.trash import restore as put_back
from client.drive.trash import trash as look
from formats.errors import Partial
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from frontends.api.telling import NS_A_MS, tell_problems
from frontends.telling import tell


@dataclass(frozen=True, slots=True)
class Restoring:
    """``names``: paths as they were, or ids. ``to``: into this folder; where they were without."""

    names: tuple[str, ...]
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Emptying:
    """``names``: paths as they were, or ids; all without. ``before``: removed before, in ms."""

    names: tuple[str, ...] = ()
    before: int | None = None


async def trash(state: State, _asked: object, reply: Reply) -> Json:
    """What is in the trash, the newest first."""
    there, problems = await look(state.drive)
    await reply.events("trashed", [_shown(thing) for thing in there])
    await tell_problems(reply, problems)
    if problems:
        raise Partial(f"{len(problems)} things in the trash could not be read")
    return {}


async def restore(state: State, asked: Restoring, reply: Reply) -> Json:
    """Put things back, all of it or nothing; beside what has the name now."""
    back = await put_back(state.drive, asked.names, asked.to)
    await reply.events("restored", [{"from": each.source, "to": each.target} for each in back])
    return {}


async def empty(state: State, asked: Emptying, _reply: Reply) -> Json:
    """Remove things in the trash for good."""
    done = await empty_trash(state.drive, asked.names, asked.before)
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
