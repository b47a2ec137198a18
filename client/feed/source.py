"""What one person posts and shares, read in three questions at most.

    1   their folder of shares, with the newest state of their space
    2   the folders of the circles that I am in, all at once
    3   every channel and its list of the newest, all at once

A fourth is asked where keys were replaced and the author has not posted since. Nothing that is
read is trusted: what is beyond limits is left out and told of, and hides nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from client.capability import Capability
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderView, entries_of
from client.drive.node import (
    OF_ONE_NODE,
    Node,
    as_folder,
    leaves_apart,
    open_folder,
    open_node,
    opened,
)
from client.feed.channels import FOLDER, MAX_CHANNELS, NEWEST, PREFIX, newest_secret
from client.feed.files import content_of
from client.feed.index import Index
from client.keys import NodeKeys
from client.session import HOME, Session
from client.sharing.theirs import TheirShares
from client.social.contacts import Contact
from client.space.reading import Reading
from formats.errors import HoldfastError, Malformed, Withheld

NOT_FEED: Final = (".feed.", ".profile.")
"""How names of shares begin that are shown elsewhere."""
MAX_SHARES: Final = 1024
"""Things one person shares that are shown in the feed."""


@dataclass(slots=True)
class ChannelView:
    """One channel as it can be read. ``path``: where it is for me."""

    path: str
    keys: NodeKeys
    reading: Reading
    index: Index
    _view: FolderView | None = field(default=None, repr=False)

    async def folder(self) -> FolderView:
        """Its folder."""
        if self._view is None:
            node = await open_folder(self.reading, self.keys, self.path)
            self._view = FolderView(self.reading, node, self.path)
        return self._view


@dataclass(slots=True)
class Source:
    """What one person posts and shares. ``known`` is None for oneself."""

    id: bytes
    name: str
    known: Contact | None = None
    channels: list[ChannelView] = field(default_factory=list)
    shares: list[Entry] = field(default_factory=list)
    problems: list[HoldfastError] = field(default_factory=list)


async def read_person(session: Session, known: Contact) -> Source:
    """What a contact posts and shares with me; raises as ``TheirShares.open``."""
    reading, keys = await TheirShares(session).open_of(known)
    top = Capability(known.id, reading.space, keys.secret)
    listing = await entries_of(reading, top, f"/{known.name}")
    source = Source(known.id, known.name, known, problems=listing.problems)
    await _take(source, reading, listing.entries, f"/{known.name}/")
    source.shares = [each for each in listing.entries if not each.name.startswith(NOT_FEED)]
    source.shares = source.shares[:MAX_SHARES]
    return source


async def read_own(session: Session) -> Source:
    """What I post myself."""
    reading = await session.space.reading()
    source = Source(session.id, session.name)
    keys: NodeKeys = session.root.keys
    for part in (HOME, FOLDER):
        what = f"/{session.name}"
        entry = await FolderView(reading, await open_folder(reading, keys, what), what).get(part)
        if entry is None:
            return source
        keys = entry.keys
    listing = await entries_of(reading, Capability(session.id, reading.space, keys.secret), FOLDER)
    source.problems = listing.problems
    await _take(source, reading, listing.entries, f"/{session.name}/{FOLDER}/", "")
    return source


async def _take(
    source: Source, reading: Reading, entries: Sequence[Entry], above: str, prefix: str = PREFIX
) -> None:
    """Every channel among these, with its list of the newest."""
    named = [each for each in entries if each.kind is Kind.FOLDER and each.name.startswith(prefix)]
    some = named[:MAX_CHANNELS]
    guessed = [NodeKeys(newest_secret(each.keys.secret)) for each in some]
    refs = [each.keys.ref() for each in some] + [keys.ref() for keys in guessed]
    leaves = await leaves_apart(reading, refs) if refs else {}
    for entry, keys in zip(some, guessed, strict=True):
        path = above + entry.name
        folder = opened(reading, entry.keys, leaves[entry.keys.label], path)
        newest = opened(reading, keys, leaves[keys.label], f"{path}/{NEWEST}")
        try:
            view = FolderView(reading, as_folder(folder, path), path)
            index = Index.decode(content_of(await _newest(reading, view, newest), path))
        except OF_ONE_NODE as error:
            source.problems.append(error)
            continue
        if index.bad:
            source.problems.append(Malformed(f"{path}: {index.bad} posts that cannot be read"))
        source.channels.append(ChannelView(path, entry.keys, reading, index, view))


async def _newest(
    reading: Reading, view: FolderView, guessed: Node | HoldfastError
) -> Node | HoldfastError:
    """The list of the newest: where it should be, else where the folder says it is."""
    if not isinstance(guessed, HoldfastError):
        return guessed
    entry = await view.get(NEWEST)
    if entry is None or entry.kind is not Kind.FILE:
        return Withheld(f"{view.what}/{NEWEST}: it should be there and was not handed over")
    return await open_node(reading, entry.keys, f"{view.what}/{NEWEST}")
