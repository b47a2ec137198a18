"""Looking: ls, stat, du, find, cat. From entries alone, without opening what they name."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Final

from client.drive.drive import Drive
from client.drive.entry import FOLDERS, Entry, Kind, Quarantined
from client.drive.folder import Listing
from client.drive.mounted import as_they_are
from client.drive.node import FileNode
from client.drive.paths import DrivePath
from client.drive.resolve import Found, resolve
from client.drive.walk import Visit, walk
from formats.errors import HoldfastError, NotFound

FOLDER: Final = str(Kind.FOLDER)
UNREADABLE: Final = "unreadable"
"""The kind of an entry that cannot be shown as it stands; ``note`` says why."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing as it is listed. Times are nanoseconds since 1970.

    ``kind`` is "file", "folder", "link", "mount", "unreadable". ``id``, ``created``,
    ``generation`` and ``count`` (names in a folder) are known to ``stat`` only.
    """

    path: str
    name: str
    kind: str
    size: int = 0
    modified: int | None = None
    executable: bool = False
    target: str | None = None
    type: str | None = None
    note: str | None = None
    id: bytes | None = None
    created: int | None = None
    generation: int | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A folder with what is in it, and what of it could not be read."""

    path: str
    entries: tuple[Shown, ...]
    problems: tuple[HoldfastError, ...] = ()


@dataclass(slots=True)
class Usage:
    """What is below a path. ``bytes`` are those of the contents, not of their sealed form."""

    path: str
    files: int = 0
    folders: int = 0
    links: int = 0
    bytes: int = 0
    problems: list[HoldfastError] = field(default_factory=list)

    def add(self, listing: Listing) -> None:
        """Count what is in a folder."""
        for entry in listing.entries:
            is_file = entry.kind is Kind.FILE or entry.is_mounted_file
            self.files += is_file
            self.folders += entry.kind in FOLDERS and not is_file
            self.links += entry.kind is Kind.LINK
            self.bytes += entry.size if is_file else 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What ``find`` looks for; None is anything. ``name`` is a pattern: ``*``, ``?``, ``[abc]``.

    Sizes are in bytes, times in nanoseconds since 1970, both ends included.
    """

    name: str | None = None
    kind: str | None = None
    min_size: int | None = None
    max_size: int | None = None
    since: int | None = None
    until: int | None = None

    def matches(self, shown: Shown) -> bool:
        """Whether this is one of them. The case of letters makes no difference."""
        if self.name is not None and not _like(shown.name, self.name):
            return False
        if self.kind is not None and shown.kind != self.kind:
            return False
        if not _within(shown.size, self.min_size, self.max_size):
            return False
        return _within(shown.modified or 0, self.since, self.until)


async def ls(drive: Drive, path: str) -> Listed:
    """What is in a folder, or one file alone; ``/`` lists oneself and one's contacts."""
    at = drive.path(path)
    if at.person is None:
        return await _everybody(drive)
    entries: list[Shown] = []
    problems: list[HoldfastError] = []
    async with aclosing(ls_soon(drive, path)) as batches:
        async for listed in batches:
            entries += listed.entries
            problems += listed.problems
    entries.sort(key=_unreadable_last)
    return Listed(str(at), tuple(entries), tuple(problems))


async def ls_soon(drive: Drive, path: str) -> AsyncGenerator[Listed, None]:
    """As ``ls``, in batches as they come: a screen at once, the rest of a large folder later.

    In no order, and always at least one. Close it (``aclosing``) if it may be left early.
    """
    at = drive.path(path)
    if at.person is None:
        yield await _everybody(drive)
        return
    found = await resolve(drive, at)
    if not found.is_folder:
        yield Listed(str(at), (_found_shown(found),))
        return
    view, problems, told = await found.view(whole=True), list[HoldfastError](), False
    async with aclosing(view.batches(problems)) as batches:
        async for pages in batches:
            there = [entry for page in pages for entry in page.all()]
            entries = [each for each in there if isinstance(each, Entry)]
            entries = await as_they_are(found, at, entries)
            bad = [each for each in there if isinstance(each, Quarantined)]
            shown = [_show(str(at), each) for each in entries]
            yield Listed(str(at), (*shown, *[_show(str(at), each) for each in bad]))
            told = True
    drive.saw_depth(view.node.header.id, view.depth)
    if problems or not told:
        yield Listed(str(at), (), tuple(problems))


