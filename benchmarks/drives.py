"""A person's drive on a place, for the workloads."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import trio

from benchmarks.measuring import Bench
from benchmarks.place import Place, neighbour, own_node, stored
from client.drive.drive import Drive
from client.session import Session
from client.sharing.drive import own_drive
from node.transport.dialer import dialing

Work = Callable[[Bench, Place], Awaitable[None]]


def drive_of(session: Session) -> Drive:
    """The drive of somebody who is signed in."""
    return own_drive(session)


def at_own_node(bench: Bench, work: Work) -> None:
    """Run a workload with the node in this process."""

    async def run() -> None:
        async with own_node(bench) as place:
            await work(bench, place)

    trio.run(run)


def at_friends_node(bench: Bench, work: Work) -> None:
    """Run a workload with the node in another process, over libp2p."""

    async def run() -> None:
        with neighbour(bench, "friend") as (home, invites):
            async with dialing() as dialer:
                await work(bench, Place(bench, home, dialer, invites[0]))

    trio.run(run)


def note_stored(bench: Bench, name: str, given: int) -> None:
    """What a closed node keeps for what was given, beyond what it keeps for a new account."""

    async def nothing(bench: Bench, place: Place) -> None:
        async with signed_up(place, "alice"):
            pass

    kept = stored(bench.folder / "node")
    at_own_node(replace(bench, folder=bench.folder / "empty"), nothing)
    with bench.measuring(name, size=given) as stretch:
        stretch.moved = kept - stored(bench.folder / "empty" / "node")


@asynccontextmanager
async def signed_up(place: Place, name: str) -> AsyncIterator[Drive]:
    """A new person's drive."""
    session = await place.sign_up(name)
    try:
        yield drive_of(session)
    finally:
        await session.aclose()


@asynccontextmanager
async def elsewhere(place: Place, name: str, device: str) -> AsyncIterator[Drive]:
    """The drive of somebody on a device that knows nothing yet."""
    session = await place.sign_in(name, device)
    try:
        yield drive_of(session)
    finally:
        await session.aclose()
