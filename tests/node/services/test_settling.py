"""Settling in: an account for an identity that there is already, and who may not have one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from formats.errors import (
    BadInvite,
    Denied,
    Exists,
    Forged,
    Forked,
    HoldfastError,
    LivesElsewhere,
    Malformed,
    QuotaExceeded,
    Stale,
    Unfit,
)
from formats.identity import IdentityChain, IdentityRecord
from formats.invite import Invite
from formats.replica import ReplicaGrant
from formats.statement import Role
from formats.whereabouts import Home, HomeRole, Whereabouts
from node.build import Node
from node.checking.verify import verify
from node.config import SignUps
from node.following.standing import Noted, note
from node.settling import Settler
from protocols import accounts as a
from protocols import blocks as b
from protocols import directory as d
from protocols import pointers as p
from protocols import replicas as r
from protocols.services import Doors
from storage.contracts import Transaction, View
from tests.node.following.worlds import CEILING, Two, two
from tests.node.people import (
    NOW,
    YEAR,
    Person,
    item,
    label,
    move,
    prove,
    read,
    secret,
    signing_key,
    statement,
)


async def request(
    person: Person,
    doors: Doors,
    seq: int = 1,
    invite: bytes | None = None,
    name: str | None = None,
) -> a.Settle:
    """An honest request, on this connection."""
    proof = await statement(doors, Role.OWNER, person.id, person.daily)
    called = name or person.name
    return a.Settle(
        name=called,
        nonce=secret(person.name, "settling").reveal()[:16],
        chain=person.chain.encoded,
        whereabouts=person.whereabouts(doors.peer, seq, called).encoded,
        sign_in=replace(person.sign_in_record(seq=3), name=called).encoded,
        statement=proof.statement,
        signature=proof.signature,
        invite=invite,
    )


async def invited(node: Node, quota: int | None = None) -> bytes:
    return Invite.parse(await node.admin.invite(quota)).code


def elsewhere(node: Node) -> Doors:
    return node.open(node.caller(b"a peer id", local=False))


async def test_an_identity_from_elsewhere_gets_an_account(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        doors = elsewhere(w.other)
        code = await invited(w.other, 10_000_000)
        done = await doors.accounts.settle(await request(w.alice, doors, invite=code))
        assert done.usage == a.Usage(0, 0, 10_000_000)
        found = await doors.accounts.account(a.AskAccount(w.alice.id))  # the owner from now on
        assert found.name == "alice"
        look = await doors.directory.look(d.Look(w.alice.id, w.alice.chain.head_hash, None))
        assert Whereabouts.decode(look.whereabouts).home.peer == doors.peer
        await prove(doors, Role.SIGN_IN, b"alice", w.alice.sign_in)
        assert (await doors.accounts.sign_in(a.SignIn("alice"))).record is not None


async def test_the_same_request_again_changes_nothing(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        first, again = elsewhere(w.other), elsewhere(w.other)
        asked = await request(w.alice, first, invite=await invited(w.other))
        done = await first.accounts.settle(asked)  # and the answer is lost with its connection
        proof = await statement(again, Role.OWNER, w.alice.id, w.alice.daily)
        repeated = replace(asked, statement=proof.statement, signature=proof.signature)
        assert await again.accounts.settle(repeated) == done
        changed = replace(repeated, nonce=bytes(16))
        with pytest.raises(BadInvite):  # it was good once
            await again.accounts.settle(changed)
        with pytest.raises(Exists, match="has an account"):
            await again.accounts.settle(replace(changed, invite=await invited(w.other)))


async def test_without_leave_nobody_settles_in(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        doors = elsewhere(w.other)
        with pytest.raises(BadInvite):
            await doors.accounts.settle(await request(w.alice, doors))
        spent = await invited(w.other)
        await Person("bob").sign_up(w.other.open(), spent)
        with pytest.raises(BadInvite):
            await doors.accounts.settle(await request(w.alice, doors, invite=spent))
        code = await invited(w.other)
        w.clock.now += 8 * 24 * 3600 * 1000
        with pytest.raises(BadInvite):
            await doors.accounts.settle(await request(w.alice, doors, invite=code))
        assert await w.other.store.read(lambda view: view.account_of(w.alice.id)) is None


async def test_a_name_that_is_taken_is_somebody_elses(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        other = Person("alice")
        other.daily = signing_key("another alice")
        digest = other.next.verify_key.digest()
        first = IdentityRecord.first(other.signer, other.daily.verify_key, digest, NOW)
        other.chain = IdentityChain((first,))
        other.space = other.new_space("root")
        await other.sign_up(w.other.open())
        doors, code = elsewhere(w.other), await invited(w.other)
        with pytest.raises(Exists, match="taken"):
            await doors.accounts.settle(await request(w.alice, doors, invite=code))
        done = await doors.accounts.settle(
            await request(w.alice, doors, invite=code, name="alice-2")
        )
        assert done.usage.used == 0


def knows(
    tx: Transaction,
    person: Person,
    chain: IdentityChain | None = None,
    where: Whereabouts | None = None,
) -> None:
    """The node knows other records of somebody than it did."""
    row = tx.identity(person.id)
    assert row is not None
    if chain is not None:
        row = replace(row, chain=chain.encoded)
    if where is not None:
        row = replace(row, whereabouts=where.encoded)
    tx.put_identity(row)


def shrink(tx: Transaction, w: Two) -> None:
    """Whoever runs the node allows the replica less than it holds."""
    row = tx.replica(w.alice.id, w.other.peer_id)
    assert row is not None
    note(tx, row, replace(Noted.decode(row.noted), allowed=1000))


def rotated(person: Person, word: str) -> IdentityChain:
    """The person's chain with one more record, by their succession key."""
    fresh, following = signing_key(word, "daily"), signing_key(word, "next")
    record = IdentityRecord.following(
        person.chain.head, person.next, fresh.verify_key, following.verify_key.digest(), NOW
    )
    return person.chain.followed_by(record)


