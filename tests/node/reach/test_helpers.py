"""Whom a node asks for help: named ones first, then a few strangers of different sites."""

from node.reach.helpers import MOST_ADDRESSES, MOST_OTHERS, Helpers, KnownRelay, outward

OWN = b"own"


def relay(number: int, host: str = "") -> KnownRelay:
    return KnownRelay(b"%d" % number, (f"/ip4/{host or f'203.0.113.{number}'}/tcp/4061",))


def helpers(*known: KnownRelay, named: int = 0, useless: frozenset[bytes] = frozenset()) -> Helpers:
    first = [relay(each) for each in range(100, 100 + named)]
    made = Helpers(OWN, first, lambda: known, useless.__contains__)
    made.choose()
    return made


def peers(made: Helpers) -> list[bytes]:
    return [each.peer for each in made.all()]


def test_a_few_of_many_at_random_and_the_same_as_long_as_they_answer() -> None:
    known = [relay(number) for number in range(1, 60)]
    made = helpers(*known)
    first = peers(made)
    assert len(first) == MOST_OTHERS
    for _ in range(5):
        made.choose()
        assert peers(made) == first
    assert any(peers(helpers(*known)) != first for _ in range(20))


def test_who_says_nothing_makes_way() -> None:
    made = helpers(*(relay(number) for number in range(1, 60)))
    silent, *others = peers(made)
    made.heard([silent])
    made.choose()
    assert silent not in peers(made)
    assert peers(made)[: len(others)] == others


def test_who_does_not_relay_makes_way() -> None:
    useless = frozenset(b"%d" % number for number in range(1, 58))
    known = [relay(number) for number in range(1, 60)]
    assert set(peers(helpers(*known, useless=useless))[:2]) == {b"58", b"59"}
    assert peers(helpers(relay(1), useless=useless)) == [b"1"], "it may still call us"


def test_who_is_no_longer_known_is_not_asked() -> None:
    known = [relay(1), relay(2)]
    made = Helpers(OWN, (), lambda: known, lambda peer: False)
    made.choose()
    del known[0]
    made.choose()
    assert peers(made) == [b"2"]


def test_named_ones_come_first_unless_they_say_nothing() -> None:
    made = helpers(relay(1), named=2)
    assert peers(made) == [b"100", b"101", b"1"]
    made.heard([b"100"])
    made.choose()
    assert peers(made) == [b"101", b"1", b"100"]
    assert made.is_named(b"100")
    assert not made.is_named(b"1")


def test_not_oneself_and_nobody_twice() -> None:
    own = KnownRelay(OWN, ("/ip4/203.0.113.9/tcp/1",))
    assert peers(helpers(own, relay(100), relay(1), relay(1), named=1)) == [b"100", b"1"]


def test_one_of_each_site() -> None:
    same = [relay(number, "203.0.113.1") for number in range(20)]
    assert len(peers(helpers(*same))) == 1
    both = KnownRelay(b"x", ("/ip4/203.0.113.2/tcp/1", "/ip4/203.0.113.1/tcp/1"))
    assert set(peers(helpers(both, relay(3)))) == {b"x", b"3"}
    assert all(
        set(peers(helpers(both, relay(1), relay(2)))) in ({b"x"}, {b"1", b"2"}) for _ in range(20)
    )


def test_only_addresses_that_anybody_may_call() -> None:
    inward = ["10.0.0.1", "192.168.1.2", "172.20.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1"]
    assert peers(helpers(*(relay(at, host) for at, host in enumerate(inward)))) == []
    others = ("/dns4/example.org/tcp/1", "/ip6/fe80::1/tcp/1", "/ip6/::1/tcp/1", "/x")
    assert outward(KnownRelay(b"x", others)).addresses == ()
    mapped = KnownRelay(b"x", ("/ip6/::ffff:10.0.0.1/tcp/1",))
    assert outward(mapped).addresses == ()
    many = tuple(f"/ip4/203.0.113.{each}/tcp/1" for each in range(1, 9))
    assert outward(KnownRelay(b"x", many)).addresses == many[:MOST_ADDRESSES]
