"""A state machine of open files against plain bytes: others interfere, and the home fails.

What is in the drive, and what each handle reads, is compared with a model after every
step. The machine runs over any two drives of one person; trio runs in a thread of
its own, for a machine's steps are plain functions.
"""

import threading
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from typing import Final, TypeVar

import pytest
import trio
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from client.drive.change import mv, rm
from client.drive.drive import Drive
from client.drive.handle import working
from client.drive.handle.handle import FileHandle
from client.drive.handle.opening import Access, open_handle
from client.drive.header import Shape
from client.drive.listing import ls
from client.drive.target import home_edit
from client.space.reading import Changing
from formats.errors import Conflict, Unreachable
from formats.limits import INLINE
from tests.client.drive.contents import content_of, write_large
from tests.client.drive.drives import content

T = TypeVar("T")
SMALL: Final = Shape(3 * 4096, 4096)
MOST: Final = INLINE + 100_000
NAMES: Final = ("a.txt", "b.txt")

names = st.sampled_from(NAMES)
sizes = st.one_of(
    st.integers(0, MOST),
    st.sampled_from([n + m for n in (0, 4096, 12288, INLINE, 6 * 12288) for m in (0, 1)]),
)
lengths = st.one_of(st.integers(0, 10_000), st.integers(0, 60_000))
seeds = st.integers(0, 255)
handles = st.sampled_from((0, 0, 0, 1, 1, 2))


@dataclass
class Stage:
    """Two drives of one person, and a way to make the home fail for the first of them."""

    mine: Drive
    others: Drive
    fail: Callable[[], AbstractContextManager[None]]


@dataclass
class File:
    """A file of the model. ``version`` counts what was saved."""

    content: bytes
    number: int
    version: int = 0


@dataclass
class Open:
    """A handle and what it should say."""

    handle: FileHandle
    content: bytearray
    number: int | None
    version: int
    name: str


class Loop:
    """trio in a thread; ``run`` calls into it."""

    def __init__(self, opened: Callable[[], AbstractAsyncContextManager[Stage]]) -> None:
        self._opened = opened
        self._ready = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._main)
        self._thread.start()
        self._ready.wait()

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        return trio.from_thread.run(work, trio_token=self._token)

    def stop(self) -> None:
        trio.from_thread.run_sync(self._over.set, trio_token=self._token)
        self._thread.join()

    def _main(self) -> None:
        trio.run(self._serve)

    async def _serve(self) -> None:
        async with self._opened() as self.stage:
            self._token = trio.lowlevel.current_trio_token()
            self._over = trio.Event()
            self._ready.set()
            await self._over.wait()


class Cut(trio.abc.Instrument):
    """Cancels a scope when its task has taken so many steps."""

    def __init__(self, scope: trio.CancelScope, steps: int) -> None:
        self._scope, self._left = scope, steps
        self._task = trio.lowlevel.current_task()

    def after_task_step(self, task: trio.lowlevel.Task) -> None:
        if task is self._task:
            self._left -= 1
            if self._left == 0:
                self._scope.cancel()


async def cut_after(steps: int, work: Callable[[], Awaitable[object]]) -> bool:
    """Do it, cancelled at its so manieth checkpoint; whether it was."""
    with trio.CancelScope() as scope:
        cut = Cut(scope, steps)
        trio.lowlevel.add_instrument(cut)
        try:
            await work()
        finally:
            trio.lowlevel.remove_instrument(cut)
    return scope.cancelled_caught


