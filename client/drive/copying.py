"""Copying within drives, as ``cp`` does: from the own home, or from what others share.

Within one space a copy is a new node secret and file id over the same segments:
no data moves, whatever the size, and the ring of the copied header remembers
under which id they were sealed. A home sees that two files have the same
segments, and nothing else of it (docs/decisions/0073). Small content is sealed
anew, as is everything that comes from another space.
"""

from collections.abc import Sequence

from client.drive.crossing import inside
from client.drive.drive import Drive
from client.drive.events import OnEvent, Started, Summary, Told, nobody
from client.drive.intake.bases import Update
from client.drive.intake.taking import take_in
from client.drive.paths import DrivePath
from client.drive.resolve import Found, resolve
from client.drive.sourcing import DriveOrigin
from client.drive.target import find_target, home_edit
from client.space.reading import Changing
from formats.errors import IsAFolder, Unfit


async def cp(
    drive: Drive,
    sources: Sequence[str],
    target: str,
    recursive: bool = False,
    force: bool = False,
    on_event: OnEvent = nobody,
) -> Summary:
    """Copy to ``target`` in the own home: into it if it is a folder, else under that name.

    ``force``: a file that is there gets a new version; else it is told as
    Exists. What cannot be read is told and spares the rest; then Partial.
    """
    told, drive = Told(on_event), await inside(drive, target)
    to = drive.own(target)

    async def operation(changing: Changing) -> tuple[DrivePath, str | None]:
        return await find_target(home_edit(drive, changing), to, len(sources))

    folder, name = await drive.space.commit(operation)
    await on_event(Started("copy"))
    for source in sources:
        found = await resolve(drive, drive.path(source))
        if found.is_folder and not recursive:
            raise IsAFolder(f"{found.path} is a folder", hint="use -r to copy it with all in it")
        place = folder.child(name or _name_of(found))
        _check_not_inside(found, place)
        origin = DriveOrigin(drive, found, place, told)
        try:
            await take_in(drive, origin, told, replacing=force)
        finally:
            await origin.aclose()
    return await told.end()


async def copy_over(drive: Drive, source: str, target: str, count: int, force: bool) -> str:
    """Copy one thing of another space, of ``count`` that go to ``target``; where it is now.

    A file that is there already with the same size and time is left alone. Raises Exists for
    another one, unless ``force`` is said, and Partial when something could not be copied.
    """
    told, to = Told(nobody), drive.own(target)

    async def operation(changing: Changing) -> tuple[DrivePath, str | None]:
        return await find_target(home_edit(drive, changing), to, count)

    folder, name = await drive.space.commit(operation)
    found = await resolve(drive, drive.path(source))
    place = folder.child(name or _name_of(found))
    _check_not_inside(found, place)
    origin = DriveOrigin(drive, found, place, told)
    try:
        await take_in(drive, origin, told, replacing=force, update=Update.CHANGED)
    finally:
        await origin.aclose()
    await told.end()
    return str(place)


def _name_of(found: Found) -> str:
    return found.path.parts[-1] if found.path.parts else found.path.person or ""


def _check_not_inside(found: Found, place: DrivePath) -> None:
    source, to = str(found.path), str(place)  # whole paths: a shared folder is a drive, too
    if found.is_folder and f"{to}/".startswith(f"{source}/"):
        raise Unfit(f"{source} cannot be copied into itself")
    if source == to:
        raise Unfit(f"{source} is there already")
