"""A line whose machine slept: the home's clock went on, the one that tells ages did not."""

from client.provers import HybridProver
from formats.statement import Role
from node.build import Node
from tests.client.space.conftest import InProcess, device
from tests.node.people import Clock, Person

DAY = 24 * 3600 * 1000


async def test_a_key_is_proven_on_a_connection_that_was_slept_over(
    alice: Person, network: InProcess, node: Node
) -> None:
    here = device(alice, network)
    await here.view.refresh()
    clock = node.core.clock
    assert isinstance(clock, Clock)
    clock.now += DAY
    await here.view.line.add(HybridProver(Role.OWNER, alice.id, alice.daily))
    assert network.reached == 1
