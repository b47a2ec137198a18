"""An internet of one street: public machines on it, and machines behind NATs.

with internet() as net:
    relay = net.public("relay")                      # 203.0.113.2 and 2001:db8::2
    alice = net.behind(Kind.SYMMETRIC, "alice")      # 192.168.1.2
    bob = net.behind(Kind.RESTRICTED, "bob", behind=net.nat(Kind.PORT_RESTRICTED))
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from ipaddress import IPv4Network, IPv6Network
from itertools import count

from tests.nat.inside import inside
from tests.nat.rough import Rough
from tests.nat.routers import Kind, rules
from tests.nat.segments import Line, Segment
from tests.nat.spaces import Space


class Nat:
    """A router: its outer line, and the segment of those behind it."""

    def __init__(self, space: Space, outer: Segment, line: Line, inner: Segment) -> None:
        self.space = space
        self.outer = outer
        self.line = line
        self.inner = inner

    def move(self) -> None:
        """Its provider gives it another address."""
        self.line = self.outer.move(self.space, self.line)

    def cut(self) -> None:
        """Its line to the provider is dead."""
        self.outer.cut(self.line)

    def mend(self) -> None:
        """And back."""
        self.outer.mend(self.line)


class Machine:
    """A machine somebody runs something on."""

    def __init__(self, space: Space, segment: Segment, line: Line, nat: Nat | None) -> None:
        self.space = space
        self.segment = segment
        self.line = line
        self.nat = nat

    @property
    def four(self) -> str:
        """Its IPv4 address."""
        return self.line.four

    @property
    def six(self) -> str:
        """Its IPv6 address."""
        return self.line.six

    def inside(self) -> AbstractContextManager[None]:
        """The block, and the tasks started in it, are on this machine."""
        return inside(self.space)

    def move(self) -> None:
        """It gets other addresses."""
        self.line = self.segment.move(self.space, self.line)

    def cut(self) -> None:
        """Its line is dead."""
        self.segment.cut(self.line)

    def mend(self) -> None:
        """And back."""
        self.segment.mend(self.line)


class Internet:
    """Made by ``internet``."""

    def __init__(self, exits: ExitStack) -> None:
        self._exits = exits
        self._lans = count(1)
        space = self._space("street")
        self.street = Segment(space, IPv4Network("203.0.113.0/24"), IPv6Network("2001:db8::/64"))
        _forwards(space)

    def public(self, name: str, *, four: bool = True, six: bool = True) -> Machine:
        """A machine with public addresses; of one family alone if so wished."""
        space = self._space(name)
        line = self.street.plug(space, four=four, six=six)
        return Machine(space, self.street, line, None)

    def nat(self, kind: Kind, *, behind: Nat | None = None) -> Nat:
        """A router on the street, or behind another one (a provider's)."""
        space = self._space(f"{kind} NAT")
        outer = self.street if behind is None else behind.inner
        line = outer.plug(space, "wan", six=False)
        number = next(self._lans)
        inner = Segment(space, IPv4Network(f"192.168.{number}.0/24"))
        _forwards(space)
        space.nft(rules(kind))
        return Nat(space, outer, line, inner)

    def behind(self, nat: Nat | Kind, name: str) -> Machine:
        """A machine behind a NAT, a fresh one if only its kind is said."""
        nat = self.nat(nat) if isinstance(nat, Kind) else nat
        space = self._space(name)
        return Machine(space, nat.inner, nat.inner.plug(space), nat)

    def rough(self, machine: Machine, delay: float, loss: float, seed: int) -> Rough:
        """Have a machine's line take ``delay`` seconds each way, and lose some packets."""
        rough = Rough(machine.space, machine.segment, machine.line, delay, loss, seed)
        self._exits.callback(rough.close)
        return rough

    def _space(self, name: str) -> Space:
        space = Space(name)
        self._exits.callback(space.close)
        return space


@contextmanager
def internet() -> Iterator[Internet]:
    """An internet, until the block is left."""
    with ExitStack() as exits:
        yield Internet(exits)


def _forwards(space: Space) -> None:
    space.write("/proc/sys/net/ipv4/ip_forward", "1")
    space.write("/proc/sys/net/ipv6/conf/all/forwarding", "1")
