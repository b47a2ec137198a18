"""Taking a tree of things into the own home: sealed in batches, committed in order.

Where things come from is an ``Origin``: a local disk (``local.py``) or
somebody's drive (``copying.py``). While one batch is being committed the next is
sealed. Small files travel inside the commit itself; larger ones are staged
before. Each commit holds whole files only, so what is visible is never half.

A file is planned upon what is there when its turn comes. If somebody else made
another version of it before it is committed, both are kept: it goes beside, in the
same commit (docs/decisions/0151). If what was there was taken away, or has new keys
only, it is planned again. One thing that cannot be done is told and spares the rest.
"""

from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import trio

from client.drive.conflict import conflict_names
from client.drive.drive import Drive
from client.drive.edit import TreeEdit
from client.drive.events import LeftOut, Told
from client.drive.file import NewFile, large_file, plan_file
from client.drive.header import FileHeader
from client.drive.intake.bases import (
    Bases,
    Seen,
    Update,
    find_bases,
    is_same_large,
    is_same_small,
    is_there,
)
from client.drive.intake.batch import MAX_STAGED, Batch, groups
from client.drive.intake.items import FileItem, Item, is_large, is_small, kind_of
from client.drive.intake.noting import Again, Kept, Noting, Outcome
from client.drive.intake.origin import Large, Loaded, Origin, Small
from client.drive.intake.sealing import Made, Ready, make_others, seal_small
from client.drive.node import FileNode
from client.drive.staging import Buffers
from client.drive.stored import Stored, can_be_compared
from client.drive.tasks import together
from client.drive.transfers.uploading import Uploading
from client.drive.transfers.uploads import Uploads
from client.drive.writer import Content, ContentWriter, content_writer
from client.space.reading import Changing, Staging
from formats.errors import Conflict, Denied, Expired, HoldfastError

ATTEMPTS: Final = 16
"""How often a file is planned before it is given up because others keep changing it.

Of those who meet one always gets through, so this many would have to, in a row."""
READS: Final = 2
"""How often a larger file that changes while it is read is read."""
_BATCHES: Final = 2
_FILES: Final = 4
_NOT_WORTH_A_HOP: Final = 2


