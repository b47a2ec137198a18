"""Files that are about to be: sealed outside of any operation, noted by one.

A new file gets a node secret and an id of its own. A new version of a file
keeps both; its content is sealed under a new generation of the data key, and
chunk labels that it does not need any more go in the same commit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import trio

from client.drive.edit import TreeEdit
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderEdit
from client.drive.header import FileHeader
from client.drive.node import (
    FileNode,
    header_leaf,
    inline_content,
    inline_leaf,
    new_ring,
    open_node,
)
from client.drive.thumbnails.sealed import open_thumbnail, thumbnail_leaf
from client.drive.writer import Content
from client.keys import NodeKeys, new_node_secret
from client.space.reading import Changing
from formats.leaf import Leaf
from formats.limits import INLINE

_WORTH_A_HOP: Final = 32
"""Making more chunk leaves than this goes to a worker thread."""


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a file besides its content. Times in nanoseconds since 1970."""

    modified: int
    created: int
    executable: bool = False
    type: str | None = None


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that is sealed, and staged if it is large, and in no folder yet.

    ``base`` is the version that it follows. ``instead`` is an entry that it
    takes the place of without following it: a link, or a file that is damaged.
    """

    keys: NodeKeys
    header: FileHeader
    leaf: Leaf
    content: Content | None = None
    base: FileNode | None = None
    instead: Entry | None = None
    thumb: Leaf | None = None

    def entry(self, name: str) -> Entry:
        """The entry that names it."""
        header = self.header
        return Entry(
            name,
            Kind.FILE,
            header.modified,
            self.keys.secret,
            header.id,
            header.size,
            header.executable,
            type=header.type,
        )

    def leaves(self) -> Iterator[tuple[bytes, Leaf]]:
        """Every leaf of it."""
        yield self.keys.label, self.leaf
        if self.thumb is not None:
            yield self.keys.thumb_label, self.thumb
        if self.content is not None:
            yield from self.content.leaves(self.keys)


def plan_file(size: int, about: About, base: FileNode | None = None) -> tuple[NodeKeys, FileHeader]:
    """Keys and header for content of ``size`` bytes; a larger file's holes are not known yet."""
    inline = size <= INLINE
    if base is None:
        file_id, ring = new_ring()
        keys, created = NodeKeys(new_node_secret()), about.created
    else:
        file_id, created = base.header.id, base.header.created
        keys, ring = base.keys, base.header.ring.replaced(file_id)
    return keys, FileHeader(
        id=file_id,
        ring=ring,
        size=size,
        created=created,
        modified=about.modified,
        executable=about.executable,
        inline=inline,
        type=about.type,
        extra={} if base is None else base.header.extra,
    )


def small_file(
    content: bytes,
    about: About,
    base: FileNode | None = None,
    instead: Entry | None = None,
    picture: bytes | None = None,
) -> NewFile:
    """A file of at most 64 KiB, sealed. ``picture`` is its thumbnail."""
    keys, header = plan_file(len(content), about, base)
    header, thumb = with_picture(keys, header, picture)
    return NewFile(keys, header, inline_leaf(keys, header, content), None, base, instead, thumb)


def large_file(
    keys: NodeKeys,
    header: FileHeader,
    content: Content,
    base: FileNode | None = None,
    instead: Entry | None = None,
    picture: bytes | None = None,
) -> NewFile:
    """A planned file whose content is staged. ``picture`` is its thumbnail."""
    header, thumb = with_picture(keys, replace(header, holes=content.holes), picture)
    return NewFile(keys, header, header_leaf(keys, header), content, base, instead, thumb)


def with_picture(
    keys: NodeKeys, header: FileHeader, picture: bytes | None
) -> tuple[FileHeader, Leaf | None]:
    """A header that says whether there is a thumbnail, and the thumbnail's leaf."""
    header = replace(header, thumb=picture is not None)
    return header, None if picture is None else thumbnail_leaf(keys, header, picture)


def another_file(new: NewFile) -> NewFile:
    """The same content as a file of its own, that follows nothing: keys and id are fresh.

    Nothing large is sealed anew: the ring has the keys of the segments, as in a copy.
    """
    keys, (file_id, ring) = NodeKeys(new_node_secret()), new_ring()
    picture = None if new.thumb is None else open_thumbnail(new.header, new.thumb)
    if new.content is not None:
        header, thumb = with_picture(keys, replace(new.header, id=file_id), picture)
        every = replace(new.content, unchanged=set())  # under its labels there are no leaves yet
        return NewFile(keys, header, header_leaf(keys, header), every, thumb=thumb)
    content = inline_content(FileNode(new.keys, new.leaf, new.header))
    header, thumb = with_picture(keys, replace(new.header, id=file_id, ring=ring), picture)
    return NewFile(keys, header, inline_leaf(keys, header, content), thumb=thumb)


async def put_file(edit: TreeEdit, folder: FolderEdit, name: str, new: NewFile) -> bool:
    """Note a file in a folder. False, and nothing noted, if its place is not as it was planned.

    That is: somebody else made, changed or took away what has that name. Plan again.
    """
    current = await folder.get(name)
    if not await _fits(edit.changing, current, new, f"{folder.what}/{name}"):
        return False
    await _note(edit.changing, new)
    if new.instead is not None and new.instead.secret is not None:
        edit.changing.delete(new.instead.keys.label)
    entry = new.entry(name)
    if current is not None and current.extra:
        entry = replace(entry, extra=current.extra)
    await folder.put(entry)
    return True


def drop_file(changing: Changing, node: FileNode) -> None:
    """Note that a file is no more: its header leaf, its thumbnail and its chunks go."""
    changing.delete(node.keys.label)
    if node.header.thumb:
        changing.delete(node.keys.thumb_label)
    for chunk in node.header.stored_chunks():
        changing.delete(node.keys.chunk_label(chunk))


async def _fits(changing: Changing, current: Entry | None, new: NewFile, what: str) -> bool:
    """Whether what has the name is what the new file was planned upon."""
    if new.base is None or current is None:
        return new.base is None and current == new.instead
    if current.secret != new.keys.secret:
        return False
    node = await open_node(changing, new.keys, what)
    return node.leaf.header == new.base.leaf.header


async def _note(changing: Changing, new: NewFile) -> None:
    if new.content is not None and len(new.content.cids) > _WORTH_A_HOP:
        leaves = await trio.to_thread.run_sync(list, new.leaves())
    else:
        leaves = list(new.leaves())
    there = set() if new.content is None else new.content.unchanged
    same = {new.keys.chunk_label(chunk) for chunk in there}
    for label, leaf in leaves:
        if label not in same:
            changing.put(label, leaf)
    if new.base is not None:
        kept = {label for label, _ in leaves}
        if new.base.header.thumb and new.thumb is None:
            changing.delete(new.keys.thumb_label)
        for chunk in new.base.header.stored_chunks():
            label = new.keys.chunk_label(chunk)
            if label not in kept:
                changing.delete(label)
