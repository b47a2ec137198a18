"""The limits of the settings reach the listener, from the start and while it runs."""

from pathlib import Path

from crypto.secret import random_secret
from frontends.daemon.network import admitted
from node.caller import Caller
from node.config import Config
from node.limits import Limits
from node.transport.costs import Limits as ServerLimits
from node.transport.host import Doorway, listening
from tests.node.transport.fakes import FakeNode

MIB = 2**20
SMALL = Limits(
    connections=7,
    connections_of_address=3,
    unread=16 * MIB,
    bytes_in_flight=MIB,
    bytes_in_flight_in_all=32 * MIB,
    answers_in_flight=64 * MIB,
    strangers_requests=2,
    strangers_requests_in_all=5,
)


def test_what_is_not_set_is_as_the_listener_has_it(tmp_path: Path) -> None:
    assert admitted(Config(tmp_path)) == (Doorway(), ServerLimits())


def test_what_is_set_reaches_it(tmp_path: Path) -> None:
    doorway, limits = admitted(Config(tmp_path, limits=SMALL))
    assert (doorway.connections, doorway.connections_of_site, doorway.unread) == (7, 3, 16 * MIB)
    assert limits.bytes_shared == MIB
    assert (limits.known_in, limits.strangers_in) == (28 * MIB, 4 * MIB)
    assert (limits.answers, limits.strangers_answers) == (48 * MIB, 16 * MIB)
    assert (limits.stranger_turns, limits.strangers_turns) == (2, 5)


async def test_a_listener_that_runs_goes_by_the_new_ones(tmp_path: Path) -> None:
    async with listening(FakeNode(), random_secret(), ["127.0.0.1"], 0) as host:
        shared, readings = host._server.shared, host.peers.readings
        [room] = shared.rooms_for(Caller())
        await room.take(33 * MIB)
        host.renew(*admitted(Config(tmp_path, limits=SMALL)))
        rooms = (readings.known.together, readings.ours.together, readings.strangers.together)
        assert sum(each.most for each in rooms if each is not None) == 16 * MIB
        assert shared.limits.strangers_in == 4 * MIB
        assert room.used == 33 * MIB  # what is held stays held
        room.give(33 * MIB)
        assert host.doorway.connections == 7
