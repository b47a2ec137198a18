"""Coming back is cut off at calls that it makes, each from the same beginning; then done again.

Killed before a call is sent, or after it was done and before its answer is there: at the replica
that has the data, at a fresh node, and at the home, where only the password was lost. Whatever was
reached, the same words bring everything back, friends go on, and the node finds itself whole.

``make test`` takes every sixteenth call, another one for each case; ``make coming-back`` takes all.
"""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
import trio

from client.moving.former import look_back
from client.moving.house import Wish
from client.recovery.making import kit_text
from client.recovery.opening import newest, open_everywhere
from client.recovery.restoring import NewPassword, Restored, restore
from client.recovery.words import RecoveryKit
from client.session import Session, Surroundings
from client.sharing.share import share
from client.social import outbox
from client.social.follow import tell_if_moved
from client.social.inbox import collect
from formats.errors import HoldfastError, NotSignedIn
from formats.invite import Invite
from formats.kit import KitText
from node.checking.verify import verify
from node.following.following import Following
from storage.contracts import Store
from storage.memory import MemoryStore
from tests.client.people import Town, town
from tests.client.recovery.conftest import kit_of
from tests.client.recovery.test_restoring import replica_of
from tests.client.sharing.conftest import friend
from tests.client.sharing.trees import mine, put, theirs
from tests.node.following.worlds import Dialling
from tests.world.faults import Call, Onward, WatchedDoors

NODES: Final = ("one", "two", "three")
FILES: Final = {"docs/a.txt": b"one", "docs/deep/b.txt": b"two"}
FRESH: Final = "another correct horse battery"
STEP: Final = 1 if os.environ.get("HOLDFAST_EVERY_CALL") else 16
"""Every so manieth call is one at which it is killed."""

pytestmark = pytest.mark.slow


class Killed(Exception):
    """The program ends here."""


@dataclass(frozen=True)
class Before:
    """What all cases begin with: what each node has, and the paper."""

    stores: Mapping[str, MemoryStore]
    kit: RecoveryKit
    text: KitText

    def again(self) -> dict[str, Store]:
        """The same once more."""
        return {name: store.snapshot() for name, store in self.stores.items()}


@asynccontextmanager
async def nodes(folder: Path, stores: Mapping[str, Store]) -> AsyncIterator[Town]:
    """Three nodes that follow accounts of each other."""
    async with town(folder, *NODES, stores=stores) as made, trio.open_nursery() as nursery:
        for node in made.nodes.values():
            others = {each.peer_id: each for each in made.nodes.values()}
            network = Dialling(node.peer_id, others)
            network.down = made.down
            nursery.start_soon(Following(node.core, network).run)
        yield made
        nursery.cancel_scope.cancel()


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Before:
    """Alice at the first, with a replica at the third and a friend at the second, and a kit."""
    return trio.run(prepared, tmp_path_factory.mktemp("before"))


async def prepared(folder: Path) -> Before:
    stores = {name: MemoryStore() for name in NODES}
    async with nodes(folder, dict(stores)) as world:
        alice = await world.sign_up("alice", "one")
        await put(alice, FILES)
        bob = await friend(world, alice, "bob")
        await share(alice, "docs", "bob")
        await collect(bob)
        assert await theirs(bob, "alice") == FILES
        kit = await kit_of(alice)
        await replica_of(world, alice, "three")
        text = kit_text(alice, None)
        return Before({name: each.snapshot() for name, each in stores.items()}, kit, text)


@dataclass
class Killer:
    """Kills the program at its call of that number (from 0), before or after it is done there."""

    call: int
    after: bool
    made: list[str] = field(default_factory=list)
    over: bool = False

    async def meet(self, asked: Call, onward: Onward) -> object:
        """Let it through, or not."""
        self.made.append(str(asked))
        here = len(self.made) - 1 == self.call and not self.over
        if here and not self.after:
            raise Killed
        try:
            return await onward(asked.request)
        finally:
            if here:
                raise Killed


async def comes_back(world: Town, around: Surroundings, before: Before, to: str) -> Restored:
    """By the words, as somebody types them once more who does not know how far it came."""
    found = newest(await open_everywhere(around, before.kit, before.text, [world.home(to)]))
    code = None
    if found.source.peer != world.nodes[to].peer_id:
        code = Invite.parse(await world.nodes[to].admin.invite(2**30)).code
    wish = Wish(world.home(to), code, "alice")
    return await restore(around, found, wish, NewPassword(FRESH), as_it_is=False)


async def is_whole(world: Town, alice: Session, to: str) -> None:
    """Everything is there, on other machines, too, and friends go on."""
    assert await mine(alice) == FILES
    await tell_if_moved(alice)  # as a daemon does that was started again
    await put(alice, {"docs/new.txt": b"on we go"})
    assert await outbox.flush(alice) == []
    bob = await world.sign_in("bob", "two")
    await collect(bob)
    assert await theirs(bob, "alice") == {**FILES, "docs/new.txt": b"on we go"}
    phone = await world.sign_in("alice", to, FRESH)
    assert await mine(phone) == {**FILES, "docs/new.txt": b"on we go"}
    assert alice.chain.seq >= 1
    assert (await verify(world.nodes[to].store, deep=True)).found.listed == []


async def once(folder: Path, before: Before, to: str, call: int, after: bool) -> bool:
    """Killed at one call, and done again; whether it came to an end before that call."""
    async with nodes(folder, before.again()) as world:
        if to != "one":
            world.down.add(world.nodes["one"].peer_id)
        machine = folder / "machine"
        machine.mkdir(parents=True)
        killer, restored = Killer(call, after), None
        world.wrap = lambda doors: WatchedDoors(doors, killer.meet)
        try:
            restored = await comes_back(world, world.around(machine), before, to)
        except Killed:
            print(f"killed {'after' if after else 'before'} call {call}: {killer.made[-1]}")
        killer.over = True
        done = restored is not None
        if restored is None:
            try:
                restored = await comes_back(world, world.around(machine), before, to)
            except HoldfastError as error:
                raise AssertionError(f"not to be done again: {error.message}") from error
        assert restored.renewed
        await is_whole(world, restored.moved.session, to)
        if to != "one":
            await old_home_is_told(world, restored.moved.session)
        return done


async def old_home_is_told(world: Town, alice: Session) -> None:
    """When it comes back, it takes no change any more by keys that were renewed."""
    world.down.clear()
    stale = await world.sign_in("alice", "one")
    assert await look_back(alice, lambda _: None) == []
    with pytest.raises(NotSignedIn, match="renewed elsewhere"):
        await put(stale, {"late.txt": b"late"})


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("to", NODES)
async def test_killed_at_any_call_it_is_done_again(
    tmp_path: Path, before: Before, to: str, after: bool
) -> None:
    call = (NODES.index(to) * 2 + after) % STEP
    while not await once(tmp_path / str(call), before, to, call, after):
        call += STEP
    assert call > 60
    print(f"{to}: killed at calls up to {call}, every {STEP}")
