"""One end of a yamux connection: fed what arrives, giving events and the bytes to send. No I/O.

    machine = Machine(initiator=True)
    stream = machine.open()
    machine.write(stream, b"hello")
    socket.send(machine.take(65536).data)
    for event in machine.feed(socket.receive()): …

How the bytes were cut into pieces makes no difference. A peer that breaks the rules
raises ProtocolViolation and leaves the machine broken: the connection is to be closed.
Rules are judged from the header, before a body is kept. What a peer can make us
hold is bounded: by its windows, which are enforced, by the streams it may
have, and by the answers it lets pile up.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from formats.errors import ProtocolViolation, Unreachable
from node.transport.yamux import frames
from node.transport.yamux.events import Changed, Event, GoneAway, Limits, Opened, Ponged
from node.transport.yamux.frames import (
    ACK,
    FIN,
    INITIAL,
    MOST_CREDIT,
    RST,
    SYN,
    Goodbye,
    Header,
    Kind,
)
from node.transport.yamux.leaving import Batch, Leaving
from node.transport.yamux.stream import Stream

MOST_ANSWERS: Final = 64 * 1024
"""Bytes of frames without data that may wait to leave; who asks for more reads nothing of them."""

LINGERING: Final = 32
"""Streams that we have ended and the peer has not; further ones are reset, oldest first."""

PARTS: Final = 8
"""A window is given back when one part in so many was read: by halves, a long line runs empty."""


class Machine:
    """One end. ``initiator``: the one that dialled."""

    def __init__(self, initiator: bool, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        """May be replaced at any time; windows that were given stay given."""
        self.unread = 0
        """Bytes of all streams that arrived and were not taken."""
        self.broken = False
        self._parity: Final = 1 if initiator else 0
        self._next = 1 if initiator else 2
        self._streams: dict[int, Stream] = {}
        self._theirs = 0
        self._lingering: OrderedDict[int, Stream] = OrderedDict()
        self._forgiven = 0
        """Bytes that may still arrive for streams that we have reset."""
        self._gone_away = False
        self._head = bytearray()
        self._body: Header | None = None
        self._left = 0
        self._leaving: Final = Leaving(self._settle)
        self._answer: Final = self._leaving.answer
        self._stand: Final = self._leaving.stand
        self._handlers: Final[dict[Kind, Callable[[Header], list[Event]]]] = {
            Kind.DATA: self._began_data,
            Kind.WINDOW: self._window,
            Kind.PING: self._ping,
            Kind.GO_AWAY: self._farewell,
        }

    @property
    def streams(self) -> int:
        """Streams that are open."""
        return len(self._streams)

    # --- what we do

    def open(self) -> Stream:
        """A new stream. Raises Unreachable when the peer answers no further ones."""
        self._check()
        if self._gone_away or self._next > MOST_CREDIT:
            raise Unreachable("the other side answers nothing new on this connection")
        window = max(self.limits.window, INITIAL)
        stream = Stream(self._next, True, window)
        self._next += 2
        self._streams[stream.id] = stream
        self._answer(Kind.WINDOW, SYN, stream.id, window - INITIAL)
        return stream

    def accept(self, stream: Stream) -> None:
        """Take a stream that the peer has opened."""
        if stream.over or not stream.awaits_ack:
            return
        stream.awaits_ack = False
        more = max(0, self.limits.window - INITIAL)
        stream.allowance += more
        self._answer(Kind.WINDOW, ACK, stream.id, more)

    def write(self, stream: Stream, data: bytes) -> None:
        """Send this. Raises Unreachable when the stream is over or was closed by us."""
        self._check()
        if stream.reset or stream.closing:
            raise Unreachable("the stream is closed")
        stream.queue(data)
        self._stand(stream)

    def read(self, stream: Stream, most: int) -> bytes:
        """What arrived; empty if nothing has. Lets the peer send as much in addition."""
        data = stream.taken(most)
        self.unread -= len(data)
        room = self.limits.window - stream.unread - stream.allowance
        if room * PARTS >= self.limits.window and not (stream.ended or stream.over or self.broken):
            stream.allowance += room
            self._answer(Kind.WINDOW, 0, stream.id, room)
        return data

    def close(self, stream: Stream) -> None:
        """End the stream after what waits; what still arrives is dropped."""
        self.unread -= stream.forget_arrived()
        stream.deaf = True
        if stream.closing or stream.reset:
            return
        stream.closing = True
        self._stand(stream)
        if not stream.ended:
            self._lingering[stream.id] = stream
            if len(self._lingering) > LINGERING:
                self.reset(next(iter(self._lingering.values())))

    def reset(self, stream: Stream) -> None:
        """End the stream at once, for both."""
        if stream.over:
            return
        if not stream.ended:
            self._forgiven += stream.allowance
        self._drop(stream)
        self._answer(Kind.WINDOW, RST, stream.id, 0)

    def ping(self, value: int) -> None:
        """Ask the peer to send this number (32 bits) back."""
        self._answer(Kind.PING, SYN, 0, value)

    def go_away(self, why: Goodbye) -> None:
        """Tell the peer that we answer nothing new."""
        self._answer(Kind.GO_AWAY, 0, 0, why)

    # --- what leaves

    @property
    def wants(self) -> bool:
        """Whether anything can leave now."""
        return self._leaving.wants

    def take(self, most: int) -> Batch:
        """What is to be sent next: at most about so many bytes, streams in turn."""
        return self._leaving.take(most)

    # --- what arrives

    def feed(self, data: bytes) -> list[Event]:
        """Take in what arrived. Raises ProtocolViolation."""
        self._check()
        try:
            return self._taken_in(data)
        except ProtocolViolation:
            self.broken = True
            raise

    def _check(self) -> None:
        if self.broken:
            raise ProtocolViolation("the other side broke the rules of yamux")

    def _taken_in(self, data: bytes) -> list[Event]:
        events: list[Event] = []
        at = 0
        while at < len(data):
            if self._left:
                size = min(self._left, len(data) - at)
                piece = data if size == len(data) else data[at : at + size]
                events += self._came(piece)
            else:
                size = min(frames.SIZE - len(self._head), len(data) - at)
                self._head += data[at : at + size]
                if len(self._head) == frames.SIZE:
                    events += self._began(bytes(self._head))
                    self._head.clear()
            at += size
        return events

    def _began(self, head: bytes) -> list[Event]:
        header = frames.unpacked(head)
        if self._leaving.waiting > MOST_ANSWERS:
            raise ProtocolViolation("the other side asks for more answers than it reads")
        return self._handlers[header.kind](header)

    def _came(self, piece: bytes) -> list[Event]:
        """Bytes of a body, which were allowed when its header came."""
        assert self._body is not None
        self._left -= len(piece)
        stream = self._streams.get(self._body.stream)
        events: list[Event] = []
        if stream is not None and not stream.deaf:
            stream.arrive(piece)
            self.unread += len(piece)
            events.append(Changed(stream))
        if not self._left:
            events += self._flags(self._body)
        return events

    def _began_data(self, header: Header) -> list[Event]:
        events = self._met(header)
        self._spend(header)
        if not header.length:
            return events + self._flags(header)
        self._body, self._left = header, header.length
        return events

    def _spend(self, header: Header) -> None:
        """Return if so many bytes may come; raises ProtocolViolation."""
        stream = self._streams.get(header.stream)
        if stream is None:
            if header.length > self._forgiven:
                raise ProtocolViolation(f"data on stream {header.stream}, which is not open")
            self._forgiven -= header.length
            return
        if stream.ended:
            raise ProtocolViolation(f"data on stream {header.stream} after its end")
        if header.length > stream.allowance:
            raise ProtocolViolation(
                f"{header.length} bytes on stream {stream.id}, of which {stream.allowance} may come"
            )
        stream.allowance -= header.length

    def _window(self, header: Header) -> list[Event]:
        events = self._met(header)
        stream = self._streams.get(header.stream)
        if stream is not None:
            if stream.credit + header.length > MOST_CREDIT:
                raise ProtocolViolation(f"a window of stream {stream.id} that overflows")
            stream.credit += header.length
            self._stand(stream)
        return events + self._flags(header)

    def _ping(self, header: Header) -> list[Event]:
        if header.flags == ACK:
            return [Ponged(header.length)]
        self._answer(Kind.PING, ACK, 0, header.length)
        return []

    def _farewell(self, header: Header) -> list[Event]:
        self._gone_away = True
        return [GoneAway(header.length)]

    def _met(self, header: Header) -> list[Event]:
        """What a header says of the stream's beginning. Raises ProtocolViolation."""
        stream = self._streams.get(header.stream)
        if header.flags & SYN:
            if stream is not None or header.stream % 2 == self._parity:
                raise ProtocolViolation(f"stream {header.stream} is opened, which cannot be")
            return self._opened(header.stream)
        if stream is None:
            if header.stream % 2 == self._parity and header.stream >= self._next:
                raise ProtocolViolation(f"stream {header.stream}, which never was")
        elif header.flags & ACK:
            if not (stream.ours and stream.awaits_ack):
                raise ProtocolViolation(f"stream {header.stream} is answered, which cannot be")
            stream.awaits_ack = False
        return []

    def _opened(self, id: int) -> list[Event]:
        if self._theirs >= self.limits.streams:
            self._forgiven += INITIAL
            self._answer(Kind.WINDOW, RST, id, 0)
            return []
        stream = Stream(id, False, INITIAL)
        self._streams[id] = stream
        self._theirs += 1
        return [Opened(stream)]

    def _flags(self, header: Header) -> list[Event]:
        """What a header says of the stream's end."""
        stream = self._streams.get(header.stream)
        if stream is None or not header.flags & (FIN | RST):
            return []
        if header.flags & RST:
            self._drop(stream)
        else:
            if stream.ended:
                raise ProtocolViolation(f"stream {stream.id} is ended twice")
            stream.ended = True
            self._lingering.pop(stream.id, None)
            self._settle(stream)
        return [Changed(stream)]

    def _drop(self, stream: Stream) -> None:
        stream.reset = True
        stream.forget_queued()
        self.unread -= stream.forget_arrived()
        self._settle(stream)

    def _settle(self, stream: Stream) -> None:
        """Forget a stream that is over."""
        if stream.over and self._streams.pop(stream.id, None) is not None:
            self._theirs -= not stream.ours
            self._lingering.pop(stream.id, None)
