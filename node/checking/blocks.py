"""Every stored block hashed again, whoever holds it, a page of blocks a view.

A block never changes, so the pages need not be of one state: what is here all the
time is hashed once, and what comes or goes meanwhile does not matter.
"""

from dataclasses import dataclass
from typing import Final

from formats.cid import Cid
from formats.errors import MissingBlock, StorageFailed
from node.checking.pace import Pace
from storage.contracts import View

PAGE: Final = 128
"""Blocks a view: some 32 MiB at most of what is usual."""

MOST_LOST: Final = 100_000
"""Lost blocks whose holders are looked for."""


@dataclass(frozen=True, slots=True)
class Page:
    """Where to go on (0: nowhere), and what of the page was lost."""

    after: int
    lost: tuple[Cid, ...]


def check_page(view: View, after: int, pace: Pace) -> Page:
    """Hash the blocks that come after number ``after``."""
    page = view.blocks(after, PAGE)
    lost = tuple(each.cid for each in page if not is_whole(view, each.cid, pace))
    return Page(page[-1].number if page else 0, lost)


def is_whole(view: View, cid: Cid, pace: Pace) -> bool:
    """Whether the bytes of a block are there, and are its own."""
    data = bytes_of(view, cid)
    pace.step(0 if data is None else len(data))
    return data is not None and cid.matches(data)


def bytes_of(view: View, cid: Cid) -> bytes | None:
    """What is stored as this block, whatever it is; None when nothing can be read."""
    try:
        return view.block(cid)
    except (MissingBlock, StorageFailed):
        return None
