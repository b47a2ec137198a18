"""What each node of a world notices of messages that pass: callers, calls, layers, logs, times.

A node's operator has its keys, so what the node can open is opened. Bytes that came before are
known again (in which order they first came), others are new.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

import trio

from crypto.hashing import sha256
from formats.courier.envelope import Arrive, Enquire, Posted, open_layer
from formats.dag_cbor import Value, encode
from formats.drop import Drop
from formats.errors import HoldfastError
from node.build import Node
from node.caller import Caller
from protocols import courier as c
from protocols.services import Doors
from protocols.wire import to_wire
from tests.privacy.guessers import Seen
from tests.world.faults import Call, Onward, WatchedDoors
from tests.world.place import Place
from tests.world.world import World

Known = str | bytes | float

_NODE: Final[ContextVar[str]] = ContextVar("node", default="")
"""Which node is answering, for what is logged meanwhile."""


@dataclass
class Noted:
    """What one node noticed since it was last asked."""

    began: float = 0.0
    seen: dict[str, Known] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    passed: set[int] = field(default_factory=set)
    """How many nodes could still come after, for each envelope it handed on."""


class ReadPlace(Place):
    """A node whose operator writes down everything."""

    noted: Noted
    known: dict[bytes, int]

    def dressed(self, node: Node) -> Node:
        """With an operator at its doors."""
        self.noted, self.known = Noted(), {}
        return _ReadNode(node, self)

    def again(self) -> None:
        """Begin anew; what came before is known again."""
        self.noted = Noted(trio.current_time())

    @property
    def all_seen(self) -> Seen:
        """Everything that was noticed."""
        noted = self.noted
        order, log = " ".join(noted.order), "\n".join(noted.lines)
        return {**noted.seen, "order": order, "calls": len(noted.order), "log": log}

    async def meet(self, caller: Caller, call: Call, onward: Onward) -> object:
        """One call: let it through, and note all of it."""
        token = _NODE.set(self.name)
        began = trio.current_time()
        name = f"{len(self.noted.order)} {call}"
        self.noted.order.append(str(call))
        self._note(f"{name} asked", to_wire(call.request)[0])
        self._note(f"{name} from", [caller.peer, caller.site, caller.local, len(caller.owners)])
        self._note(f"{call} from", caller.peer)  # wherever it stands among the others
        if isinstance(call.request, c.Carry):
            self._open(name, call.request)
        try:
            answer = await onward(call.request)
            self._note(f"{name} answered", to_wire(answer)[0])
            return answer
        except HoldfastError as error:
            self._note(f"{name} answered", type(error).__name__)
            raise
        finally:
            self.noted.seen[f"{name} at"] = round(began - self.noted.began, 2)
            self.noted.seen[f"{name} took"] = round(trio.current_time() - began, 2)
            _NODE.reset(token)

    def _open(self, name: str, request: c.Carry) -> None:
        node, posted = self.node, Posted(request.left, request.work, request.envelope)
        pairs = node.core.courier.keys.pairs(node.clock.now_ms())
        head, rest = open_layer(posted, node.peer_id, pairs)
        self._note(f"{name} rest", rest)
        if isinstance(head, Arrive):
            drop = Drop.decode(head.drop)
            self._note(f"{name} drop", [drop.target, drop.day, drop.token, drop.work, head.drop])
            return
        self.noted.passed.add(posted.left)
        addresses: list[Value] = list(head.next.addresses)
        payment = head.reply.reveal() if isinstance(head, Enquire) else head.work
        self._note(f"{name} next", [head.next.peer, addresses, payment])

    def _note(self, name: str, value: Value) -> None:
        """A value by its parts: numbers as they are, bytes by whether they came before."""
        if isinstance(value, dict):
            self._note(name, [part for pair in sorted(value.items()) for part in pair])
        elif isinstance(value, list):
            for number, part in enumerate(value):
                self._note(f"{name} {number}", part)
        elif isinstance(value, bytes):
            self.noted.seen[f"{name} size"] = len(value)
            self.noted.seen[name] = self._known(value)
        else:
            self.noted.seen[name] = value if isinstance(value, int | str) else encode(value)

    def _known(self, value: bytes) -> str:
        digest = sha256(value)
        if digest in self.known:
            return f"known {self.known[digest]}"
        self.known[digest] = len(self.known)
        return "new"


class _ReadNode(Node):
    def __init__(self, node: Node, place: ReadPlace) -> None:
        super().__init__(node.core, node.key)
        self._place: Final = place
        self.found(node.addresses())

    def open(self, caller: Caller | None = None) -> Doors:
        """The doors for one connection."""
        calling = self.caller() if caller is None else caller

        async def meet(call: Call, onward: Onward) -> object:
            return await self._place.meet(calling, call, onward)

        return WatchedDoors(super().open(calling), meet)


class ReadWorld(World):
    """A world whose nodes' operators write down everything."""

    async def node(self, name: str) -> Place:
        """One more node, running."""
        place = self.places[name] = ReadPlace(name, self.clock)
        await self.start(name)
        return place

    def read(self, name: str) -> ReadPlace:
        """That node."""
        place = self.places[name]
        assert isinstance(place, ReadPlace)
        return place


class _Lines(logging.Handler):
    """What nodes log, by node."""

    def __init__(self, world: ReadWorld) -> None:
        super().__init__(logging.DEBUG)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        if _NODE.get():
            line = f"{record.levelname} {record.name} {record.getMessage()}"
            self._world.read(_NODE.get()).noted.lines.append(line)


@contextmanager
def logs_read(world: ReadWorld) -> Iterator[None]:
    """Have nodes log all they can, and their operators read it."""
    handler, log = _Lines(world), logging.getLogger("holdfast")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
