"""Pieces of packs kept on this disk, so that what is read often is not fetched often.

One file a piece, ``PACK-PIECE``, written beside its place and renamed. Nothing is synced: a
crash may leave a piece that is short or full of zeros. Who reads a block from a piece checks
the block's hash and drops a piece that lied, so a bad cache costs a fetch and nothing else.

Bounded: the pieces that were not used for longest go first. A full disk only means that
nothing more is kept. The folder is this process's alone (``lock``).
"""

import os
import re
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Final

from storage.embedded.faults import told
from storage.embedded.lock import ProcessLock

PIECE: Final = 1024 * 1024
"""Bytes of a piece; the last one of a pack may have fewer."""

_NAME: Final = re.compile(r"(\d{1,19})-(\d{1,9})", re.ASCII)

Place = tuple[int, int]
"""A pack, and the number of a piece of it."""


class Cache:
    """At most ``limit`` bytes in ``folder``. For any thread."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._mutex = Lock()
        self._sizes: OrderedDict[Place, int] = OrderedDict()  # the one used last comes last
        self._total = 0
        with told():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = ProcessLock(folder / "lock")
            self._take_stock()

    @property
    def total(self) -> int:
        """Bytes that are kept."""
        return self._total

    def read(self, place: Place, start: int, size: int) -> bytes | None:
        """``size`` bytes of a piece from ``start``, or fewer; None when the piece is not kept."""
        with self._mutex:
            if place not in self._sizes:
                return None
            self._sizes.move_to_end(place)
        try:
            with self._opened(place) as handle:
                return os.pread(handle, size, start)
        except OSError:
            self.drop(place)
            return None

    def keep(self, place: Place, data: bytes | memoryview) -> None:
        """Keep a piece, if it fits and the disk lets us."""
        if len(data) > self._limit:
            return
        draft = self._path(place).with_suffix(f".{os.urandom(6).hex()}")
        try:
            with draft.open("xb") as file:
                file.write(data)
            draft.replace(self._path(place))
        except OSError:
            with suppress(OSError):
                draft.unlink()
            return
        with self._mutex:
            self._total += len(data) - self._sizes.pop(place, 0)
            self._sizes[place] = len(data)
            gone = list(self._too_many())
        for each in gone:
            self._unlink(each)

    def drop(self, place: Place) -> None:
        """Do not keep a piece any more."""
        with self._mutex:
            self._total -= self._sizes.pop(place, 0)
        self._unlink(place)

    def forget(self, pack: int) -> None:
        """Do not keep anything of a pack."""
        with self._mutex:
            gone = [place for place in self._sizes if place[0] == pack]
        for place in gone:
            self.drop(place)

    def close(self) -> None:
        """Let another process use it."""
        self._lock.release()

    def _take_stock(self) -> None:
        found = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                named = _NAME.fullmatch(entry.name)
                if named is not None:
                    told_of = entry.stat()
                    place = (int(named[1]), int(named[2]))
                    found.append((told_of.st_mtime_ns, place, told_of.st_size))
                elif entry.name != "lock":
                    os.unlink(entry.path)
        for _, place, size in sorted(found):
            self._sizes[place] = size
            self._total += size
        for place in list(self._too_many()):
            self._unlink(place)

    def _too_many(self) -> Iterator[Place]:
        while self._total > self._limit:
            place, size = self._sizes.popitem(last=False)
            self._total -= size
            yield place

    def _path(self, place: Place) -> Path:
        return self._folder / f"{place[0]}-{place[1]}"

    def _unlink(self, place: Place) -> None:
        with suppress(OSError):  # what stays is found at the next start
            self._path(place).unlink()

    @contextmanager
    def _opened(self, place: Place) -> Iterator[int]:
        handle = os.open(self._path(place), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            yield handle
        finally:
            os.close(handle)
