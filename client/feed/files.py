"""Small whole files of the feed within one operation: found, read, written in one leaf each."""

from dataclasses import replace
from typing import Final

from client.drive.edit import TreeEdit
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderEdit
from client.drive.header import FileHeader
from client.drive.node import FileNode, Node, inline_content, inline_leaf, open_node
from client.drive.ring import Ring, new_file_id
from client.keys import new_node_secret
from client.social.store import MILLI
from crypto.secret import Secret
from formats.errors import Damaged, HoldfastError, TooLarge
from formats.limits import INLINE

TYPE: Final = "application/vnd.holdfast.feed"
"""The content type of every file that is written here."""


async def read_file(edit: TreeEdit, folder: FolderEdit, name: str) -> bytes | None:
    """The content of a small file; None if there is none. Raises Damaged, and as reading does."""
    entry = await folder.get(name)
    if entry is None:
        return None
    what = f"{folder.what}/{name}"
    return content_of(await open_node(edit.changing, entry.keys, what), what)


def content_of(node: Node | HoldfastError, what: str) -> bytes:
    """The content of a file that fits into one leaf; raises what is wrong with it, Damaged."""
    if isinstance(node, HoldfastError):
        raise node
    if not isinstance(node, FileNode) or not node.header.inline:
        raise Damaged(f"{what}: not a small file")
    return inline_content(node)


async def write_file(
    edit: TreeEdit,
    folder: FolderEdit,
    name: str,
    content: bytes,
    now: int,
    secret: Secret | None = None,
) -> Entry:
    """Write a file, new or over the one of that name; ``now`` in ms.

    ``secret``: the node secret that it has from now on; else it keeps its own.
    """
    if len(content) > INLINE:
        raise TooLarge(f"{folder.what}/{name}: {len(content)} bytes, at most {INLINE}")
    entry = await folder.get(name)
    if entry is None or entry.kind is not Kind.FILE or entry.id is None:
        entry = _new(name, now * MILLI, secret or new_node_secret())
    elif secret is not None and entry.secret != secret:
        edit.changing.delete(entry.keys.label)
        entry = replace(entry, secret=secret)
    entry = replace(entry, size=len(content), modified=now * MILLI)
    await folder.put(entry)
    id, created = entry.id or b"", entry.created or now * MILLI
    header = FileHeader(id, Ring.new(id), len(content), created, now * MILLI, type=TYPE)
    edit.changing.put(entry.keys.label, inline_leaf(entry.keys, header, content))
    return entry


def _new(name: str, now: int, secret: Secret) -> Entry:
    return Entry(name, Kind.FILE, now, secret, new_file_id(), type=TYPE, created=now)
