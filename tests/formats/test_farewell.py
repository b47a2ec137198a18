"""Farewells: what they end and what goes on after them; receipts: nobody signs for another node."""

import dataclasses

import pytest

from crypto.purposes import SignPurpose
from crypto.signing import LockKey
from formats.dag_cbor import decode, encode
from formats.errors import Forged, Malformed
from formats.farewell import MAX_LISTED, MAX_RECEIPT, Farewell, Held, Receipt
from formats.limits import PEER_ID_PREFIX
from formats.whereabouts import Home, Living, Whereabouts
from tests.records.people import ALICE, CLIENT, DAY, NOW, SERVER, digest, lock, sealing

SAID = ALICE.farewell(5)
NODE = lock("node")
PEER = PEER_ID_PREFIX + NODE.public
RECEIPT = Receipt(
    PEER, ALICE.id, SAID.hash, NOW, (Held(digest("space"), 3, digest("p")),), 4096, 2, 60
)


def test_a_farewell_comes_back_as_it_went() -> None:
    again = Farewell.decode(SAID.encoded)
    assert again == SAID
    assert (again.id, again.home, again.seq, again.time) == (ALICE.id, SERVER, 5, NOW)
    again.verify(ALICE.chain())


@pytest.mark.parametrize(("seq", "over"), [(0, True), (4, True), (5, False), (6, False)])
def test_it_ends_older_whereabouts_at_that_node(seq: int, over: bool) -> None:
    assert SAID.ends(ALICE.whereabouts(seq)) is over


def test_it_says_nothing_of_other_nodes() -> None:
    moved = Whereabouts.make(
        ALICE.chain(),
        0,
        Living((Home(CLIENT, ()),), "alice"),
        sealing("a"),
        NOW + DAY,
        ALICE.daily(),
    )
    assert not SAID.ends(moved)


def test_a_receipt_comes_back_as_it_was_signed() -> None:
    assert Receipt.read(RECEIPT.sign(NODE), PEER, SAID) == RECEIPT


@pytest.mark.parametrize("signer", [NODE, lock("other")])
def test_nobody_signs_for_another_node(signer: LockKey) -> None:
    other = PEER_ID_PREFIX + lock("other").public
    with pytest.raises(Forged):
        Receipt.read(RECEIPT.sign(signer), other, SAID)
    with pytest.raises(Forged):
        Receipt.read(RECEIPT.sign(NODE), b"\x12\x20" + NODE.public, SAID)


def test_a_signature_for_something_else_does_not_serve() -> None:
    around = decode(RECEIPT.sign(NODE))
    assert isinstance(around, dict)
    body = around["body"]
    assert isinstance(body, bytes)
    signature = NODE.sign(SignPurpose.COURIER, body)
    with pytest.raises(Forged):
        Receipt.read(encode({"body": body, "signature": signature}), PEER, SAID)


def test_the_longest_receipt_fits() -> None:
    spaces = tuple(Held(digest(f"{n}"), 2**53, digest("p")) for n in range(MAX_LISTED))
    most = dataclasses.replace(
        RECEIPT, spaces=spaces, time=2**53, stored=2**53, messages=2**53, rests=2**53
    )
    data = most.sign(NODE)
    assert len(data) <= MAX_RECEIPT
    assert Receipt.read(data, PEER, SAID) == most
    with pytest.raises(Malformed, match="at most 65536"):
        Receipt.decode(b"\0" * (MAX_RECEIPT + 1))
