"""AutoNAT: asking others whether they can call us, and calling back whoever asks.

libp2p's ``/libp2p/autonat/1.0.0``. We call nobody but the address that the asker's
own connection comes from, from an identity made for the call: so nobody can have
us call, or learn from us about, anybody else.
"""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import Final

import trio

from formats.errors import Unreachable
from node.reach.multiaddr import encoded, texts, to_text
from node.reach.protobuf import Message, encode
from node.reach.telling import Telling
from node.transport.addresses import Endpoint, endpoint, is_loopback, site
from node.transport.carrier import Stream
from node.transport.handlers import Allowed
from node.transport.host import Host
from node.transport.muxed import Identity, dialled
from node.transport.tcp import connect

AUTONAT: Final = "/libp2p/autonat/1.0.0"

MOST_TRIED: Final = 4
"""Addresses that are called for one question."""
TRY_SECONDS: Final = 3.0
AT_ONCE: Final = 8
"""Calls back that are under way."""
A_MINUTE: Final = 6
"""Questions of one site; 60 of all sites."""
A_MINUTE_IN_ALL: Final = 60

_DIAL: Final = 0
_RESPONSE: Final = 1


class Answer(IntEnum):
    """How a question was answered."""

    OK = 0
    DIAL_ERROR = 100
    DIAL_REFUSED = 101
    BAD_REQUEST = 200
    INTERNAL_ERROR = 300


class CallingBack:
    """Answers those who ask whether they can be called."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._places = trio.CapacityLimiter(AT_ONCE)
        self._asked: deque[tuple[float, str]] = deque()

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answer until the block is left."""
        allowed = Allowed(AT_ONCE * 2, 1, 60)
        with self._host.handlers.serving(AUTONAT, self._answer, allowed):
            yield

    async def _answer(self, stream: Stream, peer: bytes, address: str) -> None:
        told = Telling(stream)
        asked = (await told.hear()).message(2).message(1)
        where = endpoint(address)
        targets = _permitted(where, texts(asked.all(2), 16))
        if asked.bytes_(1) not in (b"", peer):
            await told.tell(_response(Answer.BAD_REQUEST))
        elif where is None or not targets or not self._admits(where):
            await told.tell(_response(Answer.DIAL_REFUSED))
        else:
            await told.tell(await self._called(peer, targets))

    def _admits(self, where: Endpoint) -> bool:
        now = trio.current_time()
        while self._asked and self._asked[0][0] < now - 60:
            self._asked.popleft()
        if is_loopback(where.host):
            return True
        of = site(where.host)
        sites = Counter(each for _, each in self._asked)
        if sites[of] >= A_MINUTE or len(self._asked) >= A_MINUTE_IN_ALL:
            return False
        self._asked.append((now, of))
        return True

    async def _called(self, peer: bytes, targets: Sequence[tuple[str, Endpoint]]) -> bytes:
        for address, target in targets:
            async with self._places:
                if await _answers(peer, target):
                    return _response(Answer.OK, address)
        return _response(Answer.DIAL_ERROR)


async def _answers(peer: bytes, target: Endpoint) -> bool:
    """Whether the peer itself answers a call there."""
    reached = False
    with trio.move_on_after(TRY_SECONDS):
        try:
            muxed = await dialled(await connect(target), Identity(), peer)
        except (OSError, Unreachable):
            return False
        reached = True
        await muxed.aclose()
    return reached


def _permitted(where: Endpoint | None, asked: Sequence[str]) -> list[tuple[str, Endpoint]]:
    """Of the addresses that are asked about, those of the host that asks."""
    found = ((address, endpoint(address)) for address in asked)
    return [
        (address, target)
        for address, target in found
        if where is not None and target is not None and target.host == where.host
    ][:MOST_TRIED]


def _response(answer: Answer, address: str = "") -> bytes:
    said = encode(
        [(1, int(answer)), *((3, each) for each in encoded([address] if address else []))]
    )
    return encode([(1, _RESPONSE), (3, said)])


async def ask(host: Host, peer: bytes, addresses: Sequence[str]) -> tuple[Answer, str]:
    """Have a node that is connected call us; its answer, and the address that worked.

    Raises Unreachable, ProtocolViolation, Malformed.
    """
    stream = await host.peers.open(peer, (), AUTONAT)
    try:
        told = Telling(stream)
        info = encode([(1, host.peer), *((2, each) for each in encoded(addresses))])
        await told.tell(encode([(1, _DIAL), (2, encode([(1, info)]))]))
        return _read(await told.hear(MOST_TRIED * TRY_SECONDS + 5))
    finally:
        await stream.aclose()


def _read(message: Message) -> tuple[Answer, str]:
    said = message.message(3)
    number = said.number(1)
    if message.number(1) != _RESPONSE or number not in list(Answer):
        return Answer.INTERNAL_ERROR, ""
    return Answer(number), to_text(said.bytes_(3)) or ""
