"""Finding people among 10,000 nodes: hops, messages, success, staleness. Runs by itself.

    python -m benchmarks.finding                       # 10,000 nodes; some minutes; prints tables
    python -m benchmarks.finding --nodes 1000 --people 50 --lookups 500 --hours 1

Four networks: as it should be; 30 % of the nodes gone at once; 10 % hostile as well; and
churn in which half of all nodes are replaced in an hour. The nodes route, keep,
answer and look by the code of ``node/dht``; publishing follows its numbers. The seed
is printed: the same seed gives the same tables.
"""

import argparse
import heapq
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

from benchmarks.crowd import Crowd, Member, Said
from node.dht.answering import Kind
from node.dht.lookup import Until
from node.dht.rules import PUBLISH_SECONDS, REFRESH_SECONDS, STORE_AGAIN_SECONDS

HALF_LIFE: Final = 3600.0
CHANGE_SECONDS: Final = 7200.0
"""After which a person's record changes, on average, while there is churn."""


@dataclass(slots=True)
class Published:
    """Somebody at a home that stays: what it stored, where, and when."""

    home: Member
    said: Said
    holders: dict[bytes, float] = field(default_factory=dict)


@dataclass(slots=True)
class Figures:
    """What was counted in one network."""

    name: str
    first: list[int] = field(default_factory=list)
    rounds: list[int] = field(default_factory=list)
    messages: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    seconds_first: list[float] = field(default_factory=list)
    missed: int = 0
    stale: int = 0
    upkeep: int = 0
    node_hours: float = 0.0


def publish(crowd: Crowd, person: Published, now: float) -> int:
    """As ``Publisher``: at the nearest, and again only after six hours; messages."""
    has = {peer for peer, at in person.holders.items() if now < at + STORE_AGAIN_SECONDS}
    kept, messages = crowd.store(person.home, person.said, has)
    person.holders = {peer: person.holders[peer] if peer in has else now for peer in kept}
    return messages


def change(crowd: Crowd, person: Published, now: float) -> int:
    """The record changes, and is published everywhere at once."""
    person.said, person.holders = Said(person.said.id, person.said.seq + 1), {}
    return publish(crowd, person, now)


def look(crowd: Crowd, people: list[Published], figures: Figures) -> None:
    """Somebody looks for somebody: for any value, and for the newest."""
    person, by = crowd.random.choice(people), crowd.some()
    trip = crowd.look(by, Kind.GET, person.said.id, Until.FIRST)
    figures.seconds_first.append(trip.seconds)
    trip = crowd.look(by, Kind.GET, person.said.id, Until.NEWEST)
    figures.messages.append(trip.messages)
    figures.rounds.append(trip.rounds)
    figures.seconds.append(trip.seconds)
    if not trip.lookup.newest:
        figures.missed += 1
        return
    figures.first.append(trip.first)
    figures.stale += trip.lookup.newest[0].seq < person.said.seq


def settled(options: argparse.Namespace, hostile: float) -> tuple[Crowd, list[Published]]:
    """A network that has run for long, in which people are published, and changed once."""
    crowd = Crowd(options.nodes, hostile, Random(options.seed))
    crowd.acquaint()
    random = crowd.random
    people = [Published(crowd.some(), Said(random.randbytes(32), 1)) for _ in range(options.people)]
    for person in people:
        publish(crowd, person, 0)
        change(crowd, person, 0)
    return crowd, people


def standing(options: argparse.Namespace, name: str, dead: float, hostile: float) -> Figures:
    """Some nodes go at once, after everything was published; then people look."""
    crowd, people = settled(options, hostile)
    homes = {person.home.contact.peer for person in people}
    for member in list(crowd.living):
        if crowd.random.random() < dead and member.contact.peer not in homes:
            crowd.end(member)
    figures = Figures(name)
    for _ in range(options.lookups):
        look(crowd, people, figures)
    return figures


def churning(options: argparse.Namespace, name: str, hostile: float) -> Figures:
    """Nodes go and others come; each looks around every hour, homes publish every hour."""
    return Churn(options, hostile).run(Figures(name), options.hours * 3600.0, options.lookups)


