"""Sealing files anew: content under data keys that nobody ever had.

Taking access back gives everything new labels and locks at once; the segments of larger files
stay as they are, under keys that whoever could read has. No honest home hands those out. Who
wants them useless also against a home that is not, or the thief of its disk, seals them anew:
everything is read and sent again. Each file gets a version with the same content and time.

States before keep what was there until they are let go.
"""

from collections.abc import Sequence

from client.drive.copying import DriveOrigin
from client.drive.crossing import inside
from client.drive.drive import Drive
from client.drive.entry import Kind
from client.drive.events import OnEvent, Started, Summary, Told, nobody
from client.drive.intake.items import FileItem, Item
from client.drive.intake.taking import take_in
from client.drive.node import FileNode
from client.drive.resolve import Found, resolve


async def reseal(drive: Drive, path: str, on_event: OnEvent = nobody) -> Summary:
    """Seal a file anew, or every file below a folder; what has a space of its own is one by itself.

    Cut off, it begins again when it is said again. What cannot be read is told; then Partial.
    """
    drive = await inside(drive, path)
    told, at = Told(on_event), drive.own(path)
    found = await resolve(drive, at)
    await on_event(Started("reseal"))
    for each in [found] if at.parts else await _below(drive, found):
        origin = _Again(drive, each, each.path, told)
        try:
            await take_in(drive, origin, told)
        finally:
            await origin.aclose()
    return await told.end()


async def _below(drive: Drive, top: Found) -> list[Found]:
    entries = (await (await top.view()).listing()).entries
    paths = [top.path.child(each.name) for each in entries if each.kind in (Kind.FOLDER, Kind.FILE)]
    return [await resolve(drive, path) for path in paths]


class _Again(DriveOrigin):
    """What is there, as what shall be there: its files alone, and none by reference."""

    across = False

    async def more(self) -> Sequence[Item] | None:
        """The files of the next folder."""
        items = await super().more()
        return None if items is None else [each for each in items if isinstance(each, FileItem)]

    def may_refer(self, node: FileNode, base: FileNode | None) -> bool:
        """Never."""
        return False