class Handles(RuleBasedStateMachine):
    """Rules; ``opened`` gives the stage."""

    opened: Callable[[], AbstractAsyncContextManager[Stage]]

    def __init__(self) -> None:
        super().__init__()
        self._patch = pytest.MonkeyPatch()
        self._patch.setattr(working, "MAX_UNSAVED", 5 * 4096)
        self.files: dict[str, File] = {}
        self.open: dict[int, Open] = {}
        self.count = 0
        self.loop = Loop(type(self).opened)
        self.stage = self.loop.stage

    def teardown(self) -> None:
        async def close() -> None:
            for each in self.open.values():
                await each.handle.abandon()

        self.loop.run(close)
        assert self.stage.mine.segments.unsaved == 0
        self.loop.stop()
        self._patch.undo()
        super().teardown()

    # --- the beginning

    @initialize(size=sizes, seed=seeds)
    def plant(self, size: int, seed: int) -> None:
        """A file of small segments, so that little content has many of them."""
        data = content_of(INLINE + 1 + size, seed)

        async def work() -> None:
            drive = self.stage.others
            new = await write_large(drive.space, data, shape=SMALL)

            async def operation(changing: Changing) -> None:
                edit = home_edit(drive, changing)
                await (await edit.folder(())).put(new.entry(NAMES[0]))
                await edit.flush()

            await drive.space.commit(operation)

        self.loop.run(work)
        self.files[NAMES[0]] = self._new(data)

    # --- steps: few rules that each do much, so that all of them meet in every run

    @rule(
        which=handles,
        what=st.sampled_from(("write", "write", "append", "truncate")),
        offset=sizes,
        length=lengths,
        seed=seeds,
    )
    def change(self, which: int, what: str, offset: int, length: int, seed: int) -> None:
        """Something is written through a handle, or it is cut; all of it reads so."""
        at = self._at(which)
        data = content_of(length, seed) if seed % 4 else bytes(length)
        if what == "truncate":
            self.loop.run(lambda: at.handle.truncate(offset))
            at.content = at.content[:offset].ljust(offset, b"\0")
        else:
            offset = len(at.content) if what == "append" else offset
            self.loop.run(lambda: at.handle.write(offset, data))
            if data:
                at.content.extend(bytes(max(0, offset - len(at.content))))
                at.content[offset : offset + length] = data
        assert self.loop.run(lambda: at.handle.read(0, MOST * 2)) == bytes(at.content)

    @rule(which=handles, offset=sizes, length=lengths)
    def read(self, which: int, offset: int, length: int) -> None:
        """A range of what a handle has."""
        at = self._at(which)
        found = self.loop.run(lambda: at.handle.read(offset, length))
        assert found == bytes(at.content[offset : offset + length])

    @rule(
        which=handles,
        before=st.sampled_from(("", "", "write", "remove", "rename")),
        how=st.sampled_from(("flush", "flush", "cancel", "fail", "close", "abandon")),
        steps=st.integers(1, 30),
        size=sizes,
        seed=seeds,
    )
    def save(self, which: int, before: str, how: str, steps: int, size: int, seed: int) -> None:
        """A handle is saved, perhaps after somebody else did something to its file."""
        at = self._at(which)
        there = self._file(at)
        if before:
            self._interfere(before, at.name if there is None else there[0], size, seed)
        if how == "abandon":
            self._close(which)
        elif how == "fail":
            self._save_while_the_home_fails(at)
        elif how == "cancel":
            self._save_and_be_cancelled(which, steps)
        else:
            self._save(at)
            if how == "close":
                self.loop.run(at.handle.close)
                self._close(which)
        assert self.loop.run(self._all) == self._model()

    @rule(what=st.sampled_from(("write", "remove", "rename")), name=names, size=sizes, seed=seeds)
    def interfere(self, what: str, name: str, size: int, seed: int) -> None:
        """Somebody else does something."""
        self._interfere(what, name, size, seed)
        assert self.loop.run(self._all) == self._model()

    def _at(self, which: int) -> Open:
        """A handle; opened if it is not open: number 2 cuts what is there."""
        if which not in self.open:
            name = NAMES[which % 2]
            access = Access(write=True, create=True, truncate=which == 2)
            handle = self.loop.run(lambda: open_handle(self.stage.mine, name, access))
            file = self.files.get(name)
            said = bytearray(b"" if which == 2 or file is None else file.content)
            number, version = (None, 0) if file is None else (file.number, file.version)
            self.open[which] = Open(handle, said, number, version, name)
        return self.open[which]

    def _close(self, which: int) -> None:
        self.loop.run(self.open.pop(which).handle.abandon)

    def _save(self, at: Open) -> None:
        dirty, conflicts = at.handle.is_changed, self._conflicts(at)
        try:
            self.loop.run(at.handle.flush)
        except Conflict:
            assert conflicts
            path = self.loop.run(at.handle.keep_both)
            assert path.name.startswith(f"{at.name[0]} (conflict from device ")
            self._saved_new(at)
        else:
            assert not conflicts
            if dirty:
                self._saved(at)

    def _save_and_be_cancelled(self, which: int, steps: int) -> None:
        at = self._at(which)
        if self._conflicts(at):
            return
        dirty = at.handle.is_changed
        if not self.loop.run(lambda: cut_after(steps, at.handle.flush)):
            if dirty:
                self._saved(at)
            return
        found = self.loop.run(self._all)
        if found != self._model():
            # The commit was sent, and so followed to its end; the handle may not know of it.
            new = found.keys() - self.files.keys()
            self._close(which)
            self._saved(at, new.pop() if new else None)

    def _save_while_the_home_fails(self, at: Open) -> None:
        dirty = at.handle.is_changed
        with self.stage.fail():
            try:
                self.loop.run(at.handle.flush)
            except Unreachable:
                assert dirty
            else:
                assert not dirty

    def _interfere(self, what: str, name: str, size: int, seed: int) -> None:
        others = self.stage.others
        free = [each for each in NAMES if each not in self.files]
        if what == "write":
            self._others_write(name, content_of(size, seed))
        elif what == "remove" and name in self.files:
            self.loop.run(lambda: rm(others, [name]))
            del self.files[name]
        elif what == "rename" and name in self.files and free:
            self.loop.run(lambda: mv(others, [name], free[0]))
            self.files[free[0]] = self.files.pop(name)

    def _others_write(self, name: str, data: bytes) -> None:
        async def work() -> None:
            access = Access(write=True, create=True, truncate=True)
            async with await open_handle(self.stage.others, name, access) as handle:
                await handle.write(0, data)

        before = self.files.get(name)
        self.loop.run(work)
        if before is None:
            self.files[name] = self._new(data)
        elif data or before.content:
            before.content, before.version = data, before.version + 1

    # --- the model

    async def _all(self) -> dict[str, bytes]:
        shown = (await ls(self.stage.others, "")).entries
        return {each.name: await content(self.stage.others, each.name) for each in shown}

    def _model(self) -> dict[str, bytes]:
        return {name: file.content for name, file in self.files.items()}

    def _new(self, data: bytes) -> File:
        self.count += 1
        return File(data, self.count)

    def _file(self, at: Open) -> tuple[str, File] | None:
        found = ((name, file) for name, file in self.files.items() if file.number == at.number)
        return next(found, None)

    def _conflicts(self, at: Open) -> bool:
        """Whether saving it must be refused."""
        if not at.handle.is_changed:
            return False
        if at.number is None:
            return at.name in self.files
        there = self._file(at)
        return there is not None and there[1].version != at.version

    def _saved(self, at: Open, new: str | None = None) -> None:
        """It was saved: in place, made, or put back."""
        there = self._file(at)
        if at.number is None or there is None:
            self._saved_new(at, new)
            return
        name, file = there
        assert new is None
        file.content, file.version = bytes(at.content), file.version + 1
        at.version, at.name = file.version, name

    def _saved_new(self, at: Open, name: str | None = None) -> None:
        name = name or at.handle.path.name
        assert name not in self.files
        file = self.files[name] = self._new(bytes(at.content))
        at.number, at.version, at.name = file.number, 0, name
