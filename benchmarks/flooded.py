"""What a flood of strangers costs an honest person: ``python -m benchmarks.flooded``, as root.

The node and an honest person, who stages 5 MiB at a time, share the first processor
core; the second is the flood's own (``benchmarks/flood.py``). So what the honest
person loses is what the node spends. What the flood takes by being on the same
machine (caches, memory, the kernel) is told apart by a control in the same run: the
same flood, on the same core, at another node that is there for nothing else.

    beside    MB/s of the honest person while the other node is flooded
    flooded   while theirs is
    costs     what they lose by it, of ``beside``: the goal is at most 20 %
    node      processor time of the node beyond what those bytes took it beside,
              in hundredths of its core, and in microseconds for each request offered

Medians over the rounds, flooded and beside in turns. 10,000 requests a second are
offered all the time, also those that nobody takes. It all happens in a network
namespace that is made for it, so that there are as many addresses as needed.
"""

import argparse
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import trio

from benchmarks.flood import CONNECTIONS, MODES, OFFERED, flood
from benchmarks.transport import STAGE, Answers
from crypto.secret import random_secret
from formats.whereabouts import Home
from node.build import Node, build
from node.caller import Caller
from node.config import Config
from node.dht.running import taking_part
from node.transport.addresses import Endpoint
from node.transport.dialer import dialing
from node.transport.host import listening
from protocols.services import Doors
from storage.memory import MemoryStore
from tests.nat.spaces import Space

NODE: Final = "198.51.100.1"
STRANGERS: Final = tuple(f"203.0.113.{number}" for number in range(1, CONNECTIONS + 1))
MEGABYTES: Final = sum(len(block.data) for block in STAGE.blocks) / 1e6
HONEST, FLOOD = 0, 1
"""Processor cores."""

FIRST: Final = -20
"""The priority of all of it."""

SETTLING: Final = 3.0
"""Seconds after which a flood has used up what may be taken at once."""


class Mixed:
    """A real node to everybody from outside; the honest person only stages."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def open(self, caller: Caller) -> Doors:
        if not caller.local:
            return self._node.open(caller)
        caller.owners.add((bytes(32), bytes(32)))
        return Answers().open(caller)


def serve(pipe: multiprocessing.connection.Connection, core: int) -> None:
    os.sched_setaffinity(0, {core})
    trio.run(_serve, pipe)


async def _serve(pipe: multiprocessing.connection.Connection) -> None:
    with TemporaryDirectory() as folder:
        async with (
            build(Config(Path(folder)), store=MemoryStore()) as node,
            listening(Mixed(node), random_secret(), ["0.0.0.0"], 0) as host,
            taking_part(node, host),
        ):
            pipe.send((host.peer, host.port))
            await trio.to_thread.run_sync(pipe.recv)


class Server:
    """A node in a process of its own."""

    def __init__(self, stack: ExitStack, core: int) -> None:
        ours, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=serve, args=(theirs, core))
        process.start()
        stack.callback(process.join)
        stack.callback(ours.send, "end")
        self.peer, self.port = ours.recv()
        assert process.pid is not None
        self.process: Final = Path(f"/proc/{process.pid}")

    @property
    def home(self) -> Home:
        """Where the honest person reaches it."""
        return Home(self.peer, (f"/ip4/127.0.0.1/tcp/{self.port}",))

    def memory(self) -> float:
        """MiB that it had at most."""
        lines = (self.process / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def used(process: Path) -> float:
    """Processor seconds of a process so far."""
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# --- the honest person


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was seen in so many seconds. ``node``: processor seconds of the node."""

    seconds: float
    megabytes: float
    node: float

    @property
    def rate(self) -> float:
        """MB/s."""
        return self.megabytes / self.seconds


async def honest(server: Server, seconds: float) -> Stretch:
    """Stage for about so many seconds, four requests at once."""
    async with dialing() as dialer:
        doors = await dialer.reach(server.home)
        await doors.blocks.stage(STAGE)
        before, begun, done = used(server.process), time.perf_counter(), 0

        async def worker() -> None:
            nonlocal done
            while time.perf_counter() < begun + seconds:
                await doors.blocks.stage(STAGE)
                done += 1

        async with trio.open_nursery() as nursery:
            for _ in range(4):
                nursery.start_soon(worker)
        took = time.perf_counter() - begun
        return Stretch(took, done * MEGABYTES, used(server.process) - before)


# --- the run


