"""Courier records: a peer id is enough to believe one, whoever hands it over."""

import dataclasses

import pytest

from crypto.purposes import SignPurpose
from crypto.signing import LockKey
from formats.courier.record import MAX_LIFE, MAX_RECORD, CourierRecord
from formats.dag_cbor import decode, encode
from formats.errors import Expired, Forged, Malformed
from formats.limits import PEER_ID_PREFIX
from tests.records.people import NOW, lock, sealing

KEY = lock("node")
PEER = PEER_ID_PREFIX + KEY.public
RECORD = CourierRecord(PEER, sealing("courier"), 10, 16, True, NOW, NOW + 1)


def test_a_record_comes_back_as_it_was_signed() -> None:
    data = RECORD.sign(KEY)
    assert len(data) <= MAX_RECORD
    assert CourierRecord.read(data, PEER) == RECORD


@pytest.mark.parametrize("signer", [KEY, lock("other")])
def test_nobody_speaks_for_another_node(signer: LockKey) -> None:
    other = PEER_ID_PREFIX + lock("other").public
    with pytest.raises(Forged):
        CourierRecord.read(RECORD.sign(signer), other)
    for peer in (KEY.public, b"\x12\x20" + KEY.public, PEER[:-1]):
        with pytest.raises(Forged):
            CourierRecord.read(RECORD.sign(KEY), peer)


def test_a_signature_for_something_else_does_not_serve() -> None:
    around = decode(RECORD.sign(KEY))
    assert isinstance(around, dict)
    body = around["body"]
    assert isinstance(body, bytes)
    signature = KEY.sign(SignPurpose.READ, body)
    with pytest.raises(Forged):
        CourierRecord.read(encode({"body": body, "signature": signature}), PEER)


@pytest.mark.parametrize(
    ("life", "good"), [(0, False), (1, True), (MAX_LIFE, True), (MAX_LIFE + 1, False)]
)
def test_a_record_is_good_for_a_day_at_most(life: int, good: bool) -> None:
    record = dataclasses.replace(RECORD, expires=NOW + life)
    if good:
        assert CourierRecord.read(record.sign(KEY), PEER) == record
        return
    with pytest.raises(Expired):
        CourierRecord.read(record.sign(KEY), PEER)


def test_a_record_too_large_is_not_read() -> None:
    with pytest.raises(Malformed, match="at most 2048"):
        CourierRecord.read(b"\0" * (MAX_RECORD + 1), PEER)
