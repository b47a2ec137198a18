"""Looking at the drive: ls, stat, du, find."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from client.drive.listing import Listed, Wanted, ls_all
from client.drive.listing import du as measure
from client.drive.listing import find as search
from client.drive.listing import ls as list_folder
from client.drive.listing import stat as look
from client.drive.trash import trash_usage
from formats.errors import HoldfastError, Partial
from frontends.api.past import as_of
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from frontends.api.telling import shown, tell_listed, tell_problems
from frontends.telling import tell

NS_A_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Listing:
    """Folders or files; none is the home folder. ``recursive``: with everything below.

    ``at``: as it was at a state (``"57"``), a time (``"@"`` and milliseconds), a snapshot.
    """

    paths: tuple[str, ...] = ()
    recursive: bool = False
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Measuring:
    """Folders or files; none is the home folder."""

    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paths:
    """One or more paths."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Where, and what: a pattern of names, a kind, sizes in bytes, times in milliseconds."""

    path: str = ""
    name: str | None = None
    kind: str | None = None
    min_size: int | None = None
    max_size: int | None = None
    since: int | None = None
    until: int | None = None


async def ls(state: State, asked: Listing, reply: Reply) -> Json:
    """What is in folders, or was."""
    many = asked.recursive or len(asked.paths) > 1

    async def one(path: str) -> int:
        drive = await as_of(state, asked.at, path)
        if not asked.recursive:
            listed = await list_folder(drive, path)
            await tell_listed(reply, listed, many)
            return len(listed.problems)
        async with aclosing(ls_all(drive, path)) as folders:
            return await _tell_all(reply, folders, True)

    return await each(reply, asked.paths or ("",), one)


async def stat(state: State, asked: Paths, reply: Reply) -> Json:
    """Everything that is known of things."""

    async def one(path: str) -> int:
        await reply.event("entry", shown(await look(state.drive, path)))
        return 0

    return await each(reply, asked.paths, one)


async def du(state: State, asked: Measuring, reply: Reply) -> Json:
    """How much is below paths; of the home, also the trash and old versions."""

    async def one(path: str) -> int:
        usage = await measure(state.drive, path)
        await tell_problems(reply, usage.problems)
        sums = {"files": usage.files, "folders": usage.folders, "links": usage.links}
        await reply.event("usage", {"path": usage.path, **sums, "bytes": usage.bytes})
        return len(usage.problems)

    if not asked.paths:
        waiting = await trash_usage(state.drive)
        await reply.event("trash", {"files": waiting.files, "bytes": waiting.bytes})
        old = await state.drive.past.weigh()
        weight = {"states": old.states, "bytes": old.bytes, "at_least": old.at_least}
        await reply.event("versions", weight)
    return await each(reply, asked.paths or ("",), one)


async def find(state: State, asked: Finding, reply: Reply) -> Json:
    """What is below a path and fits."""
    since = None if asked.since is None else asked.since * NS_A_MS
    until = None if asked.until is None else asked.until * NS_A_MS
    wanted = Wanted(asked.name, asked.kind, asked.min_size, asked.max_size, since, until)

    async def one(path: str) -> int:
        async with aclosing(search(state.drive, path, wanted)) as folders:
            return await _tell_all(reply, folders, False)

    return await each(reply, (asked.path,), one)


async def each(
    reply: Reply, paths: tuple[str, ...], one: Callable[[str], Awaitable[int]]
) -> dict[str, Json]:
    """Do it to each path; ``one`` returns how many problems it told.

    Of several paths, one that fails is told and the others go on, and Partial
    is raised at the end; of one alone its own error is raised.
    """
    problems = 0
    for path in paths:
        try:
            problems += await one(path)
        except HoldfastError as error:
            if len(paths) == 1:
                raise
            await reply.event("problem", {"path": path, **tell(error)})
            problems += 1
    if problems:
        raise Partial(f"{problems} of what was asked for could not be done")
    return {}


async def _tell_all(reply: Reply, folders: AsyncIterator[Listed], heading: bool) -> int:
    problems = 0
    async for listed in folders:
        await tell_listed(reply, listed, heading)
        problems += len(listed.problems)
    return problems
