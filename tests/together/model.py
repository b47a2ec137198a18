"""A drive as nested dicts: what a person expects of mkdir, put, mv and rm, in a few lines.

It is written from what the commands promise, not from how they do it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from formats.errors import Exists, IsAFolder, NotAFolder, NotFound, Unfit

Folder: TypeAlias = "dict[str, Folder | bytes]"


@dataclass
class Model:
    """The home folder. Paths are written as ``a/b``; the empty one is the home itself."""

    home: Folder = field(default_factory=dict)
    trash: "list[tuple[str, Folder | bytes]]" = field(default_factory=list)

    def mkdir(self, path: str) -> str:
        """As ``mkdir -p``."""
        folder = self.home
        for name in path.split("/"):
            below = folder.setdefault(name, {})
            if not isinstance(below, dict):
                raise NotAFolder(path)
            folder = below
        return path

    def put(self, path: str, content: bytes) -> str:
        """A file with this content; what was there is its older version."""
        folder, name = self._above(path)
        if isinstance(folder.get(name), dict):
            raise IsAFolder(path)
        folder[name] = content
        return path

    def mv(self, source: str, target: str) -> str:
        """As ``mv``: into the target if that is a folder, else it gets that name."""
        into, name = self._above(target)
        there = into.get(name)
        if isinstance(there, dict):
            into, name, target = there, source.rpartition("/")[2], f"{target}/{_last(source)}"
        above, old = self._above(source)
        if old not in above:
            raise NotFound(source)
        if (into is above and name == old) or f"{target}/".startswith(f"{source}/"):
            raise Unfit(target)
        if name in into:
            raise Exists(target)
        into[name] = above.pop(old)
        return target

    def rm(self, path: str) -> str:
        """As ``rm -r``: into the trash."""
        above, name = self._above(path)
        if name not in above:
            raise NotFound(path)
        self.trash.append((path, above.pop(name)))
        return path

    def restore(self, path: str) -> str:
        """What was removed last from this path, back; under another name if that is taken."""
        at = next((at for at in reversed(range(len(self.trash))) if self.trash[at][0] == path), -1)
        if at < 0:
            raise NotFound(path)
        folder, name = path.rpartition("/")[::2]
        if folder:
            self.mkdir(folder)
        above = self._above(path)[0]
        name = next(each for each in _names(name) if each not in above)
        above[name] = self.trash.pop(at)[1]
        return f"{folder}/{name}" if folder else name

    def read(self, path: str) -> bytes:
        """The content of a file."""
        above, name = self._above(path)
        found = above.get(name)
        if found is None:
            raise NotFound(path)
        if isinstance(found, dict):
            raise IsAFolder(path)
        return found

    def all(self) -> dict[str, bytes | None]:
        """Every path, with its content, or None for a folder."""
        return dict(_all(self.home, ""))

    def _above(self, path: str) -> tuple[Folder, str]:
        *parents, name = path.split("/")
        folder = self.home
        for each in parents:
            below = folder.get(each)
            if below is None:
                raise NotFound(path)
            if not isinstance(below, dict):
                raise NotAFolder(path)
            folder = below
        return folder, name


def _names(name: str) -> Iterator[str]:
    """``d0``, ``d0 (restored)``, ``d0 (restored 2)`` and so on: no name here has an ending."""
    yield name
    yield f"{name} (restored)"
    yield from (f"{name} (restored {number})" for number in count(2))


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _all(folder: Folder, above: str) -> Iterator[tuple[str, bytes | None]]:
    for name, below in folder.items():
        path = f"{above}{name}"
        yield path, None if isinstance(below, dict) else below
        if isinstance(below, dict):
            yield from _all(below, f"{path}/")
