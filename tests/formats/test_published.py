"""Published people: what holds, under which keys, and what replaces what."""

import pytest

from formats.dag_cbor import Value, encode
from formats.errors import Expired, Forged, Forked, HoldfastError, Malformed, Stale, Unfit
from formats.handle import handle as handle_of
from formats.handle import parse_handle
from formats.published import MAX_PUBLISHED, MAX_RECORDS, Published, key_of_handle, key_of_id
from tests.node.dht.town import published
from tests.records.people import DAY, NOW, Person


def test_it_goes_there_and_back() -> None:
    alice = published("alice", 3, 7)
    again = Published.decode(alice.encode())
    assert again == alice
    assert again.age == (2, 7)
    assert again.keys == (
        key_of_id(alice.id),
        key_of_handle(parse_handle(handle_of("alice", alice.id))),
    )
    for key in again.keys:
        again.check(key, NOW)


def test_keys_are_of_one_person_and_one_name() -> None:
    keys = {
        key
        for each in (published("alice"), published("bob"), published("alice", says="bob"))
        for key in each.keys
    }
    assert len(keys) == 5


def test_it_stands_only_where_it_belongs_and_until_it_expires() -> None:
    alice, bob = published("alice"), published("bob")
    for key in bob.keys:
        with pytest.raises(Forged):
            alice.check(key, NOW)
    with pytest.raises(Expired):
        alice.check(alice.keys[0], NOW + DAY)


def test_whereabouts_of_somebody_else_or_of_another_record_do_not_fit() -> None:
    alice, bob = published("alice"), published("bob")
    with pytest.raises(Forged):
        Published(alice.chain, bob.whereabouts)
    with pytest.raises(Stale):
        Published(Person("alice").chain(2), alice.whereabouts)


def test_only_the_same_person_at_the_same_state_or_later_replaces() -> None:
    alice = published("alice", 2, 5)
    published("alice", 2, 6).extends(alice)
    published("alice", 3, 0).extends(alice)
    alice.extends(alice)
    for older in (published("alice", 2, 4), published("alice", 1, 9)):
        with pytest.raises(Stale):
            older.extends(alice)
    with pytest.raises(Forked):
        published("alice", 2, 5, says="eve").extends(alice)
    with pytest.raises(Forged):
        published("bob", 2, 6).extends(alice)


def test_every_flipped_byte_is_refused() -> None:
    data = published("alice").encode()
    for at in range(0, len(data), max(1, len(data) // 150)):
        with pytest.raises(HoldfastError):
            Published.decode(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    for size in (0, 1, 100, len(data) - 1):
        with pytest.raises(HoldfastError):
            Published.decode(data[:size])


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"chain": []},
        {"chain": [1]},
        {"chain": "x"},
        {"whereabouts": b""},
        {"more": 1},
    ],
)
def test_a_shape_that_is_none_is_refused(change: dict[str, Value]) -> None:
    alice = published("alice")
    chain: list[Value] = list(alice.chain.encoded)
    good: dict[str, Value] = {"v": 1, "chain": chain, "whereabouts": alice.whereabouts.encoded}
    assert Published.decode(encode(good)) == alice
    with pytest.raises(HoldfastError):
        Published.decode(encode(good | change))


def test_the_limits_on_both_sides() -> None:
    most = published("alice", MAX_RECORDS)
    assert Published.decode(most.encode()) == most
    with pytest.raises(Unfit):
        published("alice", MAX_RECORDS + 1).encode()
    with pytest.raises(Malformed, match="at most"):
        Published.decode(bytes(MAX_PUBLISHED + 1))
    chain: list[Value] = list(Person("alice").chain(MAX_RECORDS + 1).encoded)
    where = most.whereabouts.encoded
    with pytest.raises(Malformed):
        Published.decode(encode({"v": 1, "chain": chain, "whereabouts": where}))
