"""Finding the upload that a put goes on with, or beginning one.

A put of the same size to the same place on the same machine goes on by itself; what
another device began is looked for only if that is asked for (``anywhere``), since
that device may still be at it. Whatever is found, the home says which blocks it
has, and the source is compared with what was sealed unless it is known to be as it was:
two states of a source never make one file.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import trio

from client.drive.drive import Drive
from client.drive.transfers import shelf
from client.drive.transfers.journals import Journals
from client.drive.transfers.uploading import Begun, Uploading, shared_path
from client.space.reading import Staging
from formats.cid import Cid
from formats.errors import Expired


@dataclass(frozen=True, slots=True)
class Uploads:
    """What a put needs to keep its large files. ``anywhere``: also what other devices began."""

    drive: Drive
    journals: Journals
    anywhere: bool = False

    @asynccontextmanager
    async def going_on(
        self, place: tuple[str, ...], size: int, resumed: Callable[[int], None]
    ) -> AsyncIterator[Uploading]:
        """The upload of ``size`` bytes to ``place``, kept for later unless it gets finished."""
        begun = await self._begun(place, size)
        try:
            staging = await self._staging(begun)
            uploading = Uploading(self.drive, self.journals, place, staging, begun, resumed)
            try:
                yield uploading
            finally:
                begun = uploading.begun
                with trio.CancelScope(shield=True):
                    await uploading.end()
        finally:
            self._leave(begun)

    def _leave(self, begun: Begun | None) -> None:
        """Another put may go on with it from now on."""
        if begun is not None:
            self.journals.live.discard(begun.upload.id)
            if begun.journal is not None:
                begun.journal.journal.close()

    async def _begun(self, place: tuple[str, ...], size: int) -> Begun | None:
        """What was begun before, the newest of it."""
        here = [
            found
            for found in self.journals.uploads()
            if (found.upload.place, found.upload.shared) == (place, shared_path(self.drive, place))
            and found.upload.size == size
            and found.upload.id not in self.journals.live
        ]
        if here:
            found = max(here, key=lambda each: each.touched)
            self.journals.live.add(found.upload.id)
            return Begun(found.upload, found.held, found.notes, self.journals.go_on(found))
        noted = self.anywhere and self.drive.outer is None
        return await self._elsewhere(place, size) if noted else None

    async def _elsewhere(self, place: tuple[str, ...], size: int) -> Begun | None:
        there = [
            each
            for each in await shelf.noted(self.drive)
            if (each.upload.place, each.upload.size) == (place, size)
            and each.upload.id not in self.journals.live
        ]
        if not there:
            return None
        found = max(there, key=lambda each: each.touched)
        held = {chunk: (each, b"") for chunk, each in found.held.items()}
        return Begun(found.upload, held, found.notes)

    async def _staging(self, begun: Begun | None) -> Staging:
        """The session it is staged in, or a new one; what the home lacks is not held any more."""
        if begun is None:
            return await self.drive.space.open_staging()
        staging = self.drive.space.staged(begun.upload.session)
        try:
            lacking = await staging.missing(_named(begun))
        except Expired:
            staging = await self.drive.space.open_staging()
            begun.upload = replace(begun.upload, session=staging.session)
            if begun.journal is not None:
                begun.journal.session(staging.session, self.drive.now())
            lacking = await staging.missing(_named(begun))
        begun.held = {
            chunk: (held, mark)
            for chunk, (held, mark) in begun.held.items()
            if lacking.isdisjoint(held.named())
        }
        return staging


def _named(begun: Begun) -> list[Cid]:
    return [cid for held, _ in begun.held.values() for cid in held.named()]
