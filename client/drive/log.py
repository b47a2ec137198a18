"""What changed, when, by which device: told from what the trees were, not from what anybody said.

Two states that follow each other are compared: of the labels that differ, those of folders
say where to look, and there entries are compared by name. Which label belongs to which
folder is known from walking the newest state once, and kept up to date on the way back.
So a state costs what changed in it, however much there is beside.

Where states in between were thinned, several changes are told as one.
"""

from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise

from client.drive.asof import drive_of
from client.drive.crossing import inside
from client.drive.drive import Drive
from client.drive.entry import Entry, Kind
from client.drive.folder import FolderView
from client.drive.node import OF_ONE_NODE, open_folder
from client.drive.paths import DrivePath
from client.drive.resolve import resolve
from client.keys import NodeKeys
from client.space.past import Was
from client.space.reading import Reading
from formats.errors import HoldfastError, NotFound


class What(StrEnum):
    """What became of something."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing. ``path``: where it is, or was if it was removed; ``source``: whence it moved."""

    what: What
    path: DrivePath
    kind: Kind
    size: int
    source: DrivePath | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """What one state changed. ``made`` in milliseconds; ``member``: digest of the key that signed.

    ``device`` is what it says of itself, None if it does not. ``states``: how many states,
    thinned since, this tells of together.
    """

    seq: int
    made: int
    member: bytes
    device: str | None
    states: int
    changes: tuple[Changed, ...]


async def log(drive: Drive, path: str = "") -> AsyncGenerator[Logged, None]:
    """What changed at and below a path of the home, the newest first; states without are left out.

    Close it (``contextlib.aclosing``) if it may be left early.
    """
    drive = await inside(drive, path)
    at = drive.own(path)
    states = await drive.past.states()
    if len(states) < 2:
        return
    folders = await _Folders.of(drive)
    for newer, older in pairwise(states):
        labels = await drive.past.changed(older, newer)
        changes = await folders.go_back(drive, older, newer, labels)
        told = tuple(each for each in changes if _is_below(each, at))
        if told:
            device = await drive.past.device(newer)
            member = newer.pointer.member
            yield Logged(newer.seq, newer.made, member, device, newer.seq - older.seq, told)


@dataclass(slots=True)
class _Folder:
    """A folder of the home: where it stands, and its labels."""

    keys: NodeKeys
    parent: bytes | None
    name: str


