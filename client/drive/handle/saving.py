"""From a draft to a new version of its file: what is sealed anew, and what stays as it is.

A chunk whose bytes did not change keeps its leaf, untouched. A chunk that changed
gets a leaf that names new segments where something was written, and the old ones
everywhere else; so one byte of a terabyte moves one segment. What follows from
another length is sealed anew too: the segment in which the file ended before, and the
one in which it ends now, for padding is sealed with them.

A chunk in which there is nothing but zeros becomes a hole, as far as the header has
room for holes. A file of up to 64 KiB goes into its header leaf.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from client.drive.content import chunk_leaf, segment_sizes
from client.drive.handle.draft import Draft, is_zero
from client.drive.handle.holes import Runs, joined, shortest, within, without
from client.drive.handle.session import DraftSession
from client.drive.handle.version import Version
from client.drive.header import MAX_HOLES, FileHeader, Shape
from client.drive.node import header_leaf, inline_leaf
from client.drive.ring import Ring
from client.keys import NodeKeys
from formats.cid import Cid
from formats.leaf import Leaf

AT_ONCE: Final = 16
"""Segments sealed and staged in one request."""

Load = Callable[[Sequence[int]], Awaitable[Mapping[int, bytes]]]
"""What segments hold now, by number; no bytes beyond the end of the file."""


@dataclass(slots=True)
class Sealed:
    """A version that is sealed and staged: what one commit has to note.

    ``chunks``: leaves that are new. ``gone``: chunks that had a leaf and have none any more.
    """

    keys: NodeKeys
    header: FileHeader
    leaf: Leaf
    chunks: dict[int, Leaf] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)


async def seal_small(draft: Draft, version: Version, load: Load, modified: int) -> Sealed:
    """A version of at most 64 KiB: its content in the header leaf."""
    keys, below = version.node.keys, version.header
    content = b"".join((await load(draft.numbers(0, draft.size))).values())
    header = _header(below, draft.size, modified, ring=below.ring.replaced(below.id))
    gone = [] if below.inline else list(below.stored_chunks())
    return Sealed(keys, header, inline_leaf(keys, header, content), gone=gone)


async def seal_large(
    draft: Draft, version: Version, load: Load, modified: int, session: DraftSession, anew: bool
) -> Sealed:
    """A version in chunks. ``anew``: nothing of the version below may stay as it is."""
    below, keys = version.header, version.node.keys
    changes = _Changes(draft, below, anew)
    header = _header(
        below,
        draft.size,
        modified,
        ring=session.ring,
        shape=draft.shape,
        holes=changes.holes,
    )
    sealed = Sealed(keys, header, header_leaf(keys, header), gone=changes.gone())
    for chunk in sorted(changes.built):
        cids = await _chunk(chunk, draft, version, load, session, anew)
        sealed.chunks[chunk] = chunk_leaf(keys, chunk, cids)[1]
    return sealed


class _Changes:
    """Which chunks get a leaf, which become holes."""

    def __init__(self, draft: Draft, below: FileHeader, anew: bool) -> None:
        self._draft: Final = draft
        self._below: Final = below
        self._chunk: Final = draft.shape.chunk
        self._chunks: Final = draft.shape.chunks(draft.size)
        touched = self._touched() | (set(self._stored_below()) if anew else set())
        self._zero: Final = {chunk for chunk in touched if self._is_zero(chunk)}
        self.built: Final = touched - self._zero
        """Chunks whose leaf is made."""
        self.holes: Final = self._with_holes()
        """Runs of chunks that have none."""

    def gone(self) -> list[int]:
        """Chunks that had a leaf and have none any more."""
        cut = self._draft.shape.chunks(self._draft.kept)
        if self._below.inline or (cut >= self._below.chunks and not self._zero):
            return []
        stored = (chunk for chunk in self._below.stored_chunks() if chunk not in self.built)
        return [chunk for chunk in stored if chunk >= cut or chunk in self._zero]

    def _touched(self) -> set[int]:
        """Chunks of the new version that are not as they were."""
        draft = self._draft
        per_chunk = draft.shape.per_chunk
        found = {number // per_chunk for number in (*draft.dirty, *draft.staged)}
        ends = {draft.kept, draft.size, min(draft.below, draft.size)}
        if draft.size != draft.below or draft.kept != draft.below:
            found |= {end // self._chunk for end in ends if end % self._chunk}
        if self._below.inline and draft.kept:
            found.add(0)
        return {chunk for chunk in found if chunk < self._chunks}

    def _is_zero(self, chunk: int) -> bool:
        """Whether a chunk holds zeros alone, as far as that is seen without reading it."""
        if self._has_below(chunk):
            return False
        draft = self._draft
        first = chunk * draft.shape.per_chunk
        numbers = range(first, first + draft.shape.per_chunk)
        if any(draft.staged.get(number) is not None for number in numbers):
            return False
        return all(is_zero(draft.dirty[number]) for number in numbers if number in draft.dirty)

    def _has_below(self, chunk: int) -> bool:
        """Whether something of the version below still shows in a chunk."""
        draft = self._draft
        first = chunk * draft.shape.per_chunk
        numbers = range(first, first + draft.shape.per_chunk)
        shows = any(
            draft.counts(number) and number not in draft.dirty and number not in draft.staged
            for number in numbers
        )
        return shows and not self._below.is_hole(chunk)

    def _stored_below(self) -> Iterator[int]:
        if self._below.inline:
            return
        for chunk in self._below.stored_chunks():
            if chunk * self._chunk >= self._draft.kept:
                return
            yield chunk

    def _with_holes(self) -> Runs:
        chunks, kept = self._chunks, self._draft.shape.chunks(self._draft.kept)
        below = within(() if self._below.inline else self._below.holes, kept)
        runs = [*below, (kept, chunks - kept), *((chunk, 1) for chunk in self._zero)]
        holes = without(within(joined(runs), chunks), self.built)
        filled = shortest(holes, MAX_HOLES)
        self.built.update(filled)
        return without(holes, filled)


async def _chunk(
    chunk: int,
    draft: Draft,
    version: Version,
    load: Load,
    session: DraftSession,
    anew: bool,
) -> bytes:
    """The CIDs of a chunk's segments, joined; those that are new are staged."""
    shape = draft.shape
    sizes = segment_sizes(shape, min(shape.chunk, draft.size - chunk * shape.chunk))
    first = chunk * shape.per_chunk
    cids: dict[int, Cid] = {}
    lacking: list[int] = []
    old = None if anew else await _old_segments(version, chunk)
    for number, size in enumerate(sizes, first):
        staged = draft.staged.get(number)
        if staged is not None:
            cids[number] = staged
        elif old is not None and _stays(draft, version.header, number, size):
            cids[number] = old[number - first]
        else:
            lacking.append(number)
    for start in range(0, len(lacking), AT_ONCE):
        some = lacking[start : start + AT_ONCE]
        content = await load(some)
        padded = {each: content[each].ljust(sizes[each - first], b"\0") for each in some}
        fresh = await session.stage(padded)
        cids |= fresh
        for number, cid in fresh.items():
            version.seen(chunk, cid, padded[number])
    return b"".join(cids[number] for number in sorted(cids))


