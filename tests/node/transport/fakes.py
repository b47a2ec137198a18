"""A node whose doors answer with anything well-formed, or as a test says."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from formats.errors import Unreachable
from node.caller import Caller
from protocols.operations import OPERATIONS, Operation
from protocols.services import Doors
from tests.protocols.making import plain

Handler = Callable[[Any], Awaitable[Any]]


class FakeNode:
    """``handlers`` maps "door.method" to what answers; the others answer with the least allowed."""

    def __init__(self, peer_id: bytes = b"\x00\x24node") -> None:
        self.peer_id = peer_id
        self.handlers: dict[str, Handler] = {}
        self.callers: list[Caller] = []
        self.closed: list[Caller] = []
        self.asked: list[str] = []

    def open(self, caller: Caller) -> Doors:
        self.callers.append(caller)
        return cast(Doors, FakeDoors(self, caller))

    def handles(self, name: str) -> Callable[[Handler], Handler]:
        """Decorator: this function answers that operation."""

        def keep(handler: Handler) -> Handler:
            self.handlers[name] = handler
            return handler

        return keep


class FakeDoors:
    """The doors of one connection."""

    def __init__(self, node: FakeNode, caller: Caller) -> None:
        self.peer = node.peer_id
        self._node = node
        self._caller = caller
        for door, rows in OPERATIONS.items():
            setattr(self, door, _FakeDoor(node, rows))

    async def aclose(self) -> None:
        self._node.closed.append(self._caller)
        self._caller.close()


class _FakeDoor:
    def __init__(self, node: FakeNode, rows: dict[str, Operation]) -> None:
        for name, row in rows.items():
            setattr(self, name, _method(node, row))


def _method(node: FakeNode, row: Operation) -> Handler:
    async def answer(request: Any) -> Any:
        assert type(request) is row.request
        node.asked.append(str(row))
        handler = node.handlers.get(str(row))
        return plain(row.replies[0]) if handler is None else await handler(request)

    return answer


async def unreachable(request: Any) -> Any:
    """A handler that raises."""
    raise Unreachable("not here")
