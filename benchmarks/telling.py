"""What a stranger can tell by asking: ``python -m benchmarks.telling``, as root.

A real node on a real disk, with somebody living there; strangers at another address,
each on a connection of their own, ask every question of ``questions.py`` about what is
there and about what is not, all of it in one random order. Of each question the
guessers of ``tests/privacy`` learn from one half of what was heard and how long it took
to come, and the best of them is judged by the other half:

    right     of so many answers it said rightly whether that was there: one half is chance
    at most   what it would be with the worst luck of twenty (the bound of 95 %)
    by        what it went by
    ms        the middle answer about what is there, and about what is not

Among them is one question to show what would be noticed: ``control``, where what is there
takes 0.2 ms more. The node has a processor core to itself, the strangers have the other.
Turns are off:
here many answers are to be heard, not few.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from math import sqrt
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import trio

from benchmarks.flooded import FLOOD, HONEST, NODE, STRANGERS, go_first
from benchmarks.questions import WORK_BITS, Alice, Question, Stranger, introduce, questions
from crypto.secret import random_secret
from formats.errors import HoldfastError
from formats.whereabouts import Home
from node.build import build
from node.config import Config
from node.dht.running import taking_part
from node.limits import Limits
from node.transport.addresses import Endpoint
from node.transport.costs import Limits as Served
from node.transport.dialer import dialing
from node.transport.host import listening
from node.transport.muxed import Identity, dialled
from tests.nat.spaces import Space
from tests.node.people import Clock
from tests.privacy.distinguish import judge
from tests.privacy.guessers import Case

MANY: Final = 1e9

Heard = dict[str, list[Case]]
"""What was heard, by question."""


def serve(pipe: Connection) -> None:
    os.sched_setaffinity(0, {HONEST})
    trio.run(_serve, pipe)


async def _serve(pipe: Connection) -> None:
    limits = Served(stranger_turns=MANY, strangers_turns=MANY)
    with TemporaryDirectory() as folder:
        config = Config(
            Path(folder), work_bits=WORK_BITS, limits=Limits(requests=100_000, guesses=10**6)
        )
        async with (
            build(config, clock=Clock(), key=random_secret()) as node,
            listening(node, node.key, ["0.0.0.0"], 0, limits=limits) as host,
            taking_part(node, host),
        ):
            pipe.send((host.peer, host.port))
            await trio.to_thread.run_sync(pipe.recv)


@asynccontextmanager
async def strangers(peer: bytes, port: int, many: int) -> AsyncIterator[list[Stranger]]:
    """Each with doors of their own; one more connection is for the DHT."""
    async with dialing() as dialer, trio.open_nursery() as nursery:
        there = Home(peer, (f"/ip4/{NODE}/tcp/{port}",))
        found = []
        for number in range(many):
            where = Endpoint(NODE, port)
            source = STRANGERS[number % len(STRANGERS)]
            socket = await trio.open_tcp_stream(where.host, where.port, local_address=source)
            muxed = await dialled(socket, Identity(), peer)
            nursery.start_soon(muxed.run)
            doors = await dialer.reach(there)
            await introduce(doors)
            found.append(Stranger(doors, muxed.open))
        yield found
        nursery.cancel_scope.cancel()


async def heard(peer: bytes, port: int, options: argparse.Namespace) -> Heard:
    """Ask each question so many times about what is there, and as often about what is not."""
    alice = Alice()
    async with dialing() as dialer, strangers(peer, port, options.strangers) as crowd:
        await alice.settle(await dialer.reach(Home(peer, (f"/ip4/127.0.0.1/tcp/{port}",))))
        every = [each for each in questions(alice) if _chosen(each, options.only)]
        turns = [(each, there) for each in every for there in (True, False)] * options.asked
        Random(options.seed).shuffle(turns)
        found: Heard = {each.name: [] for each in every}

        async def ask(stranger: Stranger) -> None:
            while turns:
                question, there = turns.pop()
                found[question.name].append((there, await answer(stranger, question, there)))

        async with trio.open_nursery() as nursery:
            for stranger in crowd:
                nursery.start_soon(ask, stranger)
        return found


def _chosen(question: Question, only: list[str]) -> bool:
    return not only or any(each in question.name for each in only)


async def answer(stranger: Stranger, question: Question, there: bool) -> dict[str, str | float]:
    """What was said, and how many milliseconds that took."""
    ask = await question.prepare(stranger, there)
    begun = time.perf_counter()
    try:
        reply = await ask()
        said = f"{reply}" if isinstance(reply, int) else type(reply).__name__
    except HoldfastError as error:
        said = f"{type(error).__name__}: {error.message}"
    return {"ms": (time.perf_counter() - begun) * 1e3, "said": said}


def row(name: str, cases: list[Case], seed: int) -> tuple[str, float]:
    verdict = judge(cases, seed)
    most = verdict.share + 1.645 * sqrt(0.25 / verdict.asked)
    there, absent = (
        median(float(seen["ms"]) for which, seen in cases if which is side)
        for side in (True, False)
    )
    words = {seen["said"] for _, seen in cases}
    said = " / ".join(sorted(str(each) for each in words))
    line = (
        f"| {name} | {verdict.share:.1%} of {verdict.asked} | {most:.1%} | {verdict.guesser} "
        f"| {there:.3f} / {absent:.3f} | {said} |"
    )
    return line, verdict.luck


def run(options: argparse.Namespace) -> int:
    with ExitStack() as stack:
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
        process.start()
        stack.callback(process.join)
        stack.callback(ours.send, "end")
        peer, port = ours.recv()
        os.sched_setaffinity(0, {FLOOD})
        found = trio.run(heard, peer, port, options)
    print(f"seed {options.seed}, {os.getloadavg()[0]:.0f} programs at once")
    print("| question | right | at most | by | ms: there / not | said |")
    print("|---|---|---|---|---|---|")
    told = []
    for name, cases in found.items():
        line, luck = row(name, cases, options.seed)
        print(line, flush=True)
        if luck < 0.01 / len(found):
            told.append(name)
    print(f"{len(told)} of {len(found)} tell something: {', '.join(told) or '-'}")
    return 1 if told else 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--asked", type=int, default=800, help="times, of either kind")
    parser.add_argument("--only", nargs="+", default=[], help="questions with this in their name")
    parser.add_argument(
        "--strangers",
        type=int,
        default=12,
        help="who ask at once; one alone hears best what has no beat to wait for",
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not {HONEST, FLOOD} <= os.sched_getaffinity(0):
        parser.exit(1, "two processor cores are needed: one is the node's own\n")
    go_first()
    space = Space("telling")
    space.ip(*(f"addr add {each}/32 dev lo" for each in (NODE, *STRANGERS)))
    try:
        with space.entered():
            return run(options)
    finally:
        space.close()


if __name__ == "__main__":
    sys.exit(main())
