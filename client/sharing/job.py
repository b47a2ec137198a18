"""The rest of a rotation: what is below, a few hundred nodes at a time, kept in a journal.

    journal = {v, pending: [[folder secret, page prefix]...], done: [file id...], failed: count}

After the commit that took access back, every label below is refused to everybody
but members, and the nodes below still have their old secrets. A step renews the
children of some folder pages, writes the pages, and moves the journal on, all in
one commit: killed anywhere, the next step goes on from what was committed. A
folder whose children are still to come is named in the journal by its *new*
secret, so nothing has to be found again by a path.
"""

from dataclasses import dataclass, replace
from typing import Final

from client.drive.edit import TreeEdit
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderEdit
from client.drive.node import OF_ONE_NODE
from client.drive.ring import FILE_ID
from client.keys import SECRET_SIZE, NodeKeys
from client.sharing.rotate import rotatable, rotate
from crypto.secret import Secret
from formats.dag_cbor import Value, decode, encode
from formats.errors import Malformed
from formats.fields import Fields

STEP: Final = 400
"""Nodes that one step renews, about: a page is never left half done."""
_WHAT: Final = "a folder whose access was taken back"


@dataclass(frozen=True, slots=True)
class Unit:
    """One page of a folder whose children are still to be renewed, and the pages below it."""

    secret: Secret
    prefix: bytes = b""


@dataclass(frozen=True, slots=True)
class Job:
    """What is left. ``done``: ids of nodes renewed ahead; ``failed``: how many were left as is."""

    pending: tuple[Unit, ...]
    done: frozenset[bytes] = frozenset()
    failed: int = 0

    def encode(self) -> bytes:
        """The journal, to be sealed in a file."""
        pending: list[Value] = [[unit.secret.reveal(), unit.prefix] for unit in self.pending]
        done: list[Value] = [*sorted(self.done)]
        return encode({"v": 1, "pending": pending, "done": done, "failed": self.failed})

    @classmethod
    def decode(cls, data: bytes) -> "Job":
        """Read a journal; raises Malformed or UnknownVersion."""
        fields = Fields(decode(data), "journal")
        fields.version()
        pending = tuple(map(_read_unit, fields.list_("pending", 2**20)))
        done = frozenset(_read_id(each) for each in fields.list_("done", 2**20))
        return cls(pending, done, fields.uint("failed"))


async def advance(edit: TreeEdit, job: Job) -> Job:
    """Renew about ``STEP`` nodes within an operation; what is left then. Flush ``edit`` after."""
    renewed = 0
    while job.pending and renewed < STEP:
        unit, rest = job.pending[0], job.pending[1:]
        job, count = await _renew_page(edit, unit, replace(job, pending=rest))
        renewed += count
    return job


async def _renew_page(edit: TreeEdit, unit: Unit, job: Job) -> tuple[Job, int]:
    """Renew the children on one page; a stub's pages are put in its place."""
    try:
        folder = await edit.open(NodeKeys(unit.secret), _WHAT)
        page = await folder.page_at(unit.prefix)
    except OF_ONE_NODE:
        # Deleted since, or lost: there is nothing left here that could be renewed.
        return job, 1
    if page.is_stub:
        below = tuple(Unit(unit.secret, unit.prefix + bytes((nibble,))) for nibble in range(16))
        return replace(job, pending=below + job.pending), 0
    entries = rotatable(each for each in page.all() if isinstance(each, Entry))
    for entry in entries:
        if entry.id not in job.done:
            job = await _renew(edit, folder, entry, job)
    return job, max(1, len(entries))


async def _renew(edit: TreeEdit, folder: FolderEdit, entry: Entry, job: Job) -> Job:
    """One child: a new secret in its folder's page; if it is a folder, its children come later."""
    try:
        rotated = await rotate(edit.changing, entry, f"{folder.what}/{entry.name}")
    except OF_ONE_NODE:
        return replace(job, failed=job.failed + 1)
    await folder.put(rotated.entry)
    if entry.kind is Kind.FOLDER:
        return replace(job, pending=(*job.pending, Unit(rotated.entry.keys.secret)))
    return job


def _read_unit(row: Value) -> Unit:
    if not isinstance(row, list) or len(row) != 2:
        raise Malformed("journal: a row is not [secret, prefix]")
    fields = Fields({"secret": row[0], "prefix": row[1]}, "journal")
    return Unit(Secret(fields.bytes_("secret", SECRET_SIZE)), fields.bytes_("prefix", maximum=64))


def _read_id(value: Value) -> bytes:
    return Fields({"id": value}, "journal").bytes_("id", FILE_ID)