async def ls_all(drive: Drive, path: str) -> AsyncGenerator[Listed, None]:
    """As ``ls``, and every folder below, parents first. Folders that cannot be read come last.

    Close it (``contextlib.aclosing``) if it may be left early.
    """
    at = drive.path(path)
    found = await resolve(drive, at)
    if not found.is_folder:
        yield Listed(str(at), (_found_shown(found),))
        return
    problems: list[HoldfastError] = []
    told: list[HoldfastError] = []
    async with aclosing(walk(found, problems, across=True)) as visits:
        async for visit in visits:
            told += visit.listing.problems
            yield _listed(visit.path, await _as_now(visit))
    others = tuple(problem for problem in problems if problem not in told)
    if others:
        yield Listed(str(at), (), others)


async def stat(drive: Drive, path: str) -> Shown:
    """Everything that is known of one thing; opens it."""
    at = drive.path(path)
    if at.person is None:
        return Shown("/", "/", FOLDER, count=1 + len(await drive.shares.people()))
    found = await resolve(drive, at)
    if found.entry is not None and found.entry.kind is Kind.LINK:
        return _found_shown(found)
    if found.is_folder:
        return await _stat_folder(found)
    return _stat_file(found, await found.file())


async def du(drive: Drive, path: str) -> Usage:
    """How much is below a path; a file alone counts itself."""
    at = drive.path(path)
    found = await resolve(drive, at)
    usage = Usage(str(at))
    if not found.is_folder:
        usage.add(Listing([] if found.entry is None else [found.entry]))
        return usage
    usage.folders = 1
    async with aclosing(walk(found, usage.problems, across=True)) as visits:
        async for visit in visits:
            usage.add(await _as_now(visit))
    return usage


async def find(drive: Drive, path: str, wanted: Wanted) -> AsyncGenerator[Listed, None]:
    """What is below a path and wanted: a value for each folder that has some, or has problems.

    Close it (``contextlib.aclosing``) if it may be left early.
    """
    async with aclosing(ls_all(drive, path)) as folders:
        async for listed in folders:
            hits = tuple(shown for shown in listed.entries if wanted.matches(shown))
            if hits or listed.problems:
                yield Listed(listed.path, hits, listed.problems)


async def _as_now(visit: Visit) -> Listing:
    """What is in a folder, with mounted files as they are now."""
    entries = await as_they_are(visit.found, visit.path, visit.listing.entries)
    return replace(visit.listing, entries=entries)


def show(path: DrivePath, entry: Entry | Quarantined) -> Shown:
    """An entry of the folder ``path``, as it is listed."""
    return _show(str(path), entry)


def _show(folder: str, entry: Entry | Quarantined) -> Shown:
    place = f"{folder}/{entry.name}"
    if isinstance(entry, Quarantined):
        return Shown(place, entry.name, UNREADABLE, note=entry.reason)
    return Shown(
        place,
        entry.name,
        str(Kind.FILE if entry.is_mounted_file else entry.kind),
        entry.size,
        entry.modified,
        entry.executable,
        entry.target,
        entry.type,
    )


def _unreadable_last(shown: Shown) -> tuple[bool, str]:
    return shown.kind == UNREADABLE, shown.name


async def _everybody(drive: Drive) -> Listed:
    names = [drive.name, *await drive.shares.people()]
    return Listed("/", tuple(Shown(f"/{name}", name, FOLDER) for name in names))


def _listed(path: DrivePath, listing: Listing) -> Listed:
    there: list[Entry | Quarantined] = [*listing.entries, *listing.bad]
    folder = str(path)
    shown = tuple([_show(folder, entry) for entry in there])
    return Listed(str(path), shown, tuple(listing.problems))


def _found_shown(found: Found) -> Shown:
    if found.entry is None:
        raise NotFound(f"{found.path} does not exist")
    return show(found.path.parent, found.entry)


async def _stat_folder(found: Found) -> Shown:
    view = await found.view()
    listing, header = await view.listing(), view.node.header
    name = found.path.parts[-1] if found.path.parts else found.path.person or "/"
    return Shown(
        str(found.path),
        name,
        FOLDER,
        modified=None if found.entry is None else found.entry.modified,
        note=None if not listing.problems else listing.problems[0].message,
        id=header.id,
        created=header.created,
        generation=header.ring.current.generation,
        count=len(listing.entries) + len(listing.bad),
    )


def _stat_file(found: Found, node: FileNode) -> Shown:
    header = node.header
    return Shown(
        str(found.path),
        found.path.name,
        str(Kind.FILE),
        header.size,
        header.modified,
        header.executable,
        type=header.type,
        id=header.id,
        created=header.created,
        generation=header.ring.current.generation,
    )


def _like(name: str, pattern: str) -> bool:
    return fnmatchcase(name.casefold(), pattern.casefold())


def _within(value: int, least: int | None, most: int | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)
