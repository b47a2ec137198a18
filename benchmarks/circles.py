"""What circles cost, against how many are in one and how much is shared with it.

    python -m benchmarks.circles

One person on a node of this process, on a disk, with contacts who exist as records alone:
nobody is told anything. It runs by itself and prints, for each number of members and of
shared folders (four small files each), requests and processor milliseconds of: sharing one
more folder, letting one more in, letting one out until they are refused, and what follows.
"""

import sys
from collections.abc import Awaitable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import trio

from benchmarks.figures import Figure
from benchmarks.measuring import Bench
from benchmarks.place import own_node
from client.session import Session
from client.sharing.circles import verbs
from client.sharing.circles.share import share_with_circle
from client.sharing.jobs import finish
from client.social import contacts
from client.social.contacts import Reach
from client.social.follow import new_contact
from client.social.store import System, change
from client.space.reading import Changing
from crypto.hpke import SealKeyPair
from crypto.signing import SigningKey
from formats.identity import IdentityChain, IdentityRecord
from frontends.daemon.tuning import settle
from tests.client.sharing.trees import put

MEMBERS: Final = (1, 16, 128, 512)
SHARED: Final = (1, 16, 128)
COLUMNS: Final = ("share", "add", "remove", "rotate")


async def curves(folder: Path) -> None:
    """Print the table."""
    bench = Bench(folder, folder / "none", 0)
    async with own_node(bench) as place:
        alice = await place.sign_up("alice")
        await know(alice, max(MEMBERS) + 1)
        await put(alice, {f"{n}/{f}": b"x" * 4096 for n in range(max(SHARED) + 1) for f in "abcd"})
        print("members  shared  " + "".join(f"{name:>22}" for name in COLUMNS))
        for members, shared in [(m, 16) for m in MEMBERS] + [(16, s) for s in SHARED]:
            figures = await one(bench, alice, members, shared)
            cells = (f"{each.requests:>6} req {each.cpu * 1000:>7.1f} ms" for each in figures)
            print(f"{members:>7}  {shared:>6}  " + "".join(f"{cell:>22}" for cell in cells))
        await alice.aclose()


async def one(bench: Bench, alice: Session, members: int, shared: int) -> list[Figure]:
    """A circle of so many with so much, and what each verb takes."""
    await verbs.new(alice, "circle")
    await verbs.add(alice, "circle", [f"c{n}" for n in range(members)], and_tell=False)
    for n in range(shared):
        await share_with_circle(alice, str(n), "circle", and_tell=False)
    more = f"c{members}"
    await measured(bench, share_with_circle(alice, str(shared), "circle", and_tell=False))
    await measured(bench, verbs.add(alice, "circle", [more], and_tell=False))
    await measured(bench, verbs.remove(alice, "circle", [more], and_finish=False))
    await measured(bench, finish(alice))
    await verbs.delete(alice, "circle", and_finish=False)
    await finish(alice)
    return bench.figures[-len(COLUMNS) :]


async def measured(bench: Bench, work: Awaitable[object]) -> None:
    """One figure of it."""
    with bench.measuring("circles"):
        await work


async def know(alice: Session, count: int) -> None:
    """Contacts ``c0``, ``c1``... who are nowhere: identities without homes that answer."""
    sealing = SealKeyPair.generate().public
    reach = Reach("somebody", alice.whereabouts.homes, sealing, 1)

    async def operation(changing: Changing) -> None:
        system = System(alice, changing)
        for n in range(count):
            signer, daily, following = (SigningKey.generate() for _ in range(3))
            record = IdentityRecord.first(
                signer, daily.verify_key, following.verify_key.digest(), 1
            )
            chain = IdentityChain((record,))
            await contacts.put(system, await new_contact(system, f"c{n}", chain.encoded, reach))
        await system.flush()

    await change(alice, operation)


if __name__ == "__main__":
    with TemporaryDirectory(prefix="holdfast-circles-") as place:
        settle()
        trio.run(curves, Path(place))
    sys.exit(0)
