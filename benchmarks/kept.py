"""What somebody must have at the end, when some of their changes may have happened or not."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256

Content = bytes | None
"""A file's digest; None: there is no such file."""


class Change:
    """One change of one file, under way. ``is_there``: it certainly exists before."""

    def __init__(self, name: str, before: frozenset[Content]) -> None:
        self.name = name
        self.is_there = None not in before
        self.after: frozenset[Content] = frozenset()

    def to(self, data: bytes | None) -> None:
        """From here on the file may have this content, or be gone."""
        self.after = frozenset({None if data is None else sha256(data).digest()})


class Kept:
    """Every file that was ever named, and the contents it may have."""

    def __init__(self) -> None:
        self.may: dict[str, frozenset[Content]] = {}

    @contextmanager
    def changing(self, name: str) -> Iterator[Change]:
        """Around one change: acknowledged when the block is left, unknown when it raises."""
        before = self.may.get(name, frozenset({None}))
        change = Change(name, before)
        try:
            yield change
        except BaseException:
            self.may[name] = before | change.after
            raise
        self.may[name] = change.after or before

    def differences(self, found: Mapping[str, bytes]) -> list[str]:
        """What is not as it may be among the files that are there."""
        said = [f"{name}: was never put" for name in sorted(found.keys() - self.may.keys())]
        for name, may in sorted(self.may.items()):
            data = found.get(name)
            now = None if data is None else sha256(data).digest()
            if now not in may:
                said.append(f"{name}: " + ("is missing" if now is None else "has another content"))
        return said
