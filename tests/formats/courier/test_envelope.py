"""Envelopes: each node opens its own layer and nothing else, and all lines carry one size."""

import dataclasses

import pytest

from crypto.hpke import SealKeyPair
from crypto.secret import Secret
from formats.courier.envelope import (
    ENVELOPE,
    HEAD,
    MOST_COURIERS,
    Arrive,
    Enquire,
    Hop,
    Onward,
    Posted,
    check_work,
    fill,
    open_layer,
    post,
    sealed_size,
)
from formats.courier.record import CourierRecord
from formats.drop import SEALED_MESSAGE
from formats.errors import Denied, Malformed, Stale
from formats.whereabouts import Home
from tests.records.people import NOW, digest, lock

BITS = 4
MESSAGE = b"m" * SEALED_MESSAGE
ARRIVE = Arrive(b"a drop", Secret(digest("reply")))


def pair(word: str) -> SealKeyPair:
    return SealKeyPair.from_seed(Secret(digest(word)))


def hop(word: str, addresses: int = 1) -> Hop:
    peer = b"\x00\x24\x08\x01\x12\x20" + lock(word).public
    record = CourierRecord(peer, pair(word).public, BITS, 4, True, NOW, NOW + 1000)
    return Hop(Home(peer, ("/ip4/192.0.2.1/tcp/4061",) * addresses), record)


WAY = [hop("first"), hop("second"), hop("home")]


def opened(posted: Posted, word: str) -> tuple[object, bytes]:
    return open_layer(posted, hop(word).record.peer, [pair("older"), pair(word)])


def test_a_drop_goes_along_its_way_in_envelopes_of_one_size() -> None:
    posted = post(WAY, ARRIVE, MESSAGE)
    for word, next in (("first", WAY[1]), ("second", WAY[2])):
        assert len(posted.envelope) == ENVELOPE
        check_work(posted, hop(word).record.peer, BITS)
        head, rest = opened(posted, word)
        assert isinstance(head, Onward)
        assert head.next == next.home
        posted = Posted(posted.left - 1, head.work, fill(rest))
    check_work(posted, WAY[2].record.peer, BITS)
    head, rest = opened(posted, "home")
    assert isinstance(head, Arrive)
    assert (head.drop, head.reply.reveal(), rest) == (b"a drop", digest("reply"), MESSAGE)


@pytest.mark.parametrize("couriers", [0, 1, 2])
def test_the_last_node_sees_the_same_however_many_were_before(couriers: int) -> None:
    posted = post(WAY[-1 - couriers :], ARRIVE, MESSAGE)
    assert posted.left == couriers
    for word in ("first", "second")[2 - couriers :]:
        head, rest = opened(posted, word)
        assert isinstance(head, Onward)
        posted = Posted(posted.left - 1, head.work, fill(rest))
    assert posted.left == 0
    assert opened(posted, "home")[1] == MESSAGE


@pytest.mark.parametrize("couriers", [1, 2])
def test_a_question_looks_to_the_first_like_a_drop(couriers: int) -> None:
    asked = Enquire(WAY[2].home, Secret(digest("reply")))
    posted = post(WAY[2 - couriers : 2], asked)
    like = post(WAY[2 - couriers :], ARRIVE, MESSAGE)
    assert posted.left == like.left == couriers
    assert len(posted.envelope) == len(like.envelope)
    if couriers == 2:
        posted = Posted(1, 0, fill(opened(posted, "first")[1]))
    head, _ = opened(posted, "second")
    assert isinstance(head, Enquire)
    assert (head.next, head.reply.reveal()) == (asked.next, digest("reply"))


def test_a_layer_opens_for_its_node_in_its_place_only() -> None:
    posted = post(WAY, ARRIVE, MESSAGE)
    peer = WAY[0].record.peer
    with pytest.raises(Stale):
        opened(posted, "second")
    with pytest.raises(Stale):
        open_layer(posted, WAY[1].record.peer, [pair("first")])
    with pytest.raises(Stale):
        open_layer(dataclasses.replace(posted, left=1), peer, [pair("first")])
    for at in (0, 1, 1200, sealed_size(posted.left) - 1):
        torn = bytearray(posted.envelope)
        torn[at] ^= 1
        with pytest.raises(Stale):
            open_layer(dataclasses.replace(posted, envelope=bytes(torn)), peer, [pair("first")])


def test_what_fills_an_envelope_up_is_of_no_account() -> None:
    posted = post(WAY, ARRIVE, MESSAGE)
    refilled = fill(posted.envelope[: sealed_size(posted.left)])
    assert refilled != posted.envelope
    again = dataclasses.replace(posted, envelope=refilled)
    check_work(again, WAY[0].record.peer, BITS)
    assert opened(again, "first") == opened(posted, "first")


def test_work_is_for_one_envelope_to_one_node() -> None:
    posted = post(WAY, ARRIVE, MESSAGE)
    peer = WAY[0].record.peer
    for other, to, bits in (
        (posted, WAY[1].record.peer, 32),
        (dataclasses.replace(posted, work=posted.work + 2**50), peer, 24),
        (posted, peer, 32),
    ):
        with pytest.raises(Denied, match="too little"):
            check_work(other, to, bits)


def test_there_is_room_for_the_longest_way() -> None:
    assert sealed_size(MOST_COURIERS) <= ENVELOPE
    far = [hop(word, addresses=3) for word in ("first", "second", "home")]
    long = [
        dataclasses.replace(each, home=dataclasses.replace(each.home, addresses=("/" * 256,) * 3))
        for each in far
    ]
    assert len(post(long, Arrive(b"d" * 256, ARRIVE.reply), MESSAGE).envelope) == ENVELOPE
    with pytest.raises(Malformed):
        post(WAY, Arrive(b"d" * HEAD, ARRIVE.reply), MESSAGE)
    with pytest.raises(Malformed):
        post(WAY, ARRIVE, MESSAGE + b"m")
