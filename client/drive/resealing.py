"""Sealing files anew: content under data keys that nobody ever had.

Taking access back gives everything new labels and locks at once; the segments of larger files
stay as they are, under keys that whoever could read has. No honest home hands those out. Who
wants them useless also against a home that is not, or the thief of its disk, seals them anew:
everything is read and sent again. Each file gets a version with the same content and time.

States before keep what was there until they are let go.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from client.drive.crossing import inside
from client.drive.drive import Drive
from client.drive.entry import Entry, Kind
from client.drive.events import OnEvent, Started, Summary, Told, nobody
from client.drive.intake.items import FileItem, Item
from client.drive.intake.taking import take_in
from client.drive.node import OF_ONE_NODE, FileNode, of_path
from client.drive.paths import DrivePath
from client.drive.resolve import Found, resolve
from client.drive.sourcing import DriveOrigin
from client.drive.walk import Visit
from formats.errors import NotFound


async def reseal(drive: Drive, path: str, on_event: OnEvent = nobody) -> Summary:
    """Seal a file anew, or every file below a folder, also where others may change them.

    Cut off, it begins again when it is said again. What cannot be read is told; then Partial.
    """
    told = Told(on_event)
    await on_event(Started("reseal"))
    within = await inside(drive, path)
    found = await _of_one_space(within, path, told)
    for apart in found.values() if within is drive else ():  # in a shared folder: others' word
        try:
            await _of_one_space(await inside(drive, str(apart)), str(apart), told)
        except (NotFound, *OF_ONE_NODE) as error:
            await told.skip(str(apart), of_path(error, str(apart)))
    return await told.end()


Mounts = dict[bytes, DrivePath]
"""Where things with spaces of their own stand, by what they are opened with: each once."""


async def _of_one_space(drive: Drive, path: str, told: Told) -> Mounts:
    """What of it is in one space; what has a space of its own is only found."""
    at, apart = drive.own(path), Mounts()
    found = await resolve(drive, at)
    for each in [found] if at.parts else await _below(drive, found, apart):
        origin = _Again(drive, each, each.path, told, apart)
        try:
            await take_in(drive, origin, told)
        finally:
            await origin.aclose()
    return apart


async def _below(drive: Drive, top: Found, apart: Mounts) -> list[Found]:
    """What is in the home folder, which is no item itself."""
    entries = (await (await top.view()).listing()).entries
    apart.update(_mounts(top.path, entries))
    paths = [top.path.child(each.name) for each in entries if each.kind in (Kind.FOLDER, Kind.FILE)]
    return [await resolve(drive, path) for path in paths]


def _mounts(folder: DrivePath, entries: Iterable[Entry]) -> Mounts:
    return {each.keys.label: folder.child(each.name) for each in entries if each.kind is Kind.MOUNT}


class _Again(DriveOrigin):
    """What is there, as what shall be there: its files alone, and none by reference."""

    across = False

    def __init__(
        self, drive: Drive, found: Found, place: DrivePath, told: Told, apart: Mounts
    ) -> None:
        super().__init__(drive, found, place, told)
        self._apart: Final = apart

    async def more(self) -> Sequence[Item] | None:
        """The files of the next folder."""
        items = await super().more()
        return None if items is None else [each for each in items if isinstance(each, FileItem)]

    async def _items(self, visit: Visit) -> list[Item]:
        self._apart.update(_mounts(visit.path, visit.listing.entries))
        return await super()._items(visit)

    def may_refer(self, node: FileNode, base: FileNode | None) -> bool:
        """Never."""
        return False
