"""One thread writes behind, in batches, and lets go of the oldest.

Structure (tree nodes, leaves) and segments are in slabs of their own: a large file
that goes by does not push out the folders. A quarter of the room is for structure.
When there is no room left, the oldest slab goes as a whole; what was read lately is
written again before that (``kept.py``), so what goes was not used for long.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from os import statvfs
from pathlib import Path
from typing import Final

from client.kept.index import ENTRY, Index, Where, is_passing
from client.kept.slabs import Slab, blank, found, take_away
from formats.cid import MAX_BLOCK, Cid

SLAB: Final = 64 * 1024 * 1024
"""Bytes of a slab where there is room for many."""
SLABS: Final = 16
"""Slabs of each kind that the room is divided into at least."""
STRUCTURE: Final = 4
"""One of so many parts of the room is for tree nodes and leaves."""
LEAST: Final = STRUCTURE * SLABS * MAX_BLOCK
"""A smaller limit than this keeps nothing: a slab must have room for a block."""
FREE: Final = 512 * 1024 * 1024
"""Bytes of the disk that are left free: then nothing more is kept."""


@dataclass(frozen=True, slots=True)
class Put:
    """Keep a block of a space. ``again``: only if it is there, for it was used just now."""

    space: bytes
    cid: Cid
    data: bytes
    again: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Keep something small, or (None) forget it."""

    name: bytes
    sealed: bytes | None


@dataclass(frozen=True, slots=True)
class Drop:
    """Forget every block of a space, and write over it."""

    space: bytes


@dataclass(frozen=True, slots=True)
class Remove:
    """Forget a block that is not what it should be, if that is where it still is."""

    cid: Cid
    where: Where


Job = Put | Note | Drop | Remove


class Writer:
    """Writes batches. Belongs to one thread; raises sqlite3.Error when the index is broken."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder: Final = folder
        self._limits: Final = {False: limit // STRUCTURE, True: limit - limit // STRUCTURE}
        self._index: Final = Index(folder)
        self._current: Final[dict[bool, Slab]] = {}
        self._spaces: Final[dict[bytes, int]] = {}
        self._used: Final[dict[int, int]] = {}
        self.went: list[int] = []
        """Slabs that were let go of since somebody looked."""
        self.newest = 0
        self._sweep()

    def write(self, jobs: Sequence[Job]) -> None:
        """Do all of it. A full disk, or a busy index, costs this batch and nothing else."""
        try:
            self._index.begin()
            for job in jobs:
                self._do(job)
            self._end()
        except OSError:
            self._let_go_of_current()
            self._undo()
        except sqlite3.Error as error:
            self._undo()
            if not is_passing(error):
                raise

    def close(self) -> None:
        """Close the slabs and the index."""
        self._let_go_of_current()
        self._index.close()

    def _end(self) -> None:
        for slab, more in self._used.items():
            self._index.use(slab, more)
        self._used.clear()
        self._index.end()

    def _undo(self) -> None:
        self._index.undo()
        self._used.clear()
        self._spaces.clear()

    def _space(self, name: bytes) -> int:
        number = self._spaces.get(name)
        if number is None:
            number = self._spaces[name] = self._index.space(name)
        return number

    def _do(self, job: Job) -> None:
        if isinstance(job, Put):
            self._put(job)
        elif isinstance(job, Note):
            self._index.note(job.name, job.sealed)
        elif isinstance(job, Remove):
            if self._index.find(job.cid) == job.where:
                self._index.remove(job.cid)
        else:
            for where in self._index.drop_space(self._space(job.space)):
                blank(self._folder, where.slab, where.at, where.size)

    def _put(self, job: Put) -> None:
        known = self._index.space_of(job.cid)
        if (known is None) == job.again:
            return
        slab = self._slab(job.cid.is_raw, len(job.data))
        if slab is not None:
            where = Where(slab.number, slab.append(job.data), len(job.data))
            self._index.add(job.cid, where, known or self._space(job.space))
            more = self._used.get(slab.number, 0) + where.size + ENTRY
            self._used[slab.number] = more

    def _slab(self, raw: bool, size: int) -> Slab | None:
        """A slab with room for so many bytes; None if there is no room on the disk."""
        slab = self._current.get(raw)
        if slab is not None and slab.used + size <= self._slab_size(raw):
            return slab
        if slab is not None:
            self._current.pop(raw).close()
        self._make_room(raw)
        disk = statvfs(self._folder)
        if disk.f_bavail * disk.f_frsize < FREE:
            return None
        number = self._index.new_slab(raw)
        self._end()  # so that the number is taken, whatever becomes of the batch
        self._index.begin()
        self._current[raw] = Slab(self._folder, number)
        self.newest = number
        return self._current[raw]

    def _slab_size(self, raw: bool) -> int:
        return min(SLAB, self._limits[raw] // SLABS)

    def _make_room(self, raw: bool) -> None:
        """Let the oldest go until a whole slab fits, with what its blocks cost besides."""
        slabs = self._index.slabs(raw)
        most = self._limits[raw] - self._slab_size(raw) - ENTRY
        for number in list(slabs):
            if sum(slabs.values()) <= most:
                return
            if take_away(self._folder, number):
                self._index.drop_slab(number)
                self.went.append(number)
                del slabs[number]

    def _let_go_of_current(self) -> None:
        for slab in self._current.values():
            slab.close()
        self._current.clear()

    def _sweep(self) -> None:
        """Slabs without an entry, and entries without a slab: what a crash left.

        An entry is committed before its file is made, so a file without one is nobody's.
        """
        there = set(found(self._folder))
        known = self._index.slabs(False) | self._index.slabs(True)
        for number in there - known.keys():
            take_away(self._folder, number)
        lost = [number for number in known.keys() - there if known[number]]
        if lost:
            self._index.begin()
            for number in lost:
                self._index.drop_slab(number)
            self._index.end()
