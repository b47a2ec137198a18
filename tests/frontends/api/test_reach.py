"""Doctor says in plain words who reaches this node, and what to do."""

from collections.abc import AsyncIterator

import pytest

from crypto.secret import random_secret
from formats.base58 import base58
from frontends.api.reach import check_reach
from frontends.checks import BAD, GOOD, WARNING
from node.network import Network
from node.reach.mapping import Mapping
from node.reach.reaching import Reaching, Standing
from node.transport.host import listening
from tests.node.transport.fakes import FakeNode

RELAY = bytes(range(38))
BOOT = f"/ip4/192.0.2.1/tcp/4061/p2p/{base58(RELAY)}"


@pytest.fixture
async def reach() -> AsyncIterator[Reaching]:
    async with listening(FakeNode(), random_secret(), ["127.0.0.1"], 0) as host:
        yield Reaching(host, Network(bootstrap=(BOOT,)), (), lambda addresses: None)


async def test_directly(reach: Reaching) -> None:
    reach.standing, reach.reached = Standing.PUBLIC, ("/ip4/192.0.2.9/tcp/4061",)
    check = check_reach(reach)
    assert (check.state, check.hint) == (GOOD, "")
    assert "directly, at /ip4/192.0.2.9/tcp/4061" in check.said


async def given_back() -> None:
    raise AssertionError


async def test_a_port_that_the_router_opened_is_named(reach: Reaching) -> None:
    address = "/ip4/192.0.2.9/tcp/4062"
    reach.gateway.mapping = Mapping("UPnP", address, 4062, 3600, given_back)
    reach.standing, reach.reached = Standing.PUBLIC, (address,)
    assert "your router opened TCP port 4062 for it (UPnP)" in check_reach(reach).said
    reach.reached = ("/ip4/192.0.2.10/tcp/4061",)
    assert "opened" not in check_reach(reach).said


async def test_a_port_that_is_opened_and_does_not_help(reach: Reaching) -> None:
    reach.gateway.mapping = Mapping("UPnP", "/ip4/10.0.0.9/tcp/4062", 4062, 3600, given_back)
    reach.standing = Standing.PRIVATE
    check = check_reach(reach)
    assert check.state == BAD
    assert "opened TCP port 4062 (UPnP), but" in check.said
    assert "second router" in check.said


async def test_through_a_relay(reach: Reaching) -> None:
    reach.standing = Standing.PRIVATE
    reach.reserving._held[RELAY] = ("/ip4/192.0.2.1/tcp/4061/p2p/x/p2p-circuit",)
    check = check_reach(reach)
    assert check.state == GOOD
    assert base58(RELAY) in check.said
    assert "cannot read" in check.said
    assert str(reach.host.port) in check.hint


async def test_not_at_all(reach: Reaching) -> None:
    reach.standing = Standing.PRIVATE
    reach.reserving.why[RELAY] = "the relay has no place left"
    check = check_reach(reach)
    assert check.state == BAD
    assert "the relay has no place left" in check.said
    assert "forward TCP port" in check.hint
    assert "'relays'" in check.hint


async def test_nobody_answers(reach: Reaching) -> None:
    check = check_reach(reach)
    assert check.state == WARNING
    assert "none of the nodes" in check.said


async def test_too_few_to_agree(reach: Reaching) -> None:
    reach.seen = ("/ip4/192.0.2.9/tcp/50000",)
    check = check_reach(reach)
    assert check.state == WARNING
    assert "too few nodes" in check.said
    assert "'bootstrap'" in check.hint


async def test_nobody_is_known(reach: Reaching) -> None:
    alone = Reaching(reach.host, Network(), (), lambda addresses: None)
    check = check_reach(alone)
    assert check.state == WARNING
    assert "'bootstrap'" in check.hint
