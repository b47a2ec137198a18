"""The replicas door: another node follows an account that lives here, or this one follows it."""

from dataclasses import replace
from functools import partial

import trio

from formats.identity import IdentityChain
from node.authorise import as_person, denied, is_home, person
from node.core import Changed
from node.following import carried, grants
from node.following.challenge import PROVE_EVERY
from node.following.pulling import stage
from node.following.serving import (
    Partner,
    fetched,
    heads,
    line,
    partner,
    person_hash,
    replica,
)
from node.following.standing import SEEN_EVERY, Noted, matters, note, worded
from node.services.door import Door, answers, writes
from protocols import replicas as r
from storage.contracts import ReplicaRow, SpaceKey, View


class Replicas(Door):
    """``protocols.services.Replicas`` for one connection."""

    @writes
    async def give(self, request: r.Give) -> r.Given:
        """Take a grant, as the home or as the replica that it names."""
        self.core.gate.check_begin()
        taken = await self.core.store.read(
            partial(
                grants.examine,
                caller=self.caller,
                request=request,
                own=self.core.peer,
                now=self.now(),
            )
        )
        if taken.row != taken.before:
            await self.core.store.write(lambda tx: grants.carry_out(tx, taken))
        self.core.signals.fire(Changed(taken.row.owner))
        self.core.signals.fire(Changed(b""))
        return r.Given(taken.allowed)

    @answers
    async def standings(self, request: r.AskReplicas) -> r.Replicas:
        """How the replicas of an account stand, for its owner."""

        now = self.now()

        def work(view: View) -> r.Replicas:
            as_person(view, self.caller, request.id)
            rows = [row for row in view.replicas() if row.owner == request.id and matters(row, now)]
            here = view.account_of(request.id) is not None
            if here and is_home(view, request.id, self.core.peer):  # it was a replica before
                rows = [row for row in rows if row.peer != self.core.peer]
            told = [Noted.decode(row.noted).standing(row.grant) for row in rows]
            return r.Replicas(tuple(told[: r.MAX_REPLICAS]))

        return await self.core.store.read(work)

    @answers
    async def follow(self, request: r.Follow) -> r.Followed:
        """What is new in an account, for a node that follows it."""
        now = self.now()
        own, caller = self.core.peer, self.caller
        known = await self.core.store.read(lambda view: replica(view, caller, request.owner, own))
        if not known.grant.holds(now):
            return self._over(known, request)
        caller.follows.add(request.owner)
        await self._note(request, now)
        with trio.move_on_after(min(request.wait, r.MAX_WAIT) / 1000):
            await self._changed(request)
        return await self.core.store.read(partial(self._followed, request=request))

    def _over(self, known: Partner, request: r.Follow) -> r.Followed:
        """The grant that does not hold, once; who has it and asks on is refused."""
        if request.grant == known.grant.hash:
            raise denied()
        return r.Followed(known.grant.encoded, (), None, (), None)

    async def _note(self, request: r.Follow, now: int) -> None:
        """Keep where the replica says it is, and whether it showed what it was asked for."""
        owner, peer = request.owner, self.caller.peer

        def judge(view: View) -> tuple[ReplicaRow | None, bool | None, bool]:
            challenges = self.core.challenges
            verdict = challenges.judge(view, owner, peer, request.held, now)
            return view.replica(owner, peer), verdict, heads(view, owner) == request.at

        row, verdict, current = await self.core.store.read(judge)
        if row is None:
            raise denied()
        before = Noted.decode(row.noted)
        said = replace(before, at=request.at, used=request.used, told=worded(request.told))
        if verdict is not None:
            said = replace(said, proven=now) if verdict else replace(said, failed=now)
        if said == before and now - before.seen < SEEN_EVERY:
            return
        noted = replace(said, seen=now, current=now if current else before.current)
        with self.core.gate.write():
            await self.core.store.write(lambda tx: note(tx, row, noted))

    async def _changed(self, request: r.Follow) -> None:
        """Return once the account is not as the replica has it, however long that takes."""
        while True:
            with self.core.signals.listening(Changed(request.owner)) as changed:
                if await self.core.store.read(partial(self._is_news, request=request)):
                    return
                await changed.wait()

    def _is_news(self, view: View, request: r.Follow) -> bool:
        known = replica(view, self.caller, request.owner, self.core.peer)
        return (
            known.grant.hash != request.grant
            or person_hash(view.identity(request.owner)) != request.person
            or heads(view, request.owner) != request.at
            or self._is_due(known.row)
        )

    def _is_due(self, row: ReplicaRow) -> bool:
        """Whether it has to show again that it holds what it says."""
        noted = Noted.decode(row.noted)
        return self.now() - max(noted.proven, noted.failed) >= PROVE_EVERY

    def _followed(self, view: View, request: r.Follow) -> r.Followed:
        known = replica(view, self.caller, request.owner, self.core.peer)
        if not known.grant.holds(self.now()):
            return r.Followed(known.grant.encoded, (), None, (), None)
        person = view.identity(request.owner)
        told = person is not None and person_hash(person) != request.person
        return r.Followed(
            known.grant.encoded,
            person.chain if told and person is not None else (),
            person.whereabouts if told and person is not None else None,
            heads(view, request.owner),
            self._challenge(view, known.row, request),
        )

    def _challenge(self, view: View, row: ReplicaRow, request: r.Follow) -> r.Challenge | None:
        """Asked of a replica that says it has all; one space each time."""
        if not request.at or heads(view, row.owner) != request.at or not self._is_due(row):
            return None
        now = self.now()
        at = request.at[now // 1000 % len(request.at)]
        space = view.space(SpaceKey(row.owner, at.space))
        if space is None:
            return None
        return self.core.challenges.draw(view, space.key, space.root, row.peer, now)

    @answers
    async def line(self, request: r.AskLine) -> r.Line:
        """Pointer records of a space."""

        def work(view: View) -> r.Line:
            self._check(view, request.owner)
            return line(view, request)

        return await self.core.store.read(work)

    @answers
    async def fetch(self, request: r.Fetch) -> r.Fetched:
        """Blocks of a space."""
        self.core.pace.check_sent(self.caller, self.core.config.limits, self.now())

        def work(view: View) -> r.Fetched:
            self._check(view, request.owner)
            return fetched(view, request)

        found = await self.core.store.read(work)
        self.core.challenges.fetched(request.owner, self.caller.peer, request.cids)
        return found

    def _check(self, view: View, owner: bytes) -> None:
        """Return for the owner, and for the node that follows or is followed; raises Denied."""
        if person(view, self.caller, owner) is None:
            partner(view, self.caller, owner, self.core.peer, self.now())
            self.caller.follows.add(owner)

    @answers
    async def needed(self, request: r.AskNeeded) -> r.Needed:
        """What an owner still has to bring."""
        key = SpaceKey(request.owner, request.space)

        def work(view: View) -> r.Needed:
            carried.check(view, self.caller, request.owner, self.core.peer)
            return r.Needed(carried.needed(view, key, request.cids))

        return await self.core.store.read(work)

    @answers
    async def bring(self, request: r.Bring) -> r.Brought:
        """Blocks that an owner brings."""
        await self._may_bring(request.owner)
        await self.measure()
        await stage(self.core, SpaceKey(request.owner, request.space), request.blocks)
        return r.Brought()

    @answers
    async def arrive(self, request: r.Arrive) -> r.Arrived:
        """A space that its owner brought."""
        owner = await self._may_bring(request.owner)
        return r.Arrived(await carried.arrive(self.core, owner, request))

    async def _may_bring(self, owner: bytes) -> IdentityChain:
        return await self.core.store.read(
            lambda view: carried.check(view, self.caller, owner, self.core.peer)
        )
