"""Removing packs that nothing needs, in a thread of its own: nobody waits for a bucket to forget.

What cannot be removed now stays, and is swept by a later start: it costs its room and
nothing else, so no failure here is anybody's error.
"""

from collections.abc import Collection
from queue import SimpleQueue
from threading import Event, Thread
from typing import Final

from formats.errors import DiskFull, StorageFailed
from storage.s3.bucket import Bucket
from storage.s3.cache import Cache
from storage.s3.reading import FOLDER, key_of, number_of

CLOSING_SECONDS: Final = 2.0
"""How long closing waits for removals that are under way."""


class Sweeper:
    """Removes packs, one after another."""

    def __init__(self, bucket: Bucket, cache: Cache | None) -> None:
        self._bucket = bucket
        self._cache = cache
        self._queue: SimpleQueue[int | None] = SimpleQueue()
        self._spared: set[int] = set()  # packs of this process
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self, known: Collection[int] | None) -> None:
        """Begin. ``known``: all packs that the index has; others are swept. None: they are not."""
        self._thread = Thread(target=self._serve, args=(known,), name="s3-sweeper", daemon=True)
        self._thread.start()

    def spare(self, pack: int) -> None:
        """A pack is about to be written."""
        self._spared.add(pack)

    def remove(self, pack: int) -> None:
        """Remove a pack soon."""
        if self._cache is not None:
            self._cache.forget(pack)
        self._queue.put(pack)

    def close(self) -> None:
        """Remove what is due, but do not wait for long."""
        if self._thread is None:
            return
        self._stopping.set()
        self._queue.put(None)
        self._thread.join(CLOSING_SECONDS)

    def _serve(self, known: Collection[int] | None) -> None:
        if known is not None:
            self._sweep(known)
        while (pack := self._queue.get()) is not None:
            try:
                self._bucket.delete(key_of(pack))
            except (StorageFailed, DiskFull):
                continue

    def _sweep(self, known: Collection[int]) -> None:
        try:
            for each in self._bucket.listed(FOLDER):
                if self._stopping.is_set():
                    return
                if self._is_nobodys(each.key, known):
                    self._bucket.delete(each.key)
            for upload in self._bucket.uploads(FOLDER):
                if self._is_nobodys(upload.key, known):
                    self._bucket.abort(upload)
        except (StorageFailed, DiskFull):
            return

    def _is_nobodys(self, key: str, known: Collection[int]) -> bool:
        pack = number_of(key)
        return pack is not None and pack not in known and pack not in self._spared
