"""Putting local files and folders into the own home, as ``cp -r`` does.

A folder is merged into one that is there; a file that is there gets a new
version; symbolic links are taken in as links, also when they are named
themselves. What cannot be read or named is told, and spares the rest.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import trio

from client.drive.crossing import inside
from client.drive.drive import ONLY, Drive
from client.drive.events import OnEvent, Started, Summary, Told, nobody
from client.drive.intake.bases import Seen, Update
from client.drive.intake.taking import take_in
from client.drive.local import LocalOrigin, Start
from client.drive.paths import DrivePath
from client.drive.resolve import Found, descend, resolve, try_below
from client.drive.transfers.uploads import Uploads
from client.home import persistent
from formats.errors import NotAFolder, NotFound


async def upload(
    drive: Drive,
    sources: Sequence[str],
    target: str = "",
    on_event: OnEvent = nobody,
    update: bool = False,
    anywhere: bool = False,
    check: bool = False,
) -> Summary:
    """Put ``sources`` (absolute local paths) to ``target``, the home folder if it is empty.

    If ``target`` is a folder they go into it; else there is one source, and it
    gets that name. With ``update`` files that are there with the same size and
    time are left as they are, and of others what changed is sent: so it goes on where
    an earlier one was cut off. With ``check`` all are compared, whatever their times.
    A large file that was cut off here is gone on with; with ``anywhere`` also one that
    was cut off on another device. Returns when everything is committed. Raises
    Partial when something was left out (or its own error, when there was nothing
    else), and at once what makes the rest pointless: Unreachable, QuotaExceeded and so on.
    """
    told, drive = Told(on_event), await inside(drive, target)
    seen: Seen = {(): await resolve(drive, drive.at())}
    starts = await _starts(drive, seen, sources, drive.own(target))
    await on_event(Started("upload"))
    how = Update.COMPARED if check else Update.CHANGED if update else Update.NO
    put = _Put(told, how, anywhere)
    with persistent():
        for start in await put.take_in(drive, starts, seen):
            await put.cross(drive, start)
    return await told.end()


@dataclass(frozen=True, slots=True)
class _Put:
    """How things are put, wherever they go."""

    told: Told
    update: Update
    anywhere: bool

    async def take_in(self, drive: Drive, starts: Sequence[Start], seen: Seen) -> list[Start]:
        """Into one space; what would go into another one, which is not begun yet."""
        origin = LocalOrigin(starts, self.told, await _borders(drive, starts))
        journals = drive.journals
        uploads = None if journals is None else Uploads(drive, journals, self.anywhere)
        told, update = self.told, self.update
        await take_in(drive, origin, told, seen=seen, update=update, uploads=uploads)
        return origin.passed

    async def cross(self, drive: Drive, start: Start) -> None:
        """Into what is mounted in the place of ``start``: a folder into one, or a file over one."""
        path = drive.at(*start.parts, start.name)
        inner = await inside(drive, str(path))
        is_folder = await trio.to_thread.run_sync(_is_folder, start.path)
        if is_folder == inner.alone:
            what, other = ("folder", "file") if is_folder else ("file", "folder")
            error = NotAFolder(f"{start.path} is a {what}, and {path} a shared {other}")
            await self.told.skip(start.path, error)
            return
        starts = [Start(start.path, (), ONLY)]
        if is_folder:
            names = sorted(await trio.to_thread.run_sync(os.listdir, start.path))
            starts = [Start(os.path.join(start.path, name), (), name) for name in names]
        await self.take_in(inner, starts, {})


async def _borders(drive: Drive, starts: Sequence[Start]) -> set[tuple[str, ...]]:
    """Where in the own home, at or below what is put, something with a space of its own stands."""
    if drive.outer is not None or not any(_is_folder(each.path) for each in starts):
        return set()
    return {drive.path(path).parts for path in await drive.shares.spaces()}


async def _starts(
    drive: Drive, seen: Seen, sources: Sequence[str], target: DrivePath
) -> list[Start]:
    """Where each source goes. Folders on the way are ``seen`` from then on."""
    there = await _there(drive, seen, target)
    if there is not None and there.is_folder:
        return [Start(source, target.parts, base_name(source)) for source in sources]
    if len(sources) != 1:
        what = "does not exist" if there is None else "is no folder"
        raise NotFound(f"{target} {what}: several things go into a folder that is there")
    if there is not None and _is_folder(sources[0]):
        raise NotAFolder(f"{target} is a file, and {sources[0]} a folder")
    if there is None and target.must_be_folder and not _is_folder(sources[0]):
        raise NotFound(f"{target} does not exist", hint="make it with 'holdfast mkdir'")
    return [Start(sources[0], target.parent.parts, target.name)]


async def _there(drive: Drive, seen: Seen, target: DrivePath) -> Found | None:
    if not target.parts:
        return seen[()]
    above = target.parts[:-1]
    seen[above] = await descend(drive, seen[()], above)
    there = await try_below(drive, seen[above], target)
    if there is not None and there.is_folder:
        seen[target.parts] = there
    return there


def _is_folder(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)


def base_name(path: str) -> str:
    """The last part of a local path, whatever slashes follow it."""
    return os.path.basename(os.path.normpath(path))
