"""A log of all file calls of a store, and what a power cut may leave of it.

The rules of a disk, as a file system may have them at worst: what was synced stays.
Every write since is there, gone, or there in some of its sectors only, whatever the
order; the last one was cut off. A file has the length of any of its states since the
last sync. A new name that no sync of its folder followed may be missing, a removed one
be back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Lock
from typing import Final

from storage.embedded.files import Files

SECTOR: Final = 512


def in_memory() -> str | None:
    """A folder in memory, if there is one: what a disk would do is played, not done."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


@dataclass(frozen=True, slots=True)
class Call:
    """One entry: ``what`` is create, write, truncate, sync, names, remove, gone or told."""

    what: str
    path: str = ""
    data: bytes = b""
    number: int = 0


class Log:
    """What happened, in order. For any thread."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._lock = Lock()

    def add(self, call: Call) -> None:
        """Something happened."""
        with self._lock:
            self.calls.append(call)


class LoggingFiles(Files):
    """The calls about packs, logged when they were made. Nothing is really synced."""

    def __init__(self, log: Log, folder: Path) -> None:
        self._log, self._folder = log, folder
        self._paths: dict[int, str] = {}

    def _name(self, path: Path) -> str:
        return str(path.relative_to(self._folder))

    def create(self, path: Path) -> int:
        handle = super().create(path)
        self._paths[handle] = self._name(path)
        self._log.add(Call("create", self._name(path)))
        return handle

    def reopen(self, path: Path) -> int:
        handle = super().reopen(path)
        self._paths[handle] = self._name(path)
        return handle

    def write(self, handle: int, parts: Sequence[bytes], offset: int) -> int:
        gone = super().write(handle, parts, offset)
        whole = b"".join(parts)[:gone]
        self._log.add(Call("write", self._paths[handle], whole, offset))
        return gone

    def sync(self, handle: int) -> None:
        self._log.add(Call("sync", self._paths[handle]))

    def sync_folder(self, path: Path) -> None:
        if path != self._folder.parent:
            self._log.add(Call("names", "" if path == self._folder else self._name(path)))

    def truncate(self, handle: int, size: int) -> None:
        super().truncate(handle, size)
        self._log.add(Call("truncate", self._paths[handle], number=size))

    def allocate(self, handle: int, size: int) -> None:
        """The reserve is no part of this: making it would be most of the work."""

    def remove(self, path: Path) -> None:
        super().remove(path)
        self._log.add(Call("remove", self._name(path)))


class LoggingWatcher:
    """The calls of SQLite, logged the same way."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def before(self, call: str, path: str) -> int:
        """All may happen."""
        return 0

    def wrote(self, path: str, data: bytes, offset: int) -> None:
        self._log.add(Call("write", path, data, offset))

    def truncated(self, path: str, size: int) -> None:
        self._log.add(Call("truncate", path, number=size))

    def synced(self, path: str) -> None:
        # SQLite syncs the folder with the first sync of a log or journal that it made.
        self._log.add(Call("sync", path))
        if path != "index.db":
            self._log.add(Call("names"))

    def removed(self, path: str, synced: bool) -> None:
        self._log.add(Call("remove", path))
        if synced:
            self._log.add(Call("names"))


@dataclass(slots=True)
class _State:
    """One file: as it was when it was last synced, and what came since."""

    durable: bytearray = field(default_factory=bytearray)
    since: list[Call] = field(default_factory=list)
    named: bool = False

    def settle(self) -> None:
        """A sync: all that came since is durable."""
        for call in self.since:
            _apply(self.durable, call)
        self.since.clear()


class Disk:
    """A disk that plays a log and can say at each point what a power cut leaves."""

    def __init__(self) -> None:
        self._files: dict[str, _State] = {"index.db": _State(named=True)}
        self._removed: dict[str, _State] = {}

    def play(self, call: Call) -> None:
        """The next call happened."""
        if call.what == "names":
            self._name_all(call.path)
        elif call.what == "remove":
            gone = self._files.pop(call.path, None)
            if gone is not None and gone.named:
                self._removed[call.path] = gone
        elif call.what == "create":
            self._files[call.path] = _State()
        elif call.what == "sync":
            self._file(call.path).settle()
        elif call.what in ("write", "truncate"):
            self._file(call.path).since.append(call)

    def crash(self, rng: Random) -> Iterator[tuple[str, bytes]]:
        """Names and contents of the files that a power cut now leaves, as chance has it."""
        for path, state in self._files.items():
            if state.named or rng.random() < 0.5:
                yield path, _left(state, rng)
        for path, state in self._removed.items():
            if path not in self._files and rng.random() < 0.5:
                yield path, _left(state, rng)

    def _file(self, path: str) -> _State:
        return self._files.setdefault(path, _State())

    def _name_all(self, folder: str) -> None:
        for path, state in self._files.items():
            if path.rpartition("/")[0] == folder:
                state.named = True
        for path in [each for each in self._removed if each.rpartition("/")[0] == folder]:
            del self._removed[path]


def _left(state: _State, rng: Random) -> bytes:
    """What a power cut leaves of a file."""
    left = bytearray(state.durable)
    for number, call in enumerate(state.since, start=1):
        last = number == len(state.since)
        chance = rng.random()
        if chance < 0.4 and not last:
            _apply(left, call)
        elif chance < 0.7:
            _tear(left, call, rng)
    return bytes(left)


def _tear(content: bytearray, call: Call, rng: Random) -> None:
    """Some sectors of a write, and perhaps the rest of its length as zeros."""
    if call.what == "truncate":
        if rng.random() < 0.5:
            _apply(content, call)
        return
    end = call.number + len(call.data)
    if rng.random() < 0.5 and len(content) < end:
        content.extend(bytes(end - len(content)))
    at = call.number
    while at < end:
        following = min(end, (at // SECTOR + 1) * SECTOR)
        if rng.random() < 0.5:
            part = call.data[at - call.number : following - call.number]
            _apply(content, Call("write", data=part, number=at))
        at = following


def _apply(content: bytearray, call: Call) -> None:
    if call.what == "truncate":
        del content[call.number :]
        content.extend(bytes(max(0, call.number - len(content))))
        return
    if len(content) < call.number:
        content.extend(bytes(call.number - len(content)))
    content[call.number : call.number + len(call.data)] = call.data
