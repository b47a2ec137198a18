"""One tree by pages: read once, then followed by what changed.

What is searched is in sheets, one for each page of a folder, so that a change in a
folder of a hundred thousand names reads one page again. Each update works off a list of
pages that wait; what was cut off, or could not be read, still waits the next time.
"""

from array import array
from bisect import bisect_right
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

import trio

from client.drive.entry import Entry, Kind
from client.drive.folder import FolderView
from client.drive.node import OF_ONE_NODE, FolderNode, Node, leaves_apart, open_nodes
from client.drive.page import Page
from client.drive.places import NIBBLES
from client.keys import NodeKeys
from client.search.matching import Item
from client.space.changes import changed_labels
from client.space.reading import Reading
from client.space.tip_reading import TipReading
from formats.cid import Cid
from formats.errors import HoldfastError, NotAFolder, TooLarge
from formats.leaf import Leaf
from formats.limits import PATH

MAX_LEVELS: Final = PATH // 2
"""Folders in each other that are walked: as many as a path can name."""
AT_ONCE: Final = 256
"""Folders opened with one read."""
FEW: Final = 8
"""Pages of one folder that are read one by one; for more, the folder is read whole."""
COMPARED: Final = 16
"""Leaves compared with one read: what a home sends again is that much at least."""


class Sheet:
    """What is on one page, the folders on it by label, and mounts of folders of other spaces.

    ``names`` are the folded names, a line each, for one quick look at all of them.
    """

    __slots__ = ("folders", "items", "mounts", "names", "starts")

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.items: Final = [Item.of(entry) for entry in entries]
        self.folders: Final = {
            entry.keys.label: entry for entry in entries if entry.kind is Kind.FOLDER
        }
        self.mounts: Final = [
            each for each in entries if each.kind is Kind.MOUNT and not each.is_mounted_file
        ]
        self.names: Final = "\n".join([item.folded for item in self.items])
        ends = accumulate(len(item.folded) + 1 for item in self.items)
        self.starts: Final = array("I", [0, *ends])

    def at(self, position: int) -> int:
        """Which item's name is at this position of ``names``."""
        return bisect_right(self.starts, position) - 1


@dataclass(slots=True, eq=False)
class Place:
    """A folder: where it is, and its sheets by the prefix of their pages."""

    keys: NodeKeys
    name: str
    above: "Place | None"
    sheets: dict[bytes, Sheet] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """As a person names it."""
        return "/".join(reversed([each.name for each in self.line()]))

    def line(self) -> Iterator["Place"]:
        """Itself and those above it."""
        at: Place | None = self
        while at is not None:
            yield at
            at = at.above


