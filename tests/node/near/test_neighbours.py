"""Who counts as a neighbour: only who has proven it, and only so many. In virtual time."""

import pytest
import trio
from trio.testing import MockClock

from crypto.hashing import sha256
from formats.limits import PEER_ID_PREFIX
from node.dht.contact import Contact
from node.near.datagrams import Announcement
from node.near.neighbours import Neighbours, Place, is_local
from node.near.rules import (
    ADDRESSES,
    CHECK_AGAIN,
    DIALS_A_MINUTE,
    DIALS_OF_HOST,
    FAILED,
    FORGET,
    MOST,
    REMEMBERED,
)

HOST = "192.168.1.5"


def _peer(word: object) -> bytes:
    return PEER_ID_PREFIX + sha256(str(word).encode())


OWN = _peer("own")


def _said(word: object, port: int = 4061, network: str = "holdfast") -> Announcement:
    return Announcement(_peer(word), port, network)


def _met(neighbours: Neighbours, word: object, host: str = HOST) -> Place:
    place = neighbours.heard(_said(word), host)
    assert place is not None
    neighbours.proven(place)
    return place


@pytest.fixture
def near() -> Neighbours:
    return Neighbours(OWN, "holdfast")


async def test_who_said_something_is_dialled_where_it_came_from_and_believed_then(
    near: Neighbours,
) -> None:
    place = near.heard(_said("bob"), HOST)
    assert place == (_peer("bob"), "/ip4/192.168.1.5/tcp/4061")
    assert not near.addresses(_peer("bob"))
    assert not near.contacts()
    near.proven(place)
    assert near.addresses(_peer("bob")) == (place[1],)
    assert near.contacts() == [Contact.of(_peer("bob"), (place[1],))]


async def test_it_is_not_dialled_twice(near: Neighbours) -> None:
    place = near.heard(_said("bob"), HOST)
    assert place is not None
    assert near.heard(_said("bob"), HOST) is None  # under way
    near.proven(place)
    assert near.heard(_said("bob"), HOST) is None  # known


async def test_own_words_and_other_networks_are_passed_over(near: Neighbours) -> None:
    assert near.heard(_said("own"), HOST) is None
    assert near.heard(_said("bob", network="family"), HOST) is None


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("10.0.0.1", True),
        ("172.16.0.1", True),
        ("172.32.0.1", False),
        ("192.168.255.254", True),
        ("169.254.7.7", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("8.8.8.8", False),
        ("100.64.0.1", False),
        ("224.0.0.251", False),
        ("fe80::1%eth0", True),
        ("fd00::7", True),
        ("2001:db8::1", False),
        ("::1", False),
        ("ff02::fb", False),
    ],
)
async def test_only_local_addresses_are_dialled(near: Neighbours, host: str, local: bool) -> None:
    assert is_local(host) is local
    assert (near.heard(_said("bob"), host) is not None) is local


async def test_whoever_is_somebody_else_is_not_believed_nor_dialled_soon(
    near: Neighbours, autojump_clock: MockClock
) -> None:
    place = near.heard(_said("bob"), HOST)
    assert place is not None
    near.failed(place)
    assert not near.contacts()
    await trio.sleep(FAILED - 1)
    assert near.heard(_said("bob"), HOST) is None
    await trio.sleep(1)
    assert near.heard(_said("bob"), HOST) == place


async def test_a_false_bob_does_not_displace_the_true_one(near: Neighbours) -> None:
    true = _met(near, "bob")
    false = near.heard(_said("bob"), "192.168.1.66")
    assert false is not None
    near.failed(false)
    assert near.addresses(_peer("bob")) == (true[1],)


async def test_who_moves_is_at_both_addresses_the_newest_first_until_the_old_is_forgotten(
    near: Neighbours, autojump_clock: MockClock
) -> None:
    old = _met(near, "bob")
    await trio.sleep(FORGET / 2)
    new = _met(near, "bob", "192.168.1.6")
    assert near.addresses(_peer("bob")) == (new[1], old[1])
    await trio.sleep(FORGET / 2 + 1)
    assert near.addresses(_peer("bob")) == (new[1],)
    await trio.sleep(FORGET)
    assert len(near) == 0


async def test_a_neighbour_has_so_many_addresses(near: Neighbours) -> None:
    places = [_met(near, "bob", f"192.168.1.{host}")[1] for host in range(1, ADDRESSES + 3)]
    assert near.addresses(_peer("bob")) == tuple(reversed(places[-ADDRESSES:]))


async def test_an_address_is_proven_again_now_and_then(
    near: Neighbours, autojump_clock: MockClock
) -> None:
    place = _met(near, "bob")
    for _ in range(int(CHECK_AGAIN // FORGET)):
        assert near.heard(_said("bob"), HOST) is None
        await trio.sleep(FORGET)
    assert near.heard(_said("bob"), HOST) == place
    assert near.addresses(place[0]) == (place[1],)
    near.failed(place)
    assert not near.addresses(place[0])


async def test_invented_nodes_cost_so_many_dials_a_minute(
    near: Neighbours, autojump_clock: MockClock
) -> None:
    def dialled() -> int:
        told = (near.heard(_said(word), HOST) for word in range(1000))
        return sum(place is not None for place in told)

    bob = _met(near, "bob", "192.168.1.9")
    assert dialled() == DIALS_OF_HOST
    hosts = [f"10.0.0.{number}" for number in range(1, 250)]
    more = [near.heard(_said(host), host) for host in hosts]
    assert sum(place is not None for place in more) == DIALS_A_MINUTE - DIALS_OF_HOST - 1
    assert near.heard(_said("bob"), "192.168.1.9") is None  # not needed
    assert near.addresses(bob[0]) == (bob[1],)
    await trio.sleep(60)
    assert dialled() == DIALS_OF_HOST


async def test_there_are_so_many_neighbours_and_those_there_are_stay(
    near: Neighbours, autojump_clock: MockClock
) -> None:
    for number in range(MOST):
        _met(near, number, f"10.0.{number}.1")
        await trio.sleep(2)
    await trio.sleep(FORGET - 2 * MOST - 1)
    assert len(near) == MOST
    assert near.heard(_said("late"), HOST) is None
    await trio.sleep(2)
    late = near.heard(_said("late"), HOST)
    assert late is not None


async def test_who_was_proven_too_late_finds_no_place(near: Neighbours) -> None:
    late = near.heard(_said("late"), HOST)
    assert late is not None
    for number in range(DIALS_A_MINUTE - 1):
        _met(near, number, f"10.0.{number}.1")
    near.proven((_peer("last"), "/ip4/10.1.1.1/tcp/1"))
    near.proven(late)
    assert len(near) == MOST
    assert not near.addresses(late[0])


async def test_failures_are_remembered_within_bounds(
    near: Neighbours, autojump_clock: MockClock
) -> None:
    for number in range(REMEMBERED + 20):
        place = near.heard(_said(number), f"10.0.{number % 200}.1")
        assert place is not None
        near.failed(place)
        await trio.sleep(1.1)
    assert len(near._failed) == REMEMBERED


async def test_who_watches_is_told_of_new_places_once(near: Neighbours) -> None:
    told: list[tuple[str, ...]] = []
    first = _met(near, "bob")
    also: list[bytes] = []
    near.watch(lambda contact: told.append(contact.addresses))
    near.watch(lambda contact: also.append(contact.peer))
    second = _met(near, "carol", "192.168.1.6")
    near.proven(second)
    assert told == [(first[1],), (second[1],)]
    assert also == [first[0], second[0]]
