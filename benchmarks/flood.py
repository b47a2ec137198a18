"""The flood: somebody who has proven nothing and offers 10,000 requests a second.

    polite    forty connections, as many requests on each as may be in flight
    rude      the same without waiting for answers, anew whenever it is cut off
    dialling  forty at once that dial, ask once, and dial again
    both      half of them rude, half of them dialling
    opening   streams instead of requests, each ended at once
    looking   questions to the DHT, one stream for each
    pinging   pings of yamux

All come from one address, or each from one of its own.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Final

import trio

from formats.errors import HoldfastError
from node.dht.answering import Kind, Request
from node.dht.messages import write_request
from node.dht.rules import PROTOCOL as KAD
from node.transport.addresses import Endpoint
from node.transport.carrier import Stream
from node.transport.muxed import Identity, Muxed, dialled
from node.transport.muxer import Muxer
from protocols import accounts as a
from protocols.exchange import MAX_IN_FLIGHT, Asker
from protocols.operations import OPERATIONS, PROTOCOLS

OFFERED: Final = 10_000
"""Requests a second."""

CONNECTIONS: Final = 40
TICK: Final = 0.02
EACH: Final = round(OFFERED * TICK / CONNECTIONS)
"""Requests that one connection offers at once."""

AT_ONCE: Final = 8
"""Streams of one connection."""

AGAIN: Final = 0.01
"""Seconds after which who was cut off dials again."""

HELLO: Final = OPERATIONS["accounts"]["hello"]

Flood = Callable[[Muxed, dict[str, int]], Awaitable[None]]
"""What is done with one connection."""


def flood(
    mode: str, peer: bytes, where: Endpoint, sources: Sequence[str], pipe: Connection
) -> None:
    """Flood the node until something comes through the pipe; then say how often what was done."""
    with suppress(KeyboardInterrupt):
        trio.run(_flood, mode, peer, where, sources, pipe)


async def _flood(
    mode: str, peer: bytes, where: Endpoint, sources: Sequence[str], pipe: Connection
) -> None:
    counts = {"sent": 0, "answered": 0, "dialled": 0, "connected": 0}

    async def again(source: str, one: Flood) -> None:
        while True:
            with suppress(OSError, HoldfastError):
                counts["dialled"] += 1
                await _connection(peer, where, source, counts, one)
            await trio.sleep(AGAIN)

    async with trio.open_nursery() as nursery:
        for number in range(CONNECTIONS):
            flows = MODES[mode]
            source, one = sources[number % len(sources)], flows[number % len(flows)]
            nursery.start_soon(again, source, one)
        pipe.send("begun")
        await trio.to_thread.run_sync(pipe.recv)
        pipe.send(counts)
        nursery.cancel_scope.cancel()


async def _connection(
    peer: bytes, where: Endpoint, source: str, counts: dict[str, int], one: Flood
) -> None:
    socket = await trio.open_tcp_stream(where.host, where.port, local_address=source)
    muxed = await dialled(socket, Identity(), peer)
    counts["connected"] += 1
    async with trio.open_nursery() as nursery:
        nursery.start_soon(muxed.run)
        try:
            await one(muxed, counts)
        except* HoldfastError:
            pass
        finally:
            with trio.CancelScope(shield=True):
                await muxed.aclose()
        nursery.cancel_scope.cancel()


def _on_a_stream(do: Callable[[Stream, dict[str, int]], Awaitable[None]]) -> Flood:
    async def one(muxed: Muxed, counts: dict[str, int]) -> None:
        await do(await muxed.open(PROTOCOLS["accounts"]), counts)

    return one


def _asked(asker: Asker) -> bytes:
    return b"".join(asker.ask(HELLO, a.AskHello("flood"))[1])


async def _polite(stream: Stream, counts: dict[str, int]) -> None:
    asker = Asker(OPERATIONS["accounts"])
    while True:
        many = min(MAX_IN_FLIGHT - asker.in_flight, EACH)
        await stream.send_all(b"".join(_asked(asker) for _ in range(many)))
        counts["sent"] += many
        await _hear(stream, asker, counts)


async def _hear(stream: Stream, asker: Asker, counts: dict[str, int]) -> None:
    """Take answers until the next tick."""
    until = trio.current_time() + TICK
    with trio.move_on_at(until):
        while True:
            asker.feed(await stream.receive_some())
            while asker.next_reply() is not None:
                counts["answered"] += 1


async def _rude(stream: Stream, counts: dict[str, int]) -> None:
    one = _asked(Asker(OPERATIONS["accounts"]))
    while True:
        await stream.send_all(one * EACH)
        counts["sent"] += EACH
        await trio.sleep(TICK)


async def _once(stream: Stream, counts: dict[str, int]) -> None:
    await stream.send_all(_asked(Asker(OPERATIONS["accounts"])))
    counts["sent"] += 1
    await stream.receive_some()
    counts["answered"] += 1


async def _opening(muxed: Muxed, counts: dict[str, int]) -> None:
    await _paced(lambda: muxed.open(PROTOCOLS["accounts"]), counts)


async def _looking(muxed: Muxed, counts: dict[str, int]) -> None:
    question = write_request(Request(Kind.FIND, bytes(32)), bytes(34))

    async def ask() -> Stream:
        stream = await muxed.open(KAD)
        await stream.send_all(question)
        await stream.receive_some()
        return stream

    await _paced(ask, counts)


async def _paced(do: Callable[[], Awaitable[Stream]], counts: dict[str, int]) -> None:
    """As often as is offered, if the answers come as fast; eight at once."""

    async def again() -> None:
        while True:
            counts["sent"] += 1
            stream = await do()
            counts["answered"] += 1
            await stream.aclose()
            await trio.sleep(TICK / EACH)

    async with trio.open_nursery() as nursery:
        for _ in range(AT_ONCE):
            nursery.start_soon(again)


async def _pinging(muxed: Muxed, counts: dict[str, int]) -> None:
    assert isinstance(muxed, Muxer)
    while True:
        for _ in range(EACH):
            muxed.machine.ping(0)
        muxed.stir()
        counts["sent"] += EACH
        await trio.sleep(TICK)


MODES: Final[dict[str, tuple[Flood, ...]]] = {
    "polite": (_on_a_stream(_polite),),
    "rude": (_on_a_stream(_rude),),
    "dialling": (_on_a_stream(_once),),
    "both": (_on_a_stream(_rude), _on_a_stream(_once)),
    "opening": (_opening,),
    "looking": (_looking,),
    "pinging": (_pinging,),
}
