"""A file as one handle sees it: a version, a draft on top of it, and where the draft is staged.

Calls that change something take turns; the handle sees to that. Of a draft at most
some MiB are in memory: what is more is staged at the home, sealed, and read back
from there when it is needed again.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

import trio

from client.drive.handle.draft import Draft, check_size, is_zero
from client.drive.handle.ring import ring_for
from client.drive.handle.saving import AT_ONCE, Sealed, seal_large, seal_small
from client.drive.handle.segments import UNSAVED, Segments
from client.drive.handle.session import DraftSession
from client.drive.handle.version import Version
from client.drive.header import Shape
from client.space.reading import Space
from formats.cid import Cid
from formats.limits import INLINE, MIB

MAX_UNSAVED: Final = 8 * MIB
"""Bytes that one handle holds unsaved in memory."""


class Working:
    """What a handle reads and changes. ``cache`` counts what all handles have in memory."""

    def __init__(self, space: Space, version: Version, cache: Segments) -> None:
        self.version: Final = version
        self.draft: Final = _draft_on(version)
        self._space: Final = space
        self._cache: Final = cache
        self._session: DraftSession | None = None
        self._anew = False
        self._counted = 0

    @property
    def session(self) -> bytes | None:
        """The secret name of the staging session, if there is one."""
        return None if self._session is None else self._session.session

    async def read(self, offset: int, end: int, ahead: Sequence[int] = ()) -> bytes:
        """Bytes from ``offset`` to ``end``, which is not beyond the end of the file."""
        step = self.draft.shape.segment
        numbers = self.draft.numbers(offset, end - offset)
        content = await self.load(numbers, ahead)
        parts = [
            memoryview(content[number])[max(0, offset - number * step) : end - number * step]
            for number in numbers
        ]
        return b"".join(parts)

    async def load(self, numbers: Sequence[int], ahead: Sequence[int] = ()) -> Mapping[int, bytes]:
        """What segments hold now, by number and in order, no bytes beyond the end of the file."""
        draft = self.draft
        found = {each: bytes(draft.dirty[each]) for each in numbers if each in draft.dirty}
        found |= await self._recalled([each for each in numbers if each in draft.staged])
        below = [each for each in numbers if each not in found and draft.counts(each)]
        if below:
            got = await self.version.segments(below, ahead)
            found |= {each: got[each][: draft.counts(each)] for each in below}
        sizes = {each: draft.length(each) for each in numbers}
        return {
            each: found.get(each, b"")[:size].ljust(size, b"\0") for each, size in sizes.items()
        }

    async def write(self, offset: int, data: memoryview) -> None:
        """Write, a few MiB at a time; waits while too much is in memory."""
        check_size(offset + len(data))
        step = AT_ONCE * self.draft.shape.segment
        for start in range(0, len(data), step):
            piece = data[start : start + step]
            await self._make_room()
            edges = await self.load(self.draft.edges(offset + start, len(piece)))
            self.draft.write(offset + start, piece, edges)
            self._count()

    async def resize(self, size: int) -> None:
        """Cut, or grow by zeros."""
        edge = self.draft.cut_at(check_size(size))
        before = b"" if edge is None else (await self.load([edge]))[edge]
        self.draft.resize(size, before)
        self._count()

    async def sealed(self, modified: int) -> Sealed:
        """All of it sealed, and staged where it is large. ``modified`` as in headers."""
        if self.draft.size <= INLINE:
            return await seal_small(self.draft, self.version, self.load, modified)
        session = self._begun()
        work = self.draft, self.version, self.load
        return await seal_large(*work, modified, session, self._anew)

    async def take_over(self, other: "Working") -> None:
        """The draft of another, on a version with the same content under other keys.

        What was staged is sealed anew: nothing more is written under the old ones.
        """
        theirs = other.draft
        self.draft.size, self.draft.kept = theirs.size, theirs.kept
        self.draft.dirty.update(theirs.dirty)
        self.draft.staged.update({each: None for each, cid in theirs.staged.items() if cid is None})
        staged = [each for each, cid in theirs.staged.items() if cid is not None]
        for start in range(0, len(staged), AT_ONCE):
            some = await other.load(staged[start : start + AT_ONCE])
            self.draft.staged.update(await self._begun().stage(some))

    async def aclose(self) -> None:
        """Let go of it: what no commit named is forgotten."""
        self._cache.unsaved -= self._counted
        self._counted = 0
        session, self._session = self._session, None
        if session is not None:
            await session.aclose()

    async def _recalled(self, staged: Sequence[int]) -> dict[int, bytes]:
        """What staged segments hold."""
        cids = {each: cid for each in staged if (cid := self.draft.staged[each]) is not None}
        found = {each: b"" for each in staged if each not in cids}
        return found if self._session is None else found | await self._session.recall(cids)

    async def _make_room(self) -> None:
        """Stage what was written first, while there is too much in memory."""
        await trio.lowlevel.checkpoint()
        while self.draft.unsaved >= MAX_UNSAVED or self._cache.unsaved >= UNSAVED:
            some = list(islice(self.draft.stageable(), AT_ONCE))
            if not some:
                return
            await self._stage(some)

    async def _stage(self, numbers: Sequence[int]) -> None:
        dirty = self.draft.dirty
        zeros = [each for each in numbers if is_zero(dirty[each])]
        took: dict[int, Cid | None] = dict.fromkeys(zeros)
        rest = {each: dirty[each] for each in numbers if each not in took}
        took |= await self._begun().stage(rest)
        self.draft.took(took)
        self._count()

    def _begun(self) -> DraftSession:
        """Where segments are staged; which key seals them is settled with the first one."""
        if self._session is None:
            ring, self._anew = ring_for(self.version.header, self.draft.kept == 0)
            self._session = DraftSession(self._space, ring, self.draft.shape.per_chunk)
        return self._session

    def _count(self) -> None:
        """Keep the sum over all handles."""
        self._cache.unsaved += self.draft.unsaved - self._counted
        self._counted = self.draft.unsaved


def _draft_on(version: Version) -> Draft:
    header = version.header
    return Draft.of(Shape() if header.inline else header.shape, header.size)
