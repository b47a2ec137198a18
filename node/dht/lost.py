"""Nodes that were known and fell silent: called now and then, for a day.

A network that was cut in two looks to each half as if the other had died. Who only
forgot those who are silent would never meet them again: both halves would go on for
ever, each with its own newest records.
"""

from random import Random
from typing import Final

from node.dht.contact import Contact
from node.dht.rules import LOST, LOST_TRIES

MANY: Final = 4
"""One lost node for so many known ones, or as many as are remembered: it was cut in two."""


class Lost:
    """Those of one node, at most ``LOST``: the oldest are forgotten first."""

    def __init__(self) -> None:
        self._nodes: Final[dict[bytes, Contact]] = {}
        self._tries: Final[dict[bytes, int]] = {}
        self._most = 0

    def __len__(self) -> int:
        return len(self._nodes)

    def add(self, contact: Contact) -> None:
        """This one did not answer."""
        if contact.peer in self._nodes:
            return
        self._nodes[contact.peer] = contact
        self._tries[contact.peer] = 0
        self._most = max(self._most, len(self._nodes))
        if len(self._nodes) > LOST:
            self.found(next(iter(self._nodes.values())))

    def found(self, contact: Contact) -> bool:
        """This one has answered; whether it was lost."""
        self._tries.pop(contact.peer, None)
        return self._nodes.pop(contact.peer, None) is not None

    def are_back(self, known: int) -> bool:
        """Whether many had been lost, for a node that knows so many, and most are not any more."""
        many = min(known, LOST * MANY) <= self._most * MANY
        return bool(known and many and len(self) * 2 <= self._most)

    def settle(self) -> None:
        """Whoever is lost now, and no others, count from now on."""
        self._most = len(self)

    def called(self, contact: Contact) -> None:
        """This one was called in vain once more."""
        if contact.peer in self._tries:
            self._tries[contact.peer] += 1
            if self._tries[contact.peer] >= LOST_TRIES:
                self.found(contact)

    def some(self, most: int, random: Random) -> list[Contact]:
        """A few of them, by chance."""
        return random.sample(list(self._nodes.values()), min(most, len(self._nodes)))
