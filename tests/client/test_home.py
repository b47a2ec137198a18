"""A line to a home that never says a sensible word: nothing of it stays open."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest
import trio

from client.home import AGAIN_SECONDS, Connected, HomeLine, persistent
from formats.errors import (
    Forged,
    HoldfastError,
    Internal,
    ProtocolViolation,
    TimedOut,
    Unreachable,
)
from formats.whereabouts import Home
from protocols.accounts import AskHello, Hello
from protocols.services import Doors

HOME = Home(b"the one meant", ("/ip4/127.0.0.1/tcp/1",))
GOOD = Hello(HOME.peer, b"", bytes(32), 1, "tests", 4)


class Network:
    """Reaches a node that answers every greeting alike; counts what is open."""

    def __init__(self, peer: bytes, greet: Callable[[], Hello]) -> None:
        self.open = 0
        self._peer, self._greet = peer, greet

    async def reach(self, home: Home) -> Doors:
        """One more connection."""
        await trio.lowlevel.checkpoint()
        self.open += 1
        accounts = SimpleNamespace(hello=self._hello)
        doors = SimpleNamespace(peer=self._peer, accounts=accounts, aclose=self._close)
        return cast("Doors", doors)

    async def _hello(self, request: AskHello) -> Hello:
        await trio.lowlevel.checkpoint()
        return self._greet()

    async def _close(self) -> None:
        await trio.lowlevel.checkpoint()
        self.open -= 1


def refuse(error: HoldfastError) -> Callable[[], Hello]:
    def greet() -> Hello:
        raise error

    return greet


def as_another() -> Hello:
    return Hello(b"another", b"", bytes(32), 1, "tests", 4)


@pytest.mark.parametrize(
    ("peer", "greet", "kind"),
    [
        (HOME.peer, refuse(Internal("no")), Internal),
        (HOME.peer, refuse(Unreachable("gone")), Unreachable),
        (HOME.peer, as_another, ProtocolViolation),
        (b"another", lambda: GOOD, Forged),
    ],
)
async def test_a_connection_that_comes_to_nothing_is_closed(
    peer: bytes, greet: Callable[[], Hello], kind: type[HoldfastError]
) -> None:
    network = Network(peer, greet)
    line = HomeLine(network, [HOME])
    for _ in range(3):
        with pytest.raises(kind):
            await line.connected()
    assert network.open == 0


async def test_a_connection_is_kept_until_it_is_closed() -> None:
    network = Network(HOME.peer, lambda: GOOD)
    line = HomeLine(network, [HOME])
    first = await line.connected()
    assert await line.connected() is first
    assert network.open == 1
    await line.aclose()
    assert network.open == 0


class Lost(Network):
    """Reaches the home, then for ``seconds`` not, then again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(HOME.peer, lambda: GOOD)
        self._back = seconds

    async def reach(self, home: Home) -> Doors:
        if 0 < trio.current_time() - BEGUN < self._back:
            raise Unreachable("lost")
        return await super().reach(home)


BEGUN = 0.0
"""Virtual time begins here."""


async def breaks_once(line: HomeLine) -> float:
    """When a call that breaks once has its answer."""
    broken: list[bool] = []

    async def ask(_connected: Connected) -> float:
        if not broken:
            broken.append(True)
            await trio.sleep(1)
            raise Unreachable("broke")
        return trio.current_time()

    return await line.call(ask)


async def test_a_transfer_waits_for_a_home_that_was_lost(autojump_clock: object) -> None:
    line = HomeLine(Lost(20), [HOME])
    with persistent(30):
        assert 20 <= await breaks_once(line) <= 20 + AGAIN_SECONDS


async def test_a_transfer_does_not_wait_for_ever(autojump_clock: object) -> None:
    line = HomeLine(Lost(1000), [HOME])
    with persistent(30), pytest.raises(Unreachable, match="lost"):
        await breaks_once(line)
    assert 31 <= trio.current_time() <= 32 + AGAIN_SECONDS


async def test_others_do_not_wait(autojump_clock: object) -> None:
    with pytest.raises(Unreachable, match="lost"):
        await breaks_once(HomeLine(Lost(1000), [HOME]))
    assert trio.current_time() == 1


async def test_a_home_that_was_not_there_is_not_waited_for(autojump_clock: object) -> None:
    network = Network(HOME.peer, refuse(Unreachable("gone")))
    with persistent(30), pytest.raises(Unreachable, match="gone"):
        await HomeLine(network, [HOME]).call(lambda connected: breaks_never())
    assert trio.current_time() == 0


async def breaks_never() -> None:
    await trio.lowlevel.checkpoint()


async def test_what_may_not_be_repeated_is_not(autojump_clock: object) -> None:
    asked: list[bool] = []

    async def ask(_connected: Connected) -> None:
        asked.append(True)
        await trio.sleep(1)
        raise Unreachable("broke")

    with persistent(30), pytest.raises(Unreachable, match="broke"):
        await HomeLine(Lost(5), [HOME]).call(ask, repeat=False)
    assert asked == [True]


async def test_a_home_that_always_breaks_is_given_up(autojump_clock: object) -> None:
    async def ask(_connected: Connected) -> None:
        await trio.sleep(1)
        raise Unreachable("broke")

    with persistent(30), pytest.raises(Unreachable, match="broke"):
        await HomeLine(Lost(0), [HOME]).call(ask)
    assert 30 <= trio.current_time() <= 34


async def test_silence_is_asked_once_more_by_transfers_alone(autojump_clock: object) -> None:
    asked: list[float] = []

    async def ask(_connected: Connected) -> None:
        asked.append(trio.current_time())
        await trio.sleep(35)
        raise TimedOut("nothing")

    with persistent(30), pytest.raises(TimedOut):
        await HomeLine(Lost(0), [HOME]).call(ask)
    with pytest.raises(TimedOut):
        await HomeLine(Lost(0), [HOME]).call(ask)
    assert asked == [0, 35, 70]
