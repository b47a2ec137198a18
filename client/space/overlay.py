"""What an operation noted, on top of what it reads."""

from collections.abc import Iterable, Sequence
from typing import Final

from client.keys import Ref
from client.space.reading import Reading
from client.space.upon import Upon
from formats.cid import Cid
from formats.leaf import Leaf
from formats.space import SpaceRecord


class Overlay(Upon):
    """A ``Changing``: a reading below, and what was noted on top of it."""

    def __init__(self, below: Reading) -> None:
        super().__init__(below)
        self.leaves_put: Final[dict[bytes, Leaf | None]] = {}
        self.linked: Final[dict[bytes, Cid]] = {}
        self.retired: Final[set[bytes]] = set()
        self.record: SpaceRecord | None = None
        self.is_emptied = False
        self.session: bytes | None = None

    @property
    def moved_on(self) -> bool:
        """As of what is below."""
        return self._below.moved_on

    async def leaves(self, refs: Sequence[Ref]) -> dict[bytes, Leaf]:
        """What was noted here, and below it what is there."""
        below = [ref for ref in refs if ref.label not in self.leaves_put]
        found = await self._below.leaves(below) if below else {}
        for ref in refs:
            leaf = self.leaves_put.get(ref.label)
            if leaf is not None:
                found[ref.label] = leaf
        return found

    async def segments(self, ref: Ref, leaf: Leaf, positions: Sequence[int]) -> list[bytes]:
        """Segments of what is committed; what is only staged is not read back."""
        return await self._below.segments(ref, leaf, positions)

    def put(self, label: bytes, leaf: Leaf) -> None:
        """Note a leaf."""
        self.leaves_put[label] = leaf

    def link(self, label: bytes, leaf: Cid) -> None:
        """Note a leaf that the home has, by its CID; reads through this do not see it."""
        self.linked[label] = leaf

    def empty(self) -> None:
        """Note that nothing of what was there stays."""
        self.is_emptied = True

    def put_in_force(self, record: SpaceRecord) -> None:
        """Note the space record that holds from this commit on."""
        self.record = record

    def delete(self, label: bytes) -> None:
        """Note that nothing is there any more."""
        self.leaves_put[label] = None

    def retire(self, labels: Iterable[bytes]) -> None:
        """Note labels that homes shall refuse."""
        self.retired.update(labels)

    @property
    def taken_away(self) -> int:
        """Labels that were noted as deleted."""
        return sum(leaf is None for leaf in self.leaves_put.values())

    def use_staging(self, session: bytes) -> None:
        """Note the session; an operation has one at most."""
        if self.session not in (None, session):
            raise ValueError("one operation uses one staging session")
        self.session = session

    def can_take(self, above: "Overlay") -> bool:
        """Whether one commit can hold both: it has one session at most."""
        return above.session is None or self.session in (None, above.session)

    def take(self, above: "Overlay") -> None:
        """Everything that was noted above, now here."""
        self.leaves_put.update(above.leaves_put)
        self.linked.update(above.linked)
        self.record = above.record or self.record
        self.is_emptied = self.is_emptied or above.is_emptied
        self.retired.update(above.retired)
        self.session = self.session or above.session

    @property
    def is_empty(self) -> bool:
        """Whether nothing was noted."""
        noted = self.leaves_put or self.linked or self.retired or self.record
        return not (noted or self.is_emptied)
