"""An exported file that a browser hands in, sealed as it is: kept until it was imported.

A browser has bytes and no path. They come in order into ``HOME/handed``, and go on where they broke
off, as an upload does; whatever lies there for a week untouched is let go of.
"""

import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from client.archive.importing import Archive
from client.drive.disk import local_error
from crypto.hashing import sha256
from formats.errors import Conflict, DiskFull, Expired, Malformed, TooLarge, TooMany, Usage
from formats.limits import FILE
from frontends.api.incoming import Incoming
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from frontends.place import Place

PART: Final = ".part"
LOOKED_AT: Final = 64 * 1024
"""Bytes by which it is seen whether a file begins as an exported account does."""

KEPT: Final = 7 * 24 * 3600.0
"""Seconds for which what was not imported is kept."""

LOOK_EVERY: Final = 3600.0
"""Seconds between two looks at what is too old."""

_WORD: Final = re.compile("[0-9a-f]{32}")
_AGAIN: Final = "choose the file again"


@dataclass(frozen=True, slots=True)
class Beginning:
    """``size`` in bytes. ``mark``: another one for another file, its name, size and time, say."""

    size: int
    mark: str


@dataclass(frozen=True, slots=True)
class Sending:
    """As for ``import/begin``, with the ``offset`` that it said."""

    size: int
    mark: str
    offset: int = 0


async def begin(state: State, asked: Beginning, _reply: Reply) -> Json:
    """Where to go on with an exported file of that size: how many bytes of it are here."""
    handed = Handed(state.place, asked)
    return {"offset": await trio.to_thread.run_sync(handed.arrived)}


async def take(state: State, asked: Sending, _reply: Reply, incoming: Incoming) -> Json:
    """The bytes of the body, from an offset to the end of an exported file; what came is kept."""
    handed = Handed(state.place, asked)
    with handed.open_at(asked.offset) as handle:
        looked_at = False
        while data := await incoming.piped():
            at = await trio.to_thread.run_sync(handed.append, handle, data)
            if not looked_at and at >= LOOKED_AT:
                await trio.to_thread.run_sync(handed.look)
                looked_at = True
        return await trio.to_thread.run_sync(handed.finish, handle)


def find(place: Place, word: str) -> str:
    """The path of the file that ``import/take`` gave a word for; raises Expired."""
    path = Path(place.handed, word)
    if not _WORD.fullmatch(word) or not path.exists():
        raise Expired("that file is not here, or not any more", hint=_AGAIN)
    return str(path)


def forget(path: str) -> None:
    """It was imported, or is of no use."""
    Path(path).unlink(missing_ok=True)


async def keep_tidy(state: State) -> None:
    """Let go of what nobody wanted."""
    while True:
        try:
            await trio.to_thread.run_sync(_tidy, Path(state.place.handed), time.time() - KEPT)
        except OSError as error:
            state.note(local_error(state.place.handed, error))
        await trio.sleep(LOOK_EVERY)


class Handed:
    """One such file. Its methods take a worker thread, but for ``open_at``."""

    def __init__(self, place: Place, asked: Beginning | Sending) -> None:
        if asked.size <= 0:
            raise Usage("a file of no bytes is no exported account", hint="choose another one")
        if asked.size > FILE:
            raise TooLarge(f"a file of {asked.size} bytes: {FILE} are the most")
        said = json.dumps([asked.mark, asked.size]).encode("ascii")
        self._size: Final = asked.size
        self._word: Final = sha256(said)[:16].hex()
        self._whole: Final = Path(place.handed, self._word)
        self._part: Final = Path(place.handed, self._word + PART)

    @property
    def _path(self) -> Path:
        """Where it is, or will be while it comes."""
        return self._whole if self._whole.exists() else self._part

    def arrived(self) -> int:
        """How many bytes of it are here. Raises DiskFull where the rest has no room."""
        try:
            self._make_folder()
            here = self._path.stat().st_size if self._path.exists() else 0
            free = shutil.disk_usage(self._whole.parent).free
        except OSError as error:
            raise local_error(str(self._part), error) from None
        if self._size - here > free:
            raise DiskFull(
                f"the file has {self._size - here} bytes more, and {free} are free on this disk",
                hint="make room there first",
            )
        return here

    @contextmanager
    def open_at(self, offset: int) -> Iterator[int]:
        """Its descriptor, for this sender alone, to write from there on.

        Raises Conflict where something else came, TooMany while somebody else sends it.
        """
        path = self._path
        try:
            self._make_folder()
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise local_error(str(path), error) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            here = os.fstat(handle).st_size
            if offset != here:
                raise Conflict(f"{here} bytes of it are here, not {offset}", hint=_AGAIN)
            yield handle
        except BlockingIOError:
            raise TooMany("this file is being sent already", hint="wait for its end") from None
        finally:
            os.close(handle)

    def _make_folder(self) -> None:
        self._whole.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def append(self, handle: int, data: bytes) -> int:
        """Write on, and say how many bytes there are; raises Malformed, DiskFull."""
        at = os.fstat(handle).st_size
        if at + len(data) > self._size:
            raise Malformed(f"more than {self._size} bytes came", hint=_AGAIN)
        left = memoryview(data)
        try:
            while left:
                written = os.pwrite(handle, left, at)
                at, left = at + written, left[written:]
        except OSError as error:
            raise local_error(str(self._part), error) from None
        return at

    def look(self) -> bool:
        """Whether it takes a device secret, by how it begins.

        Lets go of it, and raises Malformed, if it does not begin as an exported account does.
        """
        path = self._path
        try:
            with Archive.opened(str(path)) as archive:
                return archive.takes_device_secret
        except Malformed:
            forget(str(path))
            raise Malformed(
                "this is no exported account", hint="it is NAME.car, as the export wrote it"
            ) from None

    def finish(self, handle: int) -> Json:
        """All of it came: the word for it. Raises Malformed where something is lacking."""
        here = os.fstat(handle).st_size
        if here != self._size:
            raise Malformed(f"{here} of {self._size} bytes came", hint=_AGAIN)
        takes = self.look()
        if not self._whole.exists():
            self._part.rename(self._whole)
        return {"file": self._word, "device_secret": takes}


def _tidy(folder: Path, before: float) -> None:
    """Let go of what was not touched since ``before``."""
    for each in folder.glob("*"):
        try:
            if each.stat().st_mtime < before:
                each.unlink()
        except FileNotFoundError:
            continue  # it was imported just now
