"""The thumbnail of the file at a path, of the own home or of what others share."""

from client.drive.drive import Drive
from client.drive.node import OF_ONE_NODE, of_path
from client.drive.resolve import resolve
from client.drive.thumbnails.sealed import read_thumbnail
from formats.errors import NotFound


async def thumbnail(drive: Drive, path: str) -> bytes:
    """The small picture of an image, WebP; raises NotFound if it has none, IsAFolder."""
    picture = await find_thumbnail(drive, path)
    if picture is None:
        raise NotFound(
            f"{drive.path(path)} has no thumbnail",
            hint="one is made when an image is put where 'holdfast[thumbnails]' is installed",
        )
    return picture


async def find_thumbnail(drive: Drive, path: str) -> bytes | None:
    """The same; None if it has none."""
    found = await resolve(drive, drive.path(path))
    node = await found.file()
    try:
        return await read_thumbnail(found.reading, node, str(found.path))
    except OF_ONE_NODE as error:
        raise of_path(error, str(found.path)) from error
