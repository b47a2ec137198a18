"""Where things go: into a folder that is there, or under a name of their own."""

from client.drive.drive import Drive
from client.drive.edit import TreeEdit
from client.drive.paths import DrivePath
from client.space.reading import Changing
from formats.errors import NotAFolder


def home_edit(drive: Drive, changing: Changing) -> TreeEdit:
    """Changes in the own home."""
    return drive.edit(changing)


async def find_target(
    edit: TreeEdit, target: DrivePath, count: int
) -> tuple[DrivePath, str | None]:
    """The folder that things go into, and the name that a single one gets (None: its own)."""
    if not target.parts:
        return target, None
    parent = await edit.folder(target.parts[:-1])
    entry = await parent.get(target.name)
    if entry is not None and entry.is_folder:
        return target, None
    if count > 1:
        what = "does not exist" if entry is None else "is no folder"
        raise NotAFolder(f"{target} {what}: several things go into a folder that is there")
    if target.must_be_folder:
        raise NotAFolder(f"{target} is no folder")
    return target.parent, target.name
