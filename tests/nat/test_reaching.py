"""A node finds out how it can be reached, wherever it stands, and keeps to the truth."""

from pathlib import Path
from typing import Any

import pytest
import trio

from crypto.secret import random_secret
from formats.errors import Unreachable
from formats.whereabouts import Home
from node.reach import gateway
from node.reach.autonat import AUTONAT
from node.reach.helpers import KnownRelay
from node.reach.identify import identifying
from node.reach.multiaddr import encoded
from node.reach.protobuf import encode
from node.reach.reaching import Reaching, Standing
from node.reach.telling import Telling
from node.transport.carrier import Stream
from node.transport.handlers import Allowed
from node.transport.host import listening
from protocols.accounts import AskHello
from tests.nat.internet import Internet, Machine
from tests.nat.nodes import calling, named, running, until, with_bootstrap
from tests.nat.opening import opening
from tests.nat.routers import Kind
from tests.node.transport.fakes import FakeNode

GOAL = 3.0
"""Seconds within which a home is to be reached."""

ATTEMPTS = 3


def home(reach: Reaching) -> Home:
    return Home(reach.host.peer, reach.addresses())


async def reached(reach: Reaching, other: Machine) -> float:
    """Ask the node something from another machine; how long that took."""
    async with calling(other) as dialer:
        began = trio.current_time()
        with other.inside():
            doors = await dialer.reach(home(reach))
        await doors.accounts.hello(AskHello("x"))
        took = trio.current_time() - began
        await doors.aclose()
        return took


async def in_time(reach: Reaching, other: Machine) -> bool:
    """Whether it is reached within ``GOAL``. A busy machine is late now and then, not each time."""
    for _ in range(ATTEMPTS):
        try:
            if await reached(reach, other) < GOAL:
                return True
        except Unreachable:
            await trio.lowlevel.checkpoint()
    return False


async def recovered(reach: Reaching, other: Machine) -> None:
    """Try again and again until it is reached as before, as a daemon does."""
    with trio.fail_after(60):
        while True:
            try:
                if await reached(reach, other) < GOAL:
                    return
            except Unreachable:
                await trio.lowlevel.checkpoint()


async def test_a_public_node_knows_that_it_is(placed: Internet) -> None:
    machine = placed.public("home")
    async with with_bootstrap(placed, machine) as reach:
        assert reach.standing is Standing.PUBLIC
        assert reach.reached[0] in reach.host.addresses
        assert reach.reserving.addresses == ()


async def test_a_node_behind_a_nat_knows_and_is_called_by_a_relay(placed: Internet) -> None:
    machine = placed.behind(Kind.PORT_RESTRICTED, "home")
    async with with_bootstrap(placed, machine) as reach:
        await until(lambda: reach.standing is Standing.PRIVATE)
        assert machine.nat is not None
        assert [each.split("/")[2] for each in reach.seen] == [machine.nat.line.four]
        assert reach.reached == ()
        assert len(reach.reserving.at) == 1
        assert await in_time(reach, placed.behind(Kind.SYMMETRIC, "caller"))


async def test_behind_a_provider_s_nat_and_one_s_own(placed: Internet) -> None:
    one = placed.nat(Kind.RESTRICTED, behind=placed.nat(Kind.PORT_RESTRICTED))
    other = placed.nat(Kind.SYMMETRIC, behind=placed.nat(Kind.SYMMETRIC))
    async with with_bootstrap(placed, placed.behind(one, "home")) as reach:
        assert await in_time(reach, placed.behind(other, "caller"))


async def test_with_ipv6_alone(placed: Internet) -> None:
    async with with_bootstrap(placed, placed.public("home", four=False)) as reach:
        assert reach.standing is Standing.PUBLIC
        assert await in_time(reach, placed.public("caller", four=False))
        assert await in_time(reach, placed.public("both"))


async def test_from_ipv6_alone_to_a_home_behind_an_ipv4_nat(placed: Internet) -> None:
    async with with_bootstrap(placed, placed.behind(Kind.SYMMETRIC, "home")) as reach:
        assert await in_time(reach, placed.public("caller", four=False))


async def test_two_behind_the_same_nat(placed: Internet) -> None:
    nat = placed.nat(Kind.SYMMETRIC)
    async with with_bootstrap(placed, placed.behind(nat, "home")) as reach:
        assert await in_time(reach, placed.behind(nat, "caller"))


async def test_when_the_provider_changes_the_address(placed: Internet) -> None:
    machine, caller = placed.behind(Kind.RESTRICTED, "home"), placed.public("caller")
    async with with_bootstrap(placed, machine) as reach:
        assert await in_time(reach, caller)
        assert machine.nat is not None
        machine.nat.move()
        await recovered(reach, caller)


async def test_when_the_machine_s_own_address_changes(placed: Internet) -> None:
    machine = placed.public("home")
    async with with_bootstrap(placed, machine) as reach:
        machine.move()
        await recovered(reach, placed.public("caller"))
        assert f"/ip4/{machine.four}/tcp/4061" in reach.addresses()


async def test_when_the_line_was_dead_for_a_while(placed: Internet) -> None:
    machine = placed.behind(Kind.FULL_CONE, "home")
    async with with_bootstrap(placed, machine) as reach:
        assert machine.nat is not None
        machine.nat.cut()
        await until(lambda: not reach.reserving.addresses, 40)
        machine.nat.mend()
        await recovered(reach, placed.public("caller"))


