"""Real nodes on a real disk, and people on them: what the workloads stand on.

The own node is in this process, as it is in the daemon. A friend's node is in a
process of its own, reached over libp2p on loopback (``neighbour.py``).
"""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from random import Random
from typing import Final, cast

from benchmarks.counting import CountingNetwork
from benchmarks.measuring import Bench
from client.identity.login import sign_in
from client.identity.signup import sign_up
from client.session import Session, Surroundings
from formats.errors import Unreachable
from formats.invite import Invite
from formats.whereabouts import Home
from node.build import Node, build
from node.clock import SystemClock
from node.config import Config
from protocols.services import Doors, Network

PASSWORD: Final = "correct horse battery staple"


class OwnNode:
    """A ``protocols.services.Network`` of one node, in process."""

    def __init__(self, node: Node) -> None:
        self._node: Final = node

    async def reach(self, home: Home) -> Doors:
        """The doors of that node; Unreachable for any other."""
        if home.peer != self._node.peer_id:
            raise Unreachable("there is one node in this world")
        return self._node.open()


@asynccontextmanager
async def own_node(bench: Bench, name: str = "node") -> AsyncIterator["Place"]:
    """A node of this process, on the disk."""
    async with build(Config(bench.folder / name)) as node:
        home = Home(node.peer_id, ("/ip4/127.0.0.1/tcp/4061",))
        yield Place(bench, home, OwnNode(node), await node.admin.invite())


class Place:
    """A node somebody may have an account on, and how it is reached."""

    def __init__(self, bench: Bench, home: Home, network: Network, invite: str) -> None:
        self.bench: Final = bench
        self.home: Final = home
        self.network: Final = CountingNetwork(network, bench.tally)
        self.invite: Final = invite

    def around(self, device: str) -> Surroundings:
        """What a session on that device is given: marks are on the disk, as they are for people."""
        folder = self.bench.folder / device
        folder.mkdir(parents=True, exist_ok=True)
        return Surroundings(self.network, SystemClock().now_ms, Random(device), folder)

    async def sign_up(self, name: str) -> Session:
        """A new account."""
        code = Invite.parse(self.invite).code
        return await sign_up(self.around(name), self.home, name, PASSWORD, code)

    async def sign_in(self, name: str, device: str) -> Session:
        """The same person on another device, which knows nothing yet."""
        return await sign_in(self.around(device), self.home, name, PASSWORD)


@contextmanager
def neighbour(bench: Bench, name: str) -> Iterator[tuple[Home, list[str]]]:
    """A node in another process; where it is, and invites to it. Its processor time counts."""
    command = [sys.executable, "-m", "benchmarks.neighbour", str(bench.folder / name)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        bench.watched.append(process.pid)
        try:
            yield _told(process)
        finally:
            bench.watched.remove(process.pid)
            process.communicate("end\n")


def _told(process: "subprocess.Popen[str]") -> tuple[Home, list[str]]:
    if process.stdout is None:
        raise TypeError("a neighbour without a voice")
    told = cast("dict[str, object]", json.loads(process.stdout.readline()))
    addresses = cast("list[str]", told["addresses"])
    home = Home(bytes.fromhex(str(told["peer"])), tuple(addresses))
    return home, cast("list[str]", told["invites"])


def stored(folder: Path) -> int:
    """Bytes of all files below a folder, as the disk has them."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
