"""What was found wrong: by account and space, without a word of what any of it means.

A node cannot name a file. It names the space, the block and the label; the person
whose space it is finds the path of the label with ``holdfast doctor``.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from formats.cid import Cid
from storage.contracts import SpaceKey

MOST: Final = 10_000
"""Findings that are listed; more are counted."""


class Wrong(StrEnum):
    """Kinds of findings. What ``repair`` can do about each is in its file."""

    BLOCK = "block"  # bytes lost, or not those of their name
    SHAPE = "shape"  # whole, and not what it has to be where it is
    RECORD = "record"  # a signed record that does not hold
    HISTORY = "history"  # a pointer record lost, or of another line
    COUNT = "count"  # a reference that is counted wrongly
    SUM = "sum"  # used, reserved, messages: not what the rows add up to
    LABEL = "label"  # what a person loses by a lost block
    STORE = "store"  # the back end's own files


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. ``key`` and ``owner``: whose; ``cid`` and ``label``: which.

    ``bits`` below 256: all labels that begin with these bits of ``label``.
    ``count``: for a reference, the number of links that there really are, in that ``state``
    of the space.
    """

    wrong: Wrong
    said: str
    owner: bytes | None = None
    key: SpaceKey | None = None
    cid: Cid | None = None
    label: bytes | None = None
    bits: int = 256
    count: int | None = None
    kind: int = 0
    state: object = None

    @property
    def is_count(self) -> bool:
        """Whether it says how a reference is to be counted."""
        return self.wrong is Wrong.COUNT and self.count is not None


@dataclass(slots=True)
class Findings:
    """A list that stays short. ``told``: called with each finding as it comes."""

    told: Callable[[Finding], None] | None = None
    listed: list[Finding] = field(default_factory=list)
    counts: Counter[Wrong] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        """Take note of it."""
        self.counts[finding.wrong] += 1
        if len(self.listed) < MOST:
            self.listed.append(finding)
            if self.told is not None:
                self.told(finding)

    @property
    def total(self) -> int:
        """How many there were, listed or not."""
        return sum(self.counts.values())
