"""This machine's journals of one account: begun, found again, let go of.

They are in a folder of the account's own, each under a random name, which is its id.
One process uses the folder at a time (the daemon's lock), so a journal that is not
*live* in this one belongs to nobody any more and can be gone on with.

    up-<id>     an upload:    Upload | {mark} | chunks...
    down-<id>   a download
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

import trio

from client.drive.content import Held
from client.drive.transfers.journal import Journal, read_journal
from client.drive.transfers.underway import (
    MAX_AT_ONCE,
    MAX_MARK,
    Chunks,
    Upload,
    chunks_value,
    read_chunks,
)
from crypto.kdf import derive
from crypto.purposes import KdfPurpose
from crypto.sealing import SealingKey
from crypto.secret import Secret
from formats.dag_cbor import Value
from formats.errors import Malformed
from formats.fields import Fields
from formats.limits import TOKEN

KEPT: Final = 7 * 24 * 60 * 60 * 1000
"""Milliseconds from the last activity until a transfer is forgotten: as long as a home keeps it."""
UP: Final = "up-"
DOWN: Final = "down-"


@dataclass(slots=True)
class Found:
    """An upload in a journal. ``held``: what was staged, and of which state of the source.

    ``touched``: when something was noted last, in milliseconds. ``notes``: how many
    there are of it in the owner's space.
    """

    upload: Upload
    touched: int
    held: dict[int, tuple[Held, bytes]] = field(default_factory=dict)
    notes: int = 0


class Journals:
    """The journals in a folder. ``account``: the account's own key; it never leaves the person."""

    def __init__(self, folder: Path, account: Secret) -> None:
        self._folder: Final = folder
        self.key: Final = SealingKey(derive(account, KdfPurpose.UPLOADS, b"journals"))
        self.live: Final[set[bytes]] = set()
        """Those that are being worked on in this process."""
        self._turns: Final = WeakValueDictionary[str, trio.Lock]()

    def turn(self, place: str) -> trio.Lock:
        """Held by whoever sends to a place in order."""
        return self._turns.setdefault(place, trio.Lock())

    def begin(self, upload: Upload, now: int) -> "UploadJournal":
        """A journal for an upload that begins, or goes on with another state of its source."""
        kept = UploadJournal(Journal.create(self.path(UP, upload.id), upload.id, self.key))
        kept.journal.add({"upload": upload.value, "time": now})
        return kept

    def go_on(self, found: Found) -> "UploadJournal":
        """The journal of an upload that was found."""
        id = found.upload.id
        return UploadJournal(Journal.open(self.path(UP, id), id, self.key)[0])

    def uploads(self) -> Iterator[Found]:
        """Every upload that a journal tells of; live ones are among them."""
        for id in self.ids(UP):
            found = _read(read_journal(self.path(UP, id), id, self.key))
            if found is not None:
                yield found
            elif id not in self.live:
                self.forget(UP, id)  # nobody can make anything of it

    def ids(self, kind: str) -> list[bytes]:
        """The ids of journals of one kind."""
        if not self._folder.is_dir():
            return []
        names = (path.name for path in self._folder.iterdir())
        found = (_id_of(name, kind) for name in names)
        return sorted(id for id in found if id is not None)

    def forget(self, kind: str, id: bytes) -> None:
        """Let go of a journal."""
        self.path(kind, id).unlink(missing_ok=True)

    def path(self, kind: str, id: bytes) -> Path:
        """Where a journal is."""
        return self._folder / f"{kind}{id.hex()}"


class UploadJournal:
    """Notes what becomes of an upload."""

    def __init__(self, journal: Journal) -> None:
        self.journal: Final = journal

    def mark(self, mark: bytes, now: int) -> None:
        """What follows was read from this state of the source."""
        self.journal.add({"mark": mark, "time": now})

    def session(self, session: bytes, now: int) -> None:
        """It is staged in another session from now on."""
        self.journal.add({"session": session, "time": now})

    def staged(self, chunks: Chunks, now: int) -> None:
        """These are durable at the home."""
        for start in range(0, len(chunks), MAX_AT_ONCE):
            some = chunks[start : start + MAX_AT_ONCE]
            self.journal.add({"chunks": chunks_value(some), "time": now})

    def noted(self, notes: int, now: int) -> None:
        """There are so many notes of it in the owner's space."""
        self.journal.add({"notes": notes, "time": now})


def _read(values: Iterable[Value]) -> Found | None:
    """An upload, from its records; None if they do not begin with one."""
    found: Found | None = None
    mark = b""
    try:
        for value in values:
            fields = Fields(value, "journal")
            time = fields.uint("time")
            if found is None:
                found = Found(Upload.read(fields.map_("upload")), time)
            found.touched = time
            mark = fields.optional_bytes("mark", maximum=MAX_MARK) or mark
            found.notes = fields.optional_uint("notes") or found.notes
            session = fields.optional_bytes("session", TOKEN)
            if session is not None:
                found.upload = replace(found.upload, session=session)
            for chunk, held in read_chunks(fields.optional_list("chunks", MAX_AT_ONCE) or []):
                found.held[chunk] = held, mark
    except Malformed:
        return found  # of a newer program: what is before it is good
    return found


def _id_of(name: str, kind: str) -> bytes | None:
    try:
        return bytes.fromhex(name.removeprefix(kind)) if name.startswith(kind) else None
    except ValueError:
        return None
