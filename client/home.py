"""A line to one home: connected when needed, and proven again after every reconnect.

What a connection has proven is worth nothing on another one, so a line keeps
the *provers* (the keys it may show) and shows each once a connection. When the
home goes away, the call under way fails with ``Unreachable``; calls that may be
repeated are, once, on a fresh connection.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from math import inf
from typing import Final, TypeVar

import trio

from client.provers import Prover, ReaderProver, together
from formats.errors import Expired, Forged, ProtocolViolation, TimedOut, Unreachable
from formats.statement import Role
from formats.whereabouts import Home
from protocols.accounts import VERSION, AskHello, Enter, Hello, Prove
from protocols.courier import Node
from protocols.services import Doors, Network

FRESH: Final = 20.0
"""Seconds for which a server's hello is recent enough to prove further keys by it."""

AGREED: Final = 600.0
"""Seconds for which what a home said of its clock and its price is taken to hold."""
MOST_GREETED: Final = 64
"""Homes of which it is remembered."""

T = TypeVar("T")

AGAIN_SECONDS: Final = 1.0
"""Seconds between two attempts to reach a home that was just there."""

_PERSISTENCE: Final[ContextVar[float]] = ContextVar("persistence", default=0.0)

PERSISTENCE: Final = 45.0
"""Seconds for which a transfer tries to reach a home again that was lost in the middle."""


@contextmanager
def persistent(seconds: float | None = None) -> Iterator[None]:
    """Calls of this block do not give up on a home before so long after its connection broke.

    So long: ``PERSISTENCE``, or so many ``seconds``.

    For what goes on for minutes, and should not end because an address changed or a
    router was started again. A home that was not there to begin with is not waited for.
    """
    token = _PERSISTENCE.set(PERSISTENCE if seconds is None else seconds)
    try:
        yield
    finally:
        _PERSISTENCE.reset(token)


@dataclass(slots=True, eq=False)
class Connected:
    """A connection, the server's hello, and the time here when it was received (seconds).

    ``riders``: readers whose proofs go along with what is read until the home has taken one.
    ``met``: nodes that the home told its owner of when it was shown the keys, None: it did not.
    """

    doors: Doors
    hello: Hello
    since: float
    riders: list[ReaderProver] = field(default_factory=list)
    met: tuple[Node, ...] | None = None

    def server_time(self) -> int:
        """The server's time now, in milliseconds: its hello's, moved on by our clock."""
        return self.hello.time + int((trio.current_time() - self.since) * 1000)


class Greeted:
    """What homes said of themselves lately: for lines that prove nothing.

    To them a hello tells the home's clock and what a drop costs there, which is as true on
    the next connection. What proves a key is dated and bound by a hello of its own. That home
    learns nothing by not being greeted: all such connections of one run of the daemon come from
    one identity that is nobody's.
    """

    def __init__(self) -> None:
        self._hellos: Final[dict[bytes, tuple[Hello, float]]] = {}

    def get(self, peer: bytes) -> tuple[Hello, float] | None:
        """The hello of a node and when it came, if that was less than ``AGREED`` ago."""
        known = self._hellos.get(peer)
        if known is None or trio.current_time() - known[1] >= AGREED:
            return None
        return known

    def put(self, hello: Hello, now: float) -> None:
        """Keep one; of many, the newest."""
        self._hellos.pop(hello.server, None)
        self._hellos[hello.server] = hello, now
        while len(self._hellos) > MOST_GREETED:
            del self._hellos[next(iter(self._hellos))]

    def forget(self, peer: bytes) -> bool:
        """Perhaps it does not hold any more: that home is greeted again. Whether it was known."""
        return self._hellos.pop(peer, None) is not None


