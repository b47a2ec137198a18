"""Which paths are damaged: those whose labels a home named as lost.

A home knows labels and not what they are. Everything below a folder is walked once, and each
file's and folder's labels are compared with those; only needed when something is lost.
"""

from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from client.drive.entry import Entry, Kind
from client.drive.folder import FolderView
from client.drive.node import FileNode
from client.drive.resolve import Found
from client.drive.walk import Visit, file_labels, open_files, walk
from formats.errors import HoldfastError

BITS: Final = 256


@dataclass(frozen=True, slots=True)
class LostLabels:
    """Labels that something is lost of; ``bits`` below 256: all labels that begin so."""

    found: tuple[tuple[bytes, int], ...]

    def has(self, labels: Iterable[bytes]) -> bool:
        """Whether one of these is among them."""
        return any(self._fits(label) for label in labels)

    def _fits(self, label: bytes) -> bool:
        number = int.from_bytes(label, "big")
        return any(
            number >> (BITS - bits) == int.from_bytes(lost, "big") >> (BITS - bits)
            for lost, bits in self.found
        )


async def damaged(found: Found, lost: LostLabels) -> list[str]:
    """The paths below a folder of which something is lost, in the order of a walk; or a file's.

    Labels are of one space: what is mounted below is asked about by itself.
    """
    problems: list[HoldfastError] = []
    paths: list[str] = []
    if not found.is_folder:
        return [str(found.path)] if await _is_file_lost(found, lost) else []
    async with aclosing(walk(found, problems, any_depth=True)) as visits:
        async for visit in visits:
            paths += await _of_folder(visit, lost, problems)
    return list(dict.fromkeys(paths))


async def _of_folder(visit: Visit, lost: LostLabels, problems: list[HoldfastError]) -> list[str]:
    view = FolderView(visit.reading, visit.node, str(visit.path))
    pages = await view.labels(problems)
    paths = [f"{visit.path}/"] if lost.has(pages) else []
    entries = visit.listing.entries
    paths += [str(visit.path.child(e.name)) for e in entries if e.is_folder and _is_lost(e, lost)]
    files = [entry for entry in entries if entry.kind is Kind.FILE]
    for entry, node in await open_files(visit.reading, files, visit.path):
        labels = file_labels(node) if isinstance(node, FileNode) else [entry.keys.label]
        if lost.has(labels):
            paths.append(str(visit.path.child(entry.name)))
    return paths


async def _is_file_lost(found: Found, lost: LostLabels) -> bool:
    """Whether something is lost of one file, which may be its header."""
    if found.keys is None:
        return False
    if lost.has([found.keys.label]):
        return True
    return lost.has(file_labels(await found.file()))


def _is_lost(entry: Entry, lost: LostLabels) -> bool:
    return lost.has([entry.keys.label])
