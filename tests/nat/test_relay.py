"""Homes behind every kind of NAT are reached: directly where two can meet, else by a relay."""

import itertools

import pytest
import trio

from formats.whereabouts import Home
from node.transport.dialer import Dialer
from protocols.accounts import AskHello
from protocols.services import Doors
from tests.nat.internet import Internet, Machine
from tests.nat.nodes import Homely, calling, homely, relaying
from tests.nat.routers import Kind

ATTEMPTS = 3
GOAL = 3.0
"""Seconds within which a home is to be reached."""

CANNOT_MEET = {
    (Kind.SYMMETRIC, Kind.SYMMETRIC),
    (Kind.SYMMETRIC, Kind.PORT_RESTRICTED),
    (Kind.PORT_RESTRICTED, Kind.SYMMETRIC),
}
"""One side shows a port that nobody can foretell, and the other lets in nobody else's."""


async def asked(doors: Doors, home: Homely) -> bool:
    """Ask something; whether the home was reached directly."""
    assert doors.peer == home.host.peer
    await doors.accounts.hello(AskHello("x"))
    return home.called.punched > 0


async def in_time(dialer: Dialer, home: Home, other: Machine) -> Doors:
    """Reach it within ``GOAL``. A busy machine is late now and then, not each time."""
    for _ in range(ATTEMPTS):
        began = trio.current_time()
        with other.inside():
            doors = await dialer.reach(home)
        if trio.current_time() - began < GOAL:
            return doors
        await doors.aclose()
    raise AssertionError(f"{ATTEMPTS} times it took more than {GOAL} seconds")


async def reached(net: Internet, machine: Machine, other: Machine) -> bool:
    """Reach the home on one machine from the other within the goal; whether directly."""
    async with (
        relaying(net.public("relay")) as relay,
        homely(machine, relay.known) as home,
        calling(other) as dialer,
    ):
        await home.reserved()
        assert relay.relay.places == 1
        doors = await in_time(dialer, home.home, other)
        direct = await asked(doors, home)
        caller = home.node.callers[-1]
        assert (caller.peer, caller.local) == (dialer.peer, False)
        await doors.aclose()
        return direct


@pytest.mark.parametrize(("home", "caller"), list(itertools.product(Kind, Kind)))
async def test_any_two_nats(placed: Internet, home: Kind, caller: Kind) -> None:
    machines = placed.behind(home, "home"), placed.behind(caller, "caller")
    assert await reached(placed, *machines) is ((home, caller) not in CANNOT_MEET)