@dataclass(slots=True)
class _Folders:
    """Every folder of the home at one state, by its label; and labels of pages."""

    top: DrivePath
    known: dict[bytes, _Folder] = field(default_factory=dict)
    pages: dict[bytes, bytes] = field(default_factory=dict)

    @classmethod
    async def of(cls, drive: Drive) -> "_Folders":
        """Those of the newest state."""
        home = await resolve(drive, drive.at())
        made = cls(drive.at())
        if home.keys is not None:
            await made.learn(home.reading, home.keys, None, "")
        return made

    async def learn(
        self, reading: Reading, keys: NodeKeys, parent: bytes | None, name: str
    ) -> None:
        """Walk a folder and all below it. What cannot be read has nothing to tell."""
        ahead = [(keys, parent, name)]
        while ahead:
            at, above, called = ahead.pop()
            try:
                node = await open_folder(reading, at, called)
            except OF_ONE_NODE:
                continue
            problems: list[HoldfastError] = []
            view = FolderView(reading, node, called)
            self.known[at.label] = _Folder(at, above, called)
            self.pages[at.label] = at.label
            self.pages |= dict.fromkeys(await view.labels(problems), at.label)
            entries = (await view.listing()).entries
            ahead += [(each.keys, at.label, each.name) for each in entries if each.is_folder]

    async def go_back(
        self, drive: Drive, older: Was, newer: Was, labels: set[bytes]
    ) -> list[Changed]:
        """What changed between two states; from here on the folders are those of the older one."""
        now, then = drive.past.reading(newer), drive.past.reading(older)
        touched = {self.pages[label] for label in labels if label in self.pages} & self.known.keys()
        renewed = await self._home_renewed(drive, older, touched)
        home = dict(renewed)
        pairs: list[_Pair] = []
        for label in sorted(touched, key=self._depth):
            keys = self.known[label].keys
            old_keys = renewed.get(label, keys)
            before, after = await _entries(then, old_keys), await _entries(now, keys)
            if before is None or after is None:
                continue  # a folder that came, or went, is told of as one
            for name in sorted({*before, *after}):
                pair = _Pair(label, old_keys.label, before.get(name), after.get(name))
                if pair.before != pair.after:
                    pairs.append(pair)
                    renewed |= pair.renewed()
        newer_paths = {label: self.path(label) for label in touched}
        await self._take_back(then, pairs)
        for label, keys in home.items():
            del self.known[label]
            await self.learn(then, keys, None, "")
        return self._told(pairs, newer_paths)

    async def _home_renewed(
        self, drive: Drive, older: Was, touched: set[bytes]
    ) -> dict[bytes, NodeKeys]:
        """The keys that the home had at the older state, by its label now, if it got others."""
        then, renewed = drive.past.reading(older), dict[bytes, NodeKeys]()
        for label in (each for each in touched if self.known[each].parent is None):
            if await _entries(then, self.known[label].keys) is None:
                with suppress(NotFound, *OF_ONE_NODE):
                    found = await resolve(drive_of(drive, older), drive.at())
                    renewed |= {} if found.keys is None else {label: found.keys}
        return renewed

    def path(self, label: bytes) -> DrivePath | None:
        """Where a folder is; None if it is not in the home."""
        parts: list[str] = []
        at: bytes | None = label
        while at is not None:
            folder = self.known.get(at)
            if folder is None or len(parts) > len(self.known):
                return None
            if folder.parent is not None:
                parts.append(folder.name)
            at = folder.parent
        return replace(self.top, parts=tuple(reversed(parts)))

    def _depth(self, label: bytes) -> tuple[int, bytes]:
        path = self.path(label)
        return (0 if path is None else len(path.parts), label)

    async def _take_back(self, then: Reading, pairs: list["_Pair"]) -> None:
        """Folders that came are forgotten, those that went known again, moved ones moved back."""
        other = [pair for pair in pairs if not _same_node(pair.before, pair.after)]
        for pair in other:
            if pair.after is not None and pair.after.is_folder:
                known = self.known.get(pair.after.keys.label)
                if known is not None and (known.parent, known.name) == (pair.at, pair.after.name):
                    del self.known[pair.after.keys.label]
        for pair in other:
            if pair.before is not None and pair.before.is_folder:
                await self.learn(then, pair.before.keys, pair.was_at, pair.before.name)

    def _told(
        self, pairs: list["_Pair"], newer_paths: dict[bytes, DrivePath | None]
    ) -> list[Changed]:
        gone = {
            pair.before.id: pair
            for pair in pairs
            if pair.before is not None and pair.before.id is not None and not pair.is_same
        }
        told: list[Changed] = []
        moved: set[bytes] = set()
        for pair in pairs:
            folder, after = newer_paths.get(pair.at), pair.after
            if after is None or folder is None:
                continue
            source = None if after.id is None or pair.is_same else gone.get(after.id)
            if source is not None and after.id is not None:
                moved.add(after.id)
            change = self._came(pair, after, folder.child(after.name), source)
            told += [] if change is None else [change]
        for pair in pairs:
            before = pair.before
            if before is not None and not pair.is_same and before.id not in moved:
                folder = self.path(pair.was_at)
                if folder is not None:
                    place = folder.child(before.name)
                    told.append(Changed(What.REMOVED, place, before.kind, before.size))
        return told

    def _came(
        self, pair: "_Pair", after: Entry, place: DrivePath, source: "_Pair | None"
    ) -> Changed | None:
        """What to say of something that is there; None if a person would see no change."""
        if pair.is_same:
            changed = _differs(pair.before, after)
            return Changed(What.CHANGED, place, after.kind, after.size) if changed else None
        if source is None or source.before is None:
            return Changed(What.ADDED, place, after.kind, after.size)
        whence = self.path(source.was_at)
        was = None if whence is None else whence.child(source.before.name)
        return Changed(What.MOVED, place, after.kind, after.size, was)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A name whose entry differs. ``at``, ``was_at``: its folder's label, now and then."""

    at: bytes
    was_at: bytes
    before: Entry | None
    after: Entry | None

    @property
    def is_same(self) -> bool:
        """Whether it is the same file or folder for a person, whatever its keys."""
        one, other = self.before, self.after
        if one is None or other is None:
            return False
        return (one.kind, one.id) == (other.kind, other.id)

    def renewed(self) -> dict[bytes, NodeKeys]:
        """The keys that a folder had before, by its label now, if it got others."""
        if self.before is None or self.after is None or not self.is_same:
            return {}
        if not self.after.is_folder or self.before.secret == self.after.secret:
            return {}
        return {self.after.keys.label: self.before.keys}


async def _entries(reading: Reading, keys: NodeKeys) -> dict[str, Entry] | None:
    """What is in a folder at a state; None where it is not there, or cannot be read."""
    try:
        node = await open_folder(reading, keys, "")
    except OF_ONE_NODE:
        return None
    listing = await FolderView(reading, node, "").listing()
    return {entry.name: entry for entry in listing.entries}


def _same_node(one: Entry | None, other: Entry | None) -> bool:
    """Whether both name a node of one secret, so that it has the labels that are known."""
    return one is not None and other is not None and one.secret == other.secret


def _differs(before: Entry | None, after: Entry) -> bool:
    """Whether a person would say that it changed: new keys, or hints about pages, are no change."""
    if before is None or after.is_folder:
        return False
    said = [(each.size, each.modified, each.executable, each.target) for each in (before, after)]
    return said[0] != said[1]


def _is_below(change: Changed, at: DrivePath) -> bool:
    paths = [change.path] if change.source is None else [change.path, change.source]
    return any(path.parts[: len(at.parts)] == at.parts for path in paths)
