"""A few MiB kept free for letting go: on a full disk, deleting must still find room for its log.

A file of zeros holds the room. When a work that stores no block finds the disk
full, the file is removed and the work is run again; when there is room again,
the file comes back.
"""

from pathlib import Path
from typing import Final

from storage.embedded.files import Files
from storage.embedded.packs import remove_quietly

RESERVE: Final = 16 * 1024 * 1024
"""Bytes kept."""


class Reserve:
    """Holds the room, if there was any."""

    def __init__(self, files: Files, path: Path) -> None:
        self._files = files
        self._path = path
        self._held = False

    def give(self) -> bool:
        """Give the room to whoever needs it now; False if there is none to give."""
        given = self._held and remove_quietly(self._files, self._path)
        self._held = False
        return given

    def hold(self) -> None:
        """Take the room back, if the disk has it."""
        if self._held:
            return
        remove_quietly(self._files, self._path)
        try:
            self._fill()
            self._held = True
        except OSError:
            remove_quietly(self._files, self._path)

    def _fill(self) -> None:
        handle = self._files.create(self._path)
        try:
            self._files.allocate(handle, RESERVE)
        finally:
            self._files.close(handle)
