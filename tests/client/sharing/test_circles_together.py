"""Circles changed by two devices at once, and cut off anywhere: one outcome, old or new."""

from collections.abc import Awaitable, Callable
from random import Random

import pytest
import trio

from client.session import Session
from client.sharing.circles import verbs
from client.sharing.circles.share import share_with_circle, unshare_with_circle
from client.sharing.jobs import finish
from formats.errors import HoldfastError
from tests.client.people import Town
from tests.client.sharing.hostile import Hostile
from tests.client.sharing.trees import Content, put, theirs
from tests.together.test_every_checkpoint import cancelled_at

FILES = {"docs/a.txt": b"one", "photos/c.jpg": b"three"}
DOCS = {"docs/a.txt": b"one"}
PHOTOS = {"photos/c.jpg": b"three"}

Act = Callable[[Session], Awaitable[object]]


async def both(world: Town, alice: Session, one: Act, other: Act) -> list[HoldfastError]:
    """Two devices of alice's at the same moment; what was refused."""
    second = await world.sign_in("alice", "one")
    await second.space.reading()  # both stand on the same state
    refused: list[HoldfastError] = []

    async def run(act: Act, session: Session) -> None:
        try:
            await act(session)
        except HoldfastError as error:
            refused.append(error)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run, one, alice)
        nursery.start_soon(run, other, second)
    return refused


def adding(circle: str, *who: str) -> Act:
    return lambda session: verbs.add(session, circle, who)


def removing(circle: str, *who: str) -> Act:
    return lambda session: verbs.remove(session, circle, who)


def sharing(path: str, circle: str) -> Act:
    return lambda session: share_with_circle(session, path, circle)


def unsharing(path: str, circle: str) -> Act:
    return lambda session: unshare_with_circle(session, path, circle)


def deleting(circle: str) -> Act:
    return lambda session: verbs.delete(session, circle)


@pytest.fixture
async def friends(alice: Session, bob: Session, carol: Session) -> Session:
    """Bob and carol in a circle that has the photos."""
    await put(alice, FILES)
    await verbs.new(alice, "friends")
    await verbs.add(alice, "friends", ["bob", "carol"])
    await share_with_circle(alice, "photos", "friends")
    return alice


ORDERS = pytest.mark.parametrize("swapped", [False, True], ids=["one first", "other first"])


@ORDERS
async def test_adding_while_sharing(
    world: Town, alice: Session, bob: Session, swapped: bool
) -> None:
    await put(alice, FILES)
    await verbs.new(alice, "friends")
    acts = [adding("friends", "bob"), sharing("docs", "friends")]
    assert await both(world, alice, *(reversed(acts) if swapped else acts)) == []
    assert await theirs(bob, "alice") == DOCS


@ORDERS
async def test_removing_while_sharing(
    world: Town, friends: Session, bob: Session, carol: Session, swapped: bool
) -> None:
    hostile = Hostile(bob, "alice")
    await hostile.look()
    acts = [removing("friends", "bob"), sharing("docs", "friends")]
    assert await both(world, friends, *(reversed(acts) if swapped else acts)) == []
    assert await hostile.gets() == []
    assert await theirs(bob, "alice") == {}
    assert await theirs(carol, "alice") == {**DOCS, **PHOTOS}


@ORDERS
async def test_unsharing_while_removing(
    world: Town, friends: Session, bob: Session, carol: Session, swapped: bool
) -> None:
    acts = [removing("friends", "bob"), unsharing("photos", "friends")]
    assert await both(world, friends, *(reversed(acts) if swapped else acts)) == []
    assert [await theirs(each, "alice") for each in (bob, carol)] == [{}, {}]


@ORDERS
async def test_deleting_while_sharing(
    world: Town, friends: Session, bob: Session, swapped: bool
) -> None:
    acts = [deleting("friends"), sharing("docs", "friends")]
    refused = await both(world, friends, *(reversed(acts) if swapped else acts))
    assert len(refused) <= 1
    assert await verbs.listing(friends) == []
    assert await theirs(bob, "alice") == {}


@ORDERS
async def test_each_put_into_the_other(world: Town, alice: Session, swapped: bool) -> None:
    for name in ("one", "two"):
        await verbs.new(alice, name)
    acts = [adding("one", "two"), adding("two", "one")]
    refused = await both(world, alice, *(reversed(acts) if swapped else acts))
    assert [type(each).__name__ for each in refused] == ["Unfit"]
    assert len([each for each in await verbs.listing(alice) if each.inner]) == 1


SEEN: dict[str, tuple[Act, Act, Content]] = {
    "add": (adding("friends", "carol"), removing("friends", "carol"), PHOTOS),
    "remove": (removing("friends", "bob"), adding("friends", "bob"), {}),
    "share": (sharing("docs", "friends"), unsharing("docs", "friends"), {**DOCS, **PHOTOS}),
    "unshare": (unsharing("photos", "friends"), sharing("photos", "friends"), {}),
}
"""What is done and undone, and what the one it concerns sees when it is done."""


@pytest.mark.slow
@pytest.mark.parametrize("name", SEEN)
async def test_cut_off_anywhere_it_is_old_or_new(
    world: Town, alice: Session, bob: Session, carol: Session, name: str, rng: Random
) -> None:
    await put(alice, FILES)
    await verbs.new(alice, "friends")
    await verbs.add(alice, "friends", ["bob"])
    await share_with_circle(alice, "photos", "friends")
    act, undo, done = SEEN[name]
    who = carol if name == "add" else bob
    before = {} if name == "add" else PHOTOS
    with cancelled_at(0) as steps:
        await act(alice)
    assert await theirs(who, "alice") == done
    await undo(alice)
    some = sorted(rng.sample(range(1, steps.seen), min(12, steps.seen - 1)))
    print(f"{name}: {steps.seen} steps, cut off before {some}")
    for step in some:
        with cancelled_at(step):
            await act(alice)
        seen = await theirs(who, "alice")
        assert seen in (before, done), (step, seen)
        await finish(await world.sign_in("alice", "one"))  # another device goes on
        assert await theirs(who, "alice") == seen
        if seen == done:
            await undo(alice)
