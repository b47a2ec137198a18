"""Drops: paid by a token or by work, bound to target, day and message."""

import pytest

from crypto.hashing import sha256
from formats.drop import (
    DAY,
    MAX_DROP,
    SEALED_MESSAGE,
    Drop,
    TokenGrant,
    check_sealed,
    day_of,
    work_target,
)
from formats.errors import Denied, Malformed
from tests.records.people import ALICE, BOB, NOW

BITS = 12
TODAY = day_of(NOW)
SEALED = b"s" * SEALED_MESSAGE
WORKED = Drop.worked(ALICE.id, TODAY, SEALED, BITS)
TOKEN = b"t" * 16


def test_comes_back_as_it_went() -> None:
    for drop in (WORKED, Drop(ALICE.id, TODAY, token=TOKEN)):
        assert Drop.decode(drop.encoded) == drop
        assert len(drop.encoded) <= MAX_DROP
    with pytest.raises(Malformed, match="at most 256"):
        Drop.decode(b"\0" * 257)


def test_exactly_one_payment() -> None:
    for token, work in ((None, None), (TOKEN, 1)):
        with pytest.raises(Malformed):
            Drop(ALICE.id, TODAY, token, work)


def test_work_serves_one_message_to_one_target_about_today() -> None:
    for now in (NOW - DAY, NOW, NOW + DAY):
        WORKED.check_work(SEALED, BITS, now)
    for now in (NOW - 2 * DAY, NOW + 2 * DAY):
        with pytest.raises(Denied, match="today"):
            WORKED.check_work(SEALED, BITS, now)
    other = Drop(BOB.id, TODAY, work=WORKED.work)
    moved = Drop(ALICE.id, TODAY + 1, work=WORKED.work)
    for drop, sealed, bits in (
        (WORKED, b"x" * SEALED_MESSAGE, BITS),
        (WORKED, SEALED, 32),
        (other, SEALED, BITS),
        (moved, SEALED, BITS),
    ):
        with pytest.raises(Denied, match="too little"):
            drop.check_work(sealed, bits, NOW)
    with pytest.raises(Denied):
        Drop(ALICE.id, TODAY, token=TOKEN).check_work(SEALED, BITS, NOW)


def test_targets_of_work_differ_in_every_part() -> None:
    targets = {
        work_target(target, day, sealed)
        for target in (ALICE.id, BOB.id)
        for day in (1, 2)
        for sealed in (b"a", b"b")
    }
    assert len(targets) == 8


def test_all_sealed_messages_have_one_size() -> None:
    check_sealed(SEALED)
    for size in (0, SEALED_MESSAGE - 1, SEALED_MESSAGE + 1):
        with pytest.raises(Malformed):
            check_sealed(b"s" * size)


def test_days_begin_at_midnight_utc() -> None:
    assert [day_of(at) for at in (0, DAY - 1, DAY)] == [0, 0, 1]


def test_a_grant_names_its_token_by_hash() -> None:
    grant = TokenGrant.of(TOKEN, NOW, 3)
    assert grant.hash == sha256(TOKEN)
    assert TokenGrant.decode(grant.encoded) == grant
