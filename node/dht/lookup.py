"""Asking nodes nearer and nearer to a key, until enough of them have answered. No I/O.

    lookup = Lookup(place, table.nearest(place))
    while not lookup.done:
        for contact in lookup.ask():          # at most WIDTH are under way
            ...                               # then answered(), or failed()

What an answer says is not trusted: it names at most ``NAMED`` nodes, and who named
several that do not answer is believed no more. Values come in checked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, Protocol, TypeVar

from node.dht.contact import Contact
from node.dht.rules import AGREEING, COPIES, LIES, MOST_ASKED, NAMED, WIDTH


class Value(Protocol):
    """What is looked for: checked by who hands it in."""

    @property
    def age(self) -> tuple[int, int]:
        """Greater for newer ones."""
        ...


V = TypeVar("V", bound=Value)


class Until(Enum):
    """When a lookup has enough."""

    NEAREST = "the nearest nodes have all answered"
    FIRST = "there is a value"
    NEWEST = "several nodes have nothing newer"


class _State(Enum):
    KNOWN = 0
    ASKED = 1
    ANSWERED = 2
    FAILED = 3


@dataclass(slots=True)
class _Node:
    contact: Contact
    by: bytes | None
    """Who named it; None: known before."""
    state: _State = _State.KNOWN
    value: tuple[int, int] | None = None


@dataclass(slots=True)
class Lookup(Generic[V]):
    """One lookup. ``values``: by the peer that gave it. ``asked`` counts requests."""

    place: int
    start: Iterable[Contact]
    until: Until = Until.NEAREST
    own: bytes = b""
    copies: int = COPIES
    asked: int = 0
    values: dict[bytes, V] = field(default_factory=dict)
    _nodes: dict[bytes, _Node] = field(default_factory=dict)
    _order: list[_Node] = field(default_factory=list)
    _lies: dict[bytes, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._learn(self.start, None)

    def ask(self) -> list[Contact]:
        """Whom to ask now, nearest first; they count as asked."""
        free = WIDTH - sum(node.state is _State.ASKED for node in self._order)
        if free <= 0 or self._enough():
            return []
        chosen: list[Contact] = []
        for node in self._front():
            if len(chosen) >= free or self.asked >= MOST_ASKED:
                break
            if node.state is _State.KNOWN:
                node.state = _State.ASKED
                self.asked += 1
                chosen.append(node.contact)
        return chosen

    def answered(self, contact: Contact, named: Iterable[Contact], value: V | None = None) -> None:
        """It answered, named these, and perhaps gave a value (checked before)."""
        node = self._nodes[contact.peer]
        node.state = _State.ANSWERED
        if value is not None:
            self.values[contact.peer] = value
            node.value = value.age
        self._learn(list(named)[:NAMED], contact.peer)

    def failed(self, contact: Contact) -> None:
        """It did not answer, or broke the rules."""
        node = self._nodes[contact.peer]
        node.state = _State.FAILED
        if node.by is not None:
            self._lies[node.by] = self._lies.get(node.by, 0) + 1

    @property
    def done(self) -> bool:
        """Whether nothing more is to be asked, now or later."""
        if self._enough():
            return True
        if any(node.state is _State.ASKED for node in self._order):
            return False
        return self.asked >= MOST_ASKED or not any(
            node.state is _State.KNOWN for node in self._front()
        )

    @property
    def newest(self) -> list[V]:
        """The values that no other surpasses: several only if they are of equal age."""
        best = max((value.age for value in self.values.values()), default=None)
        return [value for value in self.values.values() if value.age == best]

    @property
    def nearest(self) -> list[Contact]:
        """The nearest nodes that answered, nearest first."""
        found = [node.contact for node in self._order if node.state is _State.ANSWERED]
        return found[: self.copies]

    def _enough(self) -> bool:
        if self.until is Until.FIRST:
            return bool(self.values)
        if self.until is Until.NEAREST or not self.values:
            return False
        best = max(value.age for value in self.values.values())
        return sum(node.value == best for node in self._order) >= AGREEING

    def _front(self) -> list[_Node]:
        """The nearest that may be asked or have answered; the lookup ends when all have."""
        front = []
        for node in self._order:
            if node.state is _State.FAILED or (node.state is _State.KNOWN and self._doubted(node)):
                continue
            front.append(node)
            if len(front) >= self.copies:
                break
        return front

    def _doubted(self, node: _Node) -> bool:
        return node.by is not None and self._lies.get(node.by, 0) >= LIES

    def _learn(self, contacts: Iterable[Contact], by: bytes | None) -> None:
        fresh = False
        for contact in contacts:
            known = self._nodes.get(contact.peer)
            if known is None and contact.peer != self.own:
                self._nodes[contact.peer] = _Node(contact, by)
                fresh = True
            elif known is not None and self._doubted(known) and known.state is _State.KNOWN:
                known.by = by  # somebody else names it as well
        if fresh:
            place = self.place
            self._order = sorted(self._nodes.values(), key=lambda n: n.contact.place ^ place)
