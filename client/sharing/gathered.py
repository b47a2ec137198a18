"""What somebody shares with me, as one folder: from their folder of shares and their circles'.

I am not told which circles I am in, or how many. Where some circle's folder is in my folder of
shares, all that is shared is put together here, in memory, as a folder of the same reading: what
walks and reads folders needs to know nothing of circles.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from client.drive.entry import Entry, Kind
from client.drive.folder import FolderEdit, FolderView
from client.drive.header import FolderHeader, seal_header
from client.drive.node import FolderNode, lock_of, open_folder, open_nodes
from client.drive.page import Page, seal_page
from client.keys import NodeKeys
from client.sharing.circles.keys import is_circle
from client.sharing.permit import WRITE, is_key
from client.space.overlay import Overlay
from client.space.reading import Reading
from crypto.kdf import derive
from crypto.purposes import KdfPurpose
from formats.errors import HoldfastError
from formats.leaf import Leaf
from formats.limits import NAME

MAX_CIRCLES: Final = 256
"""Circles of one person that are looked into; a hostile one names no more."""
_TAIL: Final = 4
"""Hex digits that tell apart two shares of one name."""


@dataclass(slots=True)
class Gathered:
    """Everything that somebody shares. ``merged``: some of it came through circles."""

    folder: FolderNode
    entries: list[Entry] = field(default_factory=list)
    problems: list[HoldfastError] = field(default_factory=list)
    merged: bool = False


async def gather(reading: Reading, keys: NodeKeys, what: str) -> Gathered:
    """Look through a folder of shares and the circles in it: one bulk read for those.

    A circle within a circle's folder is none: only its owner can have put it there, and no
    client does.
    """
    view = FolderView(reading, await open_folder(reading, keys, what), what)
    listing = await view.listing()
    found = Gathered(view.node, problems=listing.problems)
    marked = [each for each in listing.entries if is_circle(each)][:MAX_CIRCLES]
    permits = {(each.space, each.id): each for each in listing.entries if is_key(each)}
    if not marked and not permits:
        found.entries = listing.entries
        return found
    found.merged = True
    plain = [each for each in listing.entries if not is_circle(each) and not is_key(each)]
    through = await _through(reading, marked, what, found.problems)
    found.entries = [_permitted(each, permits) for each in _named([*plain, *through])]
    return found


async def as_folder(reading: Reading, gathered: Gathered, what: str) -> tuple[Reading, NodeKeys]:
    """The same reading with a folder of all that was gathered, and the keys of that folder.

    The keys are the same each time, so a newer reading may go on where an older one ended.
    """
    log = gathered.folder
    keys = NodeKeys(derive(log.keys.secret, KdfPurpose.LOG))
    header = FolderHeader.new(log.header.id, log.header.created, log.header.names)
    body = seal_page(header, b"", Page().encode())
    leaf = Leaf(lock_of(keys, keys.label), seal_header(keys, header), body)
    overlay = Overlay(reading)
    overlay.put(keys.label, leaf)
    edit = FolderEdit(overlay, FolderNode(keys, leaf, header), what)
    await edit.put(*gathered.entries)
    await edit.flush()
    return overlay, keys


async def _through(
    reading: Reading, marked: Sequence[Entry], what: str, problems: list[HoldfastError]
) -> list[Entry]:
    """What is in these circles' folders; one that cannot be read stands for itself."""
    nodes = await open_nodes(reading, [(each.keys, what) for each in marked])
    found: list[Entry] = []
    for circle, node in zip(marked, nodes, strict=True):
        if isinstance(node, FolderNode):
            listing = await FolderView(reading, node, what).listing()
            problems += listing.problems
            found += [each for each in listing.entries if not is_circle(each)]
        else:
            found.append(replace(circle, name=f"withheld-{circle.name[:8]}", extra={}))
            if isinstance(node, HoldfastError):
                problems.append(node)
    return found


def _permitted(entry: Entry, permits: Mapping[tuple[bytes | None, bytes | None], Entry]) -> Entry:
    """A mount with what is needed to write there, if that came by itself."""
    permit = permits.get((entry.space, entry.id))
    if permit is None or entry.kind is not Kind.MOUNT or WRITE in entry.extra:
        return entry
    return replace(entry, extra={**entry.extra, WRITE: permit.extra.get(WRITE)})


def _named(entries: Iterable[Entry]) -> list[Entry]:
    """Each thing once, and no two of one name: the first keeps it, others say which they are."""
    ids: set[bytes | None] = set()
    by_name: dict[str, Entry] = {}
    for each in entries:
        if each.id is not None and each.id in ids:
            continue
        ids.add(each.id)
        name = each.name if each.name not in by_name else _apart(each)
        by_name.setdefault(name, replace(each, name=name))
    return list(by_name.values())


def _apart(entry: Entry) -> str:
    tail = f" ({(entry.id or b'').hex()[:_TAIL]})"
    room = NAME - len(tail.encode())
    return entry.name.encode()[:room].decode(errors="ignore") + tail