class Churn:
    """Events in order of their time, in seconds."""

    def __init__(self, options: argparse.Namespace, hostile: float) -> None:
        self.crowd, self.people = settled(options, hostile)
        self.random = self.crowd.random
        self.events: list[tuple[float, int, Callable[[float], None]]] = []
        self.number = 0
        self.figures = Figures("")
        homes = {person.home.contact.peer for person in self.people}
        for member in self.crowd.living:
            self._begin(member, 0.0, stays=member.contact.peer in homes)
        for person in self.people:
            self._in(self.random.uniform(0, PUBLISH_SECONDS), self._publishing(person))
            self._in(self.random.expovariate(1 / CHANGE_SECONDS), self._changing(person))

    def run(self, figures: Figures, seconds: float, lookups: int) -> Figures:
        """Until that time; people look in its last half."""
        self.figures = figures
        for _ in range(lookups):
            self._in(self.random.uniform(seconds / 2, seconds), self._looking)
        while self.events and self.events[0][0] <= seconds:
            now, _, act = heapq.heappop(self.events)
            self.crowd.now = int(now * 1000)
            act(now)
        figures.node_hours = len(self.crowd.living) * seconds / 3600
        return figures

    def _in(self, at: float, act: Callable[[float], None]) -> None:
        self.number += 1
        heapq.heappush(self.events, (at, self.number, act))

    def _begin(self, member: Member, now: float, stays: bool = False) -> None:
        if not stays:
            life = self.random.expovariate(math.log(2) / HALF_LIFE)
            self._in(now + life, lambda then: self._replace(member, then))
        first = self.random.uniform(0, REFRESH_SECONDS) if not now else REFRESH_SECONDS
        self._in(now + first, self._refreshing(member))

    def _replace(self, member: Member, now: float) -> None:
        self.crowd.end(member)
        fresh = self.crowd.add()
        self.figures.upkeep += self.crowd.join(fresh)
        self._begin(fresh, now)

    def _refreshing(self, member: Member) -> Callable[[float], None]:
        def act(now: float) -> None:
            if member.alive:
                trip = self.crowd.look(member, Kind.FIND, member.contact.peer, Until.NEAREST)
                self.figures.upkeep += trip.messages + self.crowd.wander(member)
                self._in(now + REFRESH_SECONDS, act)

        return act

    def _publishing(self, person: Published) -> Callable[[float], None]:
        def act(now: float) -> None:
            self.figures.upkeep += publish(self.crowd, person, now)
            self._in(now + PUBLISH_SECONDS, act)

        return act

    def _changing(self, person: Published) -> Callable[[float], None]:
        def act(now: float) -> None:
            self.figures.upkeep += change(self.crowd, person, now)
            self._in(now + self.random.expovariate(1 / CHANGE_SECONDS), act)

        return act

    def _looking(self, _now: float) -> None:
        look(self.crowd, self.people, self.figures)


def rows(figures: Figures) -> Iterator[str]:
    """One line of the table."""
    looked = len(figures.messages)
    yield figures.name
    yield f"{100 * (1 - figures.missed / looked):.2f} %"
    yield f"{100 * figures.stale / looked:.2f} %"
    yield f"{_at(figures.first, 50)} / {_at(figures.first, 99)}"
    yield f"{_at(figures.rounds, 50)} / {_at(figures.rounds, 99)}"
    yield f"{_at(figures.messages, 50)} / {_at(figures.messages, 99)}"
    yield f"{_at(figures.seconds_first, 50):.1f} / {_at(figures.seconds_first, 99):.1f} s"
    yield f"{_at(figures.seconds, 50):.1f} / {_at(figures.seconds, 99):.1f} s"
    hours = figures.node_hours
    yield f"{figures.upkeep / hours:.0f}" if hours else "–"


HEAD: Final = (
    "network",
    "found",
    "stale",
    "first value: rounds p50 / p99",
    "newest: rounds",
    "newest: messages",
    "first value: time",
    "newest: time",
    "messages a node and hour",
)


def _at(values: list[int] | list[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else math.nan


def main(arguments: list[str] | None = None) -> int:
    """Run all four, print the table as it is put into docs/benchmarks.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.finding", description=__doc__)
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--lookups", type=int, default=5000)
    parser.add_argument("--hours", type=float, default=1.5, help="of churn")
    parser.add_argument("--seed", type=int, default=20_261_128)
    parser.add_argument("--only", choices=("standing", "churn"))
    options = parser.parse_args(arguments)
    print(
        f"{options.nodes} nodes, {options.people} people, {options.lookups} lookups, "
        f"seed {options.seed}"
    )
    print("| " + " | ".join(HEAD) + " |")
    print("|" + "---|" * len(HEAD))
    for figures in _all(options):
        print("| " + " | ".join(rows(figures)) + " |", flush=True)
    print(f"processor seconds: {time.process_time():.0f}")
    return 0


def _all(options: argparse.Namespace) -> Iterator[Figures]:
    if options.only != "churn":
        yield standing(options, "as it should be", 0.0, 0.0)
        yield standing(options, "30 % gone at once", 0.3, 0.0)
        yield standing(options, "30 % gone, 10 % hostile", 0.3, 0.1)
    if options.only != "standing":
        yield churning(options, "half replaced each hour, 10 % hostile", 0.1)


if __name__ == "__main__":
    sys.exit(main())
