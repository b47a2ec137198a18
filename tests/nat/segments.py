"""What machines are plugged into: a bridge with addresses, and lines that can be cut.

Addresses are given out in order. A segment's own machine has the first and is the
way out for all others.
"""

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from itertools import count
from typing import Final

from tests.nat.spaces import Space

_numbers: Final = count(1)


@dataclass(frozen=True, slots=True)
class Line:
    """A machine's line into a segment: the device there and the one in the bridge."""

    device: str
    port: str
    four: str
    six: str


@dataclass
class Segment:
    """A bridge in ``space``. ``four`` and ``six`` None: the family does not exist on it."""

    space: Space
    four: IPv4Network | None
    six: IPv6Network | None = None
    name: str = "lan"
    _next: "count[int]" = field(default_factory=lambda: count(2))

    def __post_init__(self) -> None:
        fixed = f"02:00:00:00:00:{next(_numbers) % 256:02x}"  # else it changes with every line
        lines = [
            f"link add {self.name} address {fixed} type bridge",
            f"link set {self.name} up",
        ]
        for net in (self.four, self.six):
            if net is not None:
                lines.append(f"addr add {net[1]}/{net.prefixlen} dev {self.name}")
        self.space.ip(*lines)

    def plug(
        self, machine: Space, device: str = "net", *, four: bool = True, six: bool = True
    ) -> Line:
        """Join a machine by a new line, with the families it is to have."""
        line = self._line(device, f"p{next(_numbers)}", four, six)
        self.space.ip(
            f"link add {line.port} type veth peer name {device} netns {machine.path}",
            f"link set {line.port} master {self.name}",
            f"link set {line.port} up",
        )
        machine.ip(f"link set {device} up")
        self.address(machine, line)
        machine.awaits(device)
        self.space.awaits(line.port, self.name)
        return line

    def move(self, machine: Space, line: Line) -> Line:
        """Give the machine other addresses on the same line; the old ones are gone at once."""
        machine.ip(f"addr flush dev {line.device}")
        moved = self._line(line.device, line.port, bool(line.four), bool(line.six))
        self.address(machine, moved)
        return moved

    def cut(self, line: Line) -> None:
        """From now on nothing passes, and nobody is told."""
        self._state(line, "disabled")

    def mend(self, line: Line) -> None:
        """As it was before ``cut``."""
        self._state(line, "forwarding")

    def address(self, machine: Space, line: Line) -> None:
        """Give the machine the addresses of its line, and the way out."""
        lines = []
        for net, mine in ((self.four, line.four), (self.six, line.six)):
            if net is not None and mine:
                lines.append(f"addr add {mine}/{net.prefixlen} dev {line.device}")
                lines.append(f"route replace default via {net[1]} dev {line.device}")
        machine.ip(*lines)

    def _line(self, device: str, port: str, four: bool, six: bool) -> Line:
        at = next(self._next)
        return Line(
            device,
            port,
            str(self.four[at]) if self.four is not None and four else "",
            str(self.six[at]) if self.six is not None and six else "",
        )

    def _state(self, line: Line, state: str) -> None:
        self.space.run("bridge", "link", "set", "dev", line.port, "state", state)
