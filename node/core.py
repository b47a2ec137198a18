"""What every door of one node shares: its settings, store, clock, identity and signals."""

from dataclasses import dataclass, field

from crypto.secret import Secret
from crypto.signing import LockKey
from formats.sign_in import SignInRecord
from node.clock import Clock
from node.config import Config
from node.counts import Counts
from node.couriers.courier import Courier
from node.finding import Finder, Nowhere
from node.following.challenge import Challenges
from node.gate import Gate
from node.guesses import Guesses
from node.pace import Pace
from node.signals import Signals
from node.sweeps import Sweeps
from storage.contracts import SpaceKey, Store


@dataclass(slots=True)
class Core:
    """The parts that answers are made from.

    ``config`` may be replaced while the node runs: look at it anew each time. ``peer``:
    this node's peer id. ``secret``: 32 bytes that never leave the node, from which what
    is said about unknown names is made. ``nobody``: the sign-in record that unknown
    names are checked against. ``key``: the node's own, for receipts. ``gate``: whether
    anything new is taken. ``courier``: passes drops on for others.
    """

    config: Config
    store: Store
    clock: Clock
    peer: bytes
    secret: Secret
    nobody: SignInRecord
    gate: Gate
    key: LockKey
    courier: Courier
    signals: Signals = field(default_factory=Signals)
    counts: Counts = field(default_factory=Counts)
    sweeps: Sweeps = field(default_factory=Sweeps)
    challenges: Challenges = field(default_factory=Challenges)
    finder: Finder = field(default_factory=lambda: Nowhere("the network is still being started"))
    """Finds people beyond this node; put here once libp2p is there."""
    pace: Pace = field(init=False)
    guesses: Guesses = field(init=False)
    """Of passwords."""
    codes: Guesses = field(init=False)
    """Of second factors, by who knows the password."""

    def __post_init__(self) -> None:
        self.pace = Pace(self.counts)
        self.guesses = Guesses(self.counts)
        self.codes = Guesses(self.counts)


@dataclass(frozen=True, slots=True)
class Moved:
    """Signal: the pointer of this space moved."""

    key: SpaceKey


@dataclass(frozen=True, slots=True)
class Changed:
    """Signal: of this owner's, something that replicas follow; of nobody's, which grants hold."""

    owner: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """Signal: whoever runs the node told somebody something."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Signal: a message arrived for this target."""

    target: bytes
