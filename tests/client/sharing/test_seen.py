"""``access`` and ``shared`` against the truth: who really reads what, in every kind of share."""

from collections.abc import AsyncIterator

import pytest

from client.sharing.circles.share import share_with_circle, unshare_with_circle
from client.sharing.circles.verbs import add, new, remove
from client.sharing.seen import who_sees
from client.sharing.share import shared_by_me
from client.social.parting import block, remove_follower
from formats.errors import HoldfastError, Unfit
from formats.space import Rights
from tests.world.person import Person
from tests.world.world import World

FILES = (
    "alone", "given", "top/a", "top/in/b", "top/in/deep/c", "top/side/d", "plans/e", "plans/sub/f",
)  # fmt: skip
FRIENDS = ("bob", "carol", "dora")


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with World.open("alice", "others", **dict.fromkeys(FRIENDS, "others")) as made:
        for friend in FRIENDS:
            await made.alice.befriend(made.people[friend])
        for path in FILES:
            await made.alice.put(path, path.encode())
        yield made


async def readable(person: Person) -> set[str]:
    """The files of alice that somebody really reads now: each says where it is."""
    await person.collect()
    found: set[str] = set()
    try:
        paths = await person.ls_all("/alice")
    except HoldfastError:
        return found
    for path in paths:
        try:
            found.add((await person.read(f"/alice/{path}")).decode())
        except HoldfastError:
            continue  # a folder
    return found & set(FILES)


async def check(w: World) -> dict[str, set[str]]:
    """What ``access`` says of each file is what is so; it is returned by file."""
    said = {path: {way.contact for way in await who_sees(w.alice.session, path)} for path in FILES}
    truth: dict[str, set[str]] = {path: set() for path in FILES}
    for friend in FRIENDS:
        for path in await readable(w.people[friend]):
            truth[path].add(friend)
    assert said == truth
    return said


async def shares(w: World) -> set[tuple[str, str]]:
    """What ``shared`` says: what, to whom."""
    return {(each.path, each.contact) for each in await shared_by_me(w.alice.session)}


async def test_people_nested_folders_and_taking_back(w: World) -> None:
    assert not any((await check(w)).values())
    await w.alice.share("given", "bob")
    await w.alice.share("top", "carol")
    await w.alice.share("top/in", "bob", "within")
    await w.alice.share("top/in/deep", "dora")
    said = await check(w)
    assert said["given"] == {"bob"}
    assert said["top/in/deep/c"] == {"bob", "carol", "dora"}
    assert said["top/side/d"] == {"carol"}
    assert await shares(w) == {
        ("/alice/given", "bob"), ("/alice/top", "carol"),
        ("/alice/top/in", "bob"), ("/alice/top/in/deep", "dora"),
    }  # fmt: skip
    await w.alice.unshare("top/in", "bob")
    assert (await check(w))["top/in/b"] == {"carol"}
    await w.alice.mv("top/in", "moved")
    await w.alice.mv("moved", "top/in")  # out from under a grant, and back below it
    await check(w)


async def test_circles_and_all_contacts(w: World) -> None:
    alice = w.alice.session
    await new(alice, "kin")
    await new(alice, "near")
    await add(alice, "kin", ["bob"])
    await add(alice, "near", ["carol", "kin"])
    await share_with_circle(alice, "top/in", "near")
    await share_with_circle(alice, "given", "all-contacts")
    said = await check(w)
    assert (said["top/in/b"], said["given"]) == ({"bob", "carol"}, set(FRIENDS))
    assert await shares(w) == {("/alice/top/in", "near"), ("/alice/given", "all-contacts")}
    await remove(alice, "kin", ["bob"])
    assert (await check(w))["top/in/b"] == {"carol"}
    await add(alice, "near", ["dora"])
    assert (await check(w))["top/in/b"] == {"carol", "dora"}
    await unshare_with_circle(alice, "given", "all-contacts")
    assert (await check(w))["given"] == set()


async def test_folders_that_others_change(w: World) -> None:
    await w.alice.share_write("plans", "bob")
    await w.alice.share("plans", "carol")
    await w.alice.share("plans/sub", "dora")
    said = await check(w)
    assert said["plans/e"] == {"bob", "carol"}
    assert said["plans/sub/f"] == {"bob", "carol", "dora"}
    (way,) = [each for each in await who_sees(w.alice.session, "plans/e") if each.contact == "bob"]
    assert way.rights == Rights.WRITE
    await w.alice.unshare("plans", "bob")
    assert (await check(w))["plans/sub/f"] == {"carol", "dora"}


async def test_a_folder_that_others_change_within_a_share(w: World) -> None:
    await w.alice.share_write("top/in", "bob")
    await w.alice.share("top", "carol")
    said = await check(w)
    assert (said["top/a"], said["top/in/b"]) == ({"carol"}, {"bob"})  # she was not given that
    await w.alice.share("plans", "dora")
    with pytest.raises(Unfit):  # she would lose what is within
        await w.alice.share_write("plans/sub", "bob")
    assert (await check(w))["plans/sub/f"] == {"dora"}


async def test_who_is_removed_or_blocked_sees_nothing_and_is_not_named(w: World) -> None:
    for friend in ("bob", "carol"):
        await w.alice.share("top", friend)
    await remove_follower(w.alice.session, "bob")
    assert (await check(w))["top/a"] == {"carol"}
    await block(w.alice.session, "carol")
    assert (await check(w))["top/a"] == set()
    assert await shares(w) == set()


async def test_since_when_is_when_it_was_given(w: World) -> None:
    before = w.clock.now_ms()
    await w.alice.share("given", "bob")
    between = w.clock.now_ms()
    await new(w.alice.session, "kin")
    await share_with_circle(w.alice.session, "given", "kin")
    joined = w.clock.now_ms()
    await add(w.alice.session, "kin", ["carol"])
    ways = {each.contact: each for each in await who_sees(w.alice.session, "given")}
    assert before <= ways["bob"].since <= between
    assert joined <= ways["carol"].since <= w.clock.now_ms()  # she joined after it was shared
    assert (ways["bob"].circle, ways["carol"].circle) == (None, "kin")
