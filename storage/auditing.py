"""What a back end shows to whoever checks all of it, and takes from whoever mends it.

``View`` and ``Transaction`` of ``storage.contracts`` include these. Nothing here is
for answering requests: each walks what there is, a page at a time, in memory that
does not grow with the store. ``node/checking`` has the rules.
"""

from collections.abc import Iterator
from typing import Protocol

from formats.cid import Block, Cid
from storage.rows import Reference, SessionRow, SpaceKey, SpaceRow, StoredBlock


class Audited(Protocol):
    """Everything in a store, to be walked. Orders are the back end's own, and stay."""

    def spaces(self) -> Iterator[SpaceRow]:
        """Every space that was put, of every owner."""
        ...

    def references_of(self, key: SpaceKey) -> Iterator[Reference]:
        """Every block that a space refers to, once."""
        ...

    def sessions(self) -> Iterator[SessionRow]:
        """Every staging session that is open, whether its time is over or not."""
        ...

    def staged_in(self, session: bytes) -> Iterator[StoredBlock]:
        """The blocks that a session holds."""
        ...

    def blocks(self, after: int, limit: int) -> list[StoredBlock]:
        """Up to ``limit`` stored blocks with numbers above ``after``, ascending; 0 is below all.

        A block keeps its number as long as it is here, so that pages of different
        views add up: what is here all the time is met, once.
        """
        ...

    def inboxes(self) -> Iterator[bytes]:
        """Every target that ever got a message."""
        ...

    def faults(self) -> list[str]:
        """What the back end finds wrong with its own files and sums, in words for its owner.

        Reads the whole index. Nothing when all is well.
        """
        ...


class Mended(Protocol):
    """Setting right what was found wrong."""

    def mend(self, block: Block) -> bool:
        """Store the bytes of a known block again, in place of what is there; False if unknown.

        Who holds it, and how it is counted, stays as it is.
        """
        ...

    def set_reference(self, key: SpaceKey, cid: Cid, count: int, kind: int) -> None:
        """Say how many links a space has to a block, and of what kind; 0 takes it back wholly.

        ``MissingBlock`` when the block is not here.
        """
        ...

    def recount(self) -> None:
        """Bring every sum that is kept (used, reserved, who holds what) to what its rows say.

        Takes time by all rows, in which nobody else writes.
        """
        ...
