"""Homes and replicas that lie: nothing is taken that was not signed and hashed, nothing is lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from crypto.hashing import sha256
from formats.cid import Block
from formats.errors import BadInvite, Denied, Forged, HoldfastError, Unreachable
from formats.invite import Invite
from formats.pointer import Pointer
from formats.replica import ReplicaGrant
from formats.root import Root
from formats.space import Member, Rights, SpaceRecord
from formats.tree.node import EMPTY
from formats.whereabouts import Home, HomeRole
from node.checking.verify import verify
from node.jobs.retention import give_back
from node.limits import Limits
from protocols import replicas as r
from storage.contracts import SpaceRow, Transaction
from storage.reachability import release_root
from tests.node.following.worlds import Between, Two, two, until
from tests.node.people import NOW, YEAR, Person, move, signing_key


class Withholds(Between):
    """Hands over no segments."""

    async def fetch(self, request: r.Fetch) -> r.Fetched:
        found = await self._doors.fetch(request)
        return r.Fetched(tuple(each for each in found.blocks if not each.cid.is_raw))


class Floods(Between):
    """Hands over what nobody asked for."""

    async def fetch(self, request: r.Fetch) -> r.Fetched:
        return r.Fetched(tuple(Block.raw(bytes([n]) * 2**20) for n in range(16)))


class Forges(Between):
    """Shows a pointer of somebody else's making."""

    async def line(self, request: r.AskLine) -> r.Line:
        found = await self._doors.line(request)
        if found.pointer is None or found.record is None:
            return found
        record = SpaceRecord.decode(found.record)
        real = Pointer.decode(found.pointer)
        root = Root(EMPTY.cid, EMPTY.cid).block.cid
        eve = Pointer.following(real, sha256(b"skip"), record, root, NOW, signing_key("eve"))
        return replace(found, pointer=eve.encoded)


class Invents(Between):
    """Shows ancestors that no record names."""

    async def line(self, request: r.AskLine) -> r.Line:
        found = await self._doors.line(request)
        return replace(found, bodies=(found.bodies[-1],) * len(found.bodies))


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        (Withholds, "is not here"),
        (Floods, "not asked for"),
        (Forges, "no right"),
        (Invents, "no record names"),
    ],
)
async def test_a_home_that_lies_gets_nowhere(tmp_path: Path, lie: type[Between], told: str) -> None:
    async with two(tmp_path) as w:
        await w.add()
        w.follow()
        await w.caught_up()
        await w.stop()
        for number in range(3):
            await w.put("new", number)
        w.network.wrap = lie
        w.follow()
        assert told in await w.told()
        assert await w.at(w.other) == 0
        held = sum(await w.other.store.read(lambda view: view.usage(w.alice.id)))
        assert held < 100_000
        assert (await verify(w.other.store, deep=True)).found.listed == []
        await w.stop()
        w.network.wrap = None  # it comes to its senses: what was staged is gone on with
        w.follow()
        await w.caught_up()
        assert (await verify(w.other.store, deep=True)).found.listed == []


