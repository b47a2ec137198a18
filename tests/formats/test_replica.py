"""Replica grants: for whom they hold, until when, and which is the newer one."""

import pytest

from formats.errors import Forked, Stale
from formats.replica import ReplicaGrant
from formats.whereabouts import HomeRole
from tests.records.people import ALICE, CLIENT, DAY, NOW, SERVER

HERE = ALICE.replica_grant()


def test_comes_back_as_it_went() -> None:
    again = ReplicaGrant.decode(HERE.encoded)
    assert again == HERE
    assert (again.id, again.home, again.peer) == (ALICE.id, SERVER, CLIENT)
    assert again.replica == ALICE.homes[1]
    assert again.replica.role is HomeRole.REPLICA


def test_it_holds_until_it_ends_or_is_taken_back() -> None:
    assert HERE.holds(NOW + DAY - 1)
    assert not HERE.holds(NOW + DAY)
    assert ALICE.replica_grant(ceiling=1).holds(NOW)
    over = ALICE.replica_grant(1, ceiling=0)
    assert over.is_over
    assert not over.holds(NOW)


def test_a_grant_that_was_replaced_is_not_shown_again() -> None:
    over = ALICE.replica_grant(1, ceiling=0)
    over.extends(HERE)
    over.extends(over)
    with pytest.raises(Stale, match="number 0, and 1 was seen"):
        HERE.extends(over)
    with pytest.raises(Forked, match="two with number 1"):
        ALICE.replica_grant(1).extends(over)
