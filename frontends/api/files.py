"""Moving files between the local disk and the drive: put, get, cat; thumbnails."""

from dataclasses import dataclass

from client.drive.download import download
from client.drive.pouring import pour_in
from client.drive.reader import stream
from client.drive.resolve import resolve
from client.drive.thumbnails.showing import find_thumbnail
from client.drive.thumbnails.showing import thumbnail as show
from client.drive.upload import upload
from formats.errors import Usage
from frontends.api.incoming import Incoming
from frontends.api.past import as_of
from frontends.api.reply import Json, Reply
from frontends.api.shapes import LocalPath, LocalPaths, check_absolute
from frontends.api.state import State
from frontends.api.telling import Transfer, summed
from frontends.api.uploads import time_of


@dataclass(frozen=True, slots=True)
class Putting:
    """``sources``: absolute local paths. ``to``: where in the drive; the home folder if empty.

    ``each``: tell of every file, not of the sums alone. ``update``: leave files that
    are there with the same size and time. ``resume``: go on also with what another device began.
    ``check``: as ``update``, comparing the content of every file.
    """

    sources: LocalPaths
    to: str = ""
    each: bool = False
    update: bool = False
    resume: bool = False
    check: bool = False


@dataclass(frozen=True, slots=True)
class PipingIn:
    """``to``: the file in the drive. ``each``: tell of it by a line of its own.

    ``modified``: when the content was, in ms; now without.
    """

    to: str
    each: bool = False
    modified: int | None = None


@dataclass(frozen=True, slots=True)
class Getting:
    """``sources`` in drives; ``to``: an absolute local path. ``force``: overwrite local files.

    ``at``: as they were at a state, a time or a snapshot (see ``ls``).
    """

    sources: tuple[str, ...]
    to: LocalPath
    force: bool = False
    each: bool = False
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Pouring:
    """Files, one after the other; of each from ``offset`` on, at most ``length`` bytes.

    ``at``: as they were (see ``ls``).
    """

    paths: tuple[str, ...]
    at: str | None = None
    offset: int = 0
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """The path of an image. ``at``: as it was (see ``ls``); ``if_any``: no bytes if it has none."""

    path: str
    at: str | None = None
    if_any: bool = False


async def put(state: State, asked: Putting, reply: Reply) -> Json:
    """Local files and folders into the drive."""
    _check_local(asked.sources)
    told = Transfer(reply, asked.each)
    words = asked.sources, asked.to, told, asked.update, asked.resume, asked.check
    return summed(await upload(state.drive, *words))


async def put_pipe(state: State, asked: PipingIn, reply: Reply, incoming: Incoming) -> Json:
    """The bytes of the body into a file; what breaks off before its end leaves nothing."""
    told, modified = Transfer(reply, asked.each), time_of(asked.modified)
    return summed(await pour_in(state.drive, incoming.piped, asked.to, told, modified))


async def get(state: State, asked: Getting, reply: Reply) -> Json:
    """Files and folders of a drive onto the local disk."""
    _check_local((asked.to,))
    if not asked.sources:
        raise Usage("nothing was named")
    told = Transfer(reply, asked.each)
    drive = await as_of(state, asked.at, asked.sources[0])
    return summed(await download(drive, asked.sources, asked.to, told, asked.force))


async def cat(state: State, asked: Pouring, reply: Reply) -> Json:
    """The bytes of files, one after the other."""
    if asked.offset < 0 or (asked.length or 0) < 0:
        raise Usage("an offset or a length is negative")
    for path in asked.paths:
        drive = await as_of(state, asked.at, path)
        found = await resolve(drive, drive.path(path))
        async with stream(await found.reader(), asked.offset, asked.length) as pieces:
            async for piece in pieces:
                await reply.data(piece)
    return {}


async def thumbnail(state: State, asked: Thumbnail, reply: Reply) -> Json:
    """The thumbnail of an image: WebP, at most 400 by 400 pixels and 30 KiB."""
    drive = await as_of(state, asked.at, asked.path)
    picture = await (find_thumbnail if asked.if_any else show)(drive, asked.path)
    if picture is not None:
        await reply.data(picture)
    return {}


def _check_local(paths: tuple[str, ...]) -> None:
    if not paths:
        raise Usage("nothing was named")
    for path in paths:
        check_absolute(path)
