"""Can a stranger tell names apart by time, over a socket? ``python -m benchmarks.telling_apart``.

A node listens on loopback; a stranger asks for the parameters of names and proves wrong
passwords for them, in an order by lot: of an account, of one with a second factor, of nobody.
For each pair is told how often a try at the one took longer than a try at the other: 50 % is
nothing to go by, whatever the tries take. Beside it two sets of tries at names that nobody has,
which differ by chance alone: what they come to is the noise of this machine.

The waits of guessers are turned off as far as settings go, so that tries are many.
"""

import argparse
import time
from contextlib import suppress
from itertools import combinations
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import trio

from crypto.secret import random_secret
from crypto.signing import SigningKey
from crypto.totp import STEP, totp
from formats.errors import WrongPassword
from formats.invite import Invite
from formats.statement import Role
from formats.whereabouts import Home
from node.build import Node, build
from node.config import Config
from node.guesses import Guesses
from node.transport.dialer import dialing
from node.transport.host import listening
from protocols import accounts as a
from protocols.factors import AddCode
from protocols.services import Doors
from storage.memory import MemoryStore
from tests.node.people import Person, prove

SECRET: Final = b"a secret of an app.."

NAMES: Final = {
    "an account": b"plain",
    "a second factor": b"factor",
    "nobody": b"nobody",
    "nobody else": b"nobodyelse",
}


class Patient(Guesses):
    """Makes nobody wait: what is looked at is the work, not the wait, which is the same for all."""

    async def _wait(self, name: str, source: str, allowed: int, known: bool) -> None:
        await trio.lowlevel.checkpoint()


async def measured(doors: Doors, name: bytes, wrong: SigningKey) -> tuple[float, float]:
    """Seconds that the parameters and a wrong password took."""
    start = time.perf_counter()
    await doors.accounts.parameters(a.AskParameters(name.decode()))
    asked = time.perf_counter()
    with suppress(WrongPassword):
        await prove(doors, Role.SIGN_IN, name, wrong)
    return asked - start, time.perf_counter() - asked


async def run(tries: int, folder: Path) -> None:
    """Make the node and its people, try, and tell."""
    async with build(Config(folder), store=MemoryStore(), key=random_secret()) as node:
        node.core.guesses = Patient(node.core.counts)
        await settle(node)
        async with listening(node, node.key, ["127.0.0.1"], 0) as host, dialing() as dialer:
            doors = await dialer.reach(Home(node.peer_id, host.addresses))
            took = await tried(doors, tries)
            await doors.aclose()
    tell(took)


async def settle(node: Node) -> None:
    """The two accounts, one of them with an app."""
    for name in ("plain", "factor"):
        person, doors = Person(name), node.open()
        invite = Invite.parse(await node.admin.invite())
        await person.sign_up(doors, invite.code)
        if name == "factor":
            await prove(doors, Role.SIGN_IN, b"factor", person.sign_in)
            code = totp(SECRET, time.time_ns() // 10**9 // STEP)
            await doors.accounts.add_code(AddCode(name, b"", SECRET, code))


async def tried(doors: Doors, tries: int) -> dict[str, list[tuple[float, float]]]:
    """All that was measured, the kinds in turns."""
    wrong = SigningKey.generate()
    found: dict[str, list[tuple[float, float]]] = {kind: [] for kind in NAMES}
    lots = Random(1)
    for _ in range(tries):
        for kind, name in lots.sample(sorted(NAMES.items()), len(NAMES)):
            found[kind].append(await measured(doors, name, wrong))
    return found


def tell(took: dict[str, list[tuple[float, float]]]) -> None:
    """A table for each of the two questions."""
    for place, what in enumerate(("parameters", "a wrong password")):
        times = {kind: [each[place] for each in some] for kind, some in took.items()}
        print(what)
        for kind, some in times.items():
            print(f"  {kind:<16} median {median(some) * 1000:7.2f} ms")
        for one, other in combinations(NAMES, 2):
            share = longer(times[one], times[other])
            print(f"  {one} longer than {other}: {share:.1f} %")


def longer(one: list[float], other: list[float]) -> float:
    """How often a try of the one took longer than one of the other, in hundredths."""
    wins = sum(x > y for x in one for y in other) + sum(x == y for x in one for y in other) / 2
    return 100 * wins / (len(one) * len(other))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=200, help="of each kind (200)")
    with TemporaryDirectory() as folder:
        trio.run(run, parser.parse_args().tries, Path(folder) / "node")


if __name__ == "__main__":
    main()
