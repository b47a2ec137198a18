"""How fast the doors are over libp2p, between two processes of this machine.

    python -m benchmarks.transport            # a table: MB/s, milliseconds, processor time per MB

``staged`` is what a client does: 5 MiB of segments a request, four in flight, every
block hashed where it arrives. ``bare`` sends the same bytes over one stream of the
same connection, without frames, messages or hashes: what libp2p itself gives.
"""

import multiprocessing
import os
import resource
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

import trio

from crypto.secret import Secret
from formats.cid import Block
from formats.whereabouts import Home
from node.caller import Caller
from node.transport.dialer import dialing
from node.transport.host import listening
from node.transport.muxed import Muxed
from node.transport.streams import DOORS
from protocols import blocks as b
from protocols.services import Doors

KIB: Final = 1024
SEGMENTS: Final = 20
SEGMENT: Final = 256 * KIB
REQUESTS: Final = 40
BARE: Final = "/holdfast/benchmark/1"
SEED: Final = bytes(range(32))


class Answers:
    """A node that takes what is staged and gives back the same chunk."""

    def __init__(self, chunk: tuple[Block, ...]) -> None:
        self.chunk = chunk
        self.peer = b""

    def open(self, caller: Caller) -> Doors:
        return cast(Doors, self)

    def __getattr__(self, door: str) -> "Answers":
        return self

    async def stage(self, request: b.Stage) -> b.Staged:
        return b.Staged(sum(len(block.data) for block in request.blocks))

    async def read(self, request: b.Read) -> b.Found:
        return b.Found(None, None, (), (), (), self.chunk)

    async def close_session(self, request: b.CloseSession) -> b.Closed:
        return b.Closed()

    async def aclose(self) -> None:
        return


def chunk() -> tuple[Block, ...]:
    return tuple(Block.raw(os.urandom(SEGMENT)) for _ in range(SEGMENTS))


async def _drain(stream: Any) -> None:
    while data := await stream.receive_some():
        if data.endswith(b"done"):
            await stream.send_all(b"ok")


def serve(pipe: Any) -> None:
    """The other process."""

    class Bare(Answers):
        pass

    async def main() -> None:
        async with listening(Answers(chunk()), Secret(SEED), ["127.0.0.1"], 0) as host:
            _take_bare_streams(host)
            pipe.send((host.peer, host.addresses))
            await trio.to_thread.run_sync(pipe.recv)
            usage = resource.getrusage(resource.RUSAGE_SELF)
            pipe.send(usage.ru_utime + usage.ru_stime)
            await trio.to_thread.run_sync(pipe.recv)

    trio.run(main)


def _take_bare_streams(host: Any) -> None:
    """Let streams of the benchmark's own protocol past the driver."""
    from node.transport import streams

    line = streams._Line

    class Line(line):
        def __init__(self, connection: Any, door: str, stream: Any) -> None:
            self.bare = stream if door == "bare" else None
            super().__init__(connection, "blocks" if door == "bare" else door, stream)

        async def run(self) -> None:
            if self.bare is not None:
                await _drain(self.bare)
            else:
                await super().run()

    streams.DOORS[BARE] = "bare"
    streams._Line = Line  # type: ignore[misc]


async def four_at_once(job: Callable[[], Awaitable[object]], times: int) -> float:
    """Seconds for ``times`` jobs, four under way."""
    left = iter(range(times))
    start = time.perf_counter()

    async def worker() -> None:
        for _ in left:
            await job()

    async with trio.open_nursery() as nursery:
        for _ in range(4):
            nursery.start_soon(worker)
    return time.perf_counter() - start


async def bare(muxed: Muxed, data: bytes) -> float:
    """Seconds for as many bytes as ``staged`` moves, over one stream."""
    stream = await muxed.open(BARE)
    start = time.perf_counter()
    for _ in range(REQUESTS):
        await stream.send_all(data)
    await stream.send_all(b"done")
    await stream.receive_some()
    return time.perf_counter() - start


async def measure(peer: bytes, addresses: tuple[str, ...]) -> None:
    home = Home(peer, addresses)
    ours = chunk()
    data = b"".join(block.data for block in ours)
    megabytes = REQUESTS * len(data) / 1e6
    async with dialing() as dialer:
        doors = await dialer.reach(home)
        stage = b.Stage(bytes(16), ours)
        read = b.Read(bytes(32), bytes(32), None, None, None, (), ())
        await doors.blocks.stage(stage)
        for name, job in (("staged", doors.blocks.stage), ("read", doors.blocks.read)):
            cpu, request = time.process_time(), stage if name == "staged" else read
            call = cast("Callable[[object], Awaitable[object]]", job)
            seconds = await four_at_once(lambda c=call, r=request: c(r), REQUESTS)  # type: ignore[misc]
            ours_ms = (time.process_time() - cpu) / megabytes * 1e3
            print(f"{name:10} {megabytes / seconds:6.0f} MB/s   client {ours_ms:5.2f} ms/MB")
        cpu = time.process_time()
        seconds = await bare(cast(Any, doors)._connection, data)
        ours_ms = (time.process_time() - cpu) / megabytes * 1e3
        print(f"{'bare':10} {megabytes / seconds:6.0f} MB/s   client {ours_ms:5.2f} ms/MB")
        close, took = b.CloseSession(bytes(16)), []
        for _ in range(300):
            start = time.perf_counter()
            await doors.blocks.close_session(close)
            took.append(time.perf_counter() - start)
        took.sort()
        print(f"request    {took[150] * 1e3:6.2f} ms p50   {took[297] * 1e3:6.2f} ms p99")
        took = []
        for _ in range(50):
            start = time.perf_counter()
            fresh = await dialer.reach(home)
            await fresh.blocks.close_session(close)
            took.append(time.perf_counter() - start)
            await fresh.aclose()
        took.sort()
        print(f"reach+ask  {took[25] * 1e3:6.2f} ms p50   {took[49] * 1e3:6.2f} ms p98")


def main() -> None:
    assert DOORS
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    process.start()
    peer, addresses = ours.recv()
    trio.run(measure, peer, addresses)
    ours.send("time")
    total = ours.recv()
    print(f"server     {total:6.1f} s of processor time in all")
    ours.send("end")
    process.join()


if __name__ == "__main__":
    main()
