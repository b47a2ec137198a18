"""Taking a tree of things into the own home: sealed in batches, committed in order.

Where things come from is an ``Origin``: a local disk (``local.py``) or
somebody's drive (``copy.py``). While one batch is being committed the next is
sealed. Small files travel inside the commit itself; larger ones are staged
before. Each commit holds whole files only, so what is visible is never half.

If what a file was planned upon has changed meanwhile, it is planned again. One
thing that cannot be done is told and spares the rest.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Final, Protocol, TypeAlias

import trio

from client.drive.drive import HOME, Drive
from client.drive.edit import TreeEdit
from client.drive.entry import Entry, Kind
from client.drive.events import LeftOut, Told
from client.drive.file import About, NewFile, large_file, plan_file, put_file, small_file
from client.drive.folder import FolderEdit, FolderView
from client.drive.node import OF_ONE_NODE, FileNode, NewFolder, new_folder, open_nodes
from client.drive.paths import DrivePath
from client.drive.resolve import Found, descend, resolve
from client.drive.tasks import together
from client.drive.writer import Buffers, ContentWriter, Source, content_writer
from client.space.reading import Changing
from crypto.secret import Secret
from formats.errors import Conflict, Exists, HoldfastError, IsAFolder, NotAFolder, NotFound
from formats.limits import INLINE, KIB, MIB

MAX_ITEMS: Final = 2048
"""Things in one commit."""
MAX_INLINE: Final = 6 * MIB
"""Content of small files in one commit: with the rest of it, below what goes inline."""
MAX_STAGED: Final = 64 * MIB
"""Content of larger files in one commit; a file that is larger has one to itself."""
ATTEMPTS: Final = 16
"""How often a file is planned before it is given up because others keep changing it.

Of those who meet one always gets through, so this many would have to, in a row."""
READS: Final = 2
"""How often a larger file that changes while it is read is read."""
_BATCHES: Final = 2
_FILES: Final = 4
_NOT_WORTH_A_HOP: Final = 2
_GROUP: Final = 64
_GROUP_BYTES: Final = MIB


@dataclass(frozen=True, slots=True)
class Item:
    """Something to take in. ``source`` names it in messages; ``parts`` is the folder it goes to."""

    source: str
    parts: tuple[str, ...]
    name: str
    modified: int

    @property
    def place(self) -> tuple[str, ...]:
        """Its path in the home."""
        return (*self.parts, self.name)


@dataclass(frozen=True, slots=True)
class FolderItem(Item):
    """A folder; what is in it are items of their own, after it.

    ``names``: the key of its names' places, if it has to be made. An origin that
    gives things in the order of their places has each page written once or twice,
    where a batch of names in any other order would touch all pages.
    """

    names: Secret | None = None


@dataclass(frozen=True, slots=True)
class LinkItem(Item):
    """A symbolic link."""

    target: str


@dataclass(frozen=True, slots=True)
class FileItem(Item):
    """A file of about ``size`` bytes; the origin knows what ``handle`` is."""

    size: int
    handle: object


@dataclass(frozen=True, slots=True)
class Loaded:
    """A small file's content."""

    content: bytes
    about: About


Small: TypeAlias = "Loaded | NewFile | HoldfastError | None"


@dataclass(slots=True)
class Bases:
    """What is there now: the files that will get a new version, and entries to be replaced."""

    nodes: dict[tuple[str, ...], FileNode] = field(default_factory=dict)
    entries: dict[tuple[str, ...], Entry] = field(default_factory=dict)


class Large(Protocol):
    """A file that is open to be read chunk by chunk."""

    @property
    def size(self) -> int: ...
    @property
    def about(self) -> About: ...
    @property
    def source(self) -> Source: ...

    async def is_unchanged(self) -> bool:
        """Whether it still is what it was when it was opened."""
        ...


