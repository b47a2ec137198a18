"""Whereabouts: the identity's newest record must stand behind them, and time."""

import pytest

from crypto.purposes import SignPurpose
from formats.dag_cbor import Value
from formats.envelope import Envelope
from formats.errors import Expired, Forged, Forked, Malformed, Stale
from formats.whereabouts import Home, HomeRole, Living, Whereabouts
from tests.records.people import ALICE, BOB, DAY, NOW, SERVER, digest, key, sealing

HERE = ALICE.whereabouts()


def test_comes_back_as_it_went() -> None:
    again = Whereabouts.decode(HERE.encoded)
    assert again == HERE
    again.verify(ALICE.chain(), NOW)
    assert again.homes == ALICE.homes
    assert again.home == ALICE.homes[0]
    assert (again.name, again.sealing) == ("alice", sealing("alice"))


def test_they_end() -> None:
    HERE.verify(ALICE.chain(), NOW + DAY - 1)
    with pytest.raises(Expired):
        HERE.verify(ALICE.chain(), NOW + DAY)


def test_of_another_identity_or_key() -> None:
    with pytest.raises(Forged, match="another identity"):
        HERE.verify(BOB.chain(), NOW)
    stolen = Whereabouts.make(
        ALICE.chain(), 1, Living(ALICE.homes, "alice"), sealing("eve"), NOW + DAY, key("eve")
    )
    with pytest.raises(Forged, match="signature"):
        stolen.verify(ALICE.chain(), NOW)


def test_under_another_identity_record() -> None:
    with pytest.raises(Stale, match="and 1 is in force"):
        HERE.verify(ALICE.chain(2), NOW)
    newer = Whereabouts.make(
        ALICE.chain(2), 1, Living(ALICE.homes, "alice"), sealing("alice"), NOW + DAY, ALICE.daily(1)
    )
    newer.verify(ALICE.chain(2), NOW)
    with pytest.raises(Stale, match="ends at record 0"):
        newer.verify(ALICE.chain(), NOW)


def test_naming_another_history_is_a_fork() -> None:
    body: dict[str, Value] = {
        "v": 1,
        "id": ALICE.id,
        "identity_seq": 0,
        "identity_hash": digest("another record 0"),
        "seq": 0,
        "homes": [home.value() for home in ALICE.homes],
        "sealing": sealing("alice"),
        "name": "alice",
        "expires": NOW + DAY,
    }
    made = Envelope.sign(SignPurpose.WHEREABOUTS, body, ALICE.daily(), keyed=False)
    with pytest.raises(Forked):
        Whereabouts.decode(made.encoded).verify(ALICE.chain(), NOW)


def test_another_purpose_does_not_hold() -> None:
    wrong = Envelope(HERE.body, ALICE.daily().sign(SignPurpose.SPACE, HERE.body))
    with pytest.raises(Forged):
        Whereabouts.decode(wrong.encoded).verify(ALICE.chain(), NOW)


def test_the_newest_replaces_the_others() -> None:
    newer = ALICE.whereabouts(1)
    newer.extends(0, HERE.hash)
    newer.extends(1, newer.hash)
    with pytest.raises(Stale):
        HERE.extends(1, newer.hash)
    with pytest.raises(Forked):
        HERE.extends(0, ALICE.whereabouts(0, NOW + 2 * DAY).hash)


def test_nothing_is_made_that_nobody_would_read() -> None:
    replica = (Home(SERVER, (), HomeRole.REPLICA),)
    with pytest.raises(Malformed, match="exactly one"):
        Whereabouts.make(
            ALICE.chain(), 0, Living(replica, "alice"), sealing("alice"), NOW, ALICE.daily()
        )


def test_the_largest_fits() -> None:
    addresses = ("/" + "x" * 255,) * 16
    homes = tuple(
        Home(bytes((n,)) * 64, addresses, HomeRole.REPLICA if n else HomeRole.HOME)
        for n in range(8)
    )
    living = Living(homes, "a" * 32, bytes(128))
    large = Whereabouts.make(ALICE.chain(), 2**53, living, sealing("alice"), 2**53, ALICE.daily())
    assert large.living == living
    assert Whereabouts.decode(large.encoded) == large
