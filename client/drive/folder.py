"""Folders: finding, listing and changing names, a page at a time.

Finding a name reads one page (and the stubs above it, all asked for at once);
listing reads level by level, one bulk read each. ``FolderEdit`` changes pages
within one operation and seals each changed page once, at the end: a page that
would pass 16 KiB is split then.
"""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import trio

from client.capability import Capability
from client.drive.entry import Entry, Quarantined, is_placeholder
from client.drive.node import (
    OF_ONE_NODE,
    FolderNode,
    as_folder,
    leaves_apart,
    lock_of,
    missing,
    new_folder,
    of_path,
    open_folder,
    opened,
)
from client.drive.page import MAX_CONTENT, Page, open_page, seal_page
from client.drive.places import NIBBLES
from client.keys import NodeKeys
from client.space.reading import Changing, Reading
from crypto.secret import Secret
from formats.errors import Damaged, HoldfastError
from formats.leaf import Leaf

AHEAD: Final = 2
"""Levels asked for at once below a stub where no hint says how many there are."""
_MANY: Final = 512
"""Pages read at once of a large folder that is gone through."""
_PAUSE: Final = 32
"""Pages opened before others get a turn."""


@dataclass(slots=True)
class Listing:
    """What is in a folder, by name; what could not be shown; pages that could not be read."""

    entries: list[Entry] = field(default_factory=list)
    bad: list[Quarantined] = field(default_factory=list)
    problems: list[HoldfastError] = field(default_factory=list)

    def add(self, page: Page) -> None:
        """Take in everything on a page."""
        for entry in page.all():
            if isinstance(entry, Entry):
                self.entries.append(entry)
            else:
                self.bad.append(entry)


