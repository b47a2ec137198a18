"""Homes behind NATs are called through a relay, which sees nothing of what is said."""

import trio

from protocols.accounts import AskHello
from tests.nat.internet import Internet
from tests.nat.nodes import calling, homely, relaying
from tests.nat.routers import Kind


async def test_a_home_behind_a_nat_is_reached_by_a_relay(placed: Internet) -> None:
    public = placed.public("relay")
    machine, other = placed.behind(Kind.SYMMETRIC, "home"), placed.behind(Kind.SYMMETRIC, "caller")
    async with (
        relaying(public) as relay,
        homely(machine, relay.known) as home,
        calling(other) as dialer,
    ):
        await home.reserved()
        assert relay.relay.places == 1
        began = trio.current_time()
        with other.inside():
            doors = await dialer.reach(home.home)
        assert trio.current_time() - began < 3
        assert doors.peer == home.host.peer
        await doors.accounts.hello(AskHello("x"))
        caller = home.node.callers[-1]
        assert (caller.peer, caller.local) == (dialer.peer, False)
        await doors.aclose()