async def take_in(
    drive: Drive,
    origin: Origin,
    told: Told,
    replacing: bool = True,
    seen: Seen | None = None,
    update: Update = Update.NO,
    uploads: Uploads | None = None,
) -> None:
    """Take in everything the origin has. Returns when all of it is committed.

    ``replacing``: a file that is there gets a new version, else it is left out.
    ``seen``: the own home, and folders in it, if they were just looked at.
    ``update``: what becomes of files that are there, besides.
    ``uploads`` keeps what was sent of files that have a commit to themselves, so that
    they can be gone on with.
    """
    intake = _Intake(drive, origin, told, replacing, seen or {}, update, uploads)
    batch, size = Batch(), 0
    async with together() as nursery:
        while (items := await origin.more()) is not None:
            for item in items:
                if not batch.has_room(item):
                    await intake.start(nursery, batch.items)
                    batch = Batch()
                batch.add(item)
                size = item.size if isinstance(item, FileItem) else 0
                if isinstance(item, FileItem):
                    told.found(size)
        told.all_found = True
        await intake.start(nursery, batch.items)


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A batch that can be committed. ``later``: what does not go with the upload of a long file."""

    ready: list[Ready]
    session: bytes | None
    upload: Uploading | None
    later: list[Item]


class _Intake:
    """Batches under way. They are sealed side by side and committed in order."""

    def __init__(
        self,
        drive: Drive,
        origin: Origin,
        told: Told,
        replacing: bool,
        seen: Seen,
        update: Update,
        uploads: Uploads | None,
    ) -> None:
        self._drive: Final = drive
        self._replacing: Final = replacing
        self._update: Final = update
        self._uploads: Final = uploads
        self._origin: Final = origin
        self._told: Final = told
        self._buffers: Final = Buffers()
        self._under_way: Final = trio.Semaphore(_BATCHES)
        self._files: Final = trio.Semaphore(_FILES)
        self._seen = seen
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
            sealed = await self._prepared(items, stack)
            await before.wait()
            if not sealed.ready:
                return sealed.later
            outcomes = await self._commit(sealed)
        return await self._tell(sealed.ready, outcomes) + sealed.later

    async def _commit(self, sealed: _Sealed) -> list[Outcome]:
        """Make it visible. An upload that the home has not after all begins again the next time."""
        try:
            outcomes = await self._noted(sealed)
        except (Denied, Expired):
            if sealed.upload is not None:
                sealed.upload.finished = True
            raise
        if sealed.upload is not None:
            ends = zip(sealed.ready, outcomes, strict=True)
            ended = {each.item.place for each, outcome in ends if outcome is not Again.AGAIN}
            sealed.upload.finished = sealed.upload.place in ended
        return outcomes

    async def _noted(self, sealed: _Sealed) -> list[Outcome]:
        """With whatever else is put at the same time, unless it has a session of its own."""
        if sealed.session is not None or sealed.upload is not None:
            return await self._drive.space.commit(partial(self._operation, sealed))
        size = sum(each.weight for each in sealed.ready)
        return await self._drive.gathering.commit(partial(self._note, sealed.ready), size)

    async def _prepared(self, items: Sequence[Item], stack: AsyncExitStack) -> _Sealed:
        """Everything sealed, in order, and where large files were staged."""
        seen, self._seen = self._seen, {}
        bases = await find_bases(self._drive, seen, items)
        if self._update is Update.CHANGED:
            items = self._changed(items, bases)
        made: dict[int, Made] = {}
        small = [at for at, item in enumerate(items) if is_small(item)]
        large = [at for at, item in enumerate(items) if is_large(item)]
        others = [at for at, item in enumerate(items) if not isinstance(item, FileItem)]
        large += await self._small(items, small, bases, made)
        upload, session, later = None, None, list[Item]()
        if large:
            long = next((at for at in large if self._is_long(items[at])), None)
            if long is not None:
                later = [items[at] for at in large if at != long]
                large = [long]
            upload, staging = await self._staging(items, long, stack)
            session = staging.session
            async with content_writer(staging, self._buffers, self._told.moved) as writer:
                for at in large:
                    await self._files.acquire()
                    writer.nursery.start_soon(
                        self._large, writer, items[at], at, bases, made, upload
                    )
        if others:
            now = self._drive.now_ns()
            await trio.to_thread.run_sync(make_others, items, others, made, now)
        ready = [Ready(items[at], made[at], at in large) for at in sorted(made)]
        return _Sealed(ready, session, upload, later)

    def _is_long(self, item: Item) -> bool:
        return self._uploads is not None and isinstance(item, FileItem) and item.size > MAX_STAGED

    async def _staging(
        self, items: Sequence[Item], long: int | None, stack: AsyncExitStack
    ) -> tuple[Uploading | None, Staging]:
        """Where larger files of a batch are staged: the upload of a long one, which is alone."""
        item = None if long is None else items[long]
        if self._uploads is None or not isinstance(item, FileItem):
            return None, await stack.enter_async_context(self._drive.space.staging())
        going_on = self._uploads.going_on(item.place, item.size, self._told.already)
        upload = await stack.enter_async_context(going_on)
        return upload, upload.staging

    def _changed(self, items: Sequence[Item], bases: Bases) -> list[Item]:
        """Without the files that are there as they are here, by size and time."""
        changed: list[Item] = []
        for item in items:
            if isinstance(item, FileItem) and is_there(item, bases.nodes.get(item.place)):
                self._told.same(item.size)
            else:
                changed.append(item)
        return changed

    async def _small(
        self, items: Sequence[Item], small: list[int], bases: Bases, made: dict[int, Made]
    ) -> list[int]:
        """Load and seal small files; the places of those that are not small any more."""
        grown: list[int] = []
        for group in groups(items, small):
            files = [item for at in group if isinstance(item := items[at], FileItem)]
            loaded = await self._with_pictures(await self._origin.small(files, bases))
            if len(files) <= _NOT_WORTH_A_HOP:
                sealed = seal_small(files, loaded, bases)
            else:
                sealed = await trio.to_thread.run_sync(seal_small, files, loaded, bases)
            for at, file, load, new in zip(group, files, loaded, sealed, strict=True):
                if isinstance(load, HoldfastError):
                    await self._told.skip(file.source, load)
                elif new is None:
                    grown.append(at)
                elif self._update is Update.COMPARED and is_same_small(new):
                    self._told.same(file.size)
                else:
                    made[at] = new
        return grown

    async def _with_pictures(self, loaded: list[Small]) -> list[Small]:
        """Small files, with thumbnails of those that are images."""
        maker = self._drive.thumbnails
        if maker is None:
            return loaded
        for at, load in enumerate(loaded):
            if not isinstance(load, Loaded) or load.picture is not None:
                continue
            if maker.draws(load.about.type, len(load.content)):
                loaded[at] = replace(load, picture=await maker.make(load.content))
        return loaded

    async def _picture(self, large: Large) -> bytes | None:
        maker = self._drive.thumbnails
        if maker is None or not maker.draws(large.about.type, large.size):
            return None
        return await large.picture(maker)

    async def _large(
        self,
        writer: ContentWriter,
        item: Item,
        at: int,
        bases: Bases,
        made: dict[int, Made],
        upload: Uploading | None,
    ) -> None:
        """Seal and stage one larger file; again if it changes meanwhile."""
        assert isinstance(item, FileItem)
        try:
            new = await self._written(writer, item, bases, upload)
            if self._update is Update.COMPARED and is_same_large(new):
                self._told.was_there(item.size)
            else:
                made[at] = new
        except LeftOut as left_out:
            await self._told.skip(item.source, left_out.error)
        finally:
            self._files.release()

    async def _written(
        self, writer: ContentWriter, item: FileItem, bases: Bases, upload: Uploading | None
    ) -> NewFile:
        base = bases.nodes.get(item.place)
        for _ in range(READS):
            async with self._origin.large(item) as large:
                keys, header = plan_file(large.size, large.about, base)
                if header.inline:
                    continue  # it shrank: the next attempt of the batch will see it so
                if self._compares(base, upload):
                    header, content = await self._compared(writer, header, large, base, item)
                else:
                    if upload is not None:
                        header = upload.plan(item.source, large.mark, header)
                    content = await writer.write(header, large.source, upload)
                picture = await self._picture(large)
                if await large.is_unchanged():
                    instead = bases.entries.get(item.place)
                    return large_file(keys, header, content, base, instead, picture)
        raise LeftOut(Conflict(f"{item.source}: it kept changing while it was being read"))

    def _compares(self, base: FileNode | None, upload: Uploading | None) -> bool:
        """Whether to look for what changed; not where an upload was begun, which goes on."""
        begun = upload is not None and upload.begun is not None
        return self._update is not Update.NO and can_be_compared(base) and not begun

    async def _compared(
        self,
        writer: ContentWriter,
        header: FileHeader,
        large: Large,
        base: FileNode | None,
        item: FileItem,
    ) -> tuple[FileHeader, Content]:
        """Seal and stage what changed of a larger file; the rest is named again."""
        assert base is not None
        reading = await self._drive.space.reading()
        stored = Stored(reading, base, self._path(item))
        header = replace(header, ring=base.header.ring.renewed(base.header.id))
        content = await writer.update(header, large.source, stored, self._told.already)
        if not content.sealed:
            header = replace(header, ring=base.header.ring)  # no need of another key
        return header, content

    async def _operation(self, sealed: _Sealed, changing: Changing) -> list[Outcome]:
        if sealed.session is not None:
            changing.use_staging(sealed.session)
        edit = self._drive.edit(changing)
        outcomes = await self._note(sealed.ready, edit)
        if sealed.upload is not None:
            await sealed.upload.strike(edit)
        await edit.flush()
        return outcomes

    async def _note(self, ready: Sequence[Ready], edit: TreeEdit) -> list[Outcome]:
        """Note everything that is ready; what became of each."""
        beside = None if self._drive.alone else self._beside
        noting = Noting(edit, self._replacing, beside)
        await noting.reach(ready)
        return [await noting.note(each) for each in ready]

    def _beside(self, name: str) -> Iterator[str]:
        return conflict_names(name, self._drive.device, self._drive.now())

    def _path(self, item: Item) -> str:
        return str(self._drive.at(*item.place))

    async def _tell(self, ready: Sequence[Ready], outcomes: Sequence[Outcome]) -> list[Item]:
        """Tell what became of the items of a commit; those that must be planned again."""
        ends = list(zip(ready, outcomes, strict=True))
        done = [each for each, outcome in ends if outcome is None or isinstance(outcome, Kept)]
        await self._told.moved(sum(each.inline for each in done))
        again = []
        for each, outcome in ends:
            if isinstance(outcome, Kept):
                beside = self._path(replace(each.item, name=outcome.name))
                await self._told.kept_both(self._path(each.item), beside, each.size)
            elif outcome is None:
                path = self._path(each.item)
                await self._told.done(path, kind_of(each.item), each.size)
            elif isinstance(outcome, HoldfastError):
                await self._told.skip(each.item.source, outcome)
            elif outcome is Again.AGAIN:
                again.append(each.item)
        return again
