"""The inbox door: sealed messages, left by anybody and collected by their owner.

A message that pays with work is answered ``Taken`` whoever it is for, and costs
the same write either way: the work is written down as spent, so that one
piece of work leaves one message. A message that pays with a token gets the true
answer, since whoever has the token knows the owner already.
"""

from collections.abc import Sequence
from typing import Final

import trio

from formats.drop import (
    DAY,
    MAX_DAYS_OFF,
    MAX_USES,
    SEALED_MESSAGE,
    Drop,
    check_sealed,
    token_hash,
    work_target,
)
from formats.errors import Expired, TooMany, Unfit
from node.authorise import as_owner, denied
from node.core import Arrived
from node.logs import Log, Repeated
from node.services.door import Door, answers, writes
from protocols import inbox as i
from storage.contracts import TokenRow, Transaction, View

MAX_WAITING: Final = 10_000
"""Messages that wait for one target."""

MAX_WAITING_BYTES: Final = 256 * 1024 * 1024
"""Bytes that wait for one target."""

MAX_ANONYMOUS: Final = MAX_WAITING // 2
"""From here on only tokens get in: who pays with work cannot shut out who was given one."""

MAX_TOKEN_LIFE: Final = 400 * DAY
"""How far ahead a token may expire, in milliseconds."""

_full: Final = Repeated(Log("node.inbox"), "inbox full", 60_000)


class Inbox(Door):
    """``protocols.services.Inbox`` for one connection."""

    @writes
    async def leave(self, request: i.Leave) -> i.Taken:
        """Take a message for somebody."""
        await self.check_new()
        drop = Drop.decode(request.drop)
        check_sealed(request.sealed)
        now = self.now()
        if drop.token is None:
            drop.check_work(request.sealed, self.core.config.work_bits, now)

        def work(tx: Transaction) -> bool:
            if drop.token is None:
                return _leave_by_work(tx, drop, request.sealed, now)
            return _leave_by_token(tx, drop, token_hash(drop.token), request.sealed, now)

        with trio.CancelScope(shield=True):  # what was written must be told to who waits for it
            taken = await self.core.store.write(work)
        if taken:
            self.core.signals.fire(Arrived(drop.target))
        return i.Taken()

    @answers
    async def collect(self, request: i.Collect) -> i.Messages:
        """What waits for the owner; when nothing does, what comes meanwhile."""
        if request.done:
            await self._forget(request.target, request.done)
        with (
            self.core.signals.listening(Arrived(request.target)) as arrived,
            trio.move_on_after(min(request.wait, i.MAX_WAIT) / 1000),
        ):
            messages = await self._collect(request)
            if messages.messages or not request.wait:
                return messages
            await arrived.wait()
        return await self._collect(request)

    async def _collect(self, request: i.Collect) -> i.Messages:
        def work(view: View) -> i.Messages:
            as_owner(view, self.caller, request.target)
            rows = view.messages(request.target, request.after, i.MAX_MESSAGES)
            return i.Messages(tuple(i.Message(row.seq, row.arrived, row.sealed) for row in rows))

        return await self.core.store.read(work)

    @answers
    async def delete(self, request: i.Delete) -> i.Deleted:
        """Forget messages that the owner has."""
        await self._forget(request.target, request.seqs)
        return i.Deleted()

    async def _forget(self, target: bytes, seqs: Sequence[int]) -> None:
        def work(tx: Transaction) -> None:
            as_owner(tx, self.caller, target)
            tx.delete_messages(target, seqs)

        with self.core.gate.write():
            await self.core.store.write(work)

    @writes
    async def allow(self, request: i.Allow) -> i.Allowed:
        """Let a token in from now on."""
        now = self.now()
        if not 1 <= request.uses <= MAX_USES:
            raise Unfit(f"a token is good for 1 to {MAX_USES} messages")
        if not now < request.expires <= now + MAX_TOKEN_LIFE:
            raise Unfit("a token expires later than now and within 400 days")

        def work(tx: Transaction) -> None:
            as_owner(tx, self.caller, request.target)
            if tx.token(request.target, request.hash) is None:
                row = TokenRow(request.target, request.hash, request.expires, request.uses)
                tx.put_token(row)

        await self.core.store.write(work)
        return i.Allowed()

    @writes
    async def register(self, request: i.Register) -> i.Registered:
        """Let one-time tokens in from now on, once each."""
        now = self.now()
        if not all(now < each.expires <= now + MAX_TOKEN_LIFE for each in request.batches):
            raise Unfit("a token expires later than now and within 400 days")

        def work(tx: Transaction) -> None:
            as_owner(tx, self.caller, request.target)
            for batch in request.batches:
                for hashed in batch.hashes:
                    if tx.token(request.target, hashed) is None:
                        tx.put_token(TokenRow(request.target, hashed, batch.expires, 1))

        await self.core.store.write(work)
        return i.Registered()


def _leave_by_token(tx: Transaction, drop: Drop, hashed: bytes, sealed: bytes, now: int) -> bool:
    token = tx.token(drop.target, hashed)
    if token is None:
        raise denied()
    if now >= token.expires:
        raise Expired("the token expired", hint="ask for a new contact card")
    if token.uses == 0:
        raise TooMany("the token was used as often as it was good for", hint="ask for a new card")
    if not _has_room(tx, drop.target, MAX_WAITING):
        raise TooMany("the inbox is full", hint="try again when its owner has collected it")
    tx.put_token(TokenRow(drop.target, hashed, token.expires, token.uses - 1))
    tx.drop_message(drop.target, now, sealed)
    return True


def _leave_by_work(tx: Transaction, drop: Drop, sealed: bytes, now: int) -> bool:
    # Spent work is kept as a token without uses, for as long as its day counts. No token can
    # be mistaken for it: what is hashed here is longer than a token.
    spent = token_hash(work_target(drop.target, drop.day, sealed))
    if tx.token(drop.target, spent) is not None:
        return False
    expires = (drop.day + MAX_DAYS_OFF + 1) * DAY
    tx.put_token(TokenRow(drop.target, spent, expires, 0))
    if tx.account_of(drop.target) is None:
        return False
    if not _has_room(tx, drop.target, MAX_ANONYMOUS):
        _full.note(now)
        return False
    tx.drop_message(drop.target, now, sealed)
    return True


def _has_room(tx: Transaction, target: bytes, most: int) -> bool:
    messages, size = tx.inbox_size(target)
    return messages < most and size + SEALED_MESSAGE <= MAX_WAITING_BYTES
