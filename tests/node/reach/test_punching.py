"""Hole punching: whom nobody can have us call. (That it works is seen in tests/nat.)"""

import pytest
from libp2p.relay.circuit_v2.pb.dcutr_pb2 import HolePunch

from formats.errors import ProtocolViolation
from node.reach import punching
from node.reach.multiaddr import encoded
from node.reach.protobuf import Message, encode


def told(*addresses: str, type: int = 100) -> Message:
    return Message(encode([(1, type), *((2, each) for each in encoded(addresses))]))


@pytest.mark.parametrize(
    "address",
    [
        "/ip4/127.0.0.1/tcp/4061",
        "/ip4/0.0.0.0/tcp/4061",
        "/ip4/224.0.0.1/tcp/4061",
        "/ip4/169.254.1.1/tcp/4061",
        "/ip6/::1/tcp/4061",
        "/ip6/fe80::1/tcp/4061",
        "/ip4/192.0.2.1/tcp/1023",
    ],
)
def test_some_addresses_are_never_tried(address: str) -> None:
    assert punching._read(told(address), 100) == []


def test_only_the_first_few_are_tried() -> None:
    many = [f"/ip4/192.0.2.1/tcp/{port}" for port in range(2000, 2010)]
    tried = punching._read(told(*many), 100)
    assert [each.port for each in tried] == [2000, 2001, 2002]


@pytest.mark.parametrize("type", [0, 101, 300])
def test_messages_have_an_order(type: int) -> None:
    with pytest.raises(ProtocolViolation):
        punching._read(told(type=type), 100)


def test_messages_are_libp2ps() -> None:
    theirs = HolePunch(type=HolePunch.CONNECT, ObsAddrs=encoded(["/ip4/192.0.2.1/tcp/5"]))
    assert punching._message(100, ["/ip4/192.0.2.1/tcp/5"]) == theirs.SerializeToString()
    sync = HolePunch(type=HolePunch.SYNC).SerializeToString()
    assert punching._message(300) == sync
