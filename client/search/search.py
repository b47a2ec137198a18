"""One's own tree, and everybody's who shares something: asked, brought up to date, answered.

What is found comes tree by tree, one's own first and the others as their homes answer. A
tree that was read before is brought up to date by what changed and answers with the best
first; one that is read for the first time answers as it is read. A shared folder with a space
of its own is a tree, too, and follows the one in which its mount stands.
"""

import math
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from heapq import nsmallest
from itertools import count
from typing import Final, TypeAlias

import trio

from client.drive.drive import Drive
from client.drive.entry import Entry
from client.drive.listing import Shown
from client.drive.node import of_path
from client.drive.resolve import resolve
from client.search.matching import Item, Query, fold
from client.search.sources import Source, of_mount, of_person
from client.search.tree import IndexedTree, Sheet
from formats.errors import Denied, HoldfastError, NotAFolder, TimedOut

PATIENCE: Final = 20.0
"""Seconds in which somebody else's tree must be up to date; else it answers as it is."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Things that were found together, and what could not be looked at."""

    found: list[Shown]
    problems: list[HoldfastError] = field(default_factory=list)


Tell = Callable[[Answer], Awaitable[None]]
_Mounted: TypeAlias = "dict[tuple[str, bytes], _Tree]"
"""Trees of shared folders: by path, and by which folder is mounted there."""


class Search:
    """The index of one drive, in memory. Made empty; the first search reads the trees."""

    def __init__(self, drive: Drive) -> None:
        self._drive: Final = drive
        self._trees: Final[dict[str, _Tree]] = {}
        self._mounted: Final[dict[str, _Mounted]] = {}

    async def ask(self, query: Query, tell: Tell) -> bool:
        """Tell what fits as it is found; returns whether there is more than was asked for.

        Raises NotFound and what resolving a path raises, for ``query.below``.
        """
        person, below = await self._below(query)
        with trio.CancelScope() as scope:
            teller = _Teller(tell, query.limit, scope)
            if person in (None, self._drive.name):
                await self._ask_one(self._drive.name, query, below, teller)
            others = await self._drive.shares.people() if person is None else [person]
            async with trio.open_nursery() as nursery:
                for each in others:
                    if each != self._drive.name:
                        nursery.start_soon(self._ask_one, each, query, below, teller)
        return teller.more

    async def _ask_one(self, person: str, query: Query, below: str, teller: "_Teller") -> None:
        tree = self._trees.get(person)
        if tree is None:
            source = partial(of_person, self._drive, person)
            tree = self._trees[person] = _Tree(source, f"/{person}", self._patience(person))
        await tree.ask(query, below, teller.tell)
        for path, each in self._mounts_of(person, tree).items():
            if _meet(path, below):
                await each.ask(query, below, teller.tell)

    def _mounts_of(self, person: str, tree: "_Tree") -> "dict[str, _Tree]":
        """The trees of shared folders in it, by path. One that is not there any more is forgotten.

        None is looked for in those: there others write entries.
        """
        before, now = self._mounted.get(person, {}), dict[tuple[str, bytes], _Tree]()
        for path, mount in tree.mounts():
            key = (path, mount.keys.label)
            source = partial(of_mount, self._drive, path, mount)
            now[key] = before.get(key) or _Tree(source, path, self._patience(person))
        self._mounted[person] = now
        return {path: each for (path, _), each in now.items()}

    def _patience(self, person: str) -> float:
        return math.inf if person == self._drive.name else PATIENCE

    async def _below(self, query: Query) -> tuple[str | None, str]:
        """Whose tree alone, and below which path."""
        path = self._drive.path(query.below or "/")
        if path.person is None:
            return None, ""
        found = await resolve(self._drive, path)
        if not found.is_folder:
            raise NotAFolder(f"{path} is no folder to look in")
        return path.person, str(path)


def _meet(path: str, below: str) -> bool:
    """Whether one is the other, or below it."""
    return f"{path}/".startswith(f"{below}/") or below.startswith(f"{path}/")


