"""Fifty real nodes in several processes find people, also when two of the processes are killed.

    python -m tests.world.finding                     # 50 nodes in 5 processes
    python -m tests.world.finding --nodes 12 --processes 3

Each process runs its nodes over real sockets on loopback and takes requests as
lines of JSON. Somebody is published, looked for from everywhere, changed; then two
processes are killed with -9, and everybody else looks again. Prints what it saw;
ends with 1 if anybody was not found or an older record was taken for the newest.
"""

import argparse
import json
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import trio

from formats.published import Published
from node.network import Network
from tests.daemons.processes import ROOT, environment
from tests.node.dht.town import Member, member, published
from tests.node.people import Clock
from tests.node.transport.test_network import until
from tests.records.people import NOW

KILLED: Final = 2


class Process:
    """Some nodes, in a process of their own."""

    def __init__(self, stack: ExitStack, first: int, count: int, bootstrap: str) -> None:
        words = [sys.executable, "-m", "tests.world.finding", "--child", bootstrap]
        self.popen = stack.enter_context(
            subprocess.Popen(
                [*words, "--first", str(first), "--nodes", str(count)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment(),
                cwd=ROOT,
                text=True,
            )
        )
        stack.callback(self.popen.kill)
        self.count = count
        self.address: str = self._heard()["address"]

    def ask(self, **question: object) -> dict[str, Any]:
        """One request and its answer."""
        assert self.popen.stdin is not None
        self.popen.stdin.write(json.dumps(question) + "\n")
        self.popen.stdin.flush()
        return self._heard()

    def _heard(self) -> dict[str, Any]:
        assert self.popen.stdout is not None
        heard: dict[str, Any] = json.loads(self.popen.stdout.readline())
        return heard

    def kill(self) -> None:
        """At once, with no goodbye."""
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait()


def crowd_of(stack: ExitStack, nodes: int, processes: int) -> list[Process]:
    """That many nodes in so many processes, which all begin at the first."""
    crowd: list[Process] = []
    for number in range(processes):
        bootstrap = crowd[0].address if crowd else ""
        count = nodes // processes
        crowd.append(Process(stack, number * count, count, bootstrap))
    return crowd


def run(nodes: int, processes: int) -> list[str]:
    """What went wrong; nothing, if all is well."""
    with ExitStack() as stack:
        crowd = crowd_of(stack, nodes, processes)
        for process in crowd:
            process.ask(refresh=True)
        wrong = _look_everywhere(crowd, published("alice", 1, 1), "all are there")
        for process in crowd[:KILLED]:
            process.kill()
        left = crowd[KILLED:]
        wrong += _look_everywhere(left, published("alice", 1, 1), "two processes killed", False)
        return wrong + _look_everywhere(left, published("alice", 1, 2), "and a change")


def _look_everywhere(
    crowd: list[Process], person: Published, when: str, store: bool = True
) -> list[str]:
    key, value, wrong = person.keys[0].hex(), person.encode().hex(), []
    if store:
        told = crowd[-1].ask(store=value, key=key, by=0)
        print(f"{when}: stored at {told['stored']} of {told['asked']} nodes in {told['ms']} ms")
    times = []
    for number, process in enumerate(crowd):
        for by in range(process.count):
            told = process.ask(find=key, by=by)
            times.append(told["ms"])
            if told["seq"] != person.whereabouts.seq:
                wrong.append(f"{when}: node {by} of process {number} found {told['seq']}")
    times.sort()
    print(
        f"{when}: {len(times) - len(wrong)} of {len(times)} nodes found the newest; "
        f"{times[len(times) // 2]} ms in the middle, {times[-1]} at most"
    )
    return wrong


async def serve(bootstrap: str, first: int, count: int) -> None:
    """The nodes of one process, until its standard input ends."""
    network = Network(bootstrap=(bootstrap,) if bootstrap else ())
    with TemporaryDirectory() as folder:
        async with trio.open_nursery() as nursery:
            members: list[Member] = []
            for number in range(first, first + count):
                members.append(await nursery.start(_live, Path(folder), number, network))
                if not network.bootstrap:
                    network = Network(bootstrap=(members[0].address,))
            if count > 1 or bootstrap:
                await until(lambda: all(len(each.dht.table) for each in members))
            _tell(address=members[0].address)
            while line := await trio.to_thread.run_sync(sys.stdin.readline):
                await _answer(members, json.loads(line))
            nursery.cancel_scope.cancel()


async def _live(folder: Path, number: int, network: Network, task_status: Any) -> None:
    async with member(folder, number, network, Clock(NOW)) as made:
        task_status.started(made)
        await trio.sleep_forever()


async def _answer(members: list[Member], question: dict[str, Any]) -> None:
    began = time.monotonic()
    if "refresh" in question:
        for each in members:
            await each.dht.staying.look_around()
        _tell(done=True)
        return
    dht = members[question["by"]].dht
    if "store" in question:
        key, value = bytes.fromhex(question["key"]), bytes.fromhex(question["store"])
        stored = await dht.store(key, value, (), frozenset())
        _tell(stored=len(stored.by), asked=stored.asked, ms=_since(began))
        return
    sighting = await dht.find(bytes.fromhex(question["find"]), newest=True)
    found = [Published.decode(value).whereabouts.seq for value in sighting.values]
    _tell(seq=found[0] if found else None, asked=sighting.asked, ms=_since(began))


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _tell(**words: object) -> None:
    print(json.dumps(words), flush=True)


def main() -> int:
    """Run it, or one of its processes."""
    parser = argparse.ArgumentParser(prog="python -m tests.world.finding", description=__doc__)
    parser.add_argument("--nodes", type=int, default=50)
    parser.add_argument("--processes", type=int, default=5)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child is not None:
        trio.run(serve, options.child, options.first, options.nodes)
        return 0
    wrong = run(options.nodes, options.processes)
    for each in wrong:
        print(each)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
