"""``make giving``: sharing and taking back, killed at random moments; what holds then, and after.

    python -m tests.together.giving                 200 moments
    python -m tests.together.giving --moments 20    fewer

Alice's device dies before a step of its own that the seed chooses: from then on nothing gets
through. At once every file of hers can be read by her, and Bob has all that he had before or
all that he was given, nothing in between. A new device goes on, says the same again, and then
it is done: who lost something has none of it, who stays has all of it. At the end of each
world, and after garbage collection, nothing is in any space that nothing names, and the node
finds nothing wrong.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random, SystemRandom

import trio

from client.sharing import guests
from client.sharing.apart import own_space
from client.sharing.circles import verbs
from client.sharing.circles.share import share_with_circle
from client.sharing.circles.writing import share_write_with_circle
from client.social.store import look
from formats.errors import HoldfastError
from node.checking.verify import verify
from storage.contracts import SpaceKey, View
from tests.together.test_every_checkpoint import Steps
from tests.together.whole import check_space_whole, check_whole, labels_stored
from tests.world.faults import Call, LineBroke, Onward
from tests.world.person import Person
from tests.world.world import World

MOMENTS = 200
TOGETHER = 10
"""Moments in one world."""
FILES = {"a.txt": b"one", "deep/b.txt": b"two", "deep/er/c.txt": b"three", "d.bin": bytes(200_000)}

Step = Callable[[Person, str], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Deed:
    """What Alice does to a folder, and what was done before. ``gives``: Bob gains by it.

    ``carol``: she has it too, before and after.
    """

    name: str
    before: tuple[Step, ...]
    act: Step
    gives: bool
    writes: bool
    carol: bool = False


async def _circle(alice: Person, folder: str) -> None:
    await verbs.new(alice.session, f"circle-{folder}")
    await verbs.add(alice.session, f"circle-{folder}", ["bob", "carol"])


async def _circle_reads(alice: Person, folder: str) -> None:
    await share_with_circle(alice.session, folder, f"circle-{folder}")


async def _circle_writes(alice: Person, folder: str) -> None:
    await share_write_with_circle(alice.session, folder, f"circle-{folder}")


async def _leaves(alice: Person, folder: str) -> None:
    circle = f"circle-{folder}"
    members = {each.name: each.members for each in await verbs.listing(alice.session)}[circle]
    if "bob" in members:
        await verbs.remove(alice.session, circle, ["bob"])


def _share(who: str) -> Step:
    return lambda alice, folder: alice.share(folder, who)


def _write(who: str) -> Step:
    return lambda alice, folder: alice.share_write(folder, who)


async def _unshare(alice: Person, folder: str) -> None:
    shares = {(each.path, each.contact) for each in await alice.shares()}
    if (f"/alice/{folder}", "bob") in shares:
        await alice.unshare(folder, "bob")


DEEDS = (
    Deed("share", (), _share("bob"), gives=True, writes=False),
    Deed("unshare", (_share("bob"), _share("carol")), _unshare, False, False, carol=True),
    Deed("move to a space of its own", (_share("carol"),), _write("bob"), True, True, carol=True),
    Deed("let one more write", (_write("carol"),), _write("bob"), True, True, carol=True),
    Deed("revoke", (_write("bob"), _write("carol")), _unshare, False, True, carol=True),
    Deed("leave a circle that reads", (_circle, _circle_reads), _leaves, False, False, carol=True),
    Deed("leave a circle that writes", (_circle, _circle_writes), _leaves, False, True, carol=True),
)


@dataclass
class Death:
    """A fault: from when it is ``dead`` on, nothing gets through."""

    dead: bool = False

    async def meet(self, call: Call, onward: Onward) -> object:
        """Only while it lives."""
        if self.dead:
            raise LineBroke("it is dead")
        return await onward(call.request)


class Killed(Steps):
    """Steps of a task; before one of them the device is dead, and the task goes nowhere."""

    def __init__(self, scope: trio.CancelScope, at: int, death: Death) -> None:
        super().__init__(trio.lowlevel.current_task(), scope, at)
        self._death = death

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        """One more step of somebody's."""
        before = self.seen
        super().before_task_step(task)
        if self.seen > before and self.seen == self._at:
            self._death.dead = True


