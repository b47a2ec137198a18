"""Following one account: asking its home, which answers when something is new, and taking it.

What goes wrong is told the home with the next question, in the words of its error, so that
the owner hears of it: the account's ceiling, a full disk, another history. Then it is tried
again, after longer and longer pauses.
"""

from dataclasses import replace
from functools import partial
from typing import Final

import trio

from formats.errors import Expired, HoldfastError, Stale, TimedOut, Unreachable
from formats.identity import IdentityChain
from formats.replica import ReplicaGrant
from formats.whereabouts import Home, Whereabouts
from node.core import Changed, Core
from node.following.bringing import bring
from node.following.challenge import shown
from node.following.connection import reached
from node.following.serving import heads, person_hash
from node.following.standing import SEEN_EVERY, Noted, note, worded
from node.logs import Log
from node.records import chain
from protocols import replicas as r
from protocols.services import Network, Replicas
from storage.contracts import IdentityRow, ReplicaRow, SpaceKey, Transaction, View

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 300.0
"""Seconds between two tries, at first and at most."""

IDLE_PAUSE: Final = 1.0
"""Seconds to wait before asking a home again that answers at once, and has nothing new."""
MOST_IDLE: Final = 3
"""Such answers that are put up with: a challenge, a grant and a person's records are some."""

GOODBYE: Final = "the node that kept it keeps it no longer"

_log: Final = Log("node.replicas")


class Over(Exception):
    """The account is not to be followed any more."""


