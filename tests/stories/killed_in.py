"""A daemon that kills itself, as kill -9 does, at a counted call that its person makes of a node.

    python -m tests.stories.killed_in accounts.settle 1 after [word of holdfast ...]

Before the call is sent, or after it was done and before anybody hears so. The node that is asked
may be the daemon's own: then that dies with it.
"""

import os
import signal
import sys

import pytest

from formats.whereabouts import Home
from frontends.api.network import OwnFirst
from frontends.cli.main import main
from protocols.services import Doors
from tests.world.faults import Call, Onward, WatchedDoors

_reach = OwnFirst.reach


def die_at(name: str, count: int, after: bool) -> None:
    """From now on, the call of that name and number (from 1) is the end."""
    seen = 0

    async def meet(call: Call, onward: Onward) -> object:
        nonlocal seen
        seen += str(call) == name
        last = str(call) == name and seen == count
        if last and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = await onward(call.request)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    async def reach(network: OwnFirst, home: Home) -> Doors:
        return WatchedDoors(await _reach(network, home), meet)

    pytest.MonkeyPatch().setattr(OwnFirst, "reach", reach)


if __name__ == "__main__":
    die_at(sys.argv.pop(1), int(sys.argv.pop(1)), sys.argv.pop(1) == "after")
    main()
