"""A local network with no router and no Internet, and real daemons on its machines.

with lan() as there:
    alice = there.home(tmp_path / "alice")       # a Home of tests/daemons, on a machine of its own
    alice.move()                                 # another address, from now on
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import IPv4Network
from pathlib import Path
from typing import Final

from tests.daemons.processes import Home
from tests.nat.segments import Line, Segment
from tests.nat.spaces import Space

OUTWARDS: Final = {"HOLDFAST_NETWORK_MAP_PORT": "false"}


class PlacedHome(Home):
    """A home whose processes run on a machine of that network."""

    def __init__(self, path: Path, more: dict[str, str], space: Space, lan: Segment) -> None:
        super().__init__(path, more)
        self.space = space
        self._lan = lan
        self._line: Line = lan.plug(space)
        if self._line.four:
            space.ip("route del default")

    @property
    def address(self) -> str:
        """Where the machine is."""
        return self._line.four

    def move(self) -> None:
        """It is given another address; the old one is gone."""
        self._line = self._lan.move(self.space, self._line)

    def words(self, *words: str | bytes) -> list[str | bytes]:
        """A command line against this folder, on this machine."""
        return [*self.space.prefix(), *super().words(*words)]


class Lan:
    """Made by ``lan``."""

    def __init__(self, exits: ExitStack, six: bool) -> None:
        self._exits = exits
        self._outwards = {**OUTWARDS, "HOLDFAST_LISTEN": "::" if six else "0.0.0.0"}
        four = None if six else IPv4Network("192.168.77.0/24")
        self._segment = Segment(self._space("switch"), four)

    def home(self, path: Path, **settings: str) -> PlacedHome:
        """A home on a fresh machine; ``settings`` as in the environment: network_local="false"."""
        more = {f"HOLDFAST_{name.upper()}": value for name, value in settings.items()}
        return PlacedHome(path, {**self._outwards, **more}, self._space(path.name), self._segment)

    def machine(self) -> Space:
        """A machine of somebody else."""
        space = self._space("stranger")
        self._segment.plug(space)
        return space

    def _space(self, name: str) -> Space:
        space = Space(name)
        self._exits.callback(space.close)
        return space


@contextmanager
def lan(six: bool = False) -> Iterator[Lan]:
    """A network, until the block is left. ``six``: with no addresses but IPv6's of each line."""
    with ExitStack() as exits:
        yield Lan(exits, six)
