"""The bytes of libp2p's small protocols: what its own code makes we read, and the other way."""

import random

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from libp2p.relay.circuit_v2.pb import circuit_pb2 as pb
from multiaddr import Multiaddr  # type: ignore[import-untyped]

from crypto.secret import Secret
from formats.base58 import base58
from formats.errors import Forged, Malformed, ProtocolViolation, Unreachable
from formats.varint import varint
from node.peer import peer_id
from node.reach import multiaddr, voucher
from node.reach.hop import CONNECT, RESERVE, STATUS, Hop, Limit, Status, Stop
from node.reach.protobuf import MAX_FIELDS, Message, encode, read_varint
from node.reach.telling import MAX_MESSAGE, Telling
from node.transport.muxed import Identity

PEER = peer_id(Secret(bytes(range(32))))
"""The same in every process: it is part of the names of tests."""


@given(st.integers(0, 2**64 - 1))
def test_numbers(value: int) -> None:
    data = varint(value)
    assert read_varint(data, 0) == (value, len(data))


@pytest.mark.parametrize("data", [b"", b"\x80", b"\xff" * 10, b"\xff" * 9 + b"\x02"])
def test_numbers_that_are_none(data: bytes) -> None:
    with pytest.raises(Malformed):
        read_varint(data, 0)


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a\x05abc",  # breaks off
        b"\x0b",  # a group
        b"\x09\x00",  # half of a fixed number
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",  # 2^64 - 1 bytes
        b"\x08\x01" * (MAX_FIELDS + 1),
    ],
)
def test_messages_that_are_none(data: bytes) -> None:
    with pytest.raises(Malformed):
        Message(data)


def test_as_many_fields_as_may_be() -> None:
    assert Message(b"\x08\x01" * MAX_FIELDS).number(1) == 1


def test_fixed_numbers_and_unknown_fields_are_passed_over() -> None:
    message = Message(b"\x09" + bytes(8) + b"\x0d" + bytes(4) + encode([(77, b"x"), (2, 5)]))
    assert (message.number(1), message.number(2), message.bytes_(77)) == (0, 5, b"x")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        message = Message(data)
        Hop.read(message)
        Stop.read(message)
    except Malformed:
        return
    assert message.number(9999) == 0


HOPS = [
    (Hop(RESERVE), {"type": pb.HopMessage.RESERVE}),
    (Hop(CONNECT, PEER), {"type": pb.HopMessage.CONNECT, "peer": pb.PeerId(id=PEER)}),
    (
        Hop(STATUS, status=204),
        {"type": pb.HopMessage.STATUS, "status": pb.Status.Value("NO_RESERVATION")},
    ),
    (
        Hop(STATUS, b"", Status.OK, 99, (b"a", b"b"), b"v", Limit(7, 8)),
        {
            "type": pb.HopMessage.STATUS,
            "reservation": pb.Reservation(expire=99, addrs=[b"a", b"b"], voucher=b"v"),
            "limit": pb.Limit(duration=7, data=8),
            "status": pb.Status.Value("OK"),
        },
    ),
]


@pytest.mark.parametrize(("ours", "theirs"), HOPS)
def test_hop_messages_are_libp2ps(ours: Hop, theirs: dict[str, object]) -> None:
    message = pb.HopMessage(**theirs)  # type: ignore[arg-type]
    assert ours.encode() == message.SerializeToString()
    assert Hop.read(Message(message.SerializeToString())) == ours


def test_stop_messages_are_libp2ps() -> None:
    asked = pb.StopMessage(
        type=pb.StopMessage.CONNECT, peer=pb.PeerId(id=PEER), limit=pb.Limit(duration=1, data=2)
    )
    ours = Stop(PEER, limit=Limit(1, 2))
    assert ours.encode() == asked.SerializeToString()
    assert Stop.read(Message(ours.encode())) == ours
    said = pb.StopMessage(type=pb.StopMessage.STATUS, status=pb.Status.Value("OK"))
    assert Stop(status=Status.OK).encode() == said.SerializeToString()


