"""What it takes to catch up with the feed after a month away, by the number of friends.

    python -m benchmarks.catching_up                 # 50 friends with 10 posts each
    python -m benchmarks.catching_up --friends 10

Nodes of this process with stores in memory, so that what is measured is the client and the doors,
not a disk or a line: how many questions each friend's home is asked (exactly, most and mean),
what one's own home is asked, and processor time. Beside it what ``shared --with-me`` takes,
which lists the same friends without their posts: the ratio says what the posts cost. A device
that was away, with nothing in memory, comes first; then the same device a moment later.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import trio

from client.feed.feed import feed
from client.feed.posting import post
from client.session import Session
from client.sharing.drive import own_drive
from client.sharing.theirs import shared_with_me
from client.social.card import contact_card
from client.social.follow import accept, follow
from client.social.inbox import collect
from protocols.services import Doors
from tests.client.people import Town, town
from tests.world.faults import Call, Onward, WatchedDoors

DAY: Final = 86_400_000


class Asked:
    """Questions by whose space they are about; others, to one's own home, under nobody."""

    def __init__(self) -> None:
        self.by_owner: Final[Counter[bytes]] = Counter()

    def doors(self, doors: Doors) -> Doors:
        """Doors at which every call is counted."""
        return WatchedDoors(doors, self._meet)

    async def _meet(self, call: Call, onward: Onward) -> object:
        owner: object = getattr(call.request, "owner", b"")
        self.by_owner[owner if isinstance(owner, bytes) else b""] += 1
        return await onward(call.request)


async def measure(folder: Path, friends: int, posts: int) -> None:
    """Make the friends, let a month go by, and catch up."""
    async with town(folder, "mine", "theirs") as world:
        bob = await world.sign_up("bob", "mine")
        people = [await befriended(world, bob, f"friend{n}") for n in range(friends)]
        await feed(bob)
        for n in range(posts):
            world.clock.now += 30 * DAY // posts
            for each in people:
                await post(each, own_drive(each), f"{n} " + "x" * 300, ["all-contacts"])
        await collect(bob)
        asked = Asked()
        world.wrap = asked.doors
        print(f"{friends} friends, {posts} posts of each in a month, to all their contacts")
        beside, away = [await world.sign_in("bob", "mine") for _ in range(2)]
        base = await measured("shared", beside, shared, asked, 0)
        await measured("feed, away for a month", away, whole_feed, asked, base)
        await measured("feed, again", away, whole_feed, asked, base)
        for each in (beside, away, bob, *people):
            await each.aclose()


async def measured(
    what: str,
    device: Session,
    work: Callable[[Session], Awaitable[int]],
    asked: Asked,
    base: float,
) -> float:
    """One line of the table; processor seconds."""
    asked.by_owner.clear()
    cpu, wall = time.process_time(), time.perf_counter()
    found = await work(device)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    theirs = [n for owner, n in asked.by_owner.items() if owner not in (b"", device.id)]
    own = asked.by_owner[device.id] + asked.by_owner[b""]
    ratio = f"{cpu / base:.2f} x" if base else "1 x"
    print(
        f"{what:<24} {found:>5} things  {max(theirs, default=0)} requests a friend at most, "
        f"{sum(theirs) / max(1, len(theirs)):.2f} on average; {own} at one's own home;  "
        f"{cpu:.2f} s of processor, {wall:.2f} s  ({ratio})"
    )
    return cpu


async def shared(session: Session) -> int:
    """What everybody shares."""
    found, problems = await shared_with_me(session)
    assert not problems, problems
    return len(found)


async def whole_feed(session: Session) -> int:
    """A page of the feed; how many things were looked at for it."""
    page = await feed(session)
    assert not page.problems, page.problems
    return page.unseen


async def befriended(world: Town, bob: Session, name: str) -> Session:
    """Somebody new whom bob follows, and who follows him."""
    person = await world.sign_up(name, "theirs")
    await follow(bob, (await contact_card(person)).text)
    await collect(person)
    await accept(person, "bob", back=True)
    await collect(bob)
    return person


def main(words: Sequence[str]) -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--friends", type=int, default=50)
    parser.add_argument("--posts", type=int, default=10, help="of each friend")
    asked = parser.parse_args(words)
    with TemporaryDirectory(prefix="holdfast-catching-up-") as folder:
        trio.run(measure, Path(folder), asked.friends, asked.posts)


if __name__ == "__main__":
    main(sys.argv[1:])