class Run:
    """Moments in one world, one after the other, each with a folder and a device of its own."""

    def __init__(self, world: World, rng: Random, lengths: dict[str, int]) -> None:
        self.w, self.rng, self.lengths = world, rng, lengths
        self.alice = world.alice

    async def moment(self, number: int, deed: Deed) -> str:
        """One of them, or the first of a deed undisturbed; what it was when the device died."""
        folder = f"f{number}"
        for name, content in FILES.items():
            await self.alice.put(f"{folder}/{name}", content)
        for step in deed.before:
            await step(self.alice, folder)
        await self.alice.rotate()
        length = self.lengths.get(deed.name)
        steps = await self._die(deed, folder, 0 if length is None else self.rng.randint(1, length))
        self.alice = await self.alice.another_device()
        await self._check_alice(folder)
        had = await self._has(self.w.bob, folder, deed.writes)
        await self.alice.rotate()
        await deed.act(self.alice, folder)
        await self.alice.rotate()
        assert await self._has(self.w.bob, folder, deed.writes) is deed.gives, deed.name
        assert not deed.carol or await self._has(self.w.carol, folder, False), deed.name
        await self._check_alice(folder)
        if length is None:
            self.lengths[deed.name] = steps.seen
        return f"{deed.name}: {'new' if had is deed.gives else 'old'}"

    async def _die(self, deed: Deed, folder: str, at: int) -> Steps:
        death = Death()
        with self.alice.meeting(death), trio.CancelScope() as scope:
            steps = Killed(scope, at, death)
            trio.lowlevel.add_instrument(steps)
            try:
                await deed.act(self.alice, folder)
            except HoldfastError:
                if not death.dead:
                    raise
            finally:
                trio.lowlevel.remove_instrument(steps)
        return steps

    async def _check_alice(self, folder: str) -> None:
        for name, content in FILES.items():
            assert await self.alice.read(f"{folder}/{name}") == content

    async def _has(self, person: Person, folder: str, writes: bool) -> bool:
        """Whether somebody has all of it; raises if they have some of it."""
        had = []
        for name, content in FILES.items():
            try:
                had.append(await person.read(f"/alice/{folder}/{name}") == content)
            except HoldfastError:
                had.append(False)
        assert all(had) or not any(had), f"{person.name} has a part of {folder}: {had}"
        if writes and all(had):
            await person.put(f"/alice/{folder}/by-{person.name}.txt", b"written")
        return all(had)

    async def check_whole(self) -> None:
        """Nothing is in any space of Alice's that nothing names; the node finds nothing wrong."""
        await check_whole(self.alice)
        session = self.alice.session
        aparts = await guests.everything(await look(session))
        for apart in aparts:
            space = await own_space(session, apart.space)
            await check_space_whole(self.alice, space, apart)
        known = {session.bundle.space, *(each.space for each in aparts)}
        for key in await self._spaces():
            assert key.space in known or await labels_stored(self.alice, key) == set()
        for place in self.w.places.values():
            assert (await verify(place.store, deep=True)).found.total == 0

    async def _spaces(self) -> list[SpaceKey]:
        owner = self.alice.session.id

        def work(view: View) -> list[SpaceKey]:
            return [row.key for row in view.spaces_of(owner)]

        return await self.alice.place.store.read(work)


async def campaign(moments: int, seed: int, lengths: dict[str, int] | None = None) -> Counter[str]:
    """Run it; how often a device died in which state."""
    rng, told = Random(seed), Counter[str]()
    lengths = {} if lengths is None else lengths
    for start in range(0, moments, TOGETHER):
        async with World.open("alice", "bob", carol="bob") as w:
            await w.alice.befriend(w.bob)
            await w.alice.befriend(w.carol)
            run = Run(w, rng, lengths)
            for deed in DEEDS if not lengths else ():  # how many steps each takes, undisturbed
                await run.moment(-1 - DEEDS.index(deed), deed)
            for number in range(start, min(start + TOGETHER, moments)):
                told[await run.moment(number, rng.choice(DEEDS))] += 1
            await run.check_whole()
    return told


def main() -> int:
    """Run it, and tell."""
    parser = argparse.ArgumentParser(prog="make giving", description=__doc__)
    parser.add_argument("--moments", type=int, default=MOMENTS)
    parser.add_argument("--seed", type=int, default=SystemRandom().getrandbits(32))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    began, cpu = time.monotonic(), time.process_time()
    told = trio.run(campaign, options.moments, options.seed)
    for what, count in sorted(told.items()):
        print(f"{count:5} {what}")
    print(f"{time.monotonic() - began:.0f} s, {time.process_time() - cpu:.0f} s of processor")
    return 0


if __name__ == "__main__":
    sys.exit(main())
