"""The packs of one folder: opened, swept, copied from, given back (``storage/packs.py``)."""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Final

from formats.errors import StorageFailed
from storage.embedded.faults import told
from storage.embedded.files import Files
from storage.embedded.packs import (
    PACK_SIZE,
    PackReader,
    PackWriter,
    pack_path,
    remove_quietly,
)
from storage.packs import Pack, Pens, pack_number

CLAIM: Final = "site"
"""A file beside packs that several processes share: whose they are."""

STEP: Final = 2 * 1024 * 1024
PIECE: Final = 1024 * 1024


class OnePen:
    """``Pens`` where one process writes: numbers from ``following`` on."""

    def __init__(self, following: int) -> None:
        self._numbers = count(following)

    def claim(self) -> int:
        """The following number."""
        return next(self._numbers)

    def give_up(self, pack: int) -> None:
        """Nobody waits for it."""

    def is_nobodys(self, pack: int) -> bool:
        """Never asked: what the index does not have is nobody's."""
        return False


class LocalPacks:
    """``Packs`` in a folder."""

    step: Final = STEP

    def __init__(self, files: Files, folder: Path, pack_size: int = PACK_SIZE) -> None:
        self._files = files
        self._folder = folder
        self._pack_size = pack_size

    def prepare(self, known: Sequence[Pack], site: bytes, pens: Pens | None = None) -> PackWriter:
        """Remove or cut what no commit knows, and go on where the last pack ends."""
        if pens is not None:
            with told():
                self._claim(site.hex().encode(), bool(known))
            self._sweep_shared(pens)
            return PackWriter(self._files, self._folder, pens, self._pack_size)
        with told():
            greatest = sweep(self._files, self._folder, {pack.id: pack.length for pack in known})
        last = max(known, key=lambda pack: pack.id, default=None)
        following = max(greatest, last.id if last else 0) + 1
        writer = PackWriter(self._files, self._folder, OnePen(following), self._pack_size)
        if last is not None and greatest == last.id:
            writer.resume(last)
        return writer

    def _claim(self, site: bytes, used: bool) -> None:
        """See that the folder is the site's, or make it so if the site has none yet."""
        file = self._folder / CLAIM
        found = file.read_bytes() if file.exists() else b""
        if found == site:
            return
        if found or used:
            raise StorageFailed(
                f"{self._folder} is not the folder that this site keeps its larger blocks in",
                "every node of a site needs the same one, or a bucket: see [store]",
            )
        draft = file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        handle = self._files.create(draft)
        try:
            self._files.write(handle, [site], 0)
            self._files.sync(handle)
        finally:
            self._files.close(handle)
        draft.replace(file)
        self._files.sync_folder(self._folder)

    def _sweep_shared(self, pens: Pens) -> None:
        with told():
            names = [name for name, _ in self._files.sizes(self._folder)]
        for pack in filter(None, map(pack_number, names)):
            if pens.is_nobodys(pack):
                self.remove(pack)

    def reader(self) -> PackReader:
        """A reader, for one function in one thread."""
        return PackReader(self._files, self._folder)

    def remove(self, pack: int) -> None:
        """Unlink it; if the disk refuses, the next start does it."""
        remove_quietly(self._files, pack_path(self._folder, pack))

    def stamp(self, pack: int) -> int | None:
        """The time of its last change."""
        try:
            return pack_path(self._folder, pack).lstat().st_mtime_ns
        except OSError:
            return None

    def pieces(self, pack: Pack) -> Iterator[bytes]:
        """Its bytes, a MiB at a time."""
        with told():
            try:
                handle = self._files.open(pack_path(self._folder, pack.id))
            except FileNotFoundError:
                return
            try:
                at = 0
                while data := self._files.read(handle, min(PIECE, pack.length - at), at):
                    yield data
                    at += len(data)
            finally:
                self._files.close(handle)

    def close(self) -> None:
        """Nothing is under way here."""


def sweep(files: Files, folder: Path, known: dict[int, int]) -> int:
    """Remove packs the index does not know, cut the others to their known length.

    ``known`` maps packs to lengths. Returns the greatest number of a file that
    is still there, or 0.
    """
    greatest = 0
    for name, size in list(files.sizes(folder)):
        pack = pack_number(name)
        if pack is None:
            continue
        length = known.get(pack)
        if length is None and remove_quietly(files, folder / name):
            continue
        if length is not None and size > length:
            _cut(files, folder / name, length)
        greatest = max(greatest, pack)
    return greatest


def _cut(files: Files, path: Path, length: int) -> None:
    handle = files.reopen(path)
    try:
        files.truncate(handle, length)
    finally:
        files.close(handle)
