"""What a node keeps for others, and what it refuses."""

import pytest

from formats.errors import Denied, Expired, Forged, Forked, HoldfastError, Malformed, Stale, TooMany
from formats.published import MAX_PUBLISHED, Published
from node.dht import keeping
from node.dht.answering import Answers, Kind, Request
from node.dht.contact import place_of
from node.dht.keeping import Keeper
from node.dht.rules import KEEP_SECONDS, PUTS_A_MINUTE
from node.dht.service import _newer
from node.dht.table import Table
from tests.node.dht.town import published
from tests.records.people import DAY, NOW

PLACE = place_of(b"own")
KEEP = KEEP_SECONDS * 1000


@pytest.fixture
def keeper() -> Keeper:
    return Keeper(PLACE, Published.decode, _newer)


def put(keeper: Keeper, key: bytes, data: bytes, now: int = NOW) -> None:
    keeper.keep(key, keeper.examine(key, data, now), now)


def test_what_holds_is_kept_for_a_day_after_it_was_last_stored(keeper: Keeper) -> None:
    alice = published("alice")
    key, data = alice.keys[0], alice.encode()
    put(keeper, key, data, NOW)
    assert keeper.get(key, NOW + KEEP - 1) == data
    assert keeper.get(key, NOW + KEEP) is None
    put(keeper, key, data, NOW + 1000)
    assert keeper.get(key, NOW + KEEP) == data
    assert keeper.expire(NOW + KEEP + 1000) == 1
    assert (len(keeper), keeper.size) == (0, 0)


def test_nothing_is_kept_beyond_its_own_time(keeper: Keeper) -> None:
    alice = published("alice")
    put(keeper, alice.keys[0], alice.encode(), NOW + DAY - 5)
    assert keeper.get(alice.keys[0], NOW + DAY - 1) == alice.encode()
    assert keeper.get(alice.keys[0], NOW + DAY) is None
    with pytest.raises(Expired):
        put(keeper, alice.keys[1], alice.encode(), NOW + DAY)


def test_what_is_foreign_forged_oversized_or_nonsense_is_refused(keeper: Keeper) -> None:
    alice, bob = published("alice"), published("bob")
    data = alice.encode()
    for error, key, value in (
        (Forged, bob.keys[0], data),
        (Forged, bob.keys[1], data),
        (Forged, alice.keys[0], data[:-1] + bytes([data[-1] ^ 1])),
        (Malformed, alice.keys[0], bytes(MAX_PUBLISHED + 1)),
        (Malformed, alice.keys[0], b""),
        (Malformed, alice.keys[0], b"\xa0"),
    ):
        with pytest.raises((error, HoldfastError)):
            put(keeper, key, value)
    assert len(keeper) == 0


def test_replays_and_forks_are_refused_and_successors_taken(keeper: Keeper) -> None:
    old, now, fork = (
        published("alice", 1, 3),
        published("alice", 1, 4),
        published("alice", 1, 4, "eve"),
    )
    key = now.keys[0]
    put(keeper, key, now.encode())
    for error, value in ((Stale, old), (Forked, fork)):
        with pytest.raises(error):
            put(keeper, key, value.encode())
    later = published("alice", 2, 0)
    put(keeper, key, later.encode())
    assert keeper.get(key, NOW) == later.encode()


def test_who_is_found_under_a_handle_first_stays(keeper: Keeper) -> None:
    """Two ids of one fingerprint cost 2^80 hashes to make; the second does not hide the first."""
    alice = published("alice")
    key = alice.keys[1]
    kept = keeper.examine(key, alice.encode(), NOW)
    keeper.keep(key, keeping.Kept(kept.data + b"x", b"somebody else", kept.until), NOW)
    with pytest.raises(Denied):
        put(keeper, key, alice.encode())


def test_what_stands_farthest_goes_first(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "KEPT_VALUES", 3)
    people = sorted(
        (published(f"p{n}") for n in range(5)), key=lambda each: place_of(each.keys[0]) ^ PLACE
    )
    for each in (*people[1:4],):
        put(keeper, each.keys[0], each.encode())
    put(keeper, people[0].keys[0], people[0].encode())
    assert keeper.get(people[3].keys[0], NOW) is None
    with pytest.raises(TooMany):
        put(keeper, people[4].keys[0], people[4].encode())
    assert len(keeper) == 3
    assert keeper.size == sum(len(each.encode()) for each in people[:3])


@pytest.mark.parametrize(("room", "kept"), [(-1, 1), (0, 2)])
def test_bytes_are_bounded_too(room: int, kept: int) -> None:
    one = published("alice")
    keeper = Keeper(PLACE, Published.decode, _newer, 2 * len(one.encode()) + room)
    for key in one.keys:
        try:
            put(keeper, key, one.encode())
        except TooMany:
            continue
    assert len(keeper) == kept


def test_one_node_stores_only_so_much_a_minute(keeper: Keeper) -> None:
    answers = Answers(Table(PLACE), keeper)
    request = Request(Kind.PUT, b"k", b"nonsense")
    for _ in range(PUTS_A_MINUTE):
        with pytest.raises(Malformed):
            answers.examine(request, b"peer", NOW)
    with pytest.raises(TooMany):
        answers.examine(request, b"peer", NOW)
    with pytest.raises(Malformed):
        answers.examine(request, b"another", NOW)
    with pytest.raises(Malformed):
        answers.examine(request, b"peer", NOW + 60_000)
