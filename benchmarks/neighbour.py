"""A friend's node: a process of its own, listening on loopback, until a line arrives on stdin.

    python -m benchmarks.neighbour FOLDER

It passes drops on for others, as a daemon does.
Its first line of output says where it is, as JSON: ``peer``, ``addresses``, ``invites``.
"""

import json
import sys
from pathlib import Path

import trio

from node.build import build
from node.config import Config
from node.transport.dialer import dialing
from node.transport.host import listening

INVITES = 4


async def serve(folder: Path) -> None:
    """Serve until stdin says something or ends."""
    async with (
        build(Config(folder)) as node,
        dialing() as dialer,
        listening(node, node.key, ["127.0.0.1"], 0) as host,
    ):
        node.carry(dialer, tuple)
        node.found(host.addresses)
        invites = [await node.admin.invite() for _ in range(INVITES)]
        told = {"peer": node.peer_id.hex(), "addresses": host.addresses, "invites": invites}
        print(json.dumps(told), flush=True)
        await trio.to_thread.run_sync(sys.stdin.readline)


if __name__ == "__main__":
    trio.run(serve, Path(sys.argv[1]))