class Origin(Protocol):
    """Where things come from. Raises ``LeftOut`` for what cannot be read."""

    async def more(self) -> Sequence[Item] | None:
        """The next things, a folder before what is in it; None at the end."""
        ...

    async def small(self, files: Sequence[FileItem], bases: Bases) -> list[Small]:
        """The contents of small files, in order, or the files as they shall be noted.

        None for one that is not small any more.
        """
        ...

    def large(self, file: FileItem) -> AbstractAsyncContextManager[Large]:
        """Open a file."""
        ...


class _Again(Enum):
    """An outcome: plan it again; or: a folder above it could not be made, which was told."""

    AGAIN = 0
    BLOCKED = 1


_Made: TypeAlias = NewFolder | NewFile | Entry
_Outcome: TypeAlias = HoldfastError | _Again | None


@dataclass(frozen=True, slots=True)
class _Ready:
    """An item, sealed. ``staged``: its bytes were counted when they were staged."""

    item: Item
    made: _Made
    staged: bool

    @property
    def size(self) -> int:
        """Bytes of content."""
        return self.made.header.size if isinstance(self.made, NewFile) else 0

    @property
    def inline(self) -> int:
        """Bytes of content that the commit itself makes durable."""
        return 0 if self.staged else self.size


async def take_in(
    drive: Drive,
    origin: Origin,
    told: Told,
    replacing: bool = True,
    home: Found | None = None,
    updating: bool = False,
) -> None:
    """Take in everything the origin has. Returns when all of it is committed.

    ``replacing``: a file that is there gets a new version, else it is left out.
    ``home``: the own home, if it was just looked at. ``updating``: a file that is
    there with the same size and time is not taken in again.
    """
    intake, batch, size = _Intake(drive, origin, told, replacing, home, updating), _Batch(), 0
    async with together() as nursery:
        while (items := await origin.more()) is not None:
            for item in items:
                if not batch.has_room(item):
                    await intake.start(nursery, batch.items)
                    batch = _Batch()
                batch.add(item)
                size = item.size if isinstance(item, FileItem) else 0
                if isinstance(item, FileItem):
                    told.found(size)
        told.all_found = True
        await intake.start(nursery, batch.items)


@dataclass(slots=True)
class _Batch:
    """Items that will be committed together."""

    items: list[Item] = field(default_factory=list)
    inline: int = 0
    staged: int = 0

    def has_room(self, item: Item) -> bool:
        size = item.size if isinstance(item, FileItem) else 0
        if len(self.items) >= MAX_ITEMS:
            return False
        if size <= INLINE:
            return self.inline + size <= MAX_INLINE
        return not self.staged or self.staged + size <= MAX_STAGED

    def add(self, item: Item) -> None:
        size = item.size if isinstance(item, FileItem) else 0
        self.items.append(item)
        if size <= INLINE:
            self.inline += size + KIB
        else:
            self.staged += size