class IndexedTree:
    """What is below one folder. ``top``: the path of that folder, such as ``/alice``."""

    def __init__(self, top: str) -> None:
        self._name: Final = top
        self._top: Place | None = None
        self._at: Reading | None = None
        self._known: dict[bytes, tuple[Place, bytes]] = {}
        self._leaves: dict[bytes, Cid] = {}
        self._waiting: dict[Place, set[bytes] | None] = {}
        self._failed: dict[Place, HoldfastError] = {}
        self._pages_failed: list[HoldfastError] = []
        self._moved = False

    @property
    def problems(self) -> list[HoldfastError]:
        """What could not be read the last time."""
        return [*self._failed.values(), *self._pages_failed]

    @property
    def is_new(self) -> bool:
        """Whether it was never read to the end."""
        return self._top is None or bool(self._waiting)

    def places(self) -> Iterator[tuple[Place, str]]:
        """Every folder and its path, those above first."""
        ahead = [] if self._top is None else [(self._top, self._name)]
        while ahead:
            place, path = ahead.pop()
            yield place, path
            for sheet in place.sheets.values():
                for label in sheet.folders:
                    known = self._known.get(label)
                    if known is not None and known[0].above is place:
                        ahead.append((known[0], f"{path}/{known[0].name}"))

    def mounts(self) -> Iterator[tuple[str, Entry]]:
        """Mounts of folders of other spaces, and the path of each."""
        for place, path in self.places():
            for sheet in place.sheets.values():
                for mount in sheet.mounts:
                    yield f"{path}/{mount.name}", mount

    async def update(
        self, reading: Reading, keys: NodeKeys
    ) -> AsyncGenerator[tuple[Place, Sheet], None]:
        """Bring it to this state of the tree below ``keys``: each sheet as it is read.

        Close it (``contextlib.aclosing``) if it may be left early.
        """
        await self._see(reading, keys)
        self._pages_failed = []
        while self._waiting:
            some = list(self._waiting)[:AT_ONCE]
            nodes = await open_nodes(reading, [(place.keys, place.path) for place in some])
            for place, node in zip(some, nodes, strict=True):
                for sheet in await self._read(reading, place, node):
                    yield place, sheet
                self._waiting.pop(place, None)
        self._sweep()

    async def _see(self, reading: Reading, keys: NodeKeys) -> None:
        """Put on the list what is not as it was when it was read."""
        at, self._at = self._at, reading
        if self._top is None or at is None or self._top.keys.label != keys.label:
            self._begin(keys)
            return
        again = dict.fromkeys(self._failed)
        changed = await changed_labels(at, reading)
        if changed is None and not follows(reading):
            changed = await self._compare(reading)
        if changed is None:
            self._begin(keys)
            return
        for label in changed:
            if label in self._known:
                self._wait(*self._known[label])
        self._waiting |= again

    def _begin(self, keys: NodeKeys) -> None:
        self._top = Place(keys, self._name, None)
        self._known = {keys.label: (self._top, b"")}
        self._leaves, self._failed = {}, {}
        self._waiting = {self._top: None}

    def _wait(self, place: Place, prefix: bytes) -> None:
        wanted = self._waiting.setdefault(place, set())
        if wanted is not None:
            wanted.add(prefix)

    async def _read(
        self, reading: Reading, place: Place, node: Node | HoldfastError
    ) -> list[Sheet]:
        self._failed.pop(place, None)
        if not isinstance(node, FolderNode):
            why = NotAFolder(f"{place.path} is a file")
            self._failed[place] = node if isinstance(node, HoldfastError) else why
            return []
        view = FolderView(reading, node, place.path)
        wanted = self._waiting.get(place)
        if wanted is None or len(wanted) > FEW:
            place.sheets = {}
            pages = await view.pages(self._pages_failed)
        else:
            pages = [page async for page in self._pages(view, place, sorted(wanted))]
        sheets = [self._take(place, page) for page in pages]
        if not follows(reading):
            await self._note_leaves(reading, place)
        await trio.lowlevel.checkpoint()
        return sheets

    async def _pages(
        self, view: FolderView, place: Place, wanted: list[bytes]
    ) -> AsyncGenerator[Page, None]:
        """Pages of these prefixes; where one was split, the new ones below it."""
        while wanted:
            prefix = wanted.pop(0)
            try:
                page = await view.page_at(prefix)
            except OF_ONE_NODE as error:
                self._pages_failed.append(error)
                continue
            yield page
            if page.is_stub:
                below = [prefix + bytes((nibble,)) for nibble in range(NIBBLES)]
                wanted += [each for each in below if each not in place.sheets]

    def _take(self, place: Place, page: Page) -> Sheet:
        sheet = Sheet([entry for entry in page.all() if isinstance(entry, Entry)])
        before = place.sheets.get(page.prefix)
        self._moved |= before is not None and before.folders.keys() != sheet.folders.keys()
        if not page.is_stub:
            for prefix in [each for each in place.sheets if each.startswith(page.prefix)]:
                del place.sheets[prefix]
        place.sheets[page.prefix] = sheet
        if page.prefix:
            self._known[place.keys.page_label(page.prefix)] = place, page.prefix
        for label, entry in sheet.folders.items():
            self._attach(place, label, entry)
        return sheet

    def _attach(self, place: Place, label: bytes, entry: Entry) -> None:
        """A folder below; one that is known already was moved here, with all that is in it."""
        known = self._known.get(label)
        if known is None:
            below = Place(entry.keys, entry.name, place)
            if sum(1 for _ in below.line()) > MAX_LEVELS:
                self._pages_failed.append(TooLarge(f"{place.path[:64]}… is too deep"))
                return
            self._known[label] = below, b""
            self._waiting[below] = None
        elif known[0] not in place.line():  # else a hostile member made a circle
            known[0].above, known[0].name = place, entry.name

    async def _note_leaves(self, reading: Reading, place: Place) -> None:
        for label, leaf in (await self._leaves_of(reading, place)).items():
            if isinstance(leaf, Leaf):
                self._leaves[label] = leaf.block.cid

    async def _leaves_of(
        self, reading: Reading, place: Place
    ) -> dict[bytes, Leaf | HoldfastError | None]:
        labels = [place.keys.page_label(each) for each in place.sheets if each]
        return await leaves_apart(
            reading, [place.keys.ref(label) for label in [place.keys.label, *labels]]
        )

    async def _compare(self, reading: Reading) -> set[bytes]:
        """The labels whose leaves are others now, for a reader: by looking at each."""
        changed: set[bytes] = set()
        refs = [place.keys.ref(label) for label, (place, _) in self._known.items()]
        for start in range(0, len(refs), COMPARED):
            leaves = await leaves_apart(reading, refs[start : start + COMPARED])
            for label, leaf in leaves.items():
                if not isinstance(leaf, Leaf) or leaf.block.cid != self._leaves.get(label):
                    changed.add(label)
        return changed

    def _sweep(self) -> None:
        """Forget what is not in the tree any more."""
        if not self._moved and not self._failed:
            return
        self._moved = False
        there = {place for place, _ in self.places()}
        self._failed = {place: why for place, why in self._failed.items() if place in there}
        self._known = {label: known for label, known in self._known.items() if known[0] in there}
        self._leaves = {label: cid for label, cid in self._leaves.items() if label in self._known}


def follows(reading: Reading) -> bool:
    """Whether what changed in it is told by its tree: for members of the space."""
    return isinstance(reading, TipReading) and reading.view.is_member
