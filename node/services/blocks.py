"""The blocks door: stage sealed blocks, read leaves with proof."""

from typing import Final

import trio

from crypto.secret import random_bytes
from formats.cid import Block
from formats.errors import Denied, TooLarge
from formats.limits import TOKEN
from node.authorise import (
    as_member,
    as_session,
    as_writer,
    check_lives,
    denied,
    is_own_session,
    may_manage,
    standing,
)
from node.ceilings import check_ceiling
from node.checking.aside import AsideFolder
from node.checking.lost import forget, lost
from node.checking.repair import put_back
from node.folder import NodeFolder
from node.gate import short_of_room
from node.proofs import take_reader
from node.reading import answer, recalled
from node.room import check_room, write_with_room
from node.services.door import BEAT, Door, answers, beat, writes
from node.sessions import check_sessions
from protocols import blocks as b
from storage.contracts import SessionRow, SpaceKey, Transaction, View

OF_A_BEAT: Final = 64
"""Items of a read that are looked at well within one beat."""

SESSION_LIFE: Final = 7 * 24 * 60 * 60 * 1000
"""Milliseconds for which a session is kept after its last use."""


class Blocks(Door):
    """``protocols.services.Blocks`` for one connection."""

    @writes
    async def open_session(self, request: b.OpenSession) -> b.Session:
        """A session for a member who may write."""
        self.core.gate.check_begin()
        key = SpaceKey(request.owner, request.space)
        session = random_bytes(TOKEN)
        expires = self.now() + SESSION_LIFE

        def work(tx: Transaction) -> None:
            _, member = as_writer(tx, self.caller, key)
            check_lives(tx, key.owner, self.core.peer)
            check_sessions(tx, key, member)
            tx.open_session(SessionRow(session, key, member, expires, 0))

        await self.core.store.write(work)
        return b.Session(session, expires)

    @writes
    async def stage(self, request: b.Stage) -> b.Staged:
        """Hold blocks until a commit names them."""
        if sum(len(block.data) for block in request.blocks) > b.MAX_STAGE_BYTES:
            raise TooLarge(f"a request stages at most {b.MAX_STAGE_BYTES} bytes")
        await self.measure()
        now, room = self.now(), self.core.gate.staging_room(self.core.config.limits)
        owners = set[bytes]()

        def work(tx: Transaction) -> int:
            row = as_session(tx, self.caller, request.session, now)
            if may_manage(tx, row.key, row.member):
                owners.add(row.key.owner)
            for block in request.blocks:
                tx.stage(row.session, block)
            check_room(tx, row.key.owner)
            check_ceiling(tx, row.key, row.member)
            tx.extend_session(row.session, now + SESSION_LIFE)
            held = tx.session(row.session)
            reserved = 0 if held is None else held.reserved
            if room is not None and reserved > room:
                raise short_of_room()
            return reserved

        return b.Staged(await write_with_room(self.core.store, owners, work))

    @answers
    async def missing(self, request: b.Missing) -> b.Lacking:
        """Which blocks neither the session nor its space has."""
        now = self.now()

        def work(view: View) -> b.Lacking:
            row = as_session(view, self.caller, request.session, now)
            lacking = (
                cid
                for cid in request.cids
                if not view.is_staged(row.session, cid) and not view.references(row.key, cid)
            )
            return b.Lacking(tuple(lacking))

        return await self.core.store.read(work)

    @answers
    async def recall(self, request: b.Recall) -> b.Recalled:
        """Blocks that a session holds; what rots on the disk is left out."""
        self.core.pace.check_sent(self.caller, self.core.config.limits, self.now())
        now = self.now()

        def work(view: View) -> b.Recalled:
            row = as_session(view, self.caller, request.session, now)
            held = [cid for cid in request.cids if view.is_staged(row.session, cid)]
            return b.Recalled(recalled(view, held))

        return await self.core.store.read(work)

    @writes
    async def close_session(self, request: b.CloseSession) -> b.Closed:
        """Forget a session; one that is not the caller's is left alone, and that is not said."""

        def work(tx: Transaction) -> None:
            row = tx.session(request.session)
            if row is not None and is_own_session(tx, self.caller, row):
                tx.close_session(row.session)

        await self.core.store.write(work)
        return b.Closed()

    @answers
    async def lost(self, request: b.AskLost) -> b.Lost:
        """What a check found lost in a space."""
        key = SpaceKey(request.owner, request.space)

        def work(view: View) -> b.Lost:
            return b.Lost(lost(view, as_member(view, self.caller, key).row.key))

        return await self.core.store.read(work)

    @writes
    async def mend(self, request: b.Mend) -> b.Mended:
        """Take blocks that were lost; what is damaged is put aside first."""
        if sum(len(block.data) for block in request.blocks) > b.MAX_MEND_BYTES:
            raise TooLarge(f"a request mends at most {b.MAX_MEND_BYTES} bytes")
        await self.check_new()
        key = SpaceKey(request.owner, request.space)

        def named(view: View) -> list[Block]:
            known = {each.cid for each in lost(view, as_member(view, self.caller, key).row.key)}
            return [block for block in request.blocks if block.cid in known]

        wanted = await self.core.store.read(named)
        aside = AsideFolder(NodeFolder(self.core.config.home).aside)
        count = sum([await put_back(self.core.store, each, aside) for each in wanted])
        cids = [block.cid for block in wanted]
        await self.core.store.write(lambda tx: forget(tx, key, cids))
        return b.Mended(count)

    @answers
    async def read(self, request: b.Read) -> b.Found:
        """Leaves by label, for members and for readers with proofs; one thread hop."""
        self.core.pace.check_sent(self.caller, self.core.config.limits, self.now())
        key = SpaceKey(request.owner, request.space)
        now, started = self.now(), trio.current_time()
        if request.reader is not None:
            take_reader(self.core, self.caller, request.reader, now)

        def work(view: View) -> b.Found:
            at = standing(view, self.caller, key)
            if at is None:
                raise denied()
            return answer(view, at, self.caller, request, self.core.peer, now)

        try:
            found = await self.core.store.read(work)
        except Denied:
            if len(request.items) > OF_A_BEAT:  # the last half of a beat is the door's own
                await beat(started - BEAT / 2, _beats(request))
            raise
        if _refused(found) and not self._sees_all(key):
            await beat(started, _beats(request))
        return found

    def _sees_all(self, key: SpaceKey) -> bool:
        """Whether the connection has proven to be a member, from whom nothing is hidden."""
        return any(space == key for space, _ in self.caller.members)


def _refused(found: b.Found) -> bool:
    """Whether something was asked for that is not there for the caller; not: did not fit."""
    later = set(found.rest)
    return not all(here or at in later for at, here in enumerate(found.here))


def _beats(request: b.Read) -> float:
    """Seconds to hold an answer back to a multiple of, where something was refused.

    Longer with more items, or thousands of questions for one label would add up what one
    takes more if it is there, until it shows.
    """
    return BEAT * -(-max(1, len(request.items)) // OF_A_BEAT)
