"""SQLite's own file calls, seen and failed on order.

SQLite reaches the disk through a table of functions. We put our own in front of some
of them, in the very library that Python's ``sqlite3`` uses, by ``ctypes``: nothing is
compiled, and what is tested is what people run. ``available`` says whether the
library can be reached; one that is linked into Python itself often cannot.
"""

import _sqlite3
import ctypes as c
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

OK: Final = 0
SHORT: Final = -1
FULL: Final = 13
"""SQLITE_FULL: also what SQLite makes of a short write."""
_Pointer = c.c_void_p

_OPEN = c.CFUNCTYPE(c.c_int, _Pointer, _Pointer, _Pointer, c.c_int, _Pointer)
_DELETE = c.CFUNCTYPE(c.c_int, _Pointer, c.c_char_p, c.c_int)
_CLOSE = c.CFUNCTYPE(c.c_int, _Pointer)
_READ = c.CFUNCTYPE(c.c_int, _Pointer, _Pointer, c.c_int, c.c_int64)
_WRITE = c.CFUNCTYPE(c.c_int, _Pointer, _Pointer, c.c_int, c.c_int64)
_TRUNCATE = c.CFUNCTYPE(c.c_int, _Pointer, c.c_int64)
_SYNC = c.CFUNCTYPE(c.c_int, _Pointer, c.c_int)


class _Vfs(c.Structure):
    """``sqlite3_vfs``, as far as we need it."""

    _fields_ = [
        ("version", c.c_int),
        ("file_size", c.c_int),
        ("path_size", c.c_int),
        ("next", _Pointer),
        ("name", c.c_char_p),
        ("data", _Pointer),
        ("open", _OPEN),
        ("delete", _DELETE),
    ]


class _Methods(c.Structure):
    """``sqlite3_io_methods``: what an open file can do."""

    _fields_ = [
        ("version", c.c_int),
        ("close", _CLOSE),
        ("read", _READ),
        ("write", _WRITE),
        ("truncate", _TRUNCATE),
        ("sync", _SYNC),
        ("others", _Pointer * 13),
    ]


class _File(c.Structure):
    """``sqlite3_file``."""

    _fields_ = [("methods", c.POINTER(_Methods))]


class Watcher(Protocol):
    """Who is told of each call that was made, and may fail it before."""

    def before(self, call: str, path: str) -> int:
        """A call is about to be made: open, read, write, truncate, sync or remove.

        0 lets it happen; an SQLite code is its answer instead; ``SHORT`` makes half of a write.
        """
        ...

    def wrote(self, path: str, data: bytes, offset: int) -> None: ...
    def truncated(self, path: str, size: int) -> None: ...
    def synced(self, path: str) -> None: ...
    def removed(self, path: str, synced: bool) -> None: ...


def _library() -> c.CDLL | None:
    maps = Path("/proc/self/maps")
    mapped = maps.read_text() if maps.exists() else ""
    found = re.search(r"(/\S*libsqlite3\.so[.\d]*)", mapped)
    path = found[1] if found else getattr(_sqlite3, "__file__", None)
    library = c.CDLL(path)
    return library if hasattr(library, "sqlite3_vfs_find") else None


_LIBRARY: Final = _library()
available: Final = _LIBRARY is not None


@contextmanager
def watched(folder: Path, watcher: Watcher) -> Iterator[None]:
    """Tell ``watcher`` of every call about SQLite's files in ``folder``, but for ``-shm``."""
    assert _LIBRARY is not None, "this Python's SQLite cannot be reached"
    find = _LIBRARY.sqlite3_vfs_find
    find.restype, find.argtypes = c.POINTER(_Vfs), [c.c_char_p]
    vfs = find(None).contents
    shim = _Shim(vfs, str(folder) + os.sep, watcher)
    opens, deletes = _again(_OPEN, vfs.open), _again(_DELETE, vfs.delete)
    vfs.open, vfs.delete = shim.open, shim.delete
    try:
        yield
    finally:
        vfs.open, vfs.delete = opens, deletes


