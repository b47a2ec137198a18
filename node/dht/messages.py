"""Requests and answers as libp2p's Kademlia writes them: protobuf, with its length before it.

The messages are those of /ipfs/kad/1.0.0, used as follows:

    request   type, key, record{key, value} in PUT, closerPeers: at most who asks
    answer    type, key, record{key, value} if there is one (in PUT: only the key, when
              it is kept), closerPeers: who is nearer

What is not understood is passed over; nothing is read beyond ``MAX_MESSAGE``.
"""

from collections.abc import Iterable

from google.protobuf.message import DecodeError
from libp2p.kad_dht.pb.kademlia_pb2 import Message
from multiaddr import Multiaddr  # type: ignore[import-untyped]
from multiaddr.exceptions import Error as MultiaddrError  # type: ignore[import-untyped]

from formats.errors import ProtocolViolation, Unreachable
from formats.limits import PEER
from formats.varint import varint
from node.dht.answering import Answer, Kind, Request
from node.dht.contact import MAX_ADDRESSES, Contact
from node.dht.rules import MAX_MESSAGE, NAMED
from node.transport.carrier import Stream

MAX_KEY = 256


def write_request(request: Request, own: bytes) -> bytes:
    """The bytes of a request of the node ``own``."""
    message = Message(type=_type(request.kind), key=request.key)
    if request.value is not None:
        message.record.key = request.key
        message.record.value = request.value
    if request.addresses:
        _add(message, own, request.addresses)
    return _framed(message)


def read_request(data: bytes, asker: bytes) -> Request:
    """A request of the node ``asker``; raises ProtocolViolation."""
    message = _parsed(data)
    try:
        kind = Kind(message.type)
    except ValueError:
        raise ProtocolViolation("the other node asks for what is not served") from None
    if len(message.key) > MAX_KEY or not (message.key or kind is Kind.PING):
        raise ProtocolViolation(f"a key has 1 to {MAX_KEY} bytes")
    if kind is Kind.PUT and message.record.key != message.key:
        raise ProtocolViolation("a value under another key than it says")
    own = [_addresses(peer.addrs) for peer in message.closerPeers[:1] if peer.id == asker]
    value = message.record.value if kind is Kind.PUT else None
    return Request(kind, message.key, value, own[0] if own else ())


def write_answer(request: Request, answer: Answer) -> bytes:
    """The bytes of an answer."""
    message = Message(type=_type(request.kind), key=request.key)
    if answer.value is not None:
        message.record.key = request.key
        message.record.value = answer.value
    if answer.kept:
        message.record.key = request.key
    for contact in answer.named:
        _add(message, contact.peer, contact.addresses)
    return _framed(message)


def read_answer(data: bytes, request: Request) -> Answer:
    """An answer to that request; raises ProtocolViolation."""
    message = _parsed(data)
    if message.type != request.kind.value:
        raise ProtocolViolation("the other node answered something else")
    named = [
        Contact.of(peer.id, _addresses(peer.addrs))
        for peer in message.closerPeers[:NAMED]
        if 0 < len(peer.id) <= PEER
    ]
    found = message.HasField("record") and message.record.key == request.key
    if request.kind is Kind.PUT:
        return Answer(named=tuple(named), kept=found)
    return Answer(message.record.value if found else None, tuple(named))


async def read_message(stream: Stream, ahead: bytearray) -> bytes | None:
    """The next message, None when the other side has ended the stream before one.

    ``ahead`` holds what was read beyond it. Raises ProtocolViolation, Unreachable.
    """
    while True:
        size, begin = _announced(ahead)
        if size is not None and len(ahead) >= begin + size:
            data = bytes(ahead[begin : begin + size])
            del ahead[: begin + size]
            return data
        more = await stream.receive_some()
        if not more:
            if ahead:
                raise Unreachable("the other node broke off in a message")
            return None
        ahead += more


def _announced(ahead: bytearray) -> tuple[int | None, int]:
    """The size that the varint in front says, and where the message begins."""
    size = 0
    for at, byte in enumerate(ahead[:4]):
        size |= (byte & 0x7F) << 7 * at
        if not byte & 0x80:
            if size > MAX_MESSAGE:
                raise ProtocolViolation(f"a message of {size} bytes, at most {MAX_MESSAGE}")
            return size, at + 1
    if len(ahead) >= 4:
        raise ProtocolViolation("a message that is longer than any may be")
    return None, 0


def _framed(message: Message) -> bytes:
    data: bytes = message.SerializeToString()
    return varint(len(data)) + data


def _parsed(data: bytes) -> Message:
    message = Message()
    try:
        message.ParseFromString(data)
    except DecodeError:
        raise ProtocolViolation("a message that is none") from None
    return message


def _type(kind: Kind) -> Message.MessageType:
    return Message.MessageType.Name(kind.value)  # type: ignore[return-value]  # a name is taken too


def _add(message: Message, peer: bytes, addresses: Iterable[str]) -> None:
    entry = message.closerPeers.add()
    entry.id = peer
    for address in addresses:
        try:
            entry.addrs.append(Multiaddr(address).to_bytes())
        except (MultiaddrError, ValueError):
            continue  # of a kind that libp2p does not know yet


def _addresses(found: Iterable[bytes]) -> tuple[str, ...]:
    texts = []
    for each in list(found)[:MAX_ADDRESSES]:
        try:
            texts.append(str(Multiaddr(each)))
        except (MultiaddrError, ValueError):
            continue
    return tuple(text for text in texts if len(text) <= 256)
