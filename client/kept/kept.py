"""Blocks and small sealed notes that were kept, found again.

    put  --> a queue in memory --> the writer's thread --> slab and index
    load <-- the queue, or index and slab; hashed again, always

A cache never holds up who reads: putting only queues, and when the queue is full the
disk is too slow and the block is not kept. What does not hash to its name is not
there, and is forgotten; an index that is broken is thrown away, slabs and all, and
nothing is kept until the next start.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import trio

from client.kept.index import Index, is_passing
from client.kept.slabs import Readers, found, take_away
from client.kept.writer import LEAST, SLAB, SLABS, Drop, Job, Note, Put, Remove, Writer
from formats.cid import Block, Cid

QUEUE: Final = 32 * 1024 * 1024
"""Bytes that wait to be written at most."""
LINGER: Final = 0.05
"""Seconds in which more may come before a batch is written."""
RECENT: Final = SLABS // 2
"""A block that is used and that many slabs old, or half of all there can be, is written again."""


class Kept:
    """What one account keeps in one folder (0700), at most ``limit`` bytes. Close it.

    ``queue``: bytes that may wait. Every method may be called while the writer writes.
    """

    def __init__(self, folder: Path, limit: int, queue: int = QUEUE) -> None:
        self._folder: Final = folder
        self._limit: Final = limit
        self._queue: Final = queue
        self._lock: Final = threading.Lock()
        self._moved: Final = threading.Condition(self._lock)
        self._closing: Final = threading.Event()
        self._hurry: Final = threading.Event()
        self._jobs: deque[Job] = deque()
        self._waiting: Final[dict[Cid, bytes]] = {}
        self._notes: Final[dict[bytes, bytes | None]] = {}
        self._size = 0
        self._busy = False
        self._thread: threading.Thread | None = None
        self._reading: Final = threading.Lock()
        self._readers: Final = Readers(folder)
        self._recent: Final = max(RECENT, limit // SLAB // 2)
        self._newest = 0
        self._index: Index | None = self._opened()

    @property
    def works(self) -> bool:
        """Whether anything is kept: not with too small a limit, or after damage."""
        return self._index is not None

    def put(self, space: bytes, block: Block) -> None:
        """Keep a block that was read in a space. At once; written soon."""
        self._put(Put(space, block.cid, block.data))

    def load(self, cid: Cid) -> bytes | None:
        """The bytes of a block, hashed; None when it is not kept."""
        with self._lock:
            waiting = self._waiting.get(cid)
        if waiting is not None:
            return waiting
        return self._read(cid)

    def has(self, cid: Cid) -> bool:
        """Whether it seems to be there. It may turn out damaged."""
        with self._lock:
            if cid in self._waiting:
                return True
        try:
            with self._reading:
                return self._index is not None and self._index.find(cid) is not None
        except sqlite3.Error:
            return False

    async def load_all(self, cids: Sequence[Cid]) -> dict[Cid, bytes]:
        """Those of these blocks that are kept; read in a thread, if any are."""
        there = [cid for cid in cids if self.has(cid)]
        if not there:
            return {}
        loaded = await trio.to_thread.run_sync(lambda: [self.load(cid) for cid in there])
        return {cid: data for cid, data in zip(there, loaded, strict=True) if data is not None}

    def note(self, name: bytes, sealed: bytes | None) -> None:
        """Keep a note under a name, instead of the one that is there; None takes it away."""
        with self._lock:
            if self._index is not None:
                self._notes[name] = sealed
                self._add(Note(name, sealed))

    def noted(self, name: bytes) -> bytes | None:
        """The note of that name."""
        with self._lock:
            if name in self._notes:
                return self._notes[name]
        try:
            with self._reading:
                return None if self._index is None else self._index.noted(name)
        except sqlite3.Error:
            return None

    def drop(self, space: bytes) -> None:
        """Forget every block of a space."""
        with self._lock:
            if self._index is None:
                return
            kept = deque[Job]()
            for job in self._jobs:
                if isinstance(job, Put) and job.space == space:
                    self._done(job)
                else:
                    kept.append(job)
            self._jobs = kept
            self._add(Drop(space))

    def flush(self) -> None:
        """Wait until everything that was put is written."""
        self._hurry.set()
        with self._lock:
            while self._jobs or self._busy:
                self._moved.wait()
        self._hurry.clear()

    def close(self) -> None:
        """Write what waits, and close."""
        self._closing.set()
        self._hurry.set()
        with self._lock:
            self._moved.notify_all()
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
        self._shut()

    def _put(self, job: Put) -> None:
        with self._lock:
            if self._index is None or job.cid in self._waiting:
                return
            if self._size + len(job.data) > self._queue:
                return
            self._waiting[job.cid] = job.data
            self._size += len(job.data)
            self._add(job)

    def _add(self, job: Job) -> None:
        """Queue it; the lock is held."""
        self._jobs.append(job)
        if self._thread is None and not self._closing.is_set():
            self._thread = threading.Thread(target=self._work, name="kept", daemon=True)
            self._thread.start()
        self._moved.notify_all()

    def _read(self, cid: Cid) -> bytes | None:
        try:
            with self._reading:
                where = None if self._index is None else self._index.find(cid)
                if where is None:
                    return None
                data = self._readers.read(where.slab, where.at, where.size)
        except sqlite3.Error:
            self._throw_away()
            return None
        if not cid.matches(data):
            with self._lock:
                self._add(Remove(cid, where))
            return None
        self._use(cid, data, where.slab)
        return data

    def _use(self, cid: Cid, data: bytes, slab: int) -> None:
        """What is used and old is written again, so that it does not go with its slab."""
        if slab + self._recent < self._newest:
            self._put(Put(b"", cid, data, again=True))

    def _work(self) -> None:
        """The writer's thread."""
        try:
            writer = Writer(self._folder, self._limit)
        except sqlite3.Error:
            self._throw_away()
            return
        except OSError:
            self._give_up()
            return
        try:
            while jobs := self._next():
                writer.write(jobs)
                self._written(jobs, writer)
        except sqlite3.Error:
            self._throw_away()
        finally:
            writer.close()

    def _next(self) -> list[Job]:
        """What waits, when something does and a moment has passed; nothing at the end."""
        with self._lock:
            while not self._jobs and not self._closing.is_set():
                self._moved.wait()
        self._hurry.wait(LINGER)
        with self._lock:
            jobs = list(self._jobs)
            self._jobs.clear()
            self._busy = bool(jobs)
            return jobs

    def _written(self, jobs: Sequence[Job], writer: Writer) -> None:
        with self._reading:
            for number in writer.went:
                self._readers.forget(number)
            writer.went.clear()
            self._newest = writer.newest
        with self._lock:
            for job in jobs:
                self._done(job)
            self._busy = False
            self._moved.notify_all()

    def _done(self, job: Job) -> None:
        """It waits no more; the lock is held."""
        if isinstance(job, Put):
            self._size -= len(self._waiting.pop(job.cid, b""))
        elif isinstance(job, Note) and self._notes.get(job.name) is job.sealed:
            self._notes.pop(job.name, None)

    def _opened(self) -> Index | None:
        if self._limit < LEAST:
            self._remove_files()
            return None
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            index = Index(self._folder)
        except sqlite3.Error as error:
            if is_passing(error):
                return None
            self._remove_files()
            return self._opened_anew()
        except OSError:
            return None
        return index

    def _opened_anew(self) -> Index | None:
        try:
            return Index(self._folder)
        except (sqlite3.Error, OSError):
            return None

    def _throw_away(self) -> None:
        """The index is broken: nothing of it can be used, nor of the slabs."""
        self._give_up()
        self._remove_files()

    def _give_up(self) -> None:
        self._shut()
        with self._lock:
            self._jobs.clear()
            self._waiting.clear()
            self._notes.clear()
            self._size, self._busy = 0, False
            self._moved.notify_all()

    def _shut(self) -> None:
        with self._reading:
            index, self._index = self._index, None
            self._readers.close()
        if index is not None:
            index.close()

    def _remove_files(self) -> None:
        with suppress(OSError):
            for number in found(self._folder):
                take_away(self._folder, number)
            for each in self._folder.glob("index.sqlite*"):
                each.unlink(missing_ok=True)
