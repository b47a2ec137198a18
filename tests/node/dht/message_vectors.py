"""The vectors of the DHT's messages: bytes, and what is read of them. They come out the same."""

from libp2p.kad_dht.pb.kademlia_pb2 import Message

from node.dht.answering import Answer, Kind, Request
from node.dht.contact import Contact
from node.dht.messages import MAX_KEY, write_answer, write_request
from node.dht.rules import MAX_MESSAGE, NAMED
from tests.records.people import CLIENT, SERVER, digest
from tests.records.vectors import Json

KEY = digest("key")
ADDRESSES = ("/ip4/192.0.2.1/tcp/4061", "/ip6/2001:db8::1/tcp/4061", "/dns4/example.org/tcp/4061")


def messages() -> Json:
    """What asks and what answers, whole and broken."""
    return {
        "asker": CLIENT.hex(),
        "requests": [_request(name, each) for name, each in _requests().items()],
        "answers": [_answer(*each) for each in _answers()],
        "broken_requests": [
            {"name": name, "hex": data.hex()} for name, data in _broken_requests().items()
        ],
        "broken_frames": [
            {"name": name, "hex": data.hex()} for name, data in _broken_frames().items()
        ],
    }


def _requests() -> dict[str, Request]:
    return {
        "ping": Request(Kind.PING),
        "ping with addresses": Request(Kind.PING, b"", None, ADDRESSES[:1]),
        "find": Request(Kind.FIND, KEY, None, ADDRESSES),
        "get": Request(Kind.GET, KEY),
        "get, the longest key": Request(Kind.GET, b"k" * MAX_KEY),
        "put": Request(Kind.PUT, KEY, b"value", ADDRESSES[:1]),
        "put, a value of 200 bytes": Request(Kind.PUT, KEY, bytes(200)),
    }


def _request(name: str, request: Request) -> Json:
    return {
        "name": name,
        "hex": write_request(request, CLIENT).hex(),
        "kind": request.kind.name,
        "key": request.key.hex(),
        "value": None if request.value is None else request.value.hex(),
        "addresses": [*request.addresses],
    }


def _answers() -> list[tuple[str, Request, Answer]]:
    near = Contact.of(SERVER, ADDRESSES)
    many = tuple(Contact.of(bytes([number + 1]) * 8, ()) for number in range(NAMED))
    find, get, put = (
        Request(kind, KEY, b"value" if kind is Kind.PUT else None)
        for kind in (Kind.FIND, Kind.GET, Kind.PUT)
    )
    return [
        ("to ping", Request(Kind.PING), Answer()),
        ("to find: nobody", find, Answer()),
        ("to find: somebody", find, Answer(named=(near,))),
        ("to find: as many as are read", find, Answer(named=many)),
        ("to get: no value", get, Answer(named=(near,))),
        ("to get: a value", get, Answer(b"value", (near,))),
        ("to put: kept", put, Answer(kept=True)),
        ("to put: refused", put, Answer()),
    ]


def _answer(name: str, request: Request, answer: Answer) -> Json:
    named: Json = [
        {"peer": each.peer.hex(), "addresses": [*each.addresses]} for each in answer.named
    ]
    return {
        "name": name,
        "kind": request.kind.name,
        "key": request.key.hex(),
        "hex": write_answer(request, answer).hex(),
        "value": None if answer.value is None else answer.value.hex(),
        "named": named,
        "kept": answer.kept,
    }


def _broken_requests() -> dict[str, bytes]:
    """Without the length before them."""
    other = Message(type="PUT_VALUE", key=KEY)
    other.record.key = digest("another key")
    other.record.value = b"value"
    bare = Message(type="PUT_VALUE", key=KEY)
    made = {
        "a key of 257 bytes": Message(type="GET_VALUE", key=b"k" * (MAX_KEY + 1)),
        "no key": Message(type="FIND_NODE"),
        "providers are asked for": Message(type="GET_PROVIDERS", key=KEY),
        "a provider is added": Message(type="ADD_PROVIDER", key=KEY),
        "a value under another key": other,
        "no value": bare,
    }
    whole = {name: bytes(each.SerializeToString()) for name, each in made.items()}
    return whole | {"no message": b"\xff" * 10, "a field that is cut short": b"\x12\x20abc"}


def _broken_frames() -> dict[str, bytes]:
    return {
        "one byte more than may be": _varint(MAX_MESSAGE + 1),
        "a length without an end": b"\xff\xff\xff\xff",
        "a length of four bytes that says nothing": b"\x80\x80\x80\x80\x00",
    }


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])