async def _old_segments(version: Version, chunk: int) -> tuple[Cid, ...] | None:
    header = version.header
    if header.inline or chunk >= header.chunks or header.is_hole(chunk):
        return None
    return (await version.leaf(chunk)).segments


def _stays(draft: Draft, below: FileHeader, number: int, size: int) -> bool:
    """Whether a segment of the version below is what the new one needs, padding and all."""
    if number in draft.dirty or number in draft.staged:
        return False
    chunk, position = divmod(number, draft.shape.per_chunk)
    before = segment_sizes(
        draft.shape, min(draft.shape.chunk, below.size - chunk * draft.shape.chunk)
    )
    was = max(0, min(draft.shape.segment, below.size - number * draft.shape.segment))
    same = draft.counts(number) == was == draft.length(number)
    return same and position < len(before) and before[position] == size


def _header(
    below: FileHeader,
    size: int,
    modified: int,
    *,
    ring: Ring,
    shape: Shape | None = None,
    holes: Runs = (),
) -> FileHeader:
    """The header of the next version; without a ``shape`` its content is in its leaf."""
    return replace(
        below,
        ring=ring,
        size=size,
        modified=modified,
        inline=shape is None,
        holes=holes,
        hash=None,
        shape=shape or Shape(),
        thumb=False,
    )