ADDRESSES = [
    "/ip4/192.0.2.1/tcp/4061",
    "/ip6/2001:db8::1/tcp/65535",
    f"/ip4/192.0.2.1/tcp/4061/p2p/{base58(PEER)}/p2p-circuit",
    f"/p2p/{base58(PEER)}",
]


@pytest.mark.parametrize("text", ADDRESSES)
def test_addresses_are_libp2ps(text: str) -> None:
    data = Multiaddr(text).to_bytes()
    assert multiaddr.to_bytes(text) == data
    assert multiaddr.to_text(data) == text


@pytest.mark.parametrize(
    "text", ["", "x", "/ip4", "/ip4/1.2.3", "/tcp/99999", "/tcp/-1", "/udp/1", "/p2p/0OIl", "/p2p/"]
)
def test_texts_that_are_no_addresses(text: str) -> None:
    assert multiaddr.to_bytes(text) is None


@given(st.binary(max_size=300))
def test_bytes_that_are_no_address_are_none(data: bytes) -> None:
    text = multiaddr.to_text(data)
    assert text is None or multiaddr.to_text(multiaddr.to_bytes(text) or b"") == text


def test_what_is_too_long_is_no_address() -> None:
    one = Multiaddr("/ip4/192.0.2.1/tcp/4061").to_bytes()
    assert multiaddr.to_text(one * (multiaddr.MAX_BYTES // len(one))) is not None
    assert multiaddr.to_text(one * (multiaddr.MAX_BYTES // len(one) + 1)) is None


def test_a_voucher_is_of_one_relay_for_one_peer_until_a_time() -> None:
    relay, other = Identity(), Identity()
    made = voucher.issue(relay, PEER, 1000)
    voucher.check(made, relay.peer, PEER, 1000)
    for wrong in (
        (other.peer, PEER, 1000),
        (relay.peer, other.peer, 1000),
        (relay.peer, PEER, 999),
    ):
        with pytest.raises(Forged):
            voucher.check(made, *wrong)
    with pytest.raises(Forged):
        voucher.check(voucher.issue(other, PEER, 1000), relay.peer, PEER, 1000)


def test_a_changed_voucher_is_refused(rng: random.Random) -> None:
    relay = Identity()
    made = bytearray(voucher.issue(relay, PEER, 1000))
    for _ in range(40):
        changed = bytearray(made)
        changed[rng.randrange(len(made))] ^= 1 << rng.randrange(8)
        with pytest.raises((Forged, Malformed)):
            voucher.check(bytes(changed), relay.peer, PEER, 1000)


class Script:
    """A stream that gives these pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)

    async def receive_some(self) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""

    async def send_all(self, data: bytes) -> None:
        self.pieces.append(data)

    async def aclose(self) -> None:
        self.pieces.clear()


async def test_what_follows_a_message_is_kept() -> None:
    stream = Script(b"\x02\x08", b"\x05rest", b"more")
    told = Telling(stream)
    assert (await told.hear()).number(1) == 5
    assert [await told.receive_some(), await told.receive_some()] == [b"rest", b"more"]


@pytest.mark.parametrize(
    ("pieces", "error"),
    [
        ((b"\x02\x08",), Unreachable),
        ((varint(MAX_MESSAGE + 1),), ProtocolViolation),
        ((b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",), ProtocolViolation),
        ((b"\xff\xff\xff", b"\x7f"), ProtocolViolation),
        ((b"\x01\x0b",), Malformed),
    ],
)
async def test_messages_that_are_not_heard(
    pieces: tuple[bytes, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await Telling(Script(*pieces)).hear()


async def test_the_longest_message_is_heard() -> None:
    body = encode([(1, bytes(MAX_MESSAGE - 3))])
    assert len(body) == MAX_MESSAGE
    assert len((await Telling(Script(varint(len(body)), body)).hear()).bytes_(1)) > 8000


async def test_silence_is_not_waited_for(autojump_clock: object) -> None:
    class Silent(Script):
        async def receive_some(self) -> bytes:
            await trio.sleep(3600)
            return b"too late"

    with pytest.raises(Unreachable, match="nothing"):
        await Telling(Silent()).hear()
