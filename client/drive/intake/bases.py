"""What is there already where things are about to go."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from client.drive.drive import Drive
from client.drive.entry import Entry, Kind
from client.drive.file import NewFile
from client.drive.intake.items import FileItem, Item
from client.drive.node import FileNode, inline_content, open_nodes
from client.drive.resolve import Found, descend, resolve
from formats.errors import NotAFolder, NotFound

Seen: TypeAlias = dict[tuple[str, ...], Found]
"""Folders of the own home by their path in it, the home itself among them, at one state."""


class Update(Enum):
    """Whether files that are there are put all the same.

    ``CHANGED``: not those of the same size and time, and of a larger one only what
    changed. ``COMPARED``: the same by the content of all, whatever their times.
    """

    NO = 0
    CHANGED = 1
    COMPARED = 2


@dataclass(slots=True)
class Bases:
    """What is there now: the files that will get a new version, and entries to be replaced."""

    nodes: dict[tuple[str, ...], FileNode] = field(default_factory=dict)
    entries: dict[tuple[str, ...], Entry] = field(default_factory=dict)


async def find_bases(drive: Drive, seen: Seen, items: Sequence[Item]) -> Bases:
    """What the files will take the place of. ``seen`` is empty if nothing was just looked at."""
    bases = Bases()
    if not seen:
        seen[()] = await resolve(drive, drive.at())
    folders: dict[tuple[str, ...], list[str]] = {}
    for item in items:
        if isinstance(item, FileItem):
            folders.setdefault(item.parts, []).append(item.name)
    absent: set[tuple[str, ...]] = set()
    for parts, names in folders.items():
        above = (parts[:end] in absent for end in range(len(parts) + 1))
        if any(above) or not await _look(drive, seen, parts, names, bases):
            absent.add(parts)
    return bases


async def _look(
    drive: Drive, seen: Seen, parts: tuple[str, ...], names: list[str], bases: Bases
) -> bool:
    """Look up names in a folder; False if the folder is not there."""
    try:
        folder = seen.get(parts) or await descend(drive, seen[()], parts)
        view = await folder.view()
    except (NotFound, NotAFolder):
        return False  # it will be made, or the operation will say why not
    await view.reach(names)
    there = [entry for name in names if (entry := await view.get(name)) is not None]
    files = [entry for entry in there if entry.kind is Kind.FILE]
    nodes = await open_nodes(folder.reading, [(each.keys, each.name) for each in files])
    for entry, node in zip(files, nodes, strict=True):
        if isinstance(node, FileNode):
            bases.nodes[*parts, entry.name] = node
        else:
            bases.entries[*parts, entry.name] = entry
    links = (entry for entry in there if entry.kind is Kind.LINK)
    bases.entries.update({(*parts, entry.name): entry for entry in links})
    return True


def is_there(item: FileItem, node: FileNode | None) -> bool:
    """Whether a file is there as it is here, by size and time."""
    if node is None:
        return False
    return (node.header.size, node.header.modified) == (item.size, item.modified)


def is_same_small(new: NewFile) -> bool:
    """Whether a small file is there with this content and time, so that it need not be put."""
    base = new.base
    if base is None or not (base.header.inline and new.header.inline) or not _looks_same(new, base):
        return False
    return inline_content(FileNode(new.keys, new.leaf, new.header)) == inline_content(base)


def is_same_large(new: NewFile) -> bool:
    """The same of a larger one that was compared."""
    base, content = new.base, new.content
    if base is None or content is None or content.sealed or not _looks_same(new, base):
        return False
    same_holes = new.header.holes == base.header.holes
    return same_holes and content.unchanged == content.cids.keys()


def _looks_same(new: NewFile, base: FileNode) -> bool:
    one, other = new.header, base.header
    times = one.modified == other.modified and one.executable == other.executable
    return times and one.size == other.size