class _Teller:
    """Tells one answer after another, and ends the search when it was enough."""

    def __init__(self, tell: Tell, limit: int, scope: trio.CancelScope) -> None:
        self._tell: Final = tell
        self._left = limit
        self._scope: Final = scope
        self._turn: Final = trio.Lock()
        self.more = False

    async def tell(self, answer: Answer) -> None:
        async with self._turn:
            found = answer.found[: self._left]
            self.more |= len(found) < len(answer.found)
            self._left -= len(found)
            if found or answer.problems:
                await self._tell(Answer(found, answer.problems))
            if self.more:
                self._scope.cancel()


class _Tree:
    """One tree: how it is reached, how long that may take, and one update at a time."""

    def __init__(self, source: Source, path: str, patience: float) -> None:
        self._source: Final = source
        self._path: Final = path
        self._patience: Final = patience
        self._index = IndexedTree(path)
        self._turn: Final = trio.Lock()

    def mounts(self) -> list[tuple[str, Entry]]:
        """Shared folders in it that have spaces of their own, as far as it is known."""
        return list(self._index.mounts())

    async def ask(self, query: Query, below: str, tell: Tell) -> None:
        """Tell what fits. What goes wrong is told too, and what is known of the tree with it."""
        async with self._turn:
            is_new = self._index.is_new
            error = await self._updated(query, below, tell if is_new else _nobody)
            if isinstance(error, Denied):  # they took it back: nothing of it is known any more
                self._index = IndexedTree(self._path)
            problems = self._index.problems if error is None else [error]
            found = [] if is_new else best(self._index, query, below)
        await tell(Answer(found, problems))

    async def _updated(self, query: Query, below: str, tell: Tell) -> HoldfastError | None:
        """Bring it up to date, telling what fits as it is read."""
        with trio.move_on_after(self._patience) as patience:
            try:
                await self._read(query, below, tell)
            except HoldfastError as error:
                return error if self._path.count("/") == 1 else of_path(error, self._path)
        if patience.cancelled_caught:
            return TimedOut(f"the home of {self._path} is slow: not all of it was looked at")
        return None

    async def _read(self, query: Query, below: str, tell: Tell) -> None:
        if tell is not _nobody:
            await tell(Answer(best(self._index, query, below)))
        async with aclosing(self._index.update(*await self._source())) as sheets:
            async for place, sheet in sheets:
                path = place.path
                items = fitting([sheet], path, query, below)
                await tell(Answer([_shown(path, item) for item in items]))


async def _nobody(_answer: Answer) -> None:
    """For a tree that answers when it is up to date."""


def best(index: IndexedTree, query: Query, below: str) -> list[Shown]:
    """What fits best, newest first where that is alike; one more than the limit if there is."""
    number = count()  # so that no two are alike, and items are never compared
    hits = (
        (query.rank(item), -item.modified, item.name, next(number), path, item)
        for place, path in index.places()
        for item in fitting(place.sheets.values(), path, query, below)
    )
    return [_shown(path, item) for *_, path, item in nsmallest(query.limit + 1, hits)]


def fitting(sheets: Iterable[Sheet], path: str, query: Query, below: str) -> Iterator[Item]:
    """Those on some sheets of one folder that fit, if the folder is ``below`` or further down."""
    if below and path != below and not path.startswith(f"{below}/"):
        return
    above = fold(path)
    for sheet in filter(_is_filled, sheets):
        lines = query.lines(sheet.names, above)
        if lines is None:
            yield from filter(query.fits, sheet.items)
            continue
        for at in sorted(set(map(sheet.at, lines))):
            item = sheet.items[at]
            if query.named(item.folded, above) and query.fits(item):
                yield item


def _is_filled(sheet: Sheet) -> bool:
    return bool(sheet.items)


def _shown(path: str, item: Item) -> Shown:
    place = f"{path}/{item.name}"
    return Shown(place, item.name, str(item.kind), item.size, item.modified, type=item.type)
