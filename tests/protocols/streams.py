"""Streams as tests send them: what a machine takes, refuses, and breaks at."""

from typing import Any, Final

from formats import dag_cbor
from formats.errors import MAX_MESSAGE
from protocols.exchange import Asker
from protocols.frames import LENGTH, MAX_FRAME, framed
from protocols.operations import OPERATIONS
from tests.protocols.making import plain

SESSION: Final = bytes(16)


def said(head: Any, *bodies: bytes) -> bytes:
    """A head as it stands, and bodies, as one stream of frames."""
    return b"".join(framed([dag_cbor.encode(head), *bodies]))


def asking(*what: tuple[str, object]) -> tuple[Asker, bytes]:
    """An Asker of the blocks door that has asked these, and what it wrote."""
    asker, rows = Asker(OPERATIONS["blocks"]), OPERATIONS["blocks"]
    return asker, b"".join(write for name, m in what for write in asker.ask(rows[name], m)[1])


def asked_by(*names: str) -> Asker:
    """An Asker of the blocks door with these operations in flight, the least of each."""
    rows = OPERATIONS["blocks"]
    return asking(*((name, plain(rows[name].request)) for name in names))[0]


MORE_REQUESTS: Final[dict[str, bytes]] = {
    "a request": said({"i": 1, "o": "close_session", "q": {"session": SESSION}}),
    "two requests, in any order of ids": said(
        {"i": 9, "o": "close_session", "q": {"session": SESSION}}
    )
    + said({"i": 0, "o": "close_session", "q": {"session": SESSION}}),
    "no message, then a good one": said({"i": 1, "o": "close_session", "q": {"session": b""}})
    + said({"i": 2, "o": "close_session", "q": {"session": SESSION}}),
    "an operation of the future, with bodies": said(
        {"i": 1, "o": "new", "q": None, "n": [3, 0]}, b"abc", b""
    ),
    "half a request": said({"i": 1, "o": "close_session", "q": {"session": SESSION}})[:-1],
}

READ_REPLY: Final[dict[str, Any]] = {"between": [], "here": [], "rest": [], "blocks": []}
HUGE: Final = (MAX_FRAME + 1).to_bytes(LENGTH, "big")

BAD_REQUESTS: Final[dict[str, bytes]] = {
    "an empty frame": bytes(LENGTH),
    "a frame over the limit": HUGE,
    "the largest length": b"\xff" * LENGTH,
    "no CBOR": b"".join(framed([b"\xff"])),
    "no canonical CBOR": b"".join(framed([b"\xa1\x61i\x18\x01"])),
    "more after the CBOR": b"".join(framed([b"\xa0\xa0"])),
    "no map": said([1]),
    "no id": said({"o": "stage", "q": {}}),
    "an id that is no number": said({"i": "1", "o": "stage", "q": {}}),
    "a negative id": said({"i": -1, "o": "stage", "q": {}}),
    "an id that is too large": said({"i": 2**53 + 1, "o": "stage", "q": {}}),
    "no operation": said({"i": 1, "q": {}}),
    "an operation that is no text": said({"i": 1, "o": 1, "q": {}}),
    "an unknown field": said({"i": 1, "o": "stage", "q": {}, "z": 1}),
    "a reply": said({"i": 1, "r": {}}),
    "an empty list of sizes": said({"i": 1, "o": "stage", "q": {}, "n": []}),
    "too many sizes": said({"i": 1, "o": "stage", "q": {}, "n": [0] * 4097}),
    "sizes that are no list": said({"i": 1, "o": "stage", "q": {}, "n": 3}),
    "a size that is no number": said({"i": 1, "o": "stage", "q": {}, "n": ["3"]}),
    "a negative size": said({"i": 1, "o": "stage", "q": {}, "n": [-1]}),
    "a size over a block": said({"i": 1, "o": "stage", "q": {}, "n": [2**20 + 1]}),
    "more bytes than the operation takes": said({"i": 1, "o": "stage", "q": {}, "n": [2**20] * 17}),
    "bodies where none may be": said({"i": 1, "o": "missing", "q": {}, "n": [1]}),
    "a body that is shorter than announced": said({"i": 1, "o": "stage", "q": {}, "n": [3]}, b"ab"),
    "a body that is longer than announced": said(
        {"i": 1, "o": "stage", "q": {}, "n": [3]}, b"abcd"
    ),
    "an id twice": said({"i": 1, "o": "stage", "q": {}}) * 2,
}

BAD_REPLIES: Final[dict[str, bytes]] = {
    "an empty frame": bytes(LENGTH),
    "a frame over the limit": HUGE,
    "no CBOR": b"".join(framed([b"\xff"])),
    "no map": said("text"),
    "no id": said({"r": {}}),
    "an id never asked": said({"i": 9, "r": {}}),
    "id zero": said({"i": 0, "r": {}}),
    "the same reply twice": said({"i": 2, "r": {}}) * 2,
    "the reply to another operation": said({"i": 1, "r": {"reserved": 1}}),
    "no reply": said({"i": 1}),
    "an unknown field": said({"i": 2, "r": {}, "z": 1}),
    "a field that is missing": said({"i": 1, "r": {"here": [], "rest": []}}),
    "reply and error": said({"i": 2, "r": {}, "e": 1, "m": ""}),
    "an error with bodies": said({"i": 2, "e": 1, "m": "", "n": [1]}),
    "an error without a message": said({"i": 2, "e": 1}),
    "an error whose number is none": said({"i": 2, "e": "1", "m": ""}),
    "an error that talks too long": said({"i": 2, "e": 1, "m": "x" * (MAX_MESSAGE + 1)}),
    "a kind where there is one": said({"i": 2, "r": {}, "k": "Closed"}),
    "a request": said({"i": 1, "o": "read", "q": {}}),
    "too many bodies": said({"i": 1, "r": READ_REPLY, "n": [1]}),
    "bodies where none may be": said({"i": 2, "r": {}, "n": [1]}),
    "more bytes than the operation gives": said({"i": 1, "r": READ_REPLY, "n": [2**20] * 25}),
}
