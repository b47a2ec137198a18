"""The routing table: who is nearest, who stays, who makes place."""

from random import Random

from node.dht.contact import Contact, place_of
from node.dht.rules import COPIES, MOST_OF_SITE, SPARE, SUSPECTED
from node.dht.table import Table

OWN = place_of(b"own")


def contacts(count: int, word: str = "peer") -> list[Contact]:
    return [
        Contact.of(f"{word} {n}".encode(), (f"/ip4/10.0.0.1/tcp/{n + 1}",)) for n in range(count)
    ]


def bucket(number: int, count: int, site: str = "") -> list[Contact]:
    """Nodes that share exactly ``number`` leading bits with ours."""
    bit = 255 - number
    return [
        Contact(f"{number} {n} {site}".encode(), (), OWN ^ (1 << bit) ^ n, site)
        for n in range(count)
    ]


def test_the_nearest_are_those_of_a_plain_sort() -> None:
    table = Table(OWN)
    random = Random(7)
    for contact in contacts(500):
        table.seen(contact)
    known = list(table)
    assert 100 < len(known) == len(table) < 500
    for _ in range(200):
        place = random.getrandbits(256)
        for most in (1, 20, 1000):
            expected = sorted(known, key=lambda each: each.place ^ place)[:most]
            assert table.nearest(place, most) == expected


def test_a_full_bucket_keeps_who_was_there_and_spares_who_comes() -> None:
    table = Table(OWN)
    old, new = bucket(0, COPIES), bucket(0, COPIES + SPARE + 1)[COPIES:]
    for contact in (*old, *new):
        table.seen(contact)
    assert set(table) == set(old)
    for _ in range(SUSPECTED - 1):
        table.failed(old[3])
    assert set(table) == set(old)
    table.failed(old[3])
    assert set(table) == {*old, new[-1]} - {old[3]}


def test_who_answers_is_not_suspected_any_more() -> None:
    table = Table(OWN)
    [one] = bucket(5, 1)
    table.seen(one)
    for _ in range(10):
        for _ in range(SUSPECTED - 1):
            table.failed(one)
        table.seen(one)
    assert list(table) == [one]


def test_one_owner_cannot_fill_a_bucket() -> None:
    table = Table(OWN)
    for contact in bucket(0, COPIES, "2001db8aaaa1"):
        table.seen(contact)
    assert len(table) == MOST_OF_SITE
    for contact in bucket(0, COPIES):
        table.seen(contact)
    assert len(table) == COPIES


def test_it_never_has_itself_and_strangers_that_fail_are_nothing() -> None:
    table = Table(OWN)
    table.seen(Contact(b"own", (), OWN))
    table.failed(Contact(b"else", (), 5))
    assert len(table) == 0


def test_sites_are_of_public_addresses_only() -> None:
    sites = [
        Contact.of(b"x", (address,)).site
        for address in (
            "/ip4/8.8.8.8/tcp/1",
            "/ip4/8.8.8.9/tcp/1",
            "/ip4/8.8.9.8/tcp/1",
            "/ip4/192.168.1.1/tcp/1",
            "/ip4/127.0.0.1/tcp/1",
            "/dns4/example.org/tcp/1",
            "nonsense",
        )
    ]
    assert sites[0] == sites[1] != sites[2]
    assert sites[3:] == [""] * 4
