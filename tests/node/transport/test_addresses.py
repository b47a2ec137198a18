"""Multiaddresses as text."""

import pytest

from node.transport.addresses import (
    Endpoint,
    endpoint,
    endpoints,
    is_loopback,
    multiaddress,
    reachable,
    site,
)


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("/ip4/192.0.2.7/tcp/4061", "192.0.2.7", 4061),
        ("/ip6/2001:db8::7/tcp/1", "2001:db8::7", 1),
        ("/dns4/example.org/tcp/65535", "example.org", 65535),
        ("/dns6/example.org/tcp/4061", "example.org", 4061),
        ("/dns/a-b.example/tcp/4061", "a-b.example", 4061),
        ("/ip4/192.0.2.7/tcp/4061/p2p/12D3KooWabc", "192.0.2.7", 4061),
    ],
)
def test_tcp_addresses_are_understood(address: str, host: str, port: int) -> None:
    assert endpoint(address) == Endpoint(host, port)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "192.0.2.7:4061",
        "/ip4/192.0.2.7",
        "/ip4/192.0.2.7/tcp/0",
        "/ip4/192.0.2.7/tcp/65536",
        "/ip4/192.0.2.7/tcp/4061/ws",
        "/ip4/192.0.2.7/udp/4061/quic-v1",
        "/ip4/192.0.2.7/tcp/4061/p2p/x/p2p-circuit",
        "/ip4/2001:db8::7/tcp/4061",
        "/ip6/192.0.2.7/tcp/4061",
        "/ip4/300.1.1.1/tcp/4061",
        "/ip4/192.0.2.7/tcp/4061\n",
        "/dns4/exa mple/tcp/4061",
        "/unix/tmp/socket",
    ],
)
def test_everything_else_is_passed_over(address: str) -> None:
    assert endpoint(address) is None


def test_the_same_endpoint_is_tried_once_and_the_order_kept() -> None:
    texts = ["/dns4/b/tcp/1", "/x", "/dns4/a/tcp/1", "/dns4/b/tcp/1/p2p/abc"]
    assert endpoints(texts) == [Endpoint("b", 1), Endpoint("a", 1)]


def test_addresses_are_written_as_they_are_read() -> None:
    for host in ("192.0.2.7", "2001:db8::7"):
        assert endpoint(multiaddress(host, 4061)) == Endpoint(host, 4061)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.7", False),
        ("2001:db8::7", False),
        ("fe80::1%eth0", False),
    ],
)
def test_loopback_is_known_in_every_spelling(host: str, local: bool) -> None:
    assert is_loopback(host) is local


def test_one_household_is_one_site() -> None:
    assert site("192.0.2.7") == site("::ffff:192.0.2.7") != site("192.0.2.8")
    assert site("2001:db8:0:1::7") == site("2001:db8:0:1:ffff::1")
    assert site("2001:db8:0:1::7") != site("2001:db8:0:2::7")


def test_a_listener_on_one_address_is_found_there() -> None:
    assert reachable("127.0.0.1") == ["127.0.0.1"]
    assert reachable("192.0.2.7") == ["192.0.2.7"]


@pytest.mark.parametrize(("host", "last"), [("0.0.0.0", "127.0.0.1"), ("::", "::1")])
def test_a_listener_on_all_addresses_is_found_outward_first(host: str, last: str) -> None:
    found = reachable(host)
    assert found[-1] == last
    assert not any(is_loopback(each) for each in found[:-1])
