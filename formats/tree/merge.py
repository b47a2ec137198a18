"""Three-way merge: what we did to a base, put on top of what they did to it."""

from dataclasses import dataclass
from typing import NamedTuple

from formats.cid import Cid
from formats.tree.diff import diff
from formats.tree.node import Load


class Conflict(NamedTuple):
    """A label that both sides changed, differently; None where a side has no leaf."""

    base: Cid | None
    ours: Cid | None
    theirs: Cid | None


@dataclass(frozen=True, slots=True)
class Merged:
    """What to do to *theirs*: ``changes`` are safe, ``conflicts`` are for the caller to settle.

    ``update(load, theirs, changes)`` is the merged tree in which conflicts stay theirs.
    """

    changes: dict[bytes, Cid | None]
    conflicts: dict[bytes, Conflict]


def merge(load: Load, base: Cid, ours: Cid, theirs: Cid) -> Merged:
    """Label by label: one side's change is taken, the same change twice is none.

    ``load`` serves all three trees. Raises MissingBlock and Malformed as ``diff`` does.
    """
    done = {change.label: change for change in diff(load, base, load, theirs)}
    changes: dict[bytes, Cid | None] = {}
    conflicts: dict[bytes, Conflict] = {}
    for change in diff(load, base, load, ours):
        other = done.get(change.label)
        if other is None:
            changes[change.label] = change.after
        elif other.after != change.after:
            conflicts[change.label] = Conflict(change.before, change.after, other.after)
    return Merged(changes, conflicts)
