"""Trees after changes: their nodes from memory, what lacks there from the home."""

from collections.abc import Iterable, Sequence
from typing import Final

import trio

from client.space.state import Tip
from client.space.view import SpaceView
from formats.cid import Block, Cid
from formats.errors import Denied, MissingBlock
from formats.root import Root
from formats.tree.lookup import lookup, within_reach
from formats.tree.node import EMPTY, TOP, Node, Place, read
from formats.tree.update import update

_NODES: Final = 64
"""Nodes asked for in one request: at most as many bytes as a frame has, and usually far fewer."""
_WAYS: Final = 512
"""Labels whose ways down the tree are asked for in one request."""


class Trees:
    """The trees of one space, read and changed through its view."""

    def __init__(self, view: SpaceView) -> None:
        self._view: Final = view

    async def places(self, tip: Tip, labels: Sequence[bytes]) -> dict[bytes, Cid | None]:
        """The CIDs of the leaves under these labels at a state; None where there is none."""
        root = Root.decode(await self.loaded(tip.root))
        while True:
            try:
                return lookup(self._view.cache.load, root.tree, labels)
            except MissingBlock:
                await self._fetch_ways(tip.root, root.tree, labels)

    async def labels(self, tip: Tip) -> set[bytes]:
        """Every label of a state, whatever stands there: the tree says them, nothing is opened."""
        found, level = set[bytes](), [(Root.decode(await self.loaded(tip.root)).tree, TOP)]
        while level:
            nodes = await self._level(level)
            found.update(label for node in nodes for label in node.labels())
            level = [
                (child, place.below(slot))
                for (_, place), node in zip(level, nodes, strict=True)
                for slot, child in node.links()
            ]
        return found

    async def _level(self, level: Sequence[tuple[Cid, Place]]) -> list[Node]:
        """These nodes, those that are not in memory asked for together."""
        nodes: list[Node] = []
        for start in range(0, len(level), _NODES):
            some = level[start : start + _NODES]
            lacking = [cid for cid, _ in some if not self._has(cid)]
            if lacking:
                await self._view.fetch_nodes(lacking)
            nodes += [read(self._view.cache.load, cid, place) for cid, place in some]
            await trio.lowlevel.checkpoint()
        return nodes

    def _has(self, cid: Cid) -> bool:
        try:
            self._view.cache.load(cid)
        except MissingBlock:
            return cid == EMPTY.cid
        return True

    async def not_retired(self, root: Cid, labels: set[bytes]) -> list[bytes]:
        """Those labels that are not retired yet: when one was retired never changes."""
        while labels:
            try:
                found = lookup(self._view.cache.load, root, labels)
            except MissingBlock as error:
                await self._fetch_missing(error)
                continue
            return [label for label, cid in found.items() if cid is None]
        return []

    async def _fetch_ways(self, at: Cid, root: Cid, labels: Iterable[bytes]) -> None:
        """The nodes on the way to these labels that are not in memory: many with each request."""
        _, lacking = within_reach(self._view.cache.load, root, labels)
        for start in range(0, len(lacking), _WAYS):
            try:
                await self._view.fetch_ways(at, lacking[start : start + _WAYS])
            except Denied:
                return  # that state is not kept any more; what is needed is asked for one by one

    async def updated(
        self, root: Cid, changes: dict[bytes, Cid | None], at: Cid | None = None
    ) -> tuple[Cid, Sequence[Block]]:
        """A tree after changes; nodes that are not in memory are fetched on the way.

        ``at``: the root block whose tree of leaves it is, to ask for many nodes at once.
        """
        while changes:
            try:
                updated = update(self._view.cache.load, root, changes)
            except MissingBlock as error:
                if at is None:
                    await self._fetch_missing(error)
                else:
                    await self._fetch_ways(at, root, changes)
                    at = None
                continue
            return updated.root, updated.blocks
        return root, ()

    async def loaded(self, cid: Cid) -> bytes:
        """A node or root block, asked for if it is not in memory."""
        try:
            return self._view.cache.load(cid)
        except MissingBlock as error:
            await self._fetch_missing(error)
            return self._view.cache.load(cid)

    async def _fetch_missing(self, missing: MissingBlock) -> None:
        if missing.cid is None:
            raise missing
        await self._view.fetch_nodes([Cid(missing.cid)])
        self._view.cache.load(Cid(missing.cid))
