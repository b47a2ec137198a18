"""How fast the doors are over libp2p, between two processes of this machine.

    python -m benchmarks.transport

``staged`` is what a client does: 5 MiB of segments a request, four in flight, every
block hashed where it arrives; ``read`` is the way back. ``bare`` sends the same bytes
over one stream of such a connection, without frames, messages or hashes: what
libp2p itself gives. MB are 10^6 bytes; processor time is of the asking process.
"""

import multiprocessing
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Final, cast

import trio

from crypto.secret import random_secret
from formats.cid import Block
from formats.errors import Unreachable
from formats.whereabouts import Home
from node.caller import Caller
from node.transport.carrier import Arrival
from node.transport.dialer import Dialer, dialing
from node.transport.host import listening
from node.transport.muxed import Identity, accepted, dialled
from protocols import blocks as b
from protocols.services import Doors

SEGMENTS: Final = 20
SEGMENT: Final = 256 * 1024
REQUESTS: Final = 40
MEGABYTES: Final = REQUESTS * SEGMENTS * SEGMENT / 1e6
PROTOCOL: Final = "/benchmark/1"

STAGE: Final = b.Stage(bytes(16), tuple(Block.raw(os.urandom(SEGMENT)) for _ in range(SEGMENTS)))
READ: Final = b.Read(bytes(32), bytes(32), None, None, None, (), ())
CLOSE: Final = b.CloseSession(bytes(16))


class Answers:
    """A node, its doors, and the only one of them that is used, all in one."""

    def open(self, caller: Caller) -> Doors:
        return cast(Doors, self)

    def __getattr__(self, door: str) -> "Answers":
        return self

    async def stage(self, request: b.Stage) -> b.Staged:
        return b.Staged(sum(len(block.data) for block in request.blocks))

    async def read(self, request: b.Read) -> b.Found:
        return b.Found(None, None, (), (), (), STAGE.blocks)

    async def close_session(self, request: b.CloseSession) -> b.Closed:
        return b.Closed()

    async def aclose(self) -> None:
        return


# --- the other process


def serve(pipe: Connection) -> None:
    trio.run(_serve, pipe)


async def _serve(pipe: Connection) -> None:
    identity = Identity()

    async def bare(stream: trio.SocketStream) -> None:
        muxed = await accepted(stream, identity)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(muxed.run)
            while (arrival := await muxed.accept()) is not None:
                nursery.start_soon(drain, arrival)

    async with (
        listening(Answers(), random_secret(), ["127.0.0.1"], 0) as host,
        trio.open_nursery() as nursery,
    ):
        [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, bare, [listener])
        port = listener.socket.getsockname()[1]
        pipe.send((Home(host.peer, host.addresses), identity.peer, port))
        await trio.to_thread.run_sync(pipe.recv)
        nursery.cancel_scope.cancel()


async def drain(arrival: Arrival) -> None:
    _, stream = await arrival.agree([PROTOCOL])
    with suppress(Unreachable):
        while data := await stream.receive_some():
            if data.endswith(b"done"):
                await stream.send_all(b"ok")


# --- this process


async def four_at_once(job: Callable[[], Awaitable[object]]) -> None:
    left = iter(range(REQUESTS))

    async def worker() -> None:
        for _ in left:
            await job()

    async with trio.open_nursery() as nursery:
        for _ in range(4):
            nursery.start_soon(worker)


async def throughput(name: str, job: Callable[[], Awaitable[object]]) -> None:
    start, busy = time.perf_counter(), time.process_time()
    await job()
    took, used = time.perf_counter() - start, time.process_time() - busy
    print(f"{name:10} {MEGABYTES / took:6.0f} MB/s  {used / MEGABYTES * 1e3:5.2f} ms/MB")


async def latency(name: str, times: int, job: Callable[[], Awaitable[object]]) -> None:
    took = []
    for _ in range(times):
        start = time.perf_counter()
        await job()
        took.append((time.perf_counter() - start) * 1e3)
    took.sort()
    print(f"{name:10} {took[times // 2]:6.2f} ms p50 {took[times * 98 // 100]:6.2f} ms p98")


async def bare(peer: bytes, port: int) -> None:
    data = b"".join(block.data for block in STAGE.blocks)
    muxed = await dialled(await trio.open_tcp_stream("127.0.0.1", port), Identity(), peer)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(muxed.run)
        stream = await muxed.open(PROTOCOL)

        async def send() -> None:
            for _ in range(REQUESTS):
                await stream.send_all(data)
            await stream.send_all(b"done")
            await stream.receive_some()

        await throughput("bare", send)
        await muxed.aclose()


async def fresh(dialer: Dialer, home: Home) -> None:
    doors = await dialer.reach(home)
    await doors.blocks.close_session(CLOSE)
    await doors.aclose()


async def measure(home: Home, peer: bytes, port: int) -> None:
    async with dialing() as dialer:
        doors = await dialer.reach(home)
        await doors.blocks.stage(STAGE)
        await throughput("staged", lambda: four_at_once(lambda: doors.blocks.stage(STAGE)))
        await throughput("read", lambda: four_at_once(lambda: doors.blocks.read(READ)))
        await bare(peer, port)
        await latency("request", 300, lambda: doors.blocks.close_session(CLOSE))
        await latency("reach+ask", 50, lambda: fresh(dialer, home))


def main() -> None:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    process.start()
    trio.run(measure, *ours.recv())
    ours.send("end")
    process.join()


if __name__ == "__main__":
    main()
