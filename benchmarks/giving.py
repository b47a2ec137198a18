"""What sharing and taking back cost at one's own node, against how much is shared.

    python -m benchmarks.giving                  all of it
    python -m benchmarks.giving circles moves    some tables

One person on a node of this process, on a disk, with contacts who exist as records alone:
nobody is told anything, so what is counted is until it is so at the home. Files have 4 kB,
but for those "of 100 MiB", which have as many chunks as one of that size and little in them.
"""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import trio

from benchmarks.circles import know
from benchmarks.figures import Figure
from benchmarks.measuring import Bench
from benchmarks.place import PASSWORD, own_node
from client.identity.account import prove
from client.identity.devices import own_digest
from client.identity.login import sign_in
from client.identity.remembered import Remembered
from client.identity.rotation import renew_keys
from client.session import Session
from client.sharing.circles import verbs
from client.sharing.circles.writing import share_write_with_circle
from client.sharing.inside import share_write
from client.sharing.jobs import finish
from client.sharing.lost import give_anew
from client.sharing.rekeying import rekey_spaces
from client.sharing.share import share, unshare
from client.social import contacts
from client.social.store import System, change, look
from client.space.reading import Changing
from frontends.daemon.tuning import settle
from tests.client.sharing.trees import put, put_large

SIZES: Final = (4, 256, 4096)
"""Files in a folder."""
MEMBERS: Final = (1, 128)
MANY: Final = 10_000
FILMS: Final = 7
CHUNKS: Final = 20
"""Of 5 MiB each, in a file of 100 MiB."""
THINGS: Final = 100
EACH: Final = 16
"""Files in each of them."""
WRITTEN: Final = 10


async def reads(bench: Bench, alice: Session) -> None:
    """Sharing for reading, and taking back: until it is refused, and what follows."""
    films = [f"film{n}" for n in range(FILMS)]
    for film in films:
        await put_large(alice, film, CHUNKS)
    steps: dict[str, list[Figure]] = {}
    for film in films:
        for what, work in (
            ("share a file of 100 MiB", _share(alice, film)),
            ("take it back until refused", _unshare(alice, film)),
            ("  what follows", finish(alice)),
        ):
            steps.setdefault(what, []).append(await measured(bench, work))
    for what, figures in steps.items():
        told(what, *middle(figures))
    await folder(alice, "many", MANY)
    told(f"share {MANY:,} files", await measured(bench, _share(alice, "many")))
    told("take them back until refused", await measured(bench, _unshare(alice, "many")))
    behind = await measured(bench, finish(alice))
    told("  what follows", behind, f"{MANY / behind.cpu:,.0f} files/s of processor")


async def moves(bench: Bench, alice: Session) -> None:
    """A folder gets a space of its own, one more may write there, and one may not any more."""
    for size in SIZES:
        name = f"apart{size}"
        await folder(alice, name, size)
        figure = await measured(bench, share_write(alice, name, "c0", and_tell=False))
        told(
            f"share {size:,} files for writing", figure, f"{figure.cpu / size * 1e6:,.0f} µs a leaf"
        )
        more = share_write(alice, name, "c1", and_tell=False)
        told("  one more may write", await measured(bench, more))
        told("  one may not any more", await measured(bench, _unshare(alice, name)))
        told("    what follows", await measured(bench, finish(alice)))


async def circles(bench: Bench, alice: Session) -> None:
    """Somebody comes into a circle that may write, and goes out."""
    for members, size in [(16, each) for each in SIZES] + [(each, 256) for each in MEMBERS]:
        name = f"circle{members}-{size}"
        await folder(alice, name, size)
        await verbs.new(alice, name)
        await verbs.add(alice, name, [f"c{n}" for n in range(members)], and_tell=False)
        await share_write_with_circle(alice, name, name, and_tell=False)
        what = f"{members} people, {size:,} files"
        more = [f"c{members}"]
        told(f"{what}: one comes", await measured(bench, verbs.add(alice, name, more, False)))
        told("  one goes out", await measured(bench, verbs.remove(alice, name, more, False)))
        told("    what follows", await measured(bench, finish(alice)))