class FolderView:
    """One folder of a reading. ``what`` is its path, for errors."""

    def __init__(
        self,
        reading: Reading,
        node: FolderNode,
        what: str,
        ahead: Mapping[bytes, Leaf | HoldfastError | None] | None = None,
    ) -> None:
        self.node: Final = node
        self.what = what
        self.names: Final = node.header.places
        self._reading: Final = reading
        self._pages: Final[dict[bytes, Page]] = {}
        self._ahead: Final = dict(ahead or {})  # leaves that were read already, by label
        self._deepest = 0

    async def get(self, name: str, depth: int = 0) -> Entry | None:
        """The entry of that name, or None; Damaged if it is there and cannot be shown."""
        entry = (await self.page_of(name, depth)).get(name)
        if isinstance(entry, Quarantined):
            raise Damaged(f"{self.what}/{name}: {entry.reason}")
        return entry

    async def page_of(self, name: str, depth: int = 0) -> Page:
        """The page on which the name is, or would be. ``depth``: a hint how deep that is."""
        place = self.names.place(name)
        page = await self._page(b"", b"")
        while page.is_stub:
            prefix = place[: len(page.prefix) + 1]
            page = await self._page(prefix, place[: max(depth, len(prefix) - 1 + AHEAD)])
        return page

    async def reach(self, names: Iterable[str]) -> None:
        """Read the pages of all these names, one bulk read for each level."""
        places = [self.names.place(name) for name in names]
        level: set[bytes] = {b""} if len(places) > 1 else set()
        while level:
            problems: list[HoldfastError] = []
            stubs = {page.prefix for page in await self._load(sorted(level), problems)}
            stubs = {prefix for prefix in stubs if self._pages[prefix].is_stub}
            depth = len(next(iter(level)))
            level = {place[: depth + 1] for place in places if place[:depth] in stubs}

    async def listing(self) -> Listing:
        """Everything in the folder, sorted by name. One bulk read for each level of pages."""
        listing = Listing()
        for page in await self.pages(listing.problems):
            if not page.is_stub:
                listing.add(page)
        listing.entries.sort(key=lambda entry: entry.name)
        listing.bad.sort(key=lambda bad: bad.name)
        return listing

    async def page_at(self, prefix: bytes) -> Page:
        """The page with this prefix; raises Withheld where there is none."""
        return await self._page(prefix, b"")

    async def pages(self, problems: list[HoldfastError]) -> list[Page]:
        """Every page that can be read, stubs too, the root page first, level by level."""
        found: list[Page] = []
        level = [b""]
        while level:
            pages = await self._load(level, problems)
            found += pages
            level = [child for page in pages if page.is_stub for child in children(page)]
            await trio.lowlevel.checkpoint()
        return found

    async def labels(self, problems: list[HoldfastError]) -> list[bytes]:
        """The labels of all pages but the root page, which is in the header leaf."""
        stubs = [page for page in await self.pages(problems) if page.is_stub]
        return [self.node.keys.page_label(child) for page in stubs for child in children(page)]

    @property
    def depth(self) -> int:
        """The deepest level seen so far: a hint for whoever comes next."""
        return max(map(len, self._pages), default=self._deepest)

    async def batches(
        self, problems: list[HoldfastError], first: int = NIBBLES
    ) -> AsyncGenerator[list[Page], None]:
        """Every page that can be read and has entries, once, a few soon and the rest by hundreds.

        In the order of places, which is none to people. Pages are not kept: a folder of any
        size is gone through in bounded memory. Close it (``aclosing``) if it may be left early.
        """
        waiting, size = [b""], first
        while waiting:
            taken, waiting = waiting[:size], waiting[size:]
            pages = await self._load(taken, problems)
            stubs = [page for page in pages if page.is_stub]
            waiting = [child for stub in stubs for child in children(stub)] + waiting
            if len(stubs) < len(pages):
                yield [page for page in pages if not page.is_stub]
                size = min(4 * size, _MANY)
            self._forget(taken)

    def _forget(self, prefixes: Iterable[bytes]) -> None:
        self._deepest = max(self._deepest, self.depth)
        for prefix in prefixes:
            self._pages.pop(prefix, None)

    async def _page(self, prefix: bytes, ahead: bytes) -> Page:
        """One page; those on the way to ``ahead`` come along in the same request."""
        if prefix not in self._pages:
            prefixes = [ahead[:end] for end in range(len(prefix), len(ahead) + 1)] or [prefix]
            problems: list[HoldfastError] = []
            await self._load(prefixes, problems)
            if prefix not in self._pages:
                raise problems[0]
        return self._pages[prefix]

    async def _load(self, prefixes: Sequence[bytes], problems: list[HoldfastError]) -> list[Page]:
        """Those of these pages that can be read; what is wrong with the others is noted."""
        await self._fetch([prefix for prefix in prefixes if prefix not in self._pages], problems)
        return [self._pages[prefix] for prefix in prefixes if prefix in self._pages]

    async def _fetch(self, prefixes: Sequence[bytes], problems: list[HoldfastError]) -> None:
        keys = self.node.keys
        labels = {prefix: keys.page_label(prefix) for prefix in prefixes if prefix}
        leaves: dict[bytes, Leaf | HoldfastError | None] = {keys.label: self.node.leaf}
        for label in self._ahead.keys() & labels.values():
            leaves[label] = self._ahead.pop(label)
        refs = [keys.ref(label) for label in labels.values() if label not in leaves]
        if refs:
            leaves |= await leaves_apart(self._reading, refs)
        for at, prefix in enumerate(prefixes):
            try:
                self._open(prefix, leaves[labels.get(prefix, keys.label)])
            except OF_ONE_NODE as error:
                problems.append(error)
            if at % _PAUSE == _PAUSE - 1:
                await trio.lowlevel.checkpoint()

    def _open(self, prefix: bytes, leaf: Leaf | HoldfastError | None) -> None:
        if isinstance(leaf, HoldfastError):
            raise of_path(leaf, self.what)
        if leaf is None:
            raise missing(self.what)
        if leaf.body is None:
            raise Damaged(f"{self.what}: a page of it has no body")
        try:
            self._pages[prefix] = self._open_page(prefix, leaf.body)
        except OF_ONE_NODE as error:
            raise of_path(error, self.what) from error

    def _open_page(self, prefix: bytes, body: bytes) -> Page:
        known = self._reading.opened.get(self._key(prefix, body))
        if isinstance(known, Page):
            return known.copy()
        page = open_page(self.node.header, self.names, prefix, body)
        self._keep(page, body)
        return page

    def _keep(self, page: Page, body: bytes) -> None:
        self._reading.opened.put(self._key(page.prefix, body), page.copy())

    def _key(self, prefix: bytes, body: bytes) -> tuple[bytes, ...]:
        """What a page that was opened is kept under: all that opening it depends on."""
        return self.node.keys.label, self.node.leaf.header or b"", prefix, body