class _Intake:
    """Batches under way. They are sealed side by side and committed in order."""

    def __init__(
        self,
        drive: Drive,
        origin: Origin,
        told: Told,
        replacing: bool,
        home: Found | None,
        updating: bool,
    ) -> None:
        self._drive: Final = drive
        self._replacing: Final = replacing
        self._updating: Final = updating
        self._origin: Final = origin
        self._told: Final = told
        self._buffers: Final = Buffers()
        self._under_way: Final = trio.Semaphore(_BATCHES)
        self._files: Final = trio.Semaphore(_FILES)
        self._home = home
        self._before = trio.Event()
        self._before.set()

    async def start(self, nursery: trio.Nursery, items: list[Item]) -> None:
        """Begin a batch; waits while too many are under way."""
        if items:
            await self._under_way.acquire()
            before, self._before = self._before, trio.Event()
            nursery.start_soon(self._run, items, before, self._before)

    async def _run(self, items: Sequence[Item], before: trio.Event, after: trio.Event) -> None:
        for _ in range(ATTEMPTS):
            items = await self._attempt(items, before)
            if not items:
                break
        for item in items:
            message = f"{self._path(item)}: others kept changing it"
            await self._told.skip(item.source, Conflict(message))
        after.set()
        self._under_way.release()

    async def _attempt(self, items: Sequence[Item], before: trio.Event) -> list[Item]:
        """Seal, stage and commit; the items that must be planned again."""
        async with AsyncExitStack() as stack:
            ready, session = await self._prepared(items, stack)
            await before.wait()
            if not ready:
                return []
            operation = partial(self._operation, ready, session)
            outcomes = await self._drive.space.commit(operation)
        return await self._tell(ready, outcomes)

    async def _prepared(
        self, items: Sequence[Item], stack: AsyncExitStack
    ) -> tuple[list[_Ready], bytes | None]:
        """Everything sealed, in order, and the session in which large files were staged."""
        bases = await self._bases(items)
        if self._updating:
            items = self._changed(items, bases)
        made: dict[int, _Made] = {}
        small = [at for at, item in enumerate(items) if _is_small(item)]
        large = [at for at, item in enumerate(items) if _is_large(item)]
        others = [at for at, item in enumerate(items) if not isinstance(item, FileItem)]
        large += await self._small(items, small, bases, made)
        session = None
        if large:
            staging = await stack.enter_async_context(self._drive.space.staging())
            session = staging.session
            async with content_writer(staging, self._buffers, self._told.moved) as writer:
                for at in large:
                    await self._files.acquire()
                    writer.nursery.start_soon(self._large, writer, items[at], at, bases, made)
        if others:
            now = self._drive.now_ns()
            await trio.to_thread.run_sync(_make_others, items, others, made, now)
        return [_Ready(items[at], made[at], at in large) for at in sorted(made)], session

    def _changed(self, items: Sequence[Item], bases: Bases) -> list[Item]:
        """Without the files that are there as they are here, by size and time."""
        changed: list[Item] = []
        for item in items:
            if isinstance(item, FileItem) and _is_there(item, bases.nodes.get(item.place)):
                self._told.same(item.size)
            else:
                changed.append(item)
        return changed

    async def _small(
        self, items: Sequence[Item], small: list[int], bases: Bases, made: dict[int, _Made]
    ) -> list[int]:
        """Load and seal small files; the places of those that are not small any more."""
        grown: list[int] = []
        for group in _groups(items, small):
            files = [item for at in group if isinstance(item := items[at], FileItem)]
            loaded = await self._origin.small(files, bases)
            if len(files) <= _NOT_WORTH_A_HOP:
                sealed = _seal_small(files, loaded, bases)
            else:
                sealed = await trio.to_thread.run_sync(_seal_small, files, loaded, bases)
            for at, file, load, new in zip(group, files, loaded, sealed, strict=True):
                if isinstance(load, HoldfastError):
                    await self._told.skip(file.source, load)
                elif new is None:
                    grown.append(at)
                else:
                    made[at] = new
        return grown

    async def _large(
        self, writer: ContentWriter, item: Item, at: int, bases: Bases, made: dict[int, _Made]
    ) -> None:
        """Seal and stage one larger file; again if it changes meanwhile."""
        assert isinstance(item, FileItem)
        try:
            made[at] = await self._written(writer, item, bases)
        except LeftOut as left_out:
            await self._told.skip(item.source, left_out.error)
        finally:
            self._files.release()

    async def _written(self, writer: ContentWriter, item: FileItem, bases: Bases) -> NewFile:
        base = bases.nodes.get(item.place)
        for _ in range(READS):
            async with self._origin.large(item) as large:
                keys, header = plan_file(large.size, large.about, base)
                if header.inline:
                    continue  # it shrank: the next attempt of the batch will see it so
                content = await writer.write(header, large.source)
                if await large.is_unchanged():
                    return large_file(keys, header, content, base, bases.entries.get(item.place))
        raise LeftOut(Conflict(f"{item.source}: it kept changing while it was being read"))

    async def _bases(self, items: Sequence[Item]) -> Bases:
        """What the files will take the place of."""
        bases = Bases()
        home, self._home = self._home, None
        if home is None:
            home = await resolve(self._drive, DrivePath(self._drive.name))
        folders: dict[tuple[str, ...], list[str]] = {}
        for item in items:
            if isinstance(item, FileItem):
                folders.setdefault(item.parts, []).append(item.name)
        absent: set[tuple[str, ...]] = set()
        for parts, names in folders.items():
            above = (parts[:end] in absent for end in range(len(parts) + 1))
            if any(above) or not await self._look(home, parts, names, bases):
                absent.add(parts)
        return bases

    async def _look(
        self, home: Found, parts: tuple[str, ...], names: list[str], bases: Bases
    ) -> bool:
        """Look up names in a folder; False if the folder is not there."""
        try:
            folder = await descend(self._drive, home, parts)
            view = FolderView(folder.reading, await folder.folder(), str(folder.path))
        except (NotFound, NotAFolder):
            return False  # it will be made, or the operation will say why not
        await view.reach(names)
        there = [entry for name in names if (entry := await view.get(name)) is not None]
        files = [entry for entry in there if entry.kind is Kind.FILE]
        nodes = await open_nodes(folder.reading, [(each.keys, each.name) for each in files])
        for entry, node in zip(files, nodes, strict=True):
            if isinstance(node, FileNode):
                bases.nodes[*parts, entry.name] = node
            else:
                bases.entries[*parts, entry.name] = entry
        links = (entry for entry in there if entry.kind is Kind.LINK)
        bases.entries.update({(*parts, entry.name): entry for entry in links})
        return True

    async def _operation(
        self, ready: Sequence[_Ready], session: bytes | None, changing: Changing
    ) -> list[_Outcome]:
        """Note everything that is ready; what became of each."""
        if session is not None:
            changing.use_staging(session)
        edit = TreeEdit(changing, self._drive.root, f"/{self._drive.name}", HOME)
        noting = _Noting(edit, self._replacing)
        await noting.reach(ready)
        outcomes = [await noting.note(each) for each in ready]
        await edit.flush()
        return outcomes

    def _path(self, item: Item) -> str:
        return "/".join(("", self._drive.name, *item.place))

    async def _tell(self, ready: Sequence[_Ready], outcomes: Sequence[_Outcome]) -> list[Item]:
        """Tell what became of the items of a commit; those that must be planned again."""
        done = [each for each, outcome in zip(ready, outcomes, strict=True) if outcome is None]
        await self._told.moved(sum(each.inline for each in done))
        again = []
        for each, outcome in zip(ready, outcomes, strict=True):
            if outcome is None:
                path = self._path(each.item)
                await self._told.done(path, _kind(each.item), each.size)
            elif isinstance(outcome, HoldfastError):
                await self._told.skip(each.item.source, outcome)
            elif outcome is _Again.AGAIN:
                again.append(each.item)
        return again