async def stand(
    machine: Machine, until_told: trio.Event, relay: bool = True, *, task_status: Any
) -> None:
    """A public node, until it is told to go."""
    async with running(machine, relay=relay) as reach:
        task_status.started(reach)
        await until_told.wait()


async def test_when_a_relay_goes_away_another_takes_over(placed: Internet) -> None:
    away, end = trio.Event(), trio.Event()
    async with trio.open_nursery() as nursery:
        one = await nursery.start(stand, placed.public("one"), away)
        others = [await nursery.start(stand, placed.public(name), end) for name in "ab"]
        boot = [name for each in (one, *others) for name in named(each)]
        async with running(placed.behind(Kind.SYMMETRIC, "home"), *boot) as reach:
            await until(lambda: len(reach.reserving.at) == 2)
            assert reach.reserving.holds(one.host.peer)
            away.set()
            await until(lambda: set(reach.reserving.at) == {each.host.peer for each in others}, 60)
        end.set()


async def test_a_router_that_opens_a_port_makes_the_home_public(
    placed: Internet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine, callers = (
        placed.behind(Kind.SYMMETRIC, "home"),
        placed.behind(Kind.SYMMETRIC, "caller"),
    )
    assert machine.nat is not None
    routes = tmp_path / "route"
    routes.write_text(machine.space.run("cat", "/proc/net/route"))
    monkeypatch.setattr(gateway, "ROUTES", routes)
    async with opening(machine.nat) as igd:
        async with with_bootstrap(placed, machine) as reach:
            await until(lambda: reach.standing is Standing.PUBLIC)
            assert reach.reached == (f"/ip4/{igd.outer}/tcp/4061",)
            assert reach.reserving.addresses == ()
            assert igd.mapped == {4061: (machine.four, 4061, 3600)}
            assert await in_time(reach, callers)
        assert igd.mapped == {}


async def test_a_relay_that_nobody_named(placed: Internet) -> None:
    end = trio.Event()
    async with trio.open_nursery() as nursery:
        boot = await nursery.start(stand, placed.public("bootstrap"), end, False)
        other = await nursery.start(stand, placed.public("other", six=False), end, False)
        relays = await nursery.start(stand, placed.public("relays", six=False), end)
        known = [KnownRelay(each.host.peer, each.host.addresses) for each in (other, relays)]
        machine = placed.behind(Kind.PORT_RESTRICTED, "home")
        async with running(machine, *named(boot), known=lambda: known) as reach:
            await until(lambda: bool(reach.reserving.at), 40)
            assert reach.reserving.at == (relays.host.peer,)
            await until(lambda: reach.standing is Standing.PRIVATE)
            assert await in_time(reach, placed.behind(Kind.SYMMETRIC, "caller"))
        end.set()


async def test_strangers_alone_are_believed_if_two_agree(placed: Internet) -> None:
    end = trio.Event()
    async with trio.open_nursery() as nursery:
        machines = [placed.public(name, six=False) for name in "ab"]  # else they are of one site
        others = [await nursery.start(stand, each, end) for each in machines]
        known = [KnownRelay(each.host.peer, each.host.addresses) for each in others]
        async with running(placed.public("one"), known=lambda: known[:1]) as reach:
            await until(lambda: bool(reach.seen))
            assert reach.standing is Standing.UNKNOWN
            assert reach.reached == ()
        async with running(placed.public("two"), known=lambda: known) as reach:
            await until(lambda: reach.standing is Standing.PUBLIC)
            assert set(reach.reached) <= set(reach.host.addresses)
        end.set()


async def lie(machine: Machine, address: str, task_status: Any) -> None:
    """A node that says of everybody that it called them there."""
    said = encode([(1, 1), (3, encode([(1, 0), (3, encoded([address])[0])]))])

    async def answer(stream: Stream, _peer: bytes, _address: str) -> None:
        await Telling(stream).tell(said)

    with machine.inside():
        async with listening(FakeNode(), random_secret(), ["0.0.0.0"], 4061) as host:
            with (
                identifying(host, lambda: ()),
                host.handlers.serving(AUTONAT, answer, Allowed()),
            ):
                task_status.started(KnownRelay(host.peer, host.addresses))
                await trio.sleep_forever()


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_one_liar_is_not_believed(placed: Internet, elsewhere: bool) -> None:
    machine = placed.behind(Kind.PORT_RESTRICTED, "home")
    assert machine.nat is not None
    outer = "198.51.100.1" if elsewhere else machine.nat.line.four
    async with trio.open_nursery() as nursery:
        liar = placed.public("liar", six=False)
        known = [await nursery.start(lie, liar, f"/ip4/{outer}/tcp/4061")]
        async with running(machine, known=lambda: known) as reach:
            await until(lambda: bool(reach.seen))
            assert (reach.standing, reach.reached) == (Standing.UNKNOWN, ())
            end = trio.Event()
            honest = await nursery.start(stand, placed.public("honest", six=False), end)
            known.append(KnownRelay(honest.host.peer, honest.host.addresses))
            reach._look_again()
            await until(lambda: reach.standing is Standing.PRIVATE)
            assert reach.reached == ()
        nursery.cancel_scope.cancel()