class HomeLine:
    """One person's line to one home. Safe for many tasks; one connection at a time."""

    def __init__(
        self,
        network: Network,
        homes: Sequence[Home],
        *provers: Prover,
        greeted: Greeted | None = None,
    ) -> None:
        if not homes:
            raise Unreachable("no home of that person is known")
        self._network: Final = network
        self._greeted: Final = None if provers else greeted
        self._homes: Final = tuple(homes)
        self._provers: Final = list(provers)
        self._lock: Final = trio.Lock()
        self._now: Connected | None = None
        self._proven = 0
        self._broke = -inf

    async def connected(self) -> Connected:
        """A live connection on which every prover was shown."""
        async with self._lock:
            if self._now is None:
                self._now, self._proven = await self._connect(), 0
            try:
                await self._prove(self._now)
            except Unreachable:
                await self._forget(self._now)
                raise
            return self._now

    async def _prove(self, connected: Connected) -> None:
        while due := self._provers[self._proven :]:
            more = connected.hello.takes_more
            some = together(due) if more else due[:1]
            if more and isinstance(some[0], ReaderProver) and some[0].rides:
                connected.riders.append(some[0])
            else:
                await _by_hello(connected, partial(_shown, some, connected))
            self._proven += len(some)

    @property
    def work_bits(self) -> int | None:
        """What the home asks of who leaves a message there, if it is connected."""
        return None if self._now is None else self._now.hello.work_bits

    @property
    def homes(self) -> tuple[Home, ...]:
        """The nodes that it goes to, the first one that answers."""
        return self._homes

    def go_on_from(self, other: "HomeLine") -> None:
        """Take over the connection of a line to the same home that has shown no key."""
        if other._provers or other._homes != self._homes:
            raise ValueError("a line goes on from one to the same home that has proven nothing")
        self._now, self._proven, other._now = other._now, 0, None

    def show(self, prover: Prover) -> None:
        """Show one more key, from the next call on and after every reconnect."""
        self._provers.append(prover)

    async def add(self, prover: Prover) -> None:
        """The same, now."""
        self.show(prover)
        await self.call(_nothing)

    async def call(self, ask: Callable[[Connected], Awaitable[T]], repeat: bool = True) -> T:
        """Ask something; ask again on a fresh connection if the first one broke.

        Within ``persistent``, again and again for a while after one broke.
        ``repeat=False`` for what must not be asked twice: then ``Unreachable``
        means that it is not known whether it was done.
        """
        until: float | None = None
        while True:
            connected: Connected | None = None
            try:
                connected = await self.connected()
                return await ask(connected)
            except TimedOut:  # nobody is there, or they are slow: a transfer asks once more
                if connected is None or not repeat or until is not None or not _PERSISTENCE.get():
                    raise
                await self._forget(connected)
            except Unreachable:
                await self._forget(connected)
                if self._gives_up(connected is not None, repeat, until):
                    raise
            if connected is not None:
                self._broke = trio.current_time()
            if until is None:
                until = self._broke + _PERSISTENCE.get()
            else:
                await trio.sleep(AGAIN_SECONDS)

    def _gives_up(self, broke: bool, repeat: bool, until: float | None) -> bool:
        """Whether it ends here. The first break is free, for what may be repeated."""
        if broke and (not repeat or until is None):
            return not repeat
        return trio.current_time() >= (self._broke + _PERSISTENCE.get() if until is None else until)

    async def aclose(self) -> None:
        """Close the connection, if there is one. The line can be used again."""
        await self._forget(self._now)

    async def _connect(self) -> Connected:
        failures: list[str] = []
        for home in self._homes:
            try:
                return await self._greet(home)
            except Unreachable as error:
                failures.append(error.message)
        raise Unreachable("; ".join(failures))

    async def _greet(self, home: Home) -> Connected:
        doors = await self._network.reach(home)
        try:
            return await self._hello(doors, home)
        except BaseException:
            # Else a home that only ever answers with nonsense would pile up open connections.
            await close(doors)
            raise

    async def _hello(self, doors: Doors, home: Home) -> Connected:
        """With the hello of lately, if one serves here; else with a new one."""
        lately = None if self._greeted is None else self._greeted.get(home.peer)
        if lately is not None and doors.peer == home.peer:
            return Connected(doors, *lately)
        hello, now = await _greeted(doors, home.peer), trio.current_time()
        if self._greeted is not None:
            self._greeted.put(hello, now)
        return Connected(doors, hello, now)

    async def _forget(self, broken: Connected | None) -> None:
        if broken is None:
            return
        if self._now is broken:
            self._now = None
        await close(broken.doors)


async def riding(connected: Connected, ask: Callable[[Prove | None], Awaitable[T]]) -> T:
    """Ask for something to read, with a proof that the home has not got yet, if there is one."""
    if not connected.riders:
        return await ask(None)
    reader = connected.riders[0]

    async def along(hello: Hello) -> T:
        return await ask(reader.prove(hello))

    answer = await _by_hello(connected, along)
    if reader in connected.riders:
        connected.riders.remove(reader)
    return answer


async def _by_hello(connected: Connected, show: Callable[[Hello], Awaitable[T]]) -> T:
    """Show a home what is dated by its hello; by a new one if that is too old."""
    try:
        return await show(await _recent(connected))
    except Expired:  # this machine slept meanwhile, and the clock that ages go by with it
        return await show(await _greeted(connected.doors, connected.hello.server))


async def _shown(provers: Sequence[Prover], connected: Connected, hello: Hello) -> None:
    proofs = await trio.to_thread.run_sync(lambda: [each.prove(hello) for each in provers])
    accounts = connected.doors.accounts
    if len(proofs) == 1:
        await accounts.prove(proofs[0])
        return
    is_owner = any(each.role is Role.OWNER for each in provers)
    entered = await accounts.enter(Enter(tuple(proofs), is_owner))
    connected.met = entered.met if is_owner else connected.met


async def _recent(connected: Connected) -> Hello:
    """The server's hello; asked for again if it was long ago: what proves a key is dated by it."""
    if trio.current_time() - connected.since < FRESH:
        return connected.hello
    return await _greeted(connected.doors, connected.hello.server)


async def _greeted(doors: Doors, peer: bytes) -> Hello:
    """The hello of the node that was meant; raises Forged, ProtocolViolation."""
    check_meant(doors, peer)
    hello = await doors.accounts.hello(AskHello(VERSION))
    if hello.server != peer:
        raise ProtocolViolation("the node says it is another than its connection proved")
    return hello


def check_meant(doors: Doors, peer: bytes) -> None:
    """Return if the node that was reached is the one that was meant; raises Forged."""
    if doors.peer != peer:
        raise Forged("the node that answered is not the one that was asked for")


async def close(doors: Doors) -> None:
    """Close a connection, also where this task was cancelled; two seconds are enough for it."""
    with trio.CancelScope(shield=True, deadline=trio.current_time() + 2):
        await doors.aclose()


async def _nothing(_connected: Connected) -> None:
    await trio.lowlevel.checkpoint()