@dataclass(slots=True)
class _Noting:
    """The items of a batch on their way into one operation."""

    edit: TreeEdit
    replacing: bool
    folders: dict[tuple[str, ...], FolderEdit] = field(default_factory=dict)
    blocked: set[tuple[str, ...]] = field(default_factory=set)

    async def reach(self, ready: Sequence[_Ready]) -> None:
        """Read the pages of folders that are there and get many names, all at once."""
        names: dict[tuple[str, ...], list[str]] = {}
        for each in ready:
            names.setdefault(each.item.parts, []).append(each.item.name)
        for parts, some in names.items():
            if len(some) > 1:
                try:
                    await (await self._folder(parts)).reach(some)
                except (NotFound, *OF_ONE_NODE):
                    continue  # to be made; or told of where it is used

    async def note(self, each: _Ready) -> _Outcome:
        """Note one item."""
        item, made = each.item, each.made
        if any(item.parts[:end] in self.blocked for end in range(1, len(item.parts) + 1)):
            return _Again.BLOCKED
        try:
            folder = await self._folder(item.parts)
            if isinstance(made, NewFile):
                return await self._note_file(folder, item, made)
            if isinstance(made, NewFolder):
                await self._note_folder(folder, item, made)
            else:
                await self._note_link(folder, made)
        except (NotFound, Exists, *OF_ONE_NODE) as error:
            if isinstance(item, FolderItem):
                self.blocked.add(item.place)
            return error
        return None

    async def _note_file(self, folder: FolderEdit, item: Item, made: NewFile) -> _Outcome:
        current = await folder.get(item.name)
        if current is not None and current.kind in (Kind.FOLDER, Kind.MOUNT):
            raise IsAFolder(f"{folder.what}/{item.name} is a folder")
        if current is not None and not self.replacing:
            raise Exists(f"{folder.what}/{item.name} is there already")
        done = await put_file(self.edit, folder, item.name, made)
        return None if done else _Again.AGAIN

    async def _note_folder(self, folder: FolderEdit, item: Item, made: NewFolder) -> None:
        current = await folder.get(item.name)
        if current is None:
            entry = made.entry(item.name, item.modified)
            self.folders[item.place] = await self.edit.make(folder, made, entry)
        elif not current.is_folder:
            raise NotAFolder(
                f"{folder.what}/{item.name} is a {current.kind}; what would go into it is left out"
            )

    async def _note_link(self, folder: FolderEdit, entry: Entry) -> None:
        current = await folder.get(entry.name)
        if current is not None and not (self.replacing and current.kind is Kind.LINK):
            raise Exists(f"{folder.what}/{entry.name} is there already, a {current.kind}")
        await folder.put(entry)

    async def _folder(self, parts: tuple[str, ...]) -> FolderEdit:
        if parts not in self.folders:
            if not parts:
                self.folders[parts] = await self.edit.folder(())
            else:
                parent = await self._folder(parts[:-1])
                entry = await parent.get(parts[-1])
                if entry is None:
                    raise NotFound(f"{parent.what}/{parts[-1]} does not exist")
                self.folders[parts] = await self.edit.open_entry(parent, entry)
        return self.folders[parts]


