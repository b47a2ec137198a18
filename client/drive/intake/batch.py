"""Which things are committed together, and which are loaded together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from client.drive.intake.items import FileItem, Item
from formats.limits import INLINE, KIB, MIB

MAX_ITEMS: Final = 2048
"""Things in one commit."""
MAX_INLINE: Final = 6 * MIB
"""Content of small files in one commit: with the rest of it, below what goes inline."""
MAX_STAGED: Final = 64 * MIB
"""Content of larger files in one commit; a file that is larger has one to itself."""
_GROUP: Final = 64
_GROUP_BYTES: Final = MIB


@dataclass(slots=True)
class Batch:
    """Items that will be committed together."""

    items: list[Item] = field(default_factory=list)
    inline: int = 0
    staged: int = 0

    def has_room(self, item: Item) -> bool:
        """Whether it can be committed with those that are here."""
        size = item.size if isinstance(item, FileItem) else 0
        if len(self.items) >= MAX_ITEMS:
            return False
        if size <= INLINE:
            return self.inline + size <= MAX_INLINE
        return not self.staged or self.staged + size <= MAX_STAGED

    def add(self, item: Item) -> None:
        """One more."""
        size = item.size if isinstance(item, FileItem) else 0
        self.items.append(item)
        if size <= INLINE:
            self.inline += size + KIB
        else:
            self.staged += size


def groups(items: Sequence[Item], small: Iterable[int]) -> list[list[int]]:
    """Small files in groups that are worth a thread hop."""
    found: list[list[int]] = [[]]
    size = 0
    for at in small:
        item = items[at]
        assert isinstance(item, FileItem)
        if found[-1] and (len(found[-1]) >= _GROUP or size + item.size > _GROUP_BYTES):
            found.append([])
            size = 0
        found[-1].append(at)
        size += item.size
    return [group for group in found if group]