Altered = Callable[[a.Settle, Person, bytes], a.Settle]
"""An honest request, whose it is, and the node's peer id: what is asked instead."""

MALLORY = Person("mallory")

HOSTILE: dict[str, tuple[type[HoldfastError], Altered]] = {
    "somebody else's chain": (
        Forged,
        lambda honest, _, __: replace(honest, chain=MALLORY.chain.encoded),
    ),
    "no chain": (Malformed, lambda honest, _, __: replace(honest, chain=())),
    "whereabouts of somebody else": (
        Forged,
        lambda honest, _, peer: replace(
            honest, whereabouts=MALLORY.whereabouts(peer, 1, "alice").encoded
        ),
    ),
    "whereabouts that name another home": (
        Unfit,
        lambda honest, alice, __: replace(
            honest, whereabouts=alice.whereabouts(b"another", 1).encoded
        ),
    ),
    "a sign-in record of somebody else": (
        Unfit,
        lambda honest, _, __: replace(honest, sign_in=MALLORY.sign_in_record().encoded),
    ),
    "another name than the records say": (
        Unfit,
        lambda honest, _, __: replace(honest, name="alicia"),
    ),
    "a signature that was altered": (
        Forged,
        lambda honest, _, __: replace(honest, signature=bytes(len(honest.signature))),
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
async def test_what_does_not_hold_together_leaves_nothing(tmp_path: Path, case: str) -> None:
    kind, alter = HOSTILE[case]
    async with two(tmp_path) as w:
        doors, code = elsewhere(w.other), await invited(w.other)
        honest = await request(w.alice, doors, invite=code)
        with pytest.raises(kind):
            await doors.accounts.settle(alter(honest, w.alice, doors.peer))
        assert await w.other.store.read(lambda view: view.account_of(w.alice.id)) is None
        await doors.accounts.settle(honest)  # and the invite is as good as it was


async def test_who_only_saw_the_records_cannot_settle_in(tmp_path: Path) -> None:
    """Friends have Alice's chain and whereabouts; a request that was recorded is no use either."""
    async with two(tmp_path) as w:
        hers, his = elsewhere(w.other), elsewhere(w.other)
        honest = await request(w.alice, hers, invite=await invited(w.other))
        with pytest.raises(Forged, match="another connection"):
            await his.accounts.settle(honest)
        own = await statement(his, Role.OWNER, MALLORY.id, MALLORY.daily)
        with pytest.raises(Forged):
            await his.accounts.settle(
                replace(honest, statement=own.statement, signature=own.signature)
            )
        other = await statement(his, Role.SIGN_IN, b"alice", w.alice.daily)
        with pytest.raises(Forged, match="not of the one"):
            await his.accounts.settle(
                replace(honest, statement=other.statement, signature=other.signature)
            )


async def test_who_lives_here_does_not_settle_in(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        doors, code = elsewhere(w.home), await invited(w.home)
        with pytest.raises(Exists, match="has an account"):
            await doors.accounts.settle(await request(w.alice, doors, invite=code))


async def test_what_a_replica_knows_is_not_gone_behind(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        await w.add()
        longer = rotated(w.alice, "newer")
        await w.other.store.write(lambda tx: knows(tx, w.alice, chain=longer))
        doors = elsewhere(w.other)
        with pytest.raises(Stale):
            await doors.accounts.settle(await request(w.alice, doors))
        fork = rotated(w.alice, "forked")
        w.alice.chain, w.alice.daily = fork, signing_key("forked", "daily")
        with pytest.raises(Forked):
            await doors.accounts.settle(await request(w.alice, doors))
        w.alice.chain, w.alice.daily = longer, signing_key("newer", "daily")
        await doors.accounts.settle(await request(w.alice, doors))


async def test_older_whereabouts_than_a_replica_knows_settle_nobody(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        await w.add()
        newer = w.alice.whereabouts(w.home.peer_id, 9)
        await w.other.store.write(lambda tx: knows(tx, w.alice, where=newer))
        doors = elsewhere(w.other)
        with pytest.raises(Stale):
            await doors.accounts.settle(await request(w.alice, doors, seq=8))
        with pytest.raises(Forked):
            await doors.accounts.settle(await request(w.alice, doors, seq=9))
        await doors.accounts.settle(await request(w.alice, doors, seq=10))


@pytest.mark.parametrize("follows", [True, False])
async def test_what_a_replica_hears_meanwhile_does_not_keep_anybody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, follows: bool
) -> None:
    """The old home's word of the move comes between looking at the request and doing it."""
    async with two(tmp_path) as w:
        await w.add()
        await w.other.store.write(
            lambda tx: knows(tx, w.alice, where=w.alice.whereabouts(w.home.peer_id, 8))
        )
        doors = elsewhere(w.other)
        asked = await request(w.alice, doors, seq=9)
        heard = w.alice.whereabouts(doors.peer, 9, "alice") if follows else None
        newest = heard or w.alice.whereabouts(w.home.peer_id, 10)
        read = w.other.core.store.read

        async def and_then_more(work: Callable[[View], object]) -> object:
            found = await read(work)
            if isinstance(found, Settler):
                await w.other.store.write(lambda tx: knows(tx, w.alice, where=newest))
            return found

        monkeypatch.setattr(w.other.core.store, "read", and_then_more)
        if follows:
            await doors.accounts.settle(asked)
        else:
            with pytest.raises(Stale):
                await doors.accounts.settle(asked)


async def test_a_replica_becomes_the_home_and_takes_commits(tmp_path: Path) -> None:
    """With what it holds, without any invite; and follows nobody any more."""
    async with two(tmp_path) as w:
        await w.add()
        blocks = await w.put("photo", segments=3)
        w.follow()
        await w.caught_up()
        doors = elsewhere(w.other)
        done = await doors.accounts.settle(await request(w.alice, doors))
        assert done.usage.limit == CEILING
        assert done.usage.used > 3000
        await w.alice.arrive(doors)
        answer = await w.alice.space.commit(doors, {label("new"): None})
        assert isinstance(answer, p.Committed)
        found_there = await doors.blocks.read(read(w.alice.space, item(label("photo"), all=True)))
        assert blocks[0] in found_there.blocks
        assert (await verify(w.other.store, deep=True)).found.listed == []


async def test_a_home_that_is_too_small_for_what_is_there(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        await w.add()
        await w.put("large", segments=4)
        w.follow()
        await w.caught_up()
        await w.other.store.write(lambda tx: shrink(tx, w))
        doors = elsewhere(w.other)
        with pytest.raises(QuotaExceeded):
            await doors.accounts.settle(
                await request(w.alice, doors, invite=await invited(w.other, 1000))
            )
        assert await w.at(w.other) == w.alice.space.seq


async def test_a_home_that_was_moved_away_from_takes_no_commits(tmp_path: Path) -> None:
    """It still answers, hands over what waits, and is come back to."""
    async with two(tmp_path) as w:
        root, new = w.alice.space.change({label("late"): None})
        late = move(w.alice.space.sign(root), new)
        away = w.alice.whereabouts(w.other.peer_id, 5).encoded
        await w.doors.directory.publish(d.Publish(w.alice.id, (), away))
        with pytest.raises(LivesElsewhere):
            await w.doors.pointers.move(late)
        with pytest.raises(LivesElsewhere):
            await w.doors.blocks.open_session(b.OpenSession(w.key.owner, w.key.space))
        await w.doors.pointers.resolve(p.Resolve(w.key.owner, w.key.space, None))
        stranger = elsewhere(w.home)
        with pytest.raises(Denied):
            await stranger.pointers.move(late)
        back = elsewhere(w.home)
        await back.accounts.settle(await request(w.alice, back, seq=6))
        await w.alice.arrive(back)
        assert isinstance(await back.pointers.move(late), p.Committed)
        assert (await back.accounts.account(a.AskAccount(w.alice.id))).usage.used > 0


async def test_a_closed_node_takes_no_settlers_but_the_replicas_it_keeps(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        w.other.core.config = replace(w.other.config, sign_up=SignUps.CLOSED)
        doors = elsewhere(w.other)
        with pytest.raises(BadInvite):
            await doors.accounts.settle(
                await request(w.alice, doors, invite=await invited(w.other))
            )
        await w.add()
        await doors.accounts.settle(await request(w.alice, doors))


async def test_an_invite_for_an_account_lets_a_replica_come_first(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        grant, code = w.make_grant(), await invited(w.other, 5_000_000)
        given = await w.other.open().replicas.give(w.give(grant, code))
        assert given.allowed == 5_000_000
        await w.doors.replicas.give(w.give(grant))
        w.follow()
        await w.caught_up()
        doors = elsewhere(w.other)
        done = await doors.accounts.settle(await request(w.alice, doors))
        assert done.usage.limit == 5_000_000


async def test_an_account_that_moved_away_does_not_come_back_by_hearsay(tmp_path: Path) -> None:
    """It hears of whereabouts that name it again as a replica: only settling in makes it the home.

    Else it would take changes before it has the newest state.
    """
    async with two(tmp_path) as w:
        doors = elsewhere(w.other)
        code = await invited(w.other)
        await doors.accounts.settle(await request(w.alice, doors, invite=code))  # number 1
        away = w.alice.whereabouts(w.other.peer_id, 2).encoded
        await w.doors.directory.publish(d.Publish(w.alice.id, (), away))
        back = w.alice.whereabouts(w.home.peer_id, 3).encoded
        here = Home(w.home.peer_id, (), HomeRole.REPLICA)
        grant = ReplicaGrant.make(
            w.alice.chain, 0, w.other.peer_id, here, CEILING, NOW + YEAR, w.alice.daily
        )
        give = r.Give(grant.encoded, w.alice.chain.encoded, back, None)
        assert (await w.home.open().replicas.give(give)).allowed > 0
        with pytest.raises(LivesElsewhere):
            await w.doors.blocks.open_session(b.OpenSession(w.key.owner, w.key.space))
