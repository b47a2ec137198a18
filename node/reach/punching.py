"""Hole punching: from a call through a relay to a direct one, where the NATs allow it.

    home    → caller   CONNECT, as whom others see it         libp2p's DCUtR, on a
    caller  → home     CONNECT, likewise                      stream of the relayed call
    home    → caller   SYNC; half a round trip later both dial

Both dial from the port that the NATs already map for their line to the relay, and
listen on it. Whose packet is first opens the hole for the other's. The home takes
the part of who dials in the handshake, as the one that began; whoever it reaches must
prove to be the caller, and the other way round.
"""

from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address
from typing import Final, NamedTuple

import trio

from formats.errors import HoldfastError, ProtocolViolation, Unreachable
from node.logs import Log
from node.reach.multiaddr import encoded, texts
from node.reach.protobuf import Message, encode
from node.reach.telling import Telling
from node.transport.addresses import Endpoint, endpoints
from node.transport.muxed import Muxed
from node.transport.tcp import bound, connect

DCUTR: Final = "/libp2p/dcutr"

MOST: Final = 3
"""Addresses of the other side that are tried. Anybody who calls us can name some."""
LOWEST_PORT: Final = 1024
"""NATs map to ports above; so nobody can have us knock at a service."""
BEGIN_SECONDS: Final = 2.0
"""Longest that agreeing on it may take the caller, who waits to use the connection."""
PUNCH_SECONDS: Final = 1.5
"""Longest that both try, besides a round trip."""
LONGEST_ROUND: Final = 2.0
AGAIN: Final = 0.1
"""Seconds after which an attempt that was refused is repeated."""

_CONNECT: Final = 100
_SYNC: Final = 300

_log: Final = Log("punch")

Shake = Callable[[trio.SocketStream], Awaitable[Muxed]]
"""Makes an authenticated connection of a socket, or raises Unreachable."""


class _Plan(NamedTuple):
    """Whom to try, and how long a message takes there and back."""

    targets: list[Endpoint]
    round_trip: float


async def offered(muxed: Muxed, port: int, seen: Sequence[str], shake: Shake) -> Muxed | None:
    """As the home, on a relayed call: a direct connection to the caller, None if there is none.

    ``port``: of our line to the relay; ``seen``: as whom others see it. Raises nothing.
    """
    plan = await _within(BEGIN_SECONDS + LONGEST_ROUND, _offer, muxed, seen)
    if plan is None:
        return None
    await trio.sleep(plan.round_trip / 2)
    return await _Punch(port, plan, shake, one_by_one=True).run()


async def taken(muxed: Muxed, port: int, seen: Sequence[str], shake: Shake) -> Muxed | None:
    """As the caller, on a relayed call that runs: likewise."""
    plan = await _within(BEGIN_SECONDS, _take, muxed, seen)
    return None if plan is None else await _Punch(port, plan, shake, one_by_one=False).run()


async def _within(
    seconds: float,
    agree: Callable[[Muxed, Sequence[str]], Awaitable[_Plan | None]],
    muxed: Muxed,
    seen: Sequence[str],
) -> _Plan | None:
    """The plan, None if there is none in time or the other side does not do this."""
    with trio.move_on_after(seconds):
        try:
            return await agree(muxed, seen)
        except HoldfastError as error:
            _log.debug("no-plan", why=type(error).__name__)
    return None


async def _offer(muxed: Muxed, seen: Sequence[str]) -> _Plan:
    told = Telling(await muxed.open(DCUTR))
    began = trio.current_time()
    await told.tell(_message(_CONNECT, seen))
    targets = _read(await told.hear(LONGEST_ROUND), _CONNECT)
    round_trip = trio.current_time() - began
    await told.tell(_message(_SYNC))
    await told.aclose()
    return _Plan(targets, round_trip)


async def _take(muxed: Muxed, seen: Sequence[str]) -> _Plan | None:
    arrival = await muxed.accept()
    if arrival is None:
        return None
    told = Telling((await arrival.agree({DCUTR}))[1])
    targets = _read(await told.hear(), _CONNECT)
    began = trio.current_time()
    await told.tell(_message(_CONNECT, seen))
    _read(await told.hear(LONGEST_ROUND), _SYNC)
    await told.aclose()
    return _Plan(targets, trio.current_time() - began)


def _message(type: int, seen: Sequence[str] = ()) -> bytes:
    return encode([(1, type), *((2, each) for each in encoded(seen))])


def _read(message: Message, type: int) -> list[Endpoint]:
    """The addresses to try. Raises ProtocolViolation."""
    if message.number(1) != type:
        raise ProtocolViolation("hole punching has another order")
    found = endpoints(texts(message.all(2), 16))
    return [each for each in found if _may_be_tried(each)][:MOST]


def _may_be_tried(target: Endpoint) -> bool:
    ip = ip_address(target.host)
    nobody = ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified
    return target.port >= LOWEST_PORT and not nobody


class _Punch:
    """One attempt: dials and listens on one port, until one connection is proven."""

    def __init__(self, port: int, plan: _Plan, shake: Shake, *, one_by_one: bool) -> None:
        self._port = port
        self._plan = plan
        self._shake = shake
        self._turn = trio.CapacityLimiter(1 if one_by_one else MOST + 1)
        self._made: Muxed | None = None

    async def run(self) -> Muxed | None:
        """The connection, None if none is made in time."""
        seconds = PUNCH_SECONDS + self._plan.round_trip
        try:
            with trio.move_on_after(seconds if self._port and self._plan.targets else 0):
                async with trio.open_nursery() as nursery:
                    for version in {_version(target) for target in self._plan.targets}:
                        nursery.start_soon(self._listen, version, nursery)
                    for target in self._plan.targets:
                        nursery.start_soon(self._dial, target, nursery.cancel_scope)
        except BaseException:
            if self._made is not None:
                await self._made.aclose()
            raise
        return self._made

    async def _dial(self, target: Endpoint, all_: trio.CancelScope) -> None:
        while True:
            try:
                await self._try(await connect(target, self._port), all_)
            except OSError:  # refused, or there is a connection by the listener already
                await trio.sleep(AGAIN)

    async def _listen(self, version: int, nursery: trio.Nursery) -> None:
        try:
            listener = bound(version, self._port)
            listener.listen(MOST)
        except OSError:
            return
        with listener:
            while True:
                accepted, _ = await listener.accept()
                stream = trio.SocketStream(accepted)
                nursery.start_soon(self._try, stream, nursery.cancel_scope)

    async def _try(self, stream: trio.SocketStream, all_: trio.CancelScope) -> None:
        """See who is at the other end. The home asks one after the other, so both keep the same."""
        try:
            async with self._turn:
                made = await self._shake(stream)
        except Unreachable:
            await trio.sleep(AGAIN)
            return
        except BaseException:
            await trio.aclose_forcefully(stream)
            raise
        if self._made is None:
            self._made = made
            all_.cancel()
        else:
            await made.aclose()


def _version(target: Endpoint) -> int:
    return ip_address(target.host).version
