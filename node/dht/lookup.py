"""Asking nodes nearer and nearer to a key, until enough of them have answered. No I/O.

    lookup = Lookup(place, table.nearest(place))
    while not lookup.done:
        for contact in lookup.ask():          # at most WIDTH are under way
            ...                               # then answered(), or failed()

What an answer says is not trusted: it names at most ``NAMED`` nodes, of which
``UNPROVEN`` are tried at once until one has answered; and who named several that do not
answer is believed no more. Values come in checked.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, Protocol, TypeVar

from node.dht.contact import Contact
from node.dht.rules import AGREEING, COPIES, LIES, MOST_ASKED, NAMED, UNPROVEN, WIDTH


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
    LATE = 2
    ANSWERED = 3
    FAILED = 4


@dataclass(slots=True)
class _Node:
    contact: Contact
    by: set[bytes]
    """Who named it; nobody: known before."""
    state: _State = _State.KNOWN
    value: tuple[int, int] | None = None


@dataclass(slots=True)
class _Word:
    """What came of the nodes that somebody named."""

    asked: int = 0
    answered: int = 0
    failed: int = 0

    @property
    def doubted(self) -> bool:
        """Nodes go, also honest ones know some that went: most of those tried must have."""
        return self.failed >= LIES and self.failed > 2 * self.answered

    @property
    def tried_enough(self) -> bool:
        """Whether what came of those that are asked now is to be seen first."""
        return not self.answered and self.asked - self.failed >= UNPROVEN


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
    _words: dict[bytes, _Word] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._learn(self.start, b"")

    def ask(self) -> list[Contact]:
        """Whom to ask now, nearest first; they count as asked."""
        free = WIDTH - sum(node.state is _State.ASKED for node in self._order)
        if free <= 0 or self._enough():
            return []
        chosen: list[Contact] = []
        for node in self._front():
            if len(chosen) >= free or self.asked >= MOST_ASKED:
                break
            if node.state is _State.KNOWN and not self._waits(node):
                node.state = _State.ASKED
                self.asked += 1
                for word in self._about(node):
                    word.asked += 1
                chosen.append(node.contact)
        return chosen

    def answered(self, contact: Contact, named: Iterable[Contact], value: V | None = None) -> None:
        """It answered, named these, and perhaps gave a value (checked before)."""
        node = self._nodes[contact.peer]
        for word in self._about(node):
            word.answered += 1
            word.failed -= node.state is _State.LATE
        node.state = _State.ANSWERED
        if value is not None:
            self.values[contact.peer] = value
            node.value = value.age
        self._learn(list(named)[:NAMED], contact.peer)

    def failed(self, contact: Contact) -> None:
        """It did not answer, or broke the rules."""
        self._given_up(contact, _State.FAILED)

    def late(self, contact: Contact) -> None:
        """It takes long: do not wait for it any more. Its answer is welcome all the same."""
        if self._nodes[contact.peer].state is _State.ASKED:
            self._given_up(contact, _State.LATE)

    def _given_up(self, contact: Contact, state: _State) -> None:
        node = self._nodes[contact.peer]
        for word in self._about(node):
            word.failed += node.state is not _State.LATE
        node.state = state

    @property
    def done(self) -> bool:
        """Whether nothing more is to be asked, now or later."""
        if self._enough():
            return True
        states = Counter(node.state for node in self._order)
        if states[_State.ASKED]:
            return False
        if self.asked < MOST_ASKED and any(n.state is _State.KNOWN for n in self._front()):
            return False
        return not states[_State.LATE] or states[_State.ANSWERED] >= self.copies

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
            if node.state in (_State.FAILED, _State.LATE):
                continue
            if node.state is _State.KNOWN and self._doubted(node):
                continue
            front.append(node)
            if len(front) >= self.copies:
                break
        return front

    def _about(self, node: _Node) -> list[_Word]:
        """What came of the others that those named who named this one."""
        return [self._words.setdefault(by, _Word()) for by in node.by]

    def _doubted(self, node: _Node) -> bool:
        return bool(node.by) and all(word.doubted for word in self._about(node))

    def _waits(self, node: _Node) -> bool:
        return bool(node.by) and all(word.tried_enough for word in self._about(node))

    def _learn(self, contacts: Iterable[Contact], by: bytes) -> None:
        fresh = False
        for contact in contacts:
            known = self._nodes.get(contact.peer)
            if known is None and contact.peer != self.own:
                self._nodes[contact.peer] = _Node(contact, {by} if by else set())
                fresh = True
            elif known is not None and known.by and known.state is _State.KNOWN:
                known.by.add(by)
        if fresh:
            place = self.place
            self._order = sorted(self._nodes.values(), key=lambda n: n.contact.place ^ place)