async def lost(bench: Bench, alice: Session) -> None:
    """A machine is revoked, until it is refused everything, and what follows for all files.

    Beside it what renewing the identity keys alone takes: the password is stretched in both.
    """
    await folder(alice, "many", MANY)
    await _share(alice, "many")
    alice = await _renewed(bench, alice, "renew the identity keys")
    around = replace(alice.around, folder=None, device="lost", remembered=Remembered())
    other = await sign_in(around, alice.whereabouts.home, alice.name, PASSWORD)
    await other.space.enter()
    machine = own_digest(other)
    await other.aclose()
    alice = await _renewed(bench, alice, f"revoke, {MANY:,} files: until refused", machine)
    behind = await measured(bench, finish(alice))
    told("  what follows", behind, f"{MANY / behind.cpu:,.0f} files/s of processor")


async def friend(bench: Bench, alice: Session) -> None:
    """A contact lost a machine, who has a hundred things to read and ten to change."""
    for n in range(THINGS):
        await folder(alice, f"thing{n}", EACH)
        await share(alice, f"thing{n}", "c0", and_tell=False)
    await _lost(alice)
    told(f"{THINGS} things to read: given anew", await measured(bench, _given(alice)))
    told("  what follows", await measured(bench, finish(alice)))
    for n in range(WRITTEN):
        await folder(alice, f"written{n}", EACH)
        await share_write(alice, f"written{n}", "c0")
    await _lost(alice)
    told(f"and {WRITTEN} to change: what is read", await measured(bench, _given(alice)))
    told("  what he writes in, each with a key", await measured(bench, rekey_spaces(alice)))
    told("  what follows", await measured(bench, finish(alice)))


async def _given(alice: Session) -> None:
    await give_anew(alice, await look(alice))


async def _lost(alice: Session) -> None:
    """As if their chain had a record more that says so."""

    async def operation(changing: Changing) -> None:
        system = System(alice, changing)
        known = await contacts.by_name(system, "c0")
        await contacts.put(system, replace(known, lost=known.lost + 1))
        await system.flush()

    await change(alice, operation)


async def _renewed(bench: Bench, alice: Session, what: str, *revoked: bytes) -> Session:
    attempt = await prove(alice, PASSWORD)
    try:
        with bench.measuring("giving"):
            after = await renew_keys(alice, attempt, PASSWORD, revoked)
    finally:
        await attempt.aclose()
    told(what, bench.figures[-1])
    return after


async def folder(alice: Session, name: str, files: int) -> None:
    """A folder of small files, in folders of 256."""
    await put(alice, {f"{name}/{n // 256}/{n}": b"x" * 4096 for n in range(files)})


async def measured(bench: Bench, work: Awaitable[object]) -> Figure:
    """The figure of it."""
    with bench.measuring("giving"):
        await work
    return bench.figures[-1]


def middle(figures: list[Figure]) -> tuple[Figure, str]:
    """The one with the median of processor time, and between which the others were."""
    by_cpu = sorted(figures, key=lambda figure: figure.cpu)
    low, high = (round(figure.cpu * 1000, 1) for figure in (by_cpu[0], by_cpu[-1]))
    return by_cpu[len(by_cpu) // 2], f"median of {len(figures)}: {low} to {high} ms"


def told(what: str, figure: Figure, more: str = "") -> None:
    """One line."""
    cpu = f"{figure.cpu * 1000:>9.1f} ms of processor"
    print(f"{what:<42}{figure.requests:>5} requests {cpu}  {more}", flush=True)


def _share(alice: Session, name: str) -> Awaitable[object]:
    return share(alice, name, "c0", and_tell=False)


def _unshare(alice: Session, name: str) -> Awaitable[object]:
    return unshare(alice, name, "c0", and_finish=False)


TABLES: Final[dict[str, Callable[[Bench, Session], Awaitable[None]]]] = {
    "reads": reads,
    "moves": moves,
    "circles": circles,
    "lost": lost,
    "friend": friend,
}


async def main(place: Path, names: list[str]) -> None:
    """The tables of these names."""
    bench = Bench(place, place / "none", 0)
    async with own_node(bench) as home:
        alice = await home.sign_up("alice")
        await know(alice, max(MEMBERS) + 1)
        for name in names:
            print(name)
            await TABLES[name](bench, alice)
        await alice.aclose()


if __name__ == "__main__":
    with TemporaryDirectory(prefix="holdfast-giving-") as disk:
        settle()  # as in the daemon
        trio.run(main, Path(disk), sys.argv[1:] or list(TABLES))
    sys.exit(0)
