"""Ten thousand strangers write to one inbox at once; a friend's message in the middle arrives.

    python -m tests.hostile.people.flood                  # 10,000 messages over 200 connections
    python -m tests.hostile.people.flood --messages 2000

Every stranger pays the work that the home asks for, and comes over the real codec and machines of
the wire to a home with a store on disk. Prints what the home answered and how far its memory
grew; ends with 1 if the friend was not heard, or memory grew by more than ``MOST_MEMORY``.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import trio

from formats.drop import DAY, Drop, day_of, token_hash
from formats.errors import HoldfastError
from node import logs
from node.build import build
from node.config import Config
from node.services.inbox import MAX_ANONYMOUS
from node.transport.memory import connect_memory
from protocols import inbox as i
from protocols.services import Doors
from tests.fuzz.campaign import _memory
from tests.node.people import Clock, Person, secret

CONNECTIONS: Final = 200
MOST_MEMORY: Final = 256 * 2**20
"""Bytes: both ends of the connections are in this process, with their requests under way."""

BITS: Final = 4
TOKEN: Final = b"a friend's token"
FRIEND: Final = b"f" * i.SEALED


@dataclass(frozen=True)
class Told:
    """What became of it: answers by kind, messages that wait, whether the friend's is there."""

    answers: Counter[str]
    waiting: int
    heard: bool
    grown: int

    @property
    def holds(self) -> bool:
        """Whether it went as it should."""
        return self.heard and self.waiting <= MAX_ANONYMOUS + 1 and self.grown <= MOST_MEMORY

    def __str__(self) -> str:
        answers = ", ".join(f"{count} {kind}" for kind, count in sorted(self.answers.items()))
        friend = "the friend was heard" if self.heard else "THE FRIEND WAS NOT HEARD"
        return (
            f"{answers}; {self.waiting} wait; memory grew by {self.grown / 2**20:.0f} MiB; {friend}"
        )


async def flooded(messages: int, connections: int = CONNECTIONS) -> Told:
    """So many messages at once, and one of a friend's when half of them were answered."""
    with TemporaryDirectory() as folder:
        clock, key = Clock(), secret("node")
        config = Config(Path(folder), work_bits=BITS)
        async with build(config, clock=clock, key=key) as node, AsyncExitStack() as stack:
            alice, mine = Person("alice"), node.open()
            await alice.sign_up(mine)
            await alice.arrive(mine)
            expires = clock.now + DAY
            await mine.inbox.allow(i.Allow(alice.id, token_hash(TOKEN), 1, expires))
            crowd = [
                await stack.enter_async_context(
                    connect_memory(node, secret("stranger", number).reveal(), local=True)
                )
                for number in range(connections)
            ]
            before = _memory()
            answers = await _all_at_once(crowd, alice.id, clock.now, messages)
            grown = _memory() - before
            size, _ = await node.store.read(lambda view: view.inbox_size(alice.id))
            return Told(answers, size, await _heard(mine, alice.id), grown)


async def _all_at_once(
    crowd: Sequence[Doors], target: bytes, now: int, messages: int
) -> Counter[str]:
    answers: Counter[str] = Counter()
    halfway = trio.Event()

    async def write(doors: Doors, number: int) -> None:
        sealed = secret("stranger says", number).reveal() * 512
        drop = Drop.worked(target, day_of(now), sealed, BITS)
        try:
            await doors.inbox.leave(i.Leave(drop.encoded, sealed))
            answers["taken"] += 1
        except HoldfastError as error:
            answers[type(error).__name__] += 1
        if answers.total() >= messages // 2:
            halfway.set()

    async def friend() -> None:
        await halfway.wait()
        drop = Drop(target, day_of(now), token=TOKEN)
        await crowd[-1].inbox.leave(i.Leave(drop.encoded, FRIEND))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(friend)
        for number in range(messages):
            nursery.start_soon(write, crowd[number % len(crowd)], number)
    return answers


async def _heard(mine: Doors, target: bytes) -> bool:
    after = 0
    while True:
        found = (await mine.inbox.collect(i.Collect(target, after, 0))).messages
        if any(each.sealed == FRIEND for each in found):
            return True
        if not found:
            return False
        after = found[-1].seq


def main(words: Sequence[str] | None = None) -> int:
    """Flood it; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.people.flood")
    parser.add_argument("--messages", type=int, default=10_000)
    with logs.written("error", sys.stderr):  # that the inbox is full is no news here
        told = trio.run(flooded, parser.parse_args(words).messages)
    print(told)
    return 0 if told.holds else 1


if __name__ == "__main__":
    sys.exit(main())
