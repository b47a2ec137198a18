"""How long until an open session sees a new message, straight and by couriers.

    python -m benchmarks.pushing                # 30 messages each way
    python -m benchmarks.pushing --messages 10

Alice, bob and two couriers, each with a node in a process of its own, on loopback. Bob's session
is open and waits at his node. A message to him is noted and committed in alice's space, sealed,
left in his inbox, handed over, opened, verified and acted on: the clock runs from her
decision until bob is told. ``committed`` is what of it her own commit took. First she knows nobody
else, so it goes straight; then she knows the couriers, and it goes by both of them.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import trio

from benchmarks import machine
from benchmarks.measuring import Bench
from benchmarks.place import Place, neighbour
from client.session import Session
from client.social import contacts, outbox
from client.social.card import contact_card
from client.social.events import Event, SharesChanged
from client.social.follow import accept, follow
from client.social.inbox import collect, keep_collecting
from client.social.store import System, change, look
from client.space.reading import Changing
from node.transport.dialer import dialing

COURIERS: Final = ("carol", "dave")
IDLE: Final = 0.3
"""Seconds between messages: bob's session is waiting again."""


async def measure(folder: Path, messages: int) -> None:
    """Make the people, and send."""
    bench = Bench(folder, folder / "none", 0)
    async with AsyncExitStack() as stack:
        dialer = await stack.enter_async_context(dialing())
        people: dict[str, Session] = {}
        for name in ("alice", "bob", *COURIERS):
            home, invites = stack.enter_context(neighbour(bench, f"node-of-{name}"))
            people[name] = await Place(bench, home, dialer, invites[0]).sign_up(name)
            stack.push_async_callback(people[name].aclose)
        alice, bob = people["alice"], people["bob"]
        alice.around = replace(alice.around, here=alice.whereabouts.home.peer)
        print(machine.line(folder))
        await friends(alice, bob, "bob")
        await pushed("straight", alice, bob, messages)
        for name in COURIERS:
            await friends(alice, people[name], name)
        await pushed("by two couriers", alice, bob, messages)


async def friends(alice: Session, other: Session, name: str) -> None:
    """They follow each other."""
    await follow(alice, (await contact_card(other)).text)
    await collect(other)
    await accept(other, "alice", back=True)
    await collect(alice)


async def pushed(way: str, alice: Session, bob: Session, messages: int) -> None:
    """One line of the table."""
    send, told = trio.open_memory_channel[None](messages)

    def hear(event: Event) -> None:
        if isinstance(event, SharesChanged):
            send.send_nowait(None)

    committing, whole = list[float](), list[float]()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(keep_collecting, bob, hear)
        for _ in range(messages):
            await trio.sleep(IDLE)
            begun = time.perf_counter()
            await change(alice, partial(noted, alice, bob.id))
            committing.append(time.perf_counter() - begun)
            if problems := await outbox.flush(alice):
                raise problems[0]
            await told.receive()
            whole.append(time.perf_counter() - begun)
        nursery.cancel_scope.cancel()
    said(way, whole)
    said("  of it committed", committing)


async def noted(alice: Session, to: bytes, changing: Changing) -> None:
    """Within an operation: a message waits for bob."""
    system = System(alice, changing)
    known = await contacts.get(await look(alice), to)
    if known is None:
        raise TypeError("they are friends")
    await outbox.post_changed(system, [known])
    await system.flush()


def said(what: str, seconds: Sequence[float]) -> None:
    """Median, p99 and longest."""
    ms = sorted(each * 1000 for each in seconds)
    late = ms[min(len(ms) - 1, round(0.99 * len(ms)))]
    print(f"{what:<18} median {median(ms):5.0f} ms   p99 {late:5.0f} ms   of {len(ms)}")


def main(words: Sequence[str]) -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--messages", type=int, default=30)
    asked = parser.parse_args(words)
    with TemporaryDirectory(prefix="holdfast-pushing-") as folder:
        trio.run(measure, Path(folder), asked.messages)


if __name__ == "__main__":
    main(sys.argv[1:])
