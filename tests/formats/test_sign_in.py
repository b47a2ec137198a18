"""Sign-in records."""

import dataclasses

import pytest

from crypto.passwords import PasswordParameters
from formats.errors import Conflict, Malformed
from formats.sign_in import MAX_BUNDLE, MAX_SIGN_IN, SignInRecord
from tests.records.people import ALICE, BOB, digest, key

PARAMETERS = PasswordParameters(opslimit=3, memlimit=2**28, salt=digest("salt")[:16])
RECORD = SignInRecord("alice", ALICE.id, key("alice sign-in").verify_key, PARAMETERS, b"sealed", 4)


def test_comes_back_as_it_went() -> None:
    assert SignInRecord.decode(RECORD.encoded) == RECORD


def test_the_largest_bundle_fits() -> None:
    full = dataclasses.replace(RECORD, bundle=b"b" * MAX_BUNDLE, name="a" * 32, seq=2**53)
    assert len(full.encoded) <= MAX_SIGN_IN
    assert SignInRecord.decode(full.encoded) == full
    with pytest.raises(Malformed, match="at most"):
        SignInRecord.decode(b"\0" * (MAX_SIGN_IN + 1))


def test_only_the_next_of_the_same_account_replaces_it() -> None:
    dataclasses.replace(RECORD, seq=5, bundle=b"other").check_replaces(RECORD)
    for seq in (3, 4, 6):
        with pytest.raises(Conflict):
            dataclasses.replace(RECORD, seq=seq).check_replaces(RECORD)
    for other in (
        dataclasses.replace(RECORD, seq=5, id=BOB.id),
        dataclasses.replace(RECORD, seq=5, name="bob"),
    ):
        with pytest.raises(Malformed, match="another account"):
            other.check_replaces(RECORD)