class _Shim:
    """Our functions, and the ones behind them. Must live as long as a file is open."""

    _kept: Final[list["_Shim"]] = []

    def __init__(self, vfs: _Vfs, folder: str, watcher: Watcher) -> None:
        self._folder, self._watcher = folder, watcher
        self._paths: dict[int, str] = {}
        self._tables: dict[int, tuple[_Methods, _Methods]] = {}
        real_open, real_delete = _again(_OPEN, vfs.open), _again(_DELETE, vfs.delete)
        self.open = _OPEN(lambda *given: self._open(real_open, *given))
        self.delete = _DELETE(lambda *given: self._delete(real_delete, *given))
        self._kept.append(self)

    def _name(self, path: bytes | None) -> str | None:
        text = "" if path is None else os.fsdecode(path)
        return text[len(self._folder) :] if text.startswith(self._folder) else None

    def _open(self, real: Any, vfs: int, path: int, file: int, flags: int, out: int) -> int:
        # The path goes on as the pointer it is: SQLite keeps it, and looks at what follows it.
        name = self._name(c.string_at(path) if path else None)
        code = 0 if name is None else self._watcher.before("open", name)
        if code:
            c.cast(file, c.POINTER(_Pointer))[0] = None  # no methods: it need not be closed
            return code
        code = real(vfs, path, file, flags, out)
        if code == OK and name is not None:
            self._paths[file] = name
            opened = c.cast(file, c.POINTER(_File)).contents
            opened.methods = c.pointer(self._table(opened.methods.contents))
        return int(code)

    def _table(self, real: _Methods) -> _Methods:
        """The methods of a file with ours among them; one table for each of SQLite's."""
        at = c.addressof(real)
        if at not in self._tables:
            ours, keep = _Methods(), _Methods()
            for table in (ours, keep):
                c.memmove(c.addressof(table), at, c.sizeof(_Methods))
            ours.close = _CLOSE(lambda file: self._close(keep, file))
            ours.read = _READ(lambda *given: self._read(keep, *given))
            ours.write = _WRITE(lambda *given: self._write(keep, *given))
            ours.truncate = _TRUNCATE(lambda *given: self._truncate(keep, *given))
            ours.sync = _SYNC(lambda *given: self._sync(keep, *given))
            self._tables[at] = (ours, keep)
        return self._tables[at][0]

    def _close(self, real: _Methods, file: int) -> int:
        self._paths.pop(file, None)
        return int(real.close(file))

    def _read(self, real: _Methods, file: int, into: int, size: int, offset: int) -> int:
        code = self._watcher.before("read", self._paths[file])
        return int(code or real.read(file, into, size, offset))

    def _write(self, real: _Methods, file: int, data: int, size: int, offset: int) -> int:
        name = self._paths[file]
        code = self._watcher.before("write", name)
        if code == SHORT:
            real.write(file, data, size // 2, offset)
            code = FULL
        code = code or real.write(file, data, size, offset)
        if code == OK:
            self._watcher.wrote(name, c.string_at(data, size), offset)
        return int(code)

    def _truncate(self, real: _Methods, file: int, size: int) -> int:
        name = self._paths[file]
        code = self._watcher.before("truncate", name) or real.truncate(file, size)
        if code == OK:
            self._watcher.truncated(name, size)
        return int(code)

    def _sync(self, real: _Methods, file: int, flags: int) -> int:
        name = self._paths[file]
        code = self._watcher.before("sync", name) or real.sync(file, flags)
        if code == OK:
            self._watcher.synced(name)
        return int(code)

    def _delete(self, real: Any, vfs: int, path: bytes, synced: int) -> int:
        name = self._name(path)
        code = 0 if name is None else self._watcher.before("remove", name)
        code = code or real(vfs, path, synced)
        if code == OK and name is not None:
            self._watcher.removed(name, bool(synced))
        return int(code)


def _again(kind: Any, function: Any) -> Any:
    """The same C function, not the field that is about to be overwritten."""
    return kind(c.cast(function, _Pointer).value)