@dataclass(frozen=True, slots=True)
class Round:
    """One flood, at the other node and at theirs."""

    beside: Stretch
    flooded: Stretch
    counts: dict[str, float]
    """Of the flood at theirs, a second."""

    @property
    def costs(self) -> float:
        """What the honest person loses, of 1."""
        return 1 - self.flooded.rate / self.beside.rate

    @property
    def node(self) -> float:
        """Processor seconds of the node for the flood, a second."""
        bytes_alone = self.beside.node / self.beside.megabytes
        extra = self.flooded.node - self.flooded.megabytes * bytes_alone
        return extra / self.flooded.seconds


@contextmanager
def flooding(mode: str, server: Server, sources: tuple[str, ...]) -> Iterator[dict[str, float]]:
    """Meanwhile that node is flooded. What the flood did, a second, is there in the end."""
    counts: dict[str, float] = {}
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    where = Endpoint(NODE, server.port)
    generator = context.Process(target=flood, args=(mode, server.peer, where, sources, theirs))
    generator.start()
    assert generator.pid is not None
    os.sched_setaffinity(generator.pid, {FLOOD})
    process = Path(f"/proc/{generator.pid}")
    try:
        ours.recv()
        begun, before = time.perf_counter(), used(process)
        time.sleep(SETTLING)
        yield counts
        busy = used(process) - before
        ours.send("end")
        took = time.perf_counter() - begun
        counts |= {name: count / took for name, count in ours.recv().items()}
        counts["core"] = busy / took
    finally:
        generator.kill()
        generator.join()


def one_round(
    mode: str, sources: tuple[str, ...], theirs: Server, other: Server, seconds: float
) -> Round:
    with flooding(mode, other, sources):
        beside = trio.run(honest, theirs, seconds)
    with flooding(mode, theirs, sources) as counts:
        flooded = trio.run(honest, theirs, seconds)
    return Round(beside, flooded, counts)


def row(mode: str, sources: tuple[str, ...], rounds: list[Round]) -> str:
    def middle(name: str) -> float:
        return median(each.counts[name] for each in rounds)

    node = median(each.node for each in rounds)
    return (
        f"| {mode}, {'one address' if len(sources) == 1 else f'{len(sources)} addresses'} "
        f"| {median(each.beside.rate for each in rounds):.0f} "
        f"| {median(each.flooded.rate for each in rounds):.0f} "
        f"| {median(each.costs for each in rounds):.0%} "
        f"({min(each.costs for each in rounds):.0%} to {max(each.costs for each in rounds):.0%}) "
        f"| {node:.0%}, {node / OFFERED * 1e6:.0f} µs "
        f"| {middle('sent'):,.0f} / {middle('answered'):,.0f} "
        f"| {middle('dialled'):,.0f} / {middle('connected'):,.0f} | {middle('core'):.0%} |"
    )


def run(options: argparse.Namespace) -> None:
    with ExitStack() as stack:
        theirs, other = Server(stack, HONEST), Server(stack, FLOOD)
        os.sched_setaffinity(0, {HONEST})
        alone = [trio.run(honest, theirs, options.seconds).rate for _ in range(options.rounds)]
        print(f"alone: {median(alone):.0f} MB/s; {theirs.memory():.0f} MiB", flush=True)
        print("| flood | beside, MB/s | flooded | costs | node | sent / answered a second ", end="")
        print("| dialled / connected | the flood's core |")
        print("|---|---|---|---|---|---|---|---|", flush=True)
        for mode in options.modes:
            for sources in (STRANGERS[:1], STRANGERS):
                rounds = [
                    one_round(mode, sources, theirs, other, options.seconds)
                    for _ in range(options.rounds)
                ]
                print(row(mode, sources, rounds), flush=True)
        print(f"the node had at most {theirs.memory():.0f} MiB")


def go_first() -> None:
    """Let other programs of this machine have little of the cores meanwhile."""
    with suppress(OSError):  # who leads a group already keeps it
        os.setsid()
    os.setpriority(os.PRIO_PROCESS, 0, FIRST)
    grouped = Path("/proc/self/autogroup")  # priorities are weighed by session where there is one
    if grouped.exists():
        grouped.write_text(str(FIRST))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--modes", nargs="+", choices=MODES, default=list(MODES))
    options = parser.parse_args()
    if not {HONEST, FLOOD} <= os.sched_getaffinity(0):
        parser.exit(1, "two processor cores are needed: one is the flood's own\n")
    go_first()
    space = Space("flood")
    space.ip(*(f"addr add {each}/32 dev lo" for each in (NODE, *STRANGERS)))
    with space.entered():
        run(options)
    space.close()


if __name__ == "__main__":
    main()
