"""Vectors of the wire: ``python -m tests.protocols.vectors`` writes tests/vectors/exchange/."""

import json
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from formats import dag_cbor
from formats.cid import Block, Cid
from formats.errors import HoldfastError, ProtocolViolation
from protocols.exchange import Answerer, Asker, Refused, Request
from protocols.operations import OPERATIONS
from protocols.wire import to_wire
from tests.protocols.making import ROWS, plain
from tests.protocols.streams import BAD_REPLIES, BAD_REQUESTS, MORE_REQUESTS, asked_by

FOLDER = Path(__file__).parents[1] / "vectors" / "exchange"
BLOCKS = (Block.raw(b"a raw block"), Block.cbor(b"\xa0"))


def messages() -> list[dict[str, Any]]:
    """Every message twice: with as little as is allowed, and with optional fields and blocks."""
    return [
        _message(row.door, row.name, kind, size, plain(cls, **values))
        for row in ROWS
        for kind, cls in (("request", row.request), *(("reply", reply) for reply in row.replies))
        for size, values in (("least", {}), ("more", _more(cls)))
    ]


def _message(door: str, operation: str, kind: str, name: str, message: Any) -> dict[str, Any]:
    head, bodies = to_wire(message)
    return {
        "name": f"{type(message).__name__} {name}",
        "door": door,
        "operation": operation,
        "kind": kind,
        "head": dag_cbor.encode(head).hex(),
        "bodies": [body.hex() for body in bodies],
    }


def _more(cls: type) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, hint in get_type_hints(cls).items():
        if hint == tuple[Block, ...]:
            found[name] = BLOCKS
        elif type(None) in get_args(hint):
            found[name] = _some(next(iter(get_args(hint))), cls, name)
    return found


def _some(kind: Any, cls: type, name: str) -> Any:
    if kind is Cid:
        return BLOCKS[0].cid
    if kind is bool:
        return True
    if kind is int:
        return 7
    if get_origin(kind) is tuple:
        return (3, 7)
    if is_dataclass(kind):
        return plain(kind)  # type: ignore[arg-type]
    whole = get_type_hints(cls, include_extras=True)[name]
    limit = get_args(get_args(whole)[0])[1]
    return bytes(range(limit.size)) if type(limit).__name__ == "Exactly" else b"some"


def streams() -> Iterator[dict[str, Any]]:
    """What each side makes of what it receives."""
    for name, data in {**MORE_REQUESTS, **BAD_REQUESTS}.items():
        yield {
            "name": name,
            "side": "answerer",
            "door": "blocks",
            "asked": [],
            "stream": data.hex(),
            "expect": list(_requests(data)),
        }
    for name, data in BAD_REPLIES.items():
        yield {
            "name": name,
            "side": "asker",
            "door": "blocks",
            "asked": ["read", "close_session"],
            "stream": data.hex(),
            "expect": list(_replies(data)),
        }


def _requests(data: bytes) -> Iterator[list[Any]]:
    answerer = Answerer(OPERATIONS["blocks"])
    try:
        answerer.feed(data)
        while (event := answerer.next_request()) is not None:
            yield _request(event)
    except ProtocolViolation:
        yield ["violation"]


def _request(event: Request | Refused) -> list[Any]:
    if isinstance(event, Refused):
        return ["refused", event.id, type(event.error).__name__]
    return ["request", event.id]


def _replies(data: bytes) -> Iterator[list[Any]]:
    asker: Asker = asked_by("read", "close_session")
    try:
        asker.feed(data)
        while (reply := asker.next_reply()) is not None:
            if isinstance(reply.result, HoldfastError):
                yield ["error", reply.id, type(reply.result).__name__]
            else:
                yield ["reply", reply.id]
    except ProtocolViolation:
        yield ["violation"]


def files() -> dict[str, str]:
    """The contents of both files by name."""
    found: dict[str, list[Any]] = {"messages.json": messages(), "streams.json": list(streams())}
    return {name: json.dumps(each, indent=1) + "\n" for name, each in found.items()}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, "utf-8")
