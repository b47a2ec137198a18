"""What every door of one node shares: its settings, store, clock, identity and signals."""

from dataclasses import dataclass, field
from typing import Final

from crypto.secret import Secret
from formats.sign_in import SignInRecord
from node.clock import Clock
from node.config import Config
from node.signals import Signals
from storage.contracts import SpaceKey, Store

VERSION: Final = "holdfast/0.1"
"""What a node calls its program in a greeting; no more detail than that."""


@dataclass(frozen=True, slots=True)
class Core:
    """The parts that answers are made from.

    ``peer``: this node's peer id. ``secret``: 32 bytes that never leave the node,
    from which what is said about unknown names is made. ``nobody``: the sign-in
    record that unknown names are checked against.
    """

    config: Config
    store: Store
    clock: Clock
    peer: bytes
    secret: Secret
    nobody: SignInRecord
    signals: Signals = field(default_factory=Signals)


@dataclass(frozen=True, slots=True)
class Moved:
    """Signal: the pointer of this space moved."""

    key: SpaceKey


@dataclass(frozen=True, slots=True)
class Arrived:
    """Signal: a message arrived for this target."""

    target: bytes
