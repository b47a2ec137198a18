"""A replica of alice's at a third node: granted, read by her and by bob while her home is away."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import trio

from client.identity.account import prove
from client.identity.rotation import renew_keys
from client.identity.signup import sign_up
from client.identity.whereabouts import replicas_of
from client.replicas import LIFE, add, remove, renew_if_due, replicas
from client.session import Session
from client.sharing.share import share, unshare
from client.social.contacts import contact
from client.social.owners import look_around
from client.space.away import Away, listening
from formats.errors import (
    BadInvite,
    NotFound,
    NotKept,
    Unreachable,
)
from formats.invite import Invite
from formats.replica import ReplicaGrant
from node.following.following import Following
from node.limits import Limits
from tests.client.people import PASSWORD, Town, town
from tests.client.sharing.trees import Content, put, theirs
from tests.node.following.worlds import Dialling, until

FILES: Content = {"docs/a.txt": b"one", "docs/deep/b.txt": b"two"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, "one", "two", "three") as made, trio.open_nursery() as nursery:
        three = made.nodes["three"]
        network = Dialling(three.peer_id, {node.peer_id: node for node in made.nodes.values()})
        network.down = made.down
        nursery.start_soon(Following(three.core, network).run)
        yield made
        nursery.cancel_scope.cancel()


async def replicate(world: Town, alice: Session, quota: int = 2**30) -> None:
    """Alice adds a replica at node three, and it has caught up."""
    invite = Invite.parse(await world.nodes["three"].admin.invite(quota, replica=True))
    assert await add(alice, invite) == quota
    await level(world, alice)


async def level(world: Town, alice: Session) -> None:
    async def is_level() -> bool:
        (one,) = await replicas(alice)
        return one.behind == 0

    await until(is_level)


async def leave(world: Town, *sessions: Session) -> None:
    """Alice's home is away from now on."""
    world.down.add(world.nodes["one"].peer_id)
    for session in sessions:
        await session.line.aclose()
        for view in session.foreign.values():
            await view.line.aclose()


async def test_it_is_listed_with_what_it_has(world: Town, alice: Session) -> None:
    await replicate(world, alice)
    (one,) = await replicas(alice)
    assert one.home.peer == world.nodes["three"].peer_id
    assert one.grant is not None
    assert (one.problem, one.behind) == (None, 0)
    assert replicas_of(alice.whereabouts) == (one.home,)
    assert one.standing is not None
    assert one.standing.told == ""


async def test_friends_and_the_owner_read_it_while_the_home_is_away(
    world: Town, alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await replicate(world, alice)
    assert await look_around(bob) == []
    assert len((await contact(bob, "alice")).reach.homes) == 2
    await leave(world, alice, bob)
    heard: list[Away] = []
    with listening(heard.append):
        assert await theirs(bob, "alice") == FILES
        reading = await alice.space.reading()
    assert reading.space == alice.bundle.space
    assert {(each.whose, each.confirmed) for each in heard} == {("alice", None)}
    assert all(each.time for each in heard)


async def test_changes_wait_for_the_home_and_say_so(world: Town, alice: Session) -> None:
    await put(alice, FILES)
    await replicate(world, alice)
    await leave(world, alice)
    with pytest.raises(Unreachable) as refused:
        await put(alice, {"new.txt": b"later"})
    assert "changes need your home" in refused.value.advice
    assert "replica" in refused.value.advice
    world.down.clear()
    await put(alice, {"new.txt": b"later"})
    await level(world, alice)


async def test_what_was_taken_back_is_refused_there(
    world: Town, alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await replicate(world, alice)
    await look_around(bob)
    await unshare(alice, "docs", "bob")
    await level(world, alice)
    await leave(world, alice, bob)
    assert await theirs(bob, "alice") == {}


async def test_one_that_is_behind_what_was_seen_is_not_read(
    world: Town, alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await replicate(world, alice)
    await look_around(bob)
    core = world.nodes["three"].core
    core.config = replace(core.config, limits=Limits(min_free=2**60))  # it follows no further
    await put(alice, {"docs/new.txt": b"three"})
    assert await theirs(bob, "alice") == {**FILES, "docs/new.txt": b"three"}
    await leave(world, alice, bob)
    with pytest.raises((Unreachable, NotKept)):
        await theirs(bob, "alice")


async def test_ending_it_ends_it_everywhere(world: Town, alice: Session) -> None:
    await put(alice, FILES)
    await replicate(world, alice)
    three = world.nodes["three"]
    assert await remove(alice, three.peer_id)
    assert await replicas(alice) == []
    assert replicas_of(alice.whereabouts) == ()

    async def gone() -> bool:
        return not await three.store.read(lambda view: [*view.spaces_of(alice.id)])

    await until(gone)
    with pytest.raises(NotFound):
        await remove(alice, world.nodes["two"].peer_id)
    await replicate(world, alice)  # and again, with another invite


async def test_a_replica_that_is_away_hears_later_that_it_is_over(
    world: Town, alice: Session
) -> None:
    await replicate(world, alice)
    three = world.nodes["three"]
    world.down.add(three.peer_id)
    for view in alice.foreign.values():
        await view.line.aclose()
    assert not await remove(alice, three.peer_id)
    world.down.clear()

    async def gone() -> bool:
        return not await three.store.read(lambda view: [*view.spaces_of(alice.id)])

    await until(gone)


async def test_an_invite_for_a_replica_is_none_for_an_account_but_the_other_way_round(
    world: Town, alice: Session
) -> None:
    account = Invite.parse(await world.nodes["three"].admin.invite(5_000_000))
    assert await add(alice, account) == 5_000_000
    with pytest.raises(BadInvite):
        await sign_up(world.around(), world.home("three"), "dave", PASSWORD, account.code)
    replica = Invite.parse(await world.nodes["three"].admin.invite(replica=True))
    with pytest.raises(BadInvite, match="for a replica"):
        await sign_up(world.around(), world.home("three"), "dave", PASSWORD, replica.code)


async def test_grants_are_renewed_when_half_used_up(world: Town, alice: Session) -> None:
    await replicate(world, alice)
    assert await renew_if_due(alice) == 0
    world.clock.now += LIFE // 2 + 1
    assert await renew_if_due(alice) == 1
    assert await renew_if_due(alice) == 0
    three = world.nodes["three"]

    async def heard() -> bool:
        row = await three.store.read(lambda view: view.replica(alice.id, three.peer_id))
        return (
            row is not None and ReplicaGrant.decode(row.grant).until > world.clock.now + LIFE // 2
        )

    await until(heard)


async def test_a_replica_goes_on_when_the_owner_s_keys_are_renewed(
    world: Town, alice: Session
) -> None:
    await replicate(world, alice)
    attempt = await prove(alice, PASSWORD)
    after = await renew_keys(alice, attempt, PASSWORD)
    await attempt.aclose()
    await put(after, {"docs/after.txt": b"after"})
    assert await renew_if_due(after) == 1

    async def caught_up() -> bool:
        (one,) = await replicas(after)
        return one.problem is None and one.behind == 0

    await until(caught_up)
    await after.aclose()
