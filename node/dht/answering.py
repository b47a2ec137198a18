"""What a node of the DHT answers. No I/O: also the nodes of the simulation answer by this.

PING   that it is there
FIND   the nodes nearest to a key that it knows
GET    the same, and the value if it keeps it
PUT    whether it keeps the value from now on
"""

from dataclasses import dataclass
from enum import Enum

from node.dht.contact import Contact, place_of
from node.dht.keeping import Keeper, Kept
from node.dht.rules import COPIES
from node.dht.table import Table


class Kind(Enum):
    """What is asked. The values are those of libp2p's Kademlia."""

    PUT = 0
    GET = 1
    FIND = 4
    PING = 5


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``addresses``: where who asks may be dialled, if they say so."""

    kind: Kind
    key: bytes = b""
    value: bytes | None = None
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. ``named``: nodes nearer to the key. ``kept``: to PUT."""

    value: bytes | None = None
    named: tuple[Contact, ...] = ()
    kept: bool = False


class Answers:
    """The answers of one node, from its table and what it keeps."""

    def __init__(self, table: Table, keeper: Keeper) -> None:
        self.table = table
        self.keeper = keeper

    def answer(self, request: Request, asker: bytes, now: int) -> Answer:
        """To anything but PUT."""
        if request.kind is Kind.PING:
            return Answer()
        value = self.keeper.get(request.key, now) if request.kind is Kind.GET else None
        nearest = self.table.nearest(place_of(request.key), COPIES + 1)
        others = [contact for contact in nearest if contact.peer != asker]
        return Answer(value, tuple(others[:COPIES]))

    def examine(self, request: Request, asker: bytes, now: int) -> Kept:
        """First half of PUT, which takes time; raises what is wrong with it."""
        self.keeper.admit(asker, now)
        return self.keeper.examine(request.key, request.value or b"", now)

    def keep(self, request: Request, fresh: Kept, now: int) -> Answer:
        """Second half of PUT; raises TooMany."""
        self.keeper.keep(request.key, fresh, now)
        return Answer(kept=True)