async def test_another_history_is_an_alarm_and_changes_nothing(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        await w.put("kept")
        space, kept = w.alice.space, w.alice.space.pointer
        root, spine = space.root, space.spine
        await w.add()
        w.follow()
        await w.caught_up()
        (block,) = await w.put("mine")
        await w.caught_up()
        await w.stop()
        assert kept is not None
        await restore(w, kept)  # the home rolls back, and nobody signed that
        w.follow()
        assert "older state than this replica holds" in await w.told()
        await w.stop()
        space.pointer, space.root, space.spine = kept, root, spine
        await w.put("another")
        await w.put("and one more")
        w.follow()

        async def forked() -> bool:
            return "another history" in (await w.noted()).told

        await until(forked)
        assert await w.at(w.other) == 2
        assert await w.has(block.cid)
        assert (await verify(w.other.store, deep=True)).found.listed == []


async def test_where_the_owner_set_the_space_back_it_follows(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        await w.put("kept")
        kept = w.alice.space.pointer
        root, spine = w.alice.space.root, w.alice.space.spine
        await w.add()
        w.follow()
        await w.caught_up()
        (gone,) = await w.put("gone")
        await w.put("gone too")
        await w.caught_up()
        await w.stop()
        assert kept is not None
        await restore(w, kept)
        space = w.alice.space
        space.pointer, space.root, space.spine = kept, root, spine
        members = [Member(w.alice.member.verify_key.digest(), Rights.ALL)]
        record = SpaceRecord.setting_back(
            space.record, kept.seq, kept.hash, 0, w.alice.chain, members, w.alice.daily
        )
        pointer = space.sign(root, record)
        await w.doors.pointers.move(move(pointer, space=record))
        space.took(pointer, root, record)
        await w.put("from here on")
        w.follow()

        async def level() -> bool:
            row = await w.other.store.read(lambda view: view.space(w.key))
            return row is not None and row.pointer == (space.pointer or pointer).encoded

        await until(level)
        past = await w.other.store.read(lambda view: [row.seq for row in view.past(w.key)])
        assert all(seq <= kept.seq for seq in past)
        while await give_back(w.other.core):
            pass
        assert not await w.has(gone.cid)
        assert (await verify(w.other.store, deep=True)).found.listed == []


async def restore(w: Two, kept: Pointer) -> None:
    """The home is what it was at ``kept``: as a backup that was put back."""

    def work(tx: Transaction) -> None:
        row = tx.space(w.key)
        assert row is not None
        for each in list(tx.retained(w.key, row.seq)):
            if each.seq >= kept.seq:
                tx.forget_retained(w.key, each.seq)
            if each.seq > kept.seq:
                release_root(tx, w.key, each.root)
        release_root(tx, w.key, row.root)
        tx.put_space(SpaceRow(w.key, row.record, kept.encoded, kept.seq, kept.root, 0))

    await w.home.store.write(work)


async def test_what_is_another_persons_is_not_handed_over(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        await w.add()
        bob = Person("bob")
        invite = await w.home.admin.invite()
        doors = w.home.open()
        await bob.sign_up(doors, Invite.parse(invite).code)
        asking = (await w.network.reach(w.home_of())).replicas
        assert bob.space.pointer is not None
        with pytest.raises(Denied):
            await asking.line(r.AskLine(bob.id, bob.space.record.space, None))
        with pytest.raises(Denied):
            await asking.fetch(r.Fetch(bob.id, bob.space.record.space, (bob.space.pointer.root,)))
        # nor through alice's spaces
        found = await asking.fetch(r.Fetch(*_names(w), (bob.space.pointer.root,)))
        assert found.blocks == ()
        with pytest.raises(Denied):
            await asking.line(r.AskLine(w.alice.id, bob.space.record.space, None))


def _names(w: Two) -> tuple[bytes, bytes]:
    return w.key.owner, w.key.space


async def test_only_the_node_that_the_grant_names_may_follow(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        await w.add()
        for caller in (b"", b"eve"):
            doors = w.home.open(w.home.caller(caller))
            with pytest.raises(Denied):
                await doors.replicas.follow(
                    r.Follow(w.alice.id, bytes(32), bytes(32), (), 0, "", (), 0)
                )
            with pytest.raises(Denied):
                await doors.replicas.line(r.AskLine(*_names(w), None))


async def test_a_grant_is_the_owners_for_these_two_nodes(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        honest = w.make_grant()
        code = await w.invite()
        eve = Person("eve")
        stolen = ReplicaGrant.make(
            w.alice.chain, 0, honest.home, honest.replica, 1, NOW + YEAR, eve.daily
        )
        with pytest.raises(Forged):
            await w.other.open().replicas.give(w.give(stolen, code))
        swapped = ReplicaGrant.make(
            w.alice.chain, 0, b"elsewhere", honest.replica, 1, NOW + YEAR, w.alice.daily
        )
        with pytest.raises(Denied):
            await w.home.open().replicas.give(w.give(swapped))
        with pytest.raises(Denied):  # not by somebody who only has the grant
            await w.home.open().replicas.give(w.give(honest))
        await w.other.open().replicas.give(w.give(honest, code))
        # the invite is spent: a second account cannot be followed with it
        bob = Person("bob")
        theirs = ReplicaGrant.make(
            bob.chain, 0, honest.home, honest.replica, 1, NOW + YEAR, bob.daily
        )
        request = r.Give(
            theirs.encoded, bob.chain.encoded, bob.whereabouts(honest.home).encoded, code
        )
        with pytest.raises(BadInvite):
            await w.other.open().replicas.give(request)


async def test_a_made_up_grant_does_not_tell_who_lives_here(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        eve, heard = Person("eve"), set[tuple[type[HoldfastError], str]]()
        for person in (w.alice, Person("bob")):
            here = Home(w.home.peer_id, ("/ip4/127.0.0.1/tcp/4062",), HomeRole.REPLICA)
            grant = ReplicaGrant.make(person.chain, 0, b"elsewhere", here, 1, NOW + YEAR, eve.daily)
            where = person.whereabouts(b"elsewhere").encoded
            for shown in (person.chain, eve.chain):
                with pytest.raises(HoldfastError) as refused:
                    await w.home.open(w.home.caller(b"eve", local=False)).replicas.give(
                        r.Give(grant.encoded, shown.encoded, where, None)
                    )
                heard.add((type(refused.value), refused.value.message))
        assert {kind for kind, _ in heard} == {Forged}
        assert len(heard) == 2  # by another key, and of another identity: whoever it is


class Replies(Between):
    """A replica that answers challenges as it likes: ``answer`` for each hash."""

    answer = bytes(32)

    async def follow(self, request: r.Follow) -> r.Followed:
        wrong = replace(request, held=tuple(self.answer for _ in request.held))
        return await self._doors.follow(wrong)


async def test_a_wrong_proof_is_noted(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        await w.put("one")
        w.network.wrap = Replies
        await w.add()
        w.follow()

        async def failed() -> bool:
            return (await w.noted()).failed == NOW

        await until(failed)
        assert (await w.noted()).proven == 0


class Cheats(Between):
    """A replica that fetches what it is challenged for."""

    async def follow(self, request: r.Follow) -> r.Followed:
        found = await self._doors.follow(request)
        if found.challenge is not None:
            asked = found.challenge
            await self._doors.fetch(r.Fetch(request.owner, asked.space, asked.cids))
        return found


async def test_what_is_fetched_to_answer_was_not_held(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        await w.put("one")
        w.network.wrap = Cheats
        await w.add()
        w.follow()

        async def failed() -> bool:
            return (await w.noted()).failed == NOW

        await until(failed)
        assert (await w.noted()).proven == 0


async def test_a_grant_that_ended_hands_nothing_over_and_keeps_what_was(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        await w.put("one")
        await w.add()
        w.follow()
        await w.caught_up()
        await w.stop()
        w.clock.now += YEAR
        asking = (await w.network.reach(w.home_of())).replicas
        with pytest.raises(Denied):
            await asking.line(r.AskLine(*_names(w), None))
        w.follow()
        await w.stop()
        assert await w.at(w.other) == 1


async def test_a_full_disk_at_the_replica_is_told_the_owner(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        await w.add()
        w.follow()
        await w.caught_up()
        core = w.other.core
        core.config = replace(core.config, limits=Limits(min_free=2**60))
        await w.put("does not fit")
        assert "less room" in await w.told()
        standings = await w.doors.replicas.standings(r.AskReplicas(w.alice.id))
        (standing,) = standings.replicas
        assert "less room" in standing.told
        assert [at.seq for at in standing.at] == [0]


class Breaks(Between):
    """Breaks off at one of the calls, counted over all connections; ``left``: calls until then."""

    left = 0

    def _count(self) -> None:
        Breaks.left -= 1
        if Breaks.left == 0:
            raise Unreachable("the connection broke")

    async def follow(self, request: r.Follow) -> r.Followed:
        self._count()
        return await super().follow(request)

    async def line(self, request: r.AskLine) -> r.Line:
        self._count()
        return await super().line(request)

    async def fetch(self, request: r.Fetch) -> r.Fetched:
        found = await super().fetch(request)
        self._count()  # the answer is lost
        return found


@pytest.mark.parametrize("at", range(1, 12))
async def test_wherever_it_breaks_off_it_goes_on(tmp_path: Path, at: int) -> None:
    async with two(tmp_path) as w:
        for number in range(3):
            await w.put("before", number, segments=3)
        Breaks.left = at
        w.network.wrap = Breaks
        await w.add()
        w.follow()
        await w.caught_up()
        await w.put("after")
        await w.caught_up()
        sessions = await w.other.store.read(lambda view: [*view.sessions()])
        assert sessions == []
        assert (await verify(w.other.store, deep=True)).found.listed == []


async def test_more_changes_than_there_is_room_for_are_not_fetched(tmp_path: Path) -> None:
    async with two(tmp_path) as w:
        for number in range(12):
            await w.put(number, size=100)
        await w.add(ceiling=2000)
        w.follow()
        assert "so many changes" in await w.told()
        assert await w.at(w.other) == -1
