"""Lookups, step by step: who is asked, when it ends, and what liars can do."""

from dataclasses import dataclass
from random import Random

import pytest

from node.dht.contact import Contact, place_of
from node.dht.lookup import Lookup, Until
from node.dht.rules import AGREEING, COPIES, LIES, MOST_ASKED, NAMED, WIDTH

KEY = place_of(b"key")


@dataclass(frozen=True)
class Fake:
    number: int

    @property
    def age(self) -> tuple[int, int]:
        return 0, self.number


def near(count: int, first: int = 0) -> list[Contact]:
    """Nodes at distances ``first + 1``, and so on, from the key."""
    return [Contact(f"{n}".encode(), (), KEY ^ (n + 1)) for n in range(first, first + count)]


def test_it_asks_the_nearest_and_no_more_at_once_than_it_may() -> None:
    nodes = near(30)
    lookup: Lookup[Fake] = Lookup(KEY, reversed(nodes))
    assert lookup.ask() == nodes[:WIDTH]
    assert lookup.ask() == []
    lookup.answered(nodes[0], [])
    assert lookup.ask() == [nodes[WIDTH]]


def test_it_ends_when_the_nearest_have_all_answered() -> None:
    nodes = near(COPIES + 10)
    lookup: Lookup[Fake] = Lookup(KEY, nodes[5:8])
    while not lookup.done:
        for contact in lookup.ask():
            lookup.answered(contact, nodes)
    assert lookup.nearest == nodes[:COPIES]
    assert lookup.asked <= COPIES + 3


def test_who_fails_is_replaced_by_the_next() -> None:
    nodes = near(COPIES + 5)
    lookup: Lookup[Fake] = Lookup(KEY, nodes)
    while not lookup.done:
        for contact in lookup.ask():
            if contact in nodes[:5]:
                lookup.failed(contact)
            else:
                lookup.answered(contact, [])
    assert lookup.nearest == nodes[5:]


def test_the_first_value_is_enough_for_who_wants_any() -> None:
    nodes = near(20)
    lookup: Lookup[Fake] = Lookup(KEY, nodes, Until.FIRST)
    [first, second, *_] = lookup.ask()
    lookup.answered(first, [])
    before = lookup.done
    lookup.answered(second, [], Fake(3))
    assert (before, lookup.done) == (False, True)
    assert lookup.ask() == []
    assert lookup.newest == [Fake(3)]


def test_the_newest_needs_several_who_agree() -> None:
    nodes = near(20)
    lookup: Lookup[Fake] = Lookup(KEY, nodes, Until.NEWEST)
    given = iter([Fake(9)] * (AGREEING - 1) + [Fake(8)] * 3 + [Fake(9)] * 20)
    asked = 0
    while not lookup.done:
        for contact in lookup.ask():
            if not lookup.done:
                lookup.answered(contact, [], next(given))
                asked += 1
    assert set(lookup.newest) == {Fake(9)}
    assert asked == AGREEING + 3


def test_one_newer_value_outweighs_all_older_ones() -> None:
    nodes = near(COPIES)
    lookup: Lookup[Fake] = Lookup(KEY, nodes, Until.NEWEST)
    while not lookup.done:
        for contact in lookup.ask():
            lookup.answered(contact, [], Fake(2 if contact == nodes[-1] else 1))
    assert len(lookup.values) < COPIES or set(lookup.newest) == {Fake(2)}


def test_nobody_is_asked_twice_and_itself_never() -> None:
    nodes = near(5)
    lookup: Lookup[Fake] = Lookup(KEY, nodes, own=nodes[0].peer)
    asked: list[Contact] = []
    while not lookup.done:
        for contact in lookup.ask():
            asked.append(contact)
            lookup.answered(contact, nodes)
    assert asked == nodes[1:]


def test_liars_cannot_make_it_ask_for_ever() -> None:
    """Each answer names nodes that are nearer than all and do not exist."""
    random = Random(11)
    lookup: Lookup[Fake] = Lookup(KEY, near(COPIES, 1000))
    real = {contact.peer for contact in near(COPIES, 1000)}
    while not lookup.done:
        for contact in lookup.ask():
            if contact.peer in real:
                fakes = [
                    Contact(random.randbytes(8), (), KEY ^ random.randrange(900)) for _ in range(99)
                ]
                lookup.answered(contact, fakes if contact.peer == b"1000" else [])
            else:
                lookup.failed(contact)
    assert {contact.peer for contact in lookup.nearest} == real
    assert lookup.asked <= COPIES + LIES + WIDTH


def test_an_answer_names_no_more_than_it_may() -> None:
    lookup: Lookup[Fake] = Lookup(KEY, near(1, 500))
    [only] = lookup.ask()
    lookup.answered(only, near(NAMED + 10, 600))
    asked = 0
    while not lookup.done:
        for contact in lookup.ask():
            asked += 1
            lookup.answered(contact, [])
    assert asked == NAMED - 1 or asked == NAMED


@pytest.mark.parametrize("until", list(Until))
def test_there_is_an_end_to_asking(until: Until) -> None:
    random = Random(3)
    lookup: Lookup[Fake] = Lookup(KEY, near(20, 10**6), until)
    while not lookup.done:
        for contact in lookup.ask():
            named = [
                Contact(random.randbytes(9), (), contact.place ^ random.randrange(9))
                for _ in range(20)
            ]
            lookup.answered(contact, named)
    assert lookup.asked <= MOST_ASKED


def test_nobody_to_ask_is_the_end() -> None:
    lookup: Lookup[Fake] = Lookup(KEY, [])
    assert lookup.done
    assert lookup.ask() == []
    assert lookup.newest == []
