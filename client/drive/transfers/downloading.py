"""One large download that goes on: which chunks are in its temporary file already.

A chunk is noted after it was written, and what a process wrote is in the file even if
the process is killed; only a crash of the machine can lose it. So notes count as long
as the machine was not started again, which its boot id tells; where there is none, or
it is another, a get begins again. The file itself must be the very one (device, inode,
size), and the header in the drive the same to the byte.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from client.drive.transfers.journal import Journal, read_journal
from client.drive.transfers.journals import DOWN, Journals
from crypto.hashing import sha256
from crypto.secret import random_bytes
from formats.dag_cbor import Value
from formats.errors import Malformed
from formats.fields import MAX_UINT, Fields
from formats.limits import FILE, MIB

LARGE: Final = 16 * MIB
"""Files larger than this are gone on with; fetching others again costs less."""
TOGETHER: Final = 2
"""Chunks that one note tells of."""
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_ID: Final = 16
_MAX_PATH: Final = 16 * 1024
_MAX_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class Download:
    """A file on its way to ``target`` on this machine; it is in ``part`` beside that until then.

    ``header``: hash of the sealed header; ``which``: device and inode of the part.
    """

    id: bytes
    path: str
    target: str
    part: str
    header: bytes
    size: int
    began: int
    boot: str
    which: tuple[int, int]

    @property
    def at(self) -> str:
        """Where the part is."""
        return os.path.join(os.path.dirname(self.target), self.part)

    @property
    def value(self) -> Value:
        """As it is sealed."""
        return {
            "id": self.id,
            "path": self.path,
            "target": os.fsencode(self.target),
            "part": self.part,
            "header": self.header,
            "size": self.size,
            "began": self.began,
            "boot": self.boot,
            "device": self.which[0],
            "inode": self.which[1],
        }

    @classmethod
    def read(cls, value: Value) -> "Download":
        """What was sealed; raises Malformed."""
        fields = Fields(value, "download")
        download = cls(
            fields.bytes_("id", _ID),
            fields.text("path", _MAX_PATH),
            os.fsdecode(fields.bytes_("target", maximum=_MAX_PATH)),
            fields.text("part", _MAX_NAME),
            fields.bytes_("header", 32),
            fields.uint("size", FILE),
            fields.uint("began"),
            fields.text("boot", 64),
            (fields.uint("device"), fields.uint("inode")),
        )
        fields.done()
        return download

    def is_there(self) -> bool:
        """Whether its part is still the file that was begun."""
        try:
            found = os.lstat(self.at)
        except OSError:
            return False
        which = found.st_dev, found.st_ino
        return stat.S_ISREG(found.st_mode) and (*which, found.st_size) == (*self.which, self.size)


@dataclass(slots=True)
class Noted:
    """A download in a journal, and the chunks that are in its part."""

    download: Download
    touched: int
    chunks: set[int] = field(default_factory=set)


class Downloading:
    """Notes which chunks are written. Made by ``Downloads``; ended by its ``leave``."""

    def __init__(self, download: Download, journal: Journal, there: set[int]) -> None:
        self.download: Final = download
        self.journal: Final = journal
        self.there: Final = there
        """Chunks that need not be fetched."""
        self._fresh: list[Value] = []

    def wrote(self, chunk: int, now: int) -> None:
        """This chunk is in the file."""
        self._fresh.append(chunk)
        if len(self._fresh) >= TOGETHER:
            self.journal.add({"chunks": self._fresh, "time": now})
            self._fresh = []


class Downloads:
    """The downloads of this machine."""

    def __init__(self, journals: Journals) -> None:
        self._journals: Final = journals
        self._boot: Final = _boot_id()

    def find(self, target: str, header: bytes) -> Downloading | None:
        """What was begun of a file for this place; of an older state of it, the part goes."""
        for noted in self.all():
            download = noted.download
            if download.target != target or download.id in self._journals.live:
                continue
            if not self._boot or download.boot != self._boot or download.header != sha256(header):
                self.forget(download)
            elif download.is_there():
                self._journals.live.add(download.id)
                path = self._journals.path(DOWN, download.id)
                journal, _ = Journal.open(path, download.id, self._journals.key)
                return Downloading(download, journal, noted.chunks)
            else:
                self.forget(download)
        return None

    def begin(
        self, path: str, target: str, part: str, fd: int, header: bytes, now: int
    ) -> Downloading | None:
        """Note a download that begins; None where it could not be gone on with anyway."""
        if not self._boot:
            return None
        found = os.fstat(fd)
        id, which = random_bytes(_ID), (found.st_dev, found.st_ino)
        what = id, path, target, part, sha256(header), found.st_size, now, self._boot, which
        if max(which) > MAX_UINT:
            return None
        download = Download(*what)
        journal = Journal.create(self._journals.path(DOWN, id), id, self._journals.key)
        journal.add({"download": download.value, "time": now})
        self._journals.live.add(id)
        return Downloading(download, journal, set())

    def leave(self, going: Downloading, finished: bool) -> None:
        """Another get may go on with it; or there is nothing left of it to go on with."""
        going.journal.close()
        self._journals.live.discard(going.download.id)
        if finished:
            self._journals.forget(DOWN, going.download.id)

    def forget(self, download: Download) -> None:
        """Let go of a download and of its part, if that is still there."""
        if download.is_there():
            os.unlink(download.at)
        self._journals.forget(DOWN, download.id)

    def all(self) -> Iterator[Noted]:
        """Every download that a journal tells of."""
        for id in self._journals.ids(DOWN):
            noted = _read(read_journal(self._journals.path(DOWN, id), id, self._journals.key))
            if noted is not None:
                yield noted
            elif id not in self._journals.live:
                self._journals.forget(DOWN, id)


def _read(values: list[Value]) -> Noted | None:
    noted: Noted | None = None
    try:
        for value in values:
            fields = Fields(value, "journal")
            time = fields.uint("time")
            if noted is None:
                noted = Noted(Download.read(fields.map_("download")), time)
                continue
            noted.touched = time
            chunks = fields.list_("chunks", TOGETHER)
            noted.chunks.update(each for each in chunks if isinstance(each, int))
    except Malformed:
        return noted  # of a newer program: what is before it is good
    return noted


def _boot_id() -> str:
    """Which start of this machine it is; empty where the system does not say."""
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return ""
