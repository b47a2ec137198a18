"""Which backup of this node was the last one, and whether it was found whole.

``HOME/node/backup.json``: written when one is complete, and when it was checked; what ``holdfast
status`` says. The backup itself may be gone by now, with the disk it is on. A restored home knows
of none.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from formats.errors import HoldfastError
from node.backups.folder import MAX_NOTE, read_plain
from node.folder import NodeFolder, write_whole

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The one in ``path``, begun at ``made`` (ms), of so many bytes.

    ``lacking``: blocks that the node had lost before. ``checked``: when it was read whole, in ms,
    and ``wrong``: what was found then; None: never.
    """

    made: int
    path: str
    bytes: int
    lacking: int
    checked: int | None = None
    wrong: int = 0

    def keep(self, home: Path) -> None:
        """Remember it for the node at ``home``; raises DiskFull, StorageFailed."""
        said = {"format": FORMAT, "made": self.made, "path": self.path, "bytes": self.bytes}
        said |= {"lacking": self.lacking, "checked": self.checked, "wrong": self.wrong}
        write_whole(NodeFolder(home).backup_file, json.dumps(said).encode("ascii"))


def last_backup(home: Path) -> LastBackup | None:
    """The last one of the node at ``home``; None: none that is known of."""
    try:
        said = json.loads(read_plain(NodeFolder(home).backup_file, MAX_NOTE))
        if said["format"] != FORMAT:
            return None
        checked = said["checked"]
        return LastBackup(
            made=int(said["made"]),
            path=str(said["path"]),
            bytes=int(said["bytes"]),
            lacking=int(said["lacking"]),
            checked=None if checked is None else int(checked),
            wrong=int(said["wrong"]),
        )
    except (HoldfastError, KeyError, TypeError, ValueError):
        return None  # what cannot be read says nothing: better another backup than none


def note_checked(home: Path, path: Path, now: int, wrong: int) -> None:
    """The backup in ``path`` was read whole; nothing if it is not the last one of that node."""
    last = last_backup(home)
    if last is not None and last.path == str(path):
        replace(last, checked=now, wrong=wrong).keep(home)
