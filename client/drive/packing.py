"""Everything at and below some paths, one after the other: what goes into an archive.

Mounts are entered; links are told of, and left out. What cannot be read is told of too, and
spares the rest.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from client.drive.drive import Drive
from client.drive.entry import Entry, Kind
from client.drive.node import OF_ONE_NODE, FileNode
from client.drive.reader import FileReader
from client.drive.resolve import Found, enter, resolve
from client.drive.walk import Visit, open_files, walk
from formats.errors import HoldfastError, Unfit

AT_ONCE = 64
"""Files opened with one read."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A file or folder. ``parts``: its place below the things that were named.

    ``modified`` in nanoseconds since 1970; of a folder, when it was made.
    """

    parts: tuple[str, ...]
    modified: int
    executable: bool
    reader: FileReader | None
    """None for a folder."""


async def everything(
    drive: Drive, paths: Sequence[str], left_out: list[HoldfastError]
) -> AsyncGenerator[Packed, None]:
    """Each folder before what is in it. What is left out is noted in ``left_out``.

    Two things of one name that were named get different ones. Close it (``contextlib.aclosing``)
    if it may be left early.
    """
    taken = set[str]()
    for path in paths:
        found = await resolve(drive, drive.path(path))
        name = _free(found.path.title, taken)
        if not found.is_folder:
            yield _file(found.entry, (name,), await found.reader())
            continue
        async with aclosing(_below(found, name, left_out)) as things:
            async for each in things:
                yield each


async def _below(
    found: Found, name: str, left_out: list[HoldfastError]
) -> AsyncGenerator[Packed, None]:
    above = len(found.path.parts)
    async with aclosing(walk(found, left_out, across=True)) as visits:
        async for visit in visits:
            parts = (name, *visit.path.parts[above:])
            yield Packed(parts, visit.node.header.created, False, None)
            files = [each for each in visit.listing.entries if each.kind is Kind.FILE]
            for start in range(0, len(files), AT_ONCE):
                for packed in await _opened(visit, files[start : start + AT_ONCE], parts, left_out):
                    yield packed
            for entry in visit.listing.entries:
                if entry.is_mounted_file:
                    for packed in await _mounted(visit, entry, parts, left_out):
                        yield packed
                elif entry.kind is Kind.LINK:
                    left_out.append(Unfit(f"{visit.path.child(entry.name)} is a symbolic link"))


async def _opened(
    visit: Visit, files: Sequence[Entry], parts: tuple[str, ...], left_out: list[HoldfastError]
) -> list[Packed]:
    packed = []
    for entry, node in await open_files(visit.reading, files, visit.path):
        if isinstance(node, FileNode):
            what = str(visit.path.child(entry.name))
            reader = FileReader(visit.reading, node, what, visit.found.refresh)
            packed.append(_file(entry, (*parts, entry.name), reader))
        else:
            left_out.append(node if isinstance(node, HoldfastError) else _odd(visit, entry))
    return packed


async def _mounted(
    visit: Visit, entry: Entry, parts: tuple[str, ...], left_out: list[HoldfastError]
) -> list[Packed]:
    """A file that has a space of its own, unless it cannot be read."""
    try:
        found = await enter(visit.found, visit.path.child(entry.name), entry)
        return [_file(found.entry, (*parts, entry.name), await found.reader())]
    except OF_ONE_NODE as error:
        left_out.append(error)
        return []


def _file(entry: Entry | None, parts: tuple[str, ...], reader: FileReader) -> Packed:
    header = reader.node.header
    executable = entry is not None and entry.executable
    return Packed(parts, header.modified, executable, reader)


def _odd(visit: Visit, entry: Entry) -> HoldfastError:
    return Unfit(f"{visit.path.child(entry.name)} is no file any more")


def _free(name: str, taken: set[str]) -> str:
    """A name that nothing else has yet: this one, or one with a number."""
    stem, dot, end = name.rpartition(".")
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{stem} ({number}){dot}{end}" if stem else f"{name} ({number})"
    taken.add(free)
    return free
