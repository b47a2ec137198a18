"""A node under a flood: ``python -m benchmarks.flooded``. What strangers cost an honest person.

A node in one process; in another somebody at another address (this machine's own,
from outside) offers it 10,000 requests a second without having proven anything;
here an honest person stages 5 MiB at a time. Each runs alone and then together.

    polite    as many connections as it gets, 64 requests in flight on each stream
    rude      the same without waiting for answers, anew whenever it is cut off
    dialling  connections, one after the other, each for one request

``cost`` is the processor time of the node beyond what the honest person's bytes took
when alone, in hundredths of one core: what the flood takes from everybody else. How
fast the honest person was says less on a busy machine, where the generator takes
what it can get.
"""

import argparse
import multiprocessing
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import trio

from benchmarks.transport import STAGE, Answers
from crypto.secret import random_secret
from formats.errors import HoldfastError, Unreachable
from formats.whereabouts import Home
from node.build import Node, build
from node.caller import Caller
from node.config import Config
from node.transport.addresses import Endpoint, endpoint, is_loopback
from node.transport.carrier import Stream
from node.transport.dialer import dialing
from node.transport.host import listening
from node.transport.muxed import Identity, dialled
from protocols import accounts as a
from protocols.exchange import MAX_IN_FLIGHT, Asker
from protocols.operations import OPERATIONS, PROTOCOLS
from protocols.services import Doors
from storage.memory import MemoryStore

OFFERED: Final = 10_000
CONNECTIONS: Final = 32
MEGABYTES: Final = sum(len(block.data) for block in STAGE.blocks) / 1e6
HELLO: Final = OPERATIONS["accounts"]["hello"]


