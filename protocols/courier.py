"""The courier door: pass a drop on to its home.   /holdfast/courier/1

Participants: a sender, up to two couriers (any nodes), the home of who it is for.
Goals: that home learns neither the sender nor the sender's home; a courier learns who
hands it an envelope and which node comes next, nothing else; nobody's envelope is lost
without the sender knowing; nothing but drops is passed, and to nodes' courier doors only.
Non-goals: hiding times from who sees several of these lines.

    sender                     courier                     home
      Show()     ------------>
                 <------------  Shown(record)
      Carry(…)   ------------>
                                Carry(…)     ------------>
                                             <------------  Carried(reply)
                 <------------  Carried(reply)

What is in an envelope: ``formats/courier``. An error instead of ``Carried`` is of the way,
and says nothing of the drop; what became of the drop is in the reply, sealed to the sender.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from protocols.shapes import AtMost, Below, Count, Exactly, PeerId, Uint

PROTOCOL: Final = "/holdfast/courier/1"
ENVELOPE: Final = 24 * 1024
REPLY: Final = 4 * 1024
MAX_KNOWN: Final = 32


@dataclass(frozen=True, slots=True)
class Show:
    """Ask a node for its courier record."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A ``formats.courier.record``. To be verified with the node's peer id."""

    record: Annotated[bytes, AtMost(2048)]


@dataclass(frozen=True, slots=True)
class Carry:
    """An envelope for this node; ``left``: so many nodes may come after it.

    ``Denied``: too little work, or nothing that this node does. ``Stale``: for a key that
    it has no more. ``TooMany``: from this source, or for that node. ``Unreachable``,
    ``TimedOut``: the next node does not answer; it may have taken the drop all the same.
    """

    left: Annotated[int, Below(2)]
    work: Uint
    envelope: Annotated[bytes, Exactly(ENVELOPE)]


@dataclass(frozen=True, slots=True)
class Carried:
    """The reply of the last node, for the sender to open."""

    reply: Annotated[bytes, Exactly(REPLY)]


@dataclass(frozen=True, slots=True)
class AskKnown:
    """Ask for nodes that might be couriers. Needs role "owner" of any account here."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node and where it is."""

    peer: PeerId
    addresses: Annotated[tuple[Annotated[str, AtMost(256)], ...], Count(16)]


@dataclass(frozen=True, slots=True)
class Known:
    """Nodes that this one has met, in no order. Whether they pass anything on is not known."""

    nodes: Annotated[tuple[Node, ...], Count(MAX_KNOWN)]