class Follower:
    """Follows one account, whose row is in the store."""

    def __init__(self, core: Core, network: Network, owner: bytes) -> None:
        self._core: Final = core
        self._network: Final = network
        self._owner: Final = owner
        self._told = ""
        self._pause = FIRST_PAUSE

    async def run(self) -> None:
        """Follow until the grant does not hold any more, or this is cancelled."""
        while True:
            try:
                await self._follow()
            except Over:
                return
            except (Unreachable, TimedOut):
                _log.debug("home away")
            except HoldfastError as error:
                self._told = self._told or worded(error.message)
                _log.warning("replica does not follow", kind=type(error).__name__)
                await self._note()
            await trio.sleep(self._pause)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)

    async def _follow(self) -> None:
        async with reached(self._network, await self._home()) as home:
            held, before, idle = tuple[bytes, ...](), tuple[r.At, ...](), 0
            while True:
                question, asked = await self._question(held, r.MAX_WAIT), trio.current_time()
                held = await self._heed(home, await home.follow(question))
                self._pause = FIRST_PAUSE
                quick = trio.current_time() - asked < IDLE_PAUSE
                idle = idle + 1 if quick and question.at == before else 0
                before = question.at
                if idle > MOST_IDLE:  # a home that has nothing new is meant to wait with its answer
                    await trio.sleep(IDLE_PAUSE)

    async def _home(self) -> Home:
        """The node that the grant names, where its owner last said that it is."""
        _, grant, person = await self._known()
        homes = Whereabouts.decode(person.whereabouts).homes
        found = next((home for home in homes if home.peer == grant.home), None)
        if found is None:
            raise Stale("the owner lives at another home now", hint="they add the replica again")
        return found

    async def _known(self) -> tuple[ReplicaRow, ReplicaGrant, IdentityRow]:
        """The row, its grant, and who granted it; raises Over when it does not hold.

        So it is for an account that lives here, whatever was granted before.
        """

        def work(view: View) -> tuple[ReplicaRow | None, IdentityRow | None, bool]:
            lives = view.account_of(self._owner) is not None
            return view.replica(self._owner, self._core.peer), view.identity(self._owner), lives

        row, person, lives = await self._core.store.read(work)
        if row is None or person is None or not Noted.decode(row.noted).allowed:
            raise Over
        grant = ReplicaGrant.decode(row.grant)
        is_home = Whereabouts.decode(person.whereabouts).home.peer == self._core.peer
        if (is_home and lives) or not grant.holds(self._core.clock.now_ms()):
            raise Over
        return row, grant, person

    async def _question(self, held: tuple[bytes, ...], wait: int) -> r.Follow:
        _, grant, person = await self._known()
        at, size = await self._core.store.read(self._at)
        known = person_hash(person)
        return r.Follow(self._owner, grant.hash, known, at, size, self._told, held, wait)

    def _at(self, view: View) -> tuple[tuple[r.At, ...], int]:
        return heads(view, self._owner), sum(view.usage(self._owner))

    async def _heed(self, home: Replicas, answer: r.Followed) -> tuple[bytes, ...]:
        """Do as the home's answer says; returns the answer to its challenge."""
        await self._take_records(answer)
        _, _, person = await self._known()
        owner, (at, _) = chain(person.chain), await self._core.store.read(self._at)
        for head in answer.heads:
            if head not in at:
                await self._bring(home, owner, SpaceKey(self._owner, head.space))
        if answer.heads:
            self._told = ""
            await self._note(current=True)
        return await self._shown(answer.challenge)

    async def _bring(self, home: Replicas, owner: IdentityChain, key: SpaceKey) -> None:
        try:
            await bring(self._core, home, owner, key)
        except (Unreachable, TimedOut):
            raise
        except HoldfastError as error:
            self._told = worded(error.message)
            await home.follow(await self._question((), 0))
            raise

    async def _shown(self, asked: r.Challenge | None) -> tuple[bytes, ...]:
        if asked is None:
            return ()
        key = SpaceKey(self._owner, asked.space)
        return await self._core.store.read(partial(shown, key=key, asked=asked))

    async def _take_records(self, answer: r.Followed) -> None:
        """A newer grant and newer records of the owner, if they hold."""
        row, grant, person = await self._known()
        fresh = ReplicaGrant.decode(answer.grant)
        owner = _longer(person, answer.chain)
        now = self._core.clock.now_ms()
        where = _newer_whereabouts(person, owner, answer.whereabouts, now)
        if await self._would_live(where):
            where = person.whereabouts
        newest = IdentityRow(person.id, owner.encoded, where)
        if fresh.hash != grant.hash:
            fresh.verify(owner)
            fresh.extends(grant)
        if newest == person and fresh.hash == grant.hash:
            return

        def work(tx: Transaction) -> None:
            if tx.identity(self._owner) != person:
                return  # somebody was quicker, who may have settled in: look again
            tx.put_identity(newest)
            tx.put_replica(replace(tx.replica(row.owner, row.peer) or row, grant=fresh.encoded))

        await self._core.store.write(work)
        self._core.signals.fire(Changed(b""))

    async def _would_live(self, where: bytes) -> bool:
        """Whether an account that moved away would live here again by these whereabouts.

        It comes back by settling in, when it has its newest state, and not by hearsay.
        """
        if Whereabouts.decode(where).home.peer != self._core.peer:
            return False
        account = await self._core.store.read(lambda view: view.account_of(self._owner))
        return account is not None

    async def _note(self, current: bool = False) -> None:
        """Keep how it stands, for whoever runs this node and for the owner."""
        now = self._core.clock.now_ms()

        def work(tx: Transaction) -> None:
            row = tx.replica(self._owner, self._core.peer)
            if row is None:
                return
            at, size = self._at(tx)
            before = Noted.decode(row.noted)
            fresh = replace(before, at=at, used=size, told=self._told)
            if fresh != before or now - before.seen >= SEEN_EVERY:
                since = now if current else before.current
                note(tx, row, replace(fresh, seen=now, current=since))

        await self._core.store.write(work)


async def say_goodbye(network: Network, row: ReplicaRow, where: bytes) -> None:
    """Tell the home that its account is kept no longer here; raises Unreachable and the like."""
    grant = ReplicaGrant.decode(row.grant)
    async with reached(network, Whereabouts.decode(where).home) as home:
        await home.follow(r.Follow(row.owner, grant.hash, bytes(32), (), 0, GOODBYE, (), 0))


def _longer(person: IdentityRow, envelopes: tuple[bytes, ...]) -> IdentityChain:
    """The owner's chain, with what is new in the one that the home shows."""
    known = chain(person.chain)
    if not envelopes or envelopes == person.chain:
        return known
    shown_chain = chain(envelopes)
    shown_chain.extends(person.id, known.seq, known.head_hash)
    return shown_chain


def _newer_whereabouts(
    person: IdentityRow, owner: IdentityChain, data: bytes | None, now: int
) -> bytes:
    """The owner's whereabouts, those shown if they hold and are not older."""
    if data is None or data == person.whereabouts:
        return person.whereabouts
    fresh, known = Whereabouts.decode(data), Whereabouts.decode(person.whereabouts)
    try:
        fresh.verify(owner, now)
        fresh.extends(known.seq, known.hash)
    except (Expired, Stale):
        return person.whereabouts
    return data