class Mixed:
    """A real node to everybody from outside; the honest person only stages."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def open(self, caller: Caller) -> Doors:
        if not caller.local:
            return self._node.open(caller)
        caller.owners.add((bytes(32), bytes(32)))
        return Answers().open(caller)


def serve(pipe: Connection) -> None:
    trio.run(_serve, pipe)


async def _serve(pipe: Connection) -> None:
    with TemporaryDirectory() as folder:
        async with (
            build(Config(Path(folder)), store=MemoryStore()) as node,
            listening(Mixed(node), random_secret(), ["0.0.0.0"], 0) as host,
        ):
            pipe.send((host.peer, host.addresses))
            await trio.to_thread.run_sync(pipe.recv)


# --- the generator


def flood(mode: str, peer: bytes, where: Endpoint, pipe: Connection) -> None:
    with suppress(KeyboardInterrupt):
        trio.run(_flood, mode, peer, where, pipe)


async def _flood(mode: str, peer: bytes, where: Endpoint, pipe: Connection) -> None:
    counts = {"offered": 0, "answered": 0, "connections": 0}
    one = {"polite": polite, "rude": rude, "dialling": once}[mode]

    async def again() -> None:
        while True:
            with suppress(OSError, HoldfastError):
                await connection(peer, where, counts, one)
            await trio.sleep(0.01)

    async with trio.open_nursery() as nursery:
        for _ in range(CONNECTIONS):
            nursery.start_soon(again)
        pipe.send("begun")
        await trio.to_thread.run_sync(pipe.recv)
        pipe.send(counts)
        nursery.cancel_scope.cancel()


Flood = Callable[[Stream, dict[str, int]], Awaitable[None]]


async def connection(peer: bytes, where: Endpoint, counts: dict[str, int], one: Flood) -> None:
    socket = await trio.open_tcp_stream(where.host, where.port)
    muxed = await dialled(socket, Identity(), peer)
    counts["connections"] += 1
    async with trio.open_nursery() as nursery:
        nursery.start_soon(muxed.run)
        try:
            await one(await muxed.open(PROTOCOLS["accounts"]), counts)
        except Unreachable:
            pass
        finally:
            with trio.CancelScope(shield=True):
                await muxed.aclose()
        nursery.cancel_scope.cancel()


def asked(asker: Asker) -> bytes:
    return b"".join(asker.ask(HELLO, a.AskHello("flood"))[1])


async def polite(stream: Stream, counts: dict[str, int]) -> None:
    asker = Asker(OPERATIONS["accounts"])
    while True:
        many = min(MAX_IN_FLIGHT - asker.in_flight, OFFERED // CONNECTIONS // 50)
        await stream.send_all(b"".join(asked(asker) for _ in range(many)))
        counts["offered"] += OFFERED // CONNECTIONS // 50
        await hear(stream, asker, counts)


async def hear(stream: Stream, asker: Asker, counts: dict[str, int]) -> None:
    """Take answers for a fiftieth of a second."""
    until = trio.current_time() + 0.02
    with trio.move_on_at(until):
        asker.feed(await stream.receive_some())
        while asker.next_reply() is not None:
            counts["answered"] += 1
    await trio.sleep_until(until)


async def rude(stream: Stream, counts: dict[str, int]) -> None:
    asker = Asker(OPERATIONS["accounts"])
    one = asked(asker)
    while True:
        counts["offered"] += OFFERED // CONNECTIONS // 50
        await stream.send_all(one * (OFFERED // CONNECTIONS // 50))
        await trio.sleep(0.02)


async def once(stream: Stream, counts: dict[str, int]) -> None:
    counts["offered"] += 1
    await stream.send_all(asked(Asker(OPERATIONS["accounts"])))
    await stream.receive_some()
    counts["answered"] += 1


# --- the honest person, and the run


class Used:
    """Processor seconds and memory of the node."""

    def __init__(self, pid: int) -> None:
        self._proc = Path(f"/proc/{pid}")
        self._tick = os.sysconf("SC_CLK_TCK")
        self._begun = self._seconds()

    def _seconds(self) -> float:
        fields = (self._proc / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / self._tick

    def seconds(self) -> float:
        return self._seconds() - self._begun

    def memory(self) -> float:
        lines = (self._proc / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


async def honest(doors: Doors, seconds: float) -> float:
    """MB that were staged in about so many seconds, four requests at once."""
    done, until = 0, trio.current_time() + seconds

    async def worker() -> None:
        nonlocal done
        while trio.current_time() < until:
            await doors.blocks.stage(STAGE)
            done += 1

    async with trio.open_nursery() as nursery:
        for _ in range(4):
            nursery.start_soon(worker)
    return done * MEGABYTES


async def measured(home: Home, pid: int, seconds: float) -> tuple[float, float, float, float]:
    """MB/s, processor seconds of the node, seconds, and MB."""
    async with dialing() as dialer:
        doors = await dialer.reach(home)
        await doors.blocks.stage(STAGE)
        used, begun = Used(pid), time.perf_counter()
        moved = await honest(doors, seconds)
        took = time.perf_counter() - begun
        return moved / took, used.seconds(), took, moved


def run(mode: str, home: Home, outside: Endpoint, pid: int, seconds: float, each: float) -> None:
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    generator = context.Process(target=flood, args=(mode, home.peer, outside, theirs))
    generator.start()
    try:
        ours.recv()
        time.sleep(3)
        rate, used, took, moved = trio.run(measured, home, pid, seconds)
        ours.send("end")
        counts = ours.recv()
    finally:
        generator.kill()
        generator.join()
    cost = (used - moved * each) / took * 100
    print(
        f"| {mode} | {rate:.0f} | {cost:.0f} % | {counts['offered']:,} / {counts['answered']:,} "
        f"| {counts['connections']} | {Used(pid).memory():.0f} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    process.start()
    assert process.pid is not None
    peer, addresses = ours.recv()
    found = [each for each in map(endpoint, addresses) if each is not None]
    outside = [each for each in found if not is_loopback(each.host)]
    home = Home(peer, tuple(each for each in addresses if "127.0.0.1" in each))
    try:
        rate, used, _, moved = trio.run(measured, home, process.pid, options.seconds)
        each = used / moved
        print("| flood | honest, MB/s | cost | offered / answered | connections | node, MiB |")
        print("|---|---|---|---|---|---|")
        print(f"| none | {rate:.0f} | | | | {Used(process.pid).memory():.0f} |", flush=True)
        for mode in ("polite", "rude", "dialling") if outside else ():
            run(mode, home, outside[0], process.pid, options.seconds, each)
    finally:
        ours.send("end")
        process.join()


if __name__ == "__main__":
    main()
