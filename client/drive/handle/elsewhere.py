"""A draft that conflicts with a file that is shared alone: kept in one's own home.

Beside such a file there is no folder that both sides see. The owner finds the copy where the
file stands, a guest in the own home. It is written anew: it goes into another space.
"""

from functools import partial
from typing import Final

from client.drive.conflict import conflict_names
from client.drive.drive import Drive
from client.drive.file import About, small_file
from client.drive.handle.beside import commit_new
from client.drive.handle.saved import Saved, save
from client.drive.handle.version import Version
from client.drive.handle.working import Working
from client.drive.node import FileNode
from client.drive.paths import DrivePath
from formats.limits import MIB

_AT_ONCE: Final = 4 * MIB


async def keep_elsewhere(own: Drive, path: DrivePath, work: Working) -> Saved:
    """Save a draft of the file at ``path``, of another drive, as a file in one's ``own``."""
    header, now = work.version.header, own.now_ns()
    new = small_file(b"", About(now, now, header.executable, header.type))
    names = partial(conflict_names, path.title, own.device, own.now())
    at = await commit_new(own, _folder(own, path), names, new, None)
    node = FileNode(new.keys, new.leaf, new.header)
    version = Version(node, str(at), own.space.reading, own.segments)
    copy = Working(own.space, version, own.segments)
    try:
        for start in range(0, work.draft.size, _AT_ONCE):
            some = await work.read(start, min(start + _AT_ONCE, work.draft.size))
            await copy.write(start, memoryview(some))
        return await save(own, at, copy, is_new=False)
    finally:
        await copy.aclose()


def _folder(own: Drive, path: DrivePath) -> DrivePath:
    """The folder of one's own in which the file stands; the home, if it is somebody else's."""
    above = own.path(str(path)).parent
    return above if above.person == own.name else own.at()