def _is_small(item: Item) -> bool:
    return isinstance(item, FileItem) and item.size <= INLINE


def _is_large(item: Item) -> bool:
    return isinstance(item, FileItem) and item.size > INLINE


def _kind(item: Item) -> Kind:
    if isinstance(item, FileItem):
        return Kind.FILE
    return Kind.LINK if isinstance(item, LinkItem) else Kind.FOLDER


def _groups(items: Sequence[Item], small: Iterable[int]) -> list[list[int]]:
    """Small files in groups that are worth a thread hop."""
    groups: list[list[int]] = [[]]
    size = 0
    for at in small:
        item = items[at]
        assert isinstance(item, FileItem)
        if groups[-1] and (len(groups[-1]) >= _GROUP or size + item.size > _GROUP_BYTES):
            groups.append([])
            size = 0
        groups[-1].append(at)
        size += item.size
    return [group for group in groups if group]


def _seal_small(
    files: Sequence[FileItem], loaded: Sequence[Small], bases: Bases
) -> list[NewFile | None]:
    """Seal small files, in a worker thread."""
    return [_sealed(file, load, bases) for file, load in zip(files, loaded, strict=True)]


def _sealed(file: FileItem, load: Small, bases: Bases) -> NewFile | None:
    if isinstance(load, Loaded):
        base, instead = bases.nodes.get(file.place), bases.entries.get(file.place)
        return small_file(load.content, load.about, base, instead)
    return load if isinstance(load, NewFile) else None


def _make_others(
    items: Sequence[Item], others: Iterable[int], made: dict[int, _Made], now: int
) -> None:
    """Folders and links, in a worker thread."""
    for at in others:
        item = items[at]
        if isinstance(item, FolderItem):
            made[at] = new_folder(now, names=item.names)
        elif isinstance(item, LinkItem):
            made[at] = Entry(item.name, Kind.LINK, item.modified, target=item.target)


def _is_there(item: FileItem, node: FileNode | None) -> bool:
    if node is None:
        return False
    return (node.header.size, node.header.modified) == (item.size, item.modified)