class FolderEdit(FolderView):
    """A folder whose entries are being changed within one operation."""

    def __init__(self, changing: Changing, node: FolderNode, what: str) -> None:
        super().__init__(changing, node, what)
        self._changing: Final = changing
        self._dirty: Final[set[bytes]] = set()

    async def put(self, *entries: Entry) -> None:
        """Add entries, or replace those that have their names."""
        await self.reach([entry.name for entry in entries])
        for entry in entries:
            page = await self.page_of(entry.name)
            page.put(entry)
            self._dirty.add(page.prefix)

    async def remove(self, *names: str) -> int:
        """Take entries or placeholders away; how many there were.

        Who removes a placeholder may have to look through all pages.
        """
        await self.reach(names)
        removed = 0
        for name in names:
            page: Page | None = await self.page_of(name)
            if page is not None and page.get(name) is None:
                page = await self._page_with(name) if is_placeholder(name) else None
            if page is not None:
                page.remove(name)
                self._dirty.add(page.prefix)
                removed += 1
        return removed

    async def flush(self) -> None:
        """Seal what was changed, and note it: in a worker thread where it takes long."""
        if len(self._dirty) > _PAUSE:
            await trio.to_thread.run_sync(self._flush_all)
        else:
            self._flush_all()

    def _flush_all(self) -> None:
        for prefix in sorted(self._dirty):
            self._flush(self._pages[prefix])
        self._dirty.clear()

    async def _page_with(self, placeholder: str) -> Page | None:
        await self.listing()
        pages = (page for page in self._pages.values() if page.get(placeholder) is not None)
        return next(pages, None)

    def _flush(self, page: Page) -> None:
        content = page.encode()
        if len(content) > MAX_CONTENT:
            for child in page.split(self.names):
                self._pages[child.prefix] = child
                self._flush(child)
            content = page.encode()
        body = seal_page(self.node.header, page.prefix, content)
        self._note(page.prefix, body)
        self._keep(page, body)  # the next change will find it open

    def _note(self, prefix: bytes, body: bytes) -> None:
        keys = self.node.keys
        label = keys.page_label(prefix) if prefix else keys.label
        header = None if prefix else self.node.leaf.header
        self._changing.put(label, Leaf(lock_of(keys, label), header, body))


def children(page: Page) -> Iterable[bytes]:
    """The prefixes of the pages that a stub names."""
    return [page.prefix + bytes((nibble,)) for nibble in range(NIBBLES)]


async def open_ahead(reading: Reading, keys: NodeKeys, what: str) -> FolderView:
    """A folder that is said to have more pages than one: the first level comes along at once.

    It may have none all the same: then nothing but the question was in vain.
    """
    labels = [keys.page_label(bytes((nibble,))) for nibble in range(NIBBLES)]
    leaves = await leaves_apart(reading, [keys.ref(), *map(keys.ref, labels)])
    node = as_folder(opened(reading, keys, leaves.pop(keys.label), what), what)
    there = {label: leaf for label, leaf in leaves.items() if isinstance(leaf, Leaf)}
    return FolderView(reading, node, what, there)


async def create_folder(changing: Changing, secret: Secret, created: int) -> Entry:
    """Note an empty folder with this node secret; the entry that names it, name still to come.

    ``created`` is in nanoseconds since 1970.
    """
    made = new_folder(created, secret)
    changing.put(made.keys.label, made.leaf)
    return made.entry("", created)


async def insert(changing: Changing, folder: Capability, *entries: Entry) -> None:
    """Add entries to one folder, or replace those of their names, and note the pages.

    For single changes; ``client.drive.edit`` is for many.
    """
    edit = FolderEdit(changing, await open_folder(changing, folder.keys, _SOME), _SOME)
    await edit.put(*entries)
    await edit.flush()


async def remove(changing: Changing, folder: Capability, *names: str) -> None:
    """Take names out of one folder and note the pages. What they named stays where it is."""
    edit = FolderEdit(changing, await open_folder(changing, folder.keys, _SOME), _SOME)
    await edit.remove(*names)
    await edit.flush()


async def find(reading: Reading, folder: Capability, name: str, what: str = "") -> Entry | None:
    """The entry of that name in one folder, or None. ``what``: the folder's path, for errors."""
    node = await open_folder(reading, folder.keys, what or _SOME)
    return await FolderView(reading, node, what or _SOME).get(name)


async def entries_of(reading: Reading, folder: Capability, what: str = "") -> Listing:
    """Everything in one folder."""
    node = await open_folder(reading, folder.keys, what or _SOME)
    return await FolderView(reading, node, what or _SOME).listing()


_SOME: Final = "a folder"
