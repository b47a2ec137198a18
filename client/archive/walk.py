"""The blocks of one state, from its root down: which are wanted, and which were there.

A block may come in any order below one that names it. Nothing comes twice, and nothing that
no other names. Costs some 150 bytes of memory for a block: 60 MB for 100 GB of files.
"""

from typing import Final

from formats.cid import Block, Cid
from formats.errors import Malformed
from formats.links import Role, children
from formats.tree.node import EMPTY

STRUCTURE: Final = 256
"""Blocks of structure that are wanted together."""

SEGMENTS: Final = 56
"""Segments that are wanted together: 14 MiB of the usual ones."""


class Walk:
    """One state's. ``blocks`` and ``bytes``: how many came."""

    def __init__(self, root: Cid) -> None:
        self._structure: Final[dict[Cid, Role]] = {root: Role.ROOT}
        self._segments: Final[dict[Cid, None]] = {}
        self._named: Final[set[Cid]] = {root, EMPTY.cid}

    @property
    def is_whole(self) -> bool:
        """Whether everything has come."""
        return not self._structure and not self._segments

    def wanted(self) -> list[Cid]:
        """Some that are wanted now: the latest named first, so that few wait."""
        if len(self._segments) >= SEGMENTS or not self._structure:
            return [cid for cid, _ in zip(self._segments, range(SEGMENTS), strict=False)]
        found = reversed(self._structure)
        return [cid for cid, _ in zip(found, range(STRUCTURE), strict=False)]

    def take(self, block: Block) -> None:
        """It came; raises Malformed for one that is not wanted, or cannot be what it should be."""
        if block.cid in self._segments:
            children(Role.SEGMENT, block.data)
            del self._segments[block.cid]
            return
        role = self._structure.get(block.cid)
        if role is None:
            raise Malformed(f"{block.cid!r} belongs to nothing that came before it")
        links = children(role, block.data)
        del self._structure[block.cid]
        for cid, below in links:
            self._want(cid, below)

    def _want(self, cid: Cid, role: Role) -> None:
        if cid in self._named:
            return
        self._named.add(cid)
        if role is Role.SEGMENT:
            self._segments[cid] = None
        else:
            self._structure[cid] = role
