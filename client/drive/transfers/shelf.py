"""What an upload notes in the owner's space, so that another device can go on with it.

In ``system/uploads`` below the root, as small sealed files like everything there:

    <id>           the upload itself, and when it was noted last
    <id>-<n>       chunks that became durable since the note before

They are written rarely (``uploading.py`` says when), and struck off by the commit that
makes the file visible. A home sees that some small files come, and go together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from client.drive.content import Held
from client.drive.drive import Drive
from client.drive.edit import TreeEdit
from client.drive.entry import Entry
from client.drive.file import About, put_file, small_file
from client.drive.folder import FolderEdit
from client.drive.node import FileNode, inline_content, open_nodes
from client.drive.transfers.underway import (
    MAX_AT_ONCE,
    Chunks,
    Upload,
    chunks_value,
    read_chunks,
)
from client.space.overlay import Overlay
from client.space.reading import Changing, Reading
from formats.dag_cbor import Value, decode, encode
from formats.errors import Malformed, NotFound
from formats.fields import Fields

UPLOADS: Final = ("system", "uploads")
"""Where, below the root of a space."""
_NAME: Final = "{}-{:06d}"


@dataclass(slots=True)
class Noted:
    """An upload as the space knows it. ``touched``: milliseconds of its newest note."""

    upload: Upload
    touched: int
    held: dict[int, Held] = field(default_factory=dict)
    notes: int = 0


async def note(drive: Drive, upload: Upload, number: int, chunks: Chunks) -> None:
    """Note that these chunks are durable, as the ``number``-th note of an upload."""
    about = {"upload": upload.value, "time": drive.now()}

    async def operation(changing: Changing) -> None:
        edit = TreeEdit(changing, drive.root)
        folder = await _made(drive, edit)
        await _put(drive, edit, folder, upload.id.hex(), about)
        name = _NAME.format(upload.id.hex(), number)
        await _put(drive, edit, folder, name, {"chunks": chunks_value(chunks)})
        await edit.flush()

    await drive.space.commit(operation)


async def noted(drive: Drive) -> list[Noted]:
    """Every upload that is noted, of whatever device. What cannot be read is passed over."""
    reading = await drive.space.reading()
    folder = await _there(TreeEdit(Overlay(reading), drive.root))
    if folder is None:
        return []
    entries = {entry.name: entry for entry in (await folder.listing()).entries}
    values = await _read(reading, list(entries.values()))
    found = (_noted(name, values) for name in sorted(entries) if "-" not in name)
    return [each for each in found if each is not None]


async def strike(edit: TreeEdit, id: bytes) -> bool:
    """Take away every note of an upload, within an operation; False if there was none."""
    folder = await _there(edit)
    if folder is None:
        return False
    entries = (await folder.listing()).entries
    gone = [entry for entry in entries if entry.name.split("-")[0] == id.hex()]
    for entry in gone:
        edit.changing.delete(entry.keys.label)
        await folder.remove(entry.name)
    return bool(gone)


async def forget(drive: Drive, id: bytes) -> bool:
    """Take away every note of an upload; False if there was none."""

    async def operation(changing: Changing) -> bool:
        edit = TreeEdit(changing, drive.root)
        done = await strike(edit, id)
        await edit.flush()
        return done

    return await drive.space.commit(operation)


async def _there(edit: TreeEdit) -> FolderEdit | None:
    try:
        return await edit.hidden_folder(UPLOADS)
    except NotFound:
        return None


async def _made(drive: Drive, edit: TreeEdit) -> FolderEdit:
    """The folder of notes; made if it is not there."""
    return await edit.way(await edit.hidden_folder(()), UPLOADS, drive.now_ns())


async def _put(drive: Drive, edit: TreeEdit, folder: FolderEdit, name: str, value: Value) -> None:
    """A small file in place of whatever has that name."""
    now = drive.now_ns()
    there = await folder.get(name)
    await put_file(edit, folder, name, small_file(encode(value), About(now, now), None, there))


async def _read(reading: Reading, entries: Sequence[Entry]) -> dict[str, Value]:
    nodes = await open_nodes(reading, [(entry.keys, entry.name) for entry in entries])
    values: dict[str, Value] = {}
    for entry, node in zip(entries, nodes, strict=True):
        if isinstance(node, FileNode) and node.header.inline:
            try:
                values[entry.name] = decode(inline_content(node))
            except Malformed:
                continue  # of a newer program; whoever wrote it can read it
    return values


def _noted(name: str, values: dict[str, Value]) -> Noted | None:
    try:
        fields = Fields(values.get(name), "upload")
        found = Noted(Upload.read(fields.map_("upload")), fields.uint("time"))
        for other, value in _notes(name, values):
            rows = Fields(value, "upload").list_("chunks", MAX_AT_ONCE)
            found.held.update(read_chunks(rows))
            found.notes = max(found.notes, int(other.split("-")[1]))
    except (Malformed, ValueError):
        return None
    return found


def _notes(name: str, values: dict[str, Value]) -> Iterable[tuple[str, Value]]:
    return ((other, value) for other, value in values.items() if other.startswith(f"{name}-"))
