"""Packs as files of a folder: appending to them, reading them (``storage/packs.py``).

A batch begins at a multiple of 4 KiB, so that a torn write cannot reach what an
earlier batch was acknowledged for. A pack is appended to until it passes 64 MiB
and is never changed otherwise.

What a file has beyond the length that the index knows is what a crash or a failed
sync left; it is cut off at the next start (``local.py``).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from formats.cid import Cid
from formats.errors import MissingBlock
from storage.embedded.faults import told
from storage.embedded.files import Files
from storage.packs import (
    ALIGN,
    RECORD,
    Pack,
    Pens,
    pack_name,
    pack_number,
    record_head,
    walk_records,
)

PACK_SIZE: Final = 64 * 1024 * 1024
"""A pack that has passed this many bytes is not appended to (a store can be told another)."""

_OPEN_FILES: Final = 16

_GATHERED: Final = 512 * 1024
_PARTS: Final = 512
"""Bytes, and parts, that are gathered before they are written. IOV_MAX is 1,024; and one
call of 4 MiB costs the kernel five times what eight of 512 KiB do, on Linux 6 and ext4."""


def pack_path(folder: Path, pack: int) -> Path:
    """The file of a pack."""
    return folder / pack_name(pack)


class PackWriter:
    """``PackWriting`` in a folder. Keeps the file that it appends to open."""

    def __init__(self, files: Files, folder: Path, pens: Pens, pack_size: int) -> None:
        self._files = files
        self._folder = folder
        self._pens = pens
        self._pack_size = pack_size
        self._handle: int | None = None
        self._parts: list[bytes] = []  # what was appended last, up to ``end``, not written yet
        self._gathered = 0
        self._written = 0  # how far the file was written to, at least
        self._kept = 0  # how far the index has it, or will when this batch commits
        self.current = 0
        self.end = 0

    def resume(self, pack: Pack) -> None:
        """Go on appending to a pack of an earlier run, if it is not long enough."""
        if pack.length >= self._pack_size:
            return
        with told():
            self._handle = self._files.reopen(pack_path(self._folder, pack.id))
        self.current = pack.id
        self.end = self._kept = self._written = pack.length

    def begin(self) -> None:
        """Start a batch: in a new pack if this one is long enough."""
        if self.end >= self._pack_size:
            self.seal()

    @property
    def pending(self) -> int:
        """Bytes of this batch so far."""
        return self.end - self._kept

    def append(self, cid: Cid, data: bytes) -> tuple[int, int]:
        """Add a block; returns its pack and where in it its bytes begin.

        Not synced, and perhaps not even written: see ``flush``.
        """
        if not self.current:
            self.current = self._pens.claim()
        if self.end == self._kept:  # the first of its batch
            self.end = -(-self.end // ALIGN) * ALIGN
        place = self.end + RECORD
        self._parts += (record_head(cid, len(data)), data)
        self._gathered += RECORD + len(data)
        self.end = place + len(data)
        if self._gathered >= _GATHERED or len(self._parts) >= _PARTS:
            self.flush()
        return self.current, place

    def flush(self) -> None:
        """Hand what was gathered to the operating system, with one call.

        If that fails it is all kept: some of it may be of functions that did not fail.
        """
        if not self._parts:
            return
        with told():
            self._write(self._open(), self._parts, self.end - self._gathered)
        self._parts, self._gathered = [], 0

    def read(self, cid: Cid, place: int, size: int) -> bytes:
        """A block of the current pack, also one that was appended just now."""
        self.flush()
        with told():
            data = self._files.read(self._open(), size, place)
        if len(data) != size:
            raise MissingBlock.of(cid)
        return data

    def rewind(self, mark: int) -> None:
        """Take back what was appended since ``end`` was ``mark``."""
        while self._parts and self.end > mark:
            data, head = self._parts.pop(), self._parts.pop()
            self._gathered -= len(head) + len(data)
            self.end -= len(head) + len(data)
        self.end = mark

    def sync(self) -> None:
        """Return once everything appended is on the disk."""
        self.flush()
        if self._handle is None:
            return
        with told():
            if self._written > self.end:  # what a failed function had appended
                self._files.truncate(self._handle, self.end)
                self._written = self.end
            if self.end == self._kept:
                return
            self._files.sync(self._handle)
            if self._kept == 0:
                self._files.sync_folder(self._folder)

    def commit(self) -> None:
        """The index has it."""
        self._kept = self.end

    def discard(self) -> None:
        """Give up this batch and never append to this file again: a sync of it may have failed.

        A file that nothing of was kept is removed, if the disk lets us: if not,
        the next start does it.
        """
        if self._handle is None:
            self.seal()
            return
        empty, path = self._kept == 0, pack_path(self._folder, self.current)
        self.seal()
        if empty:
            remove_quietly(self._files, path)

    def seal(self) -> None:
        """Never append to this file again, and leave it as it is."""
        if self._handle is not None:
            self._files.close(self._handle)
        self._handle = None
        self._parts, self._gathered = [], 0
        if self.current:
            self._pens.give_up(self.current)
        self.current = self.end = self._kept = self._written = 0

    def _open(self) -> int:
        if self._handle is None:
            self._handle = self._files.create(pack_path(self._folder, self.current))
        return self._handle

    def _write(self, handle: int, parts: list[bytes], offset: int) -> None:
        total = sum(map(len, parts))
        self._written = max(self._written, offset + total)
        gone = self._files.write(handle, parts, offset)
        while gone < total:  # a short write: the disk is nearly full, or a signal came
            rest = b"".join(parts)[gone:]
            more = self._files.write(handle, [rest], offset + gone)
            if more == 0:
                raise OSError(5, "a write of nothing")
            gone += more


class PackReader:
    """``PackReading`` in a folder.

    Files are opened for that long only: nothing is shared between threads, a
    removed pack gives its space back, and open files stay few.
    """

    def __init__(self, files: Files, folder: Path) -> None:
        self._files = files
        self._folder = folder
        self._handles: dict[int, int] = {}

    def read(self, cid: Cid, pack: int, place: int, size: int) -> bytes:
        """The bytes of a block as stored; ``MissingBlock`` when the file ends before."""
        with told():
            try:
                data = self._files.read(self._open(pack), size, place)
            except FileNotFoundError:
                raise MissingBlock.of(cid) from None
        if len(data) != size:
            raise MissingBlock.of(cid)
        return data

    def records(self, pack: Pack, start: int) -> Iterator[tuple[int, Cid, int]]:
        """(place, cid, size) of each record from offset ``start`` on."""

        def head(at: int) -> bytes:
            with told():
                return self._files.read(self._open(pack.id), RECORD, at)

        return walk_records(pack, start, head)

    def head(self, pack: int, place: int) -> bytes:
        """Size and CID of the record whose bytes begin at ``place``; short when the pack is."""
        with told():
            try:
                return self._files.read(self._open(pack), RECORD, place - RECORD)
            except FileNotFoundError:
                return b""

    def sizes(self) -> dict[int, int]:
        """The packs that are there, and their sizes in bytes."""
        with told():
            found = [(pack_number(name), size) for name, size in self._files.sizes(self._folder)]
        return {pack: size for pack, size in found if pack is not None}

    def close(self) -> None:
        """Let go of the files."""
        for handle in self._handles.values():
            self._files.close(handle)
        self._handles.clear()

    def _open(self, pack: int) -> int:
        handle = self._handles.get(pack)
        if handle is None:
            if len(self._handles) == _OPEN_FILES:
                self.close()
            handle = self._files.open(pack_path(self._folder, pack))
            self._handles[pack] = handle
        return handle


def remove_quietly(files: Files, path: Path) -> bool:
    """Unlink a file of no more use; False when the disk refuses, which costs only its space."""
    try:
        files.remove(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
