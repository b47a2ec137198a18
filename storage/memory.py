"""The reference back end: everything in dictionaries, nothing on a disk.

What a ``Transaction`` changes goes through one journal, which is unwound when
its function raises. Functions run on the event loop, one at a time, so every
view is consistent by itself. Durable it is not: ``snapshot`` is what a test
takes instead of a crash.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import Final, Self, TypeVar

import trio

from formats.cid import Block, Cid
from formats.errors import Exists, Expired, Internal, Malformed, MissingBlock, StorageFailed, Unfit
from storage.contracts import (
    AccountRow,
    Change,
    Copied,
    IdentityRow,
    InboxRow,
    InviteRow,
    PastRow,
    PinRow,
    Reference,
    Release,
    ReplicaRow,
    RetainedRoot,
    SessionRow,
    SpaceKey,
    SpaceRow,
    StoredBlock,
    TokenRow,
    Transaction,
    View,
)

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


@dataclass(slots=True)
class _Tables:
    """All there is. Values are immutable or dictionaries of immutables."""

    blocks: dict[Cid, bytes] = field(default_factory=dict)
    holders: dict[Cid, int] = field(default_factory=dict)
    garbage: dict[Cid, int | None] = field(default_factory=dict)
    references: dict[tuple[SpaceKey, Cid], tuple[int, int]] = field(default_factory=dict)
    used: dict[SpaceKey, int] = field(default_factory=dict)
    charges: dict[tuple[SpaceKey, Cid], bytes] = field(default_factory=dict)
    spaces: dict[SpaceKey, SpaceRow] = field(default_factory=dict)
    history: dict[tuple[SpaceKey, int], bytes] = field(default_factory=dict)
    retained: dict[tuple[SpaceKey, int], RetainedRoot] = field(default_factory=dict)
    pins: dict[tuple[SpaceKey, int], PinRow] = field(default_factory=dict)
    releases: dict[int, Release] = field(default_factory=dict)
    sessions: dict[bytes, SessionRow] = field(default_factory=dict)
    staged: dict[bytes, dict[Cid, None]] = field(default_factory=dict)
    accounts: dict[str, AccountRow] = field(default_factory=dict)
    identities: dict[bytes, IdentityRow] = field(default_factory=dict)
    messages: dict[bytes, dict[int, InboxRow]] = field(default_factory=dict)
    last_seq: dict[bytes, int] = field(default_factory=dict)
    tokens: dict[tuple[bytes, bytes], TokenRow] = field(default_factory=dict)
    invites: dict[bytes, InviteRow] = field(default_factory=dict)
    replicas: dict[tuple[bytes, bytes], ReplicaRow] = field(default_factory=dict)
    settings: dict[str, bytes] = field(default_factory=dict)

    def copy(self) -> "_Tables":
        """A copy that shares no dictionary with this one."""
        made = _Tables()
        for each in fields(self):
            table = getattr(self, each.name)
            copied = {k: dict(v) if isinstance(v, dict) else v for k, v in table.items()}
            setattr(made, each.name, copied)
        return made


class _Journal:
    """Changes dictionaries and can take every change back, newest first."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], object]] = []

    def put(self, table: dict[K, V], key: K, value: V) -> None:
        if key in table:
            self._undo.append(partial(table.__setitem__, key, table[key]))
        else:
            self._undo.append(partial(table.__delitem__, key))
        table[key] = value

    def remove(self, table: dict[K, V], key: K) -> None:
        if key in table:
            self._undo.append(partial(table.__setitem__, key, table[key]))
            del table[key]

    def unwind(self) -> None:
        while self._undo:
            self._undo.pop()()


class MemoryView:
    """``View`` over the tables."""

    def __init__(self, tables: _Tables) -> None:
        self._kept: _Tables | None = tables

    @property
    def _t(self) -> _Tables:
        if self._kept is None:
            raise Internal("a view of the store was used after its function returned")
        return self._kept

    def expire(self) -> None:
        """Refuse every later use."""
        self._kept = None

    def block(self, cid: Cid) -> bytes:
        data = self._t.blocks.get(cid)
        if data is None:
            raise MissingBlock.of(cid)
        return data

    def block_size(self, cid: Cid) -> int | None:
        data = self._t.blocks.get(cid)
        return None if data is None else len(data)

    def references(self, key: SpaceKey, cid: Cid) -> int:
        return self._t.references.get((key, cid), (0, 0))[0]

    def is_staged(self, session: bytes, cid: Cid) -> bool:
        return cid in self._t.staged.get(session, {})

    def account(self, name: str) -> AccountRow | None:
        return self._t.accounts.get(name)

    def account_of(self, id: bytes) -> AccountRow | None:
        return next((row for row in self._t.accounts.values() if row.id == id), None)

    def accounts(self) -> Iterator[AccountRow]:
        return iter(sorted(self._t.accounts.values(), key=lambda row: row.name))

    def identity(self, id: bytes) -> IdentityRow | None:
        return self._t.identities.get(id)

    def space(self, key: SpaceKey) -> SpaceRow | None:
        row = self._t.spaces.get(key)
        return None if row is None else replace(row, used=self._t.used.get(key, 0))

    def spaces_of(self, owner: bytes) -> Iterator[SpaceRow]:
        keys = sorted((key for key in self._t.spaces if key.owner == owner), key=lambda k: k.space)
        return iter([replace(self._t.spaces[key], used=self._t.used.get(key, 0)) for key in keys])

    def history(self, key: SpaceKey, seq: int) -> bytes | None:
        return self._t.history.get((key, seq))

    def retained(self, key: SpaceKey, below: int | None = None) -> Iterator[RetainedRoot]:
        rows = [row for row in self._t.retained.values() if row.key == key]
        asked = [row for row in rows if below is None or row.seq < below]
        return iter(sorted(asked, key=lambda row: row.seq, reverse=True))

    def past(self, key: SpaceKey) -> Iterator[PastRow]:
        return iter([_short(row) for row in reversed([*self.retained(key)])])

    def past_row(self, key: SpaceKey, seq: int) -> PastRow | None:
        row = self._t.retained.get((key, seq))
        return None if row is None else _short(row)

    def past_root(self, key: SpaceKey, root: Cid) -> PastRow | None:
        return next((_short(row) for row in self.retained(key) if row.root == root), None)

    def pins(self, key: SpaceKey) -> list[PinRow]:
        rows = [row for row in self._t.pins.values() if row.key == key]
        return sorted(rows, key=lambda row: row.seq, reverse=True)

    def releases(self, owner: bytes, limit: int) -> list[Release]:
        waiting = (row for row in self._t.releases.values() if row.key.owner == owner)
        return sorted(waiting, key=lambda row: row.number, reverse=True)[:limit]

    def releasing(self) -> list[bytes]:
        return sorted({row.key.owner for row in self._t.releases.values()})

    def session(self, session: bytes) -> SessionRow | None:
        return self._t.sessions.get(session)

    def sessions_before(self, time: int, limit: int) -> list[SessionRow]:
        rows = [row for row in self._t.sessions.values() if row.expires < time]
        return sorted(rows, key=lambda row: (row.expires, row.session))[:limit]

    def open_sessions(self, owner: bytes, member: bytes) -> tuple[int, int]:
        rows = [row for row in self._t.sessions.values() if row.key.owner == owner]
        return len(rows), sum(row.member == member for row in rows)

    def usage(self, owner: bytes) -> tuple[int, int]:
        used = sum(size for key, size in self._t.used.items() if key.owner == owner)
        sessions = (row for row in self._t.sessions.values() if row.key.owner == owner)
        return used, sum(row.reserved for row in sessions)

    def charged(self, key: SpaceKey, member: bytes) -> tuple[int, int]:
        theirs = (cid for (at, cid), who in self._t.charges.items() if (at, who) == (key, member))
        sessions = [row for row in self._t.sessions.values() if row.key == key]
        reserved = sum(row.reserved for row in sessions if row.member == member)
        return sum(len(self._t.blocks[cid]) for cid in theirs), reserved

    def messages(self, target: bytes, after: int, limit: int) -> list[InboxRow]:
        waiting = self._t.messages.get(target, {})
        return [waiting[seq] for seq in sorted(waiting) if seq > after][:limit]

    def inbox_size(self, target: bytes) -> tuple[int, int]:
        waiting = self._t.messages.get(target, {})
        return len(waiting), sum(len(row.sealed) for row in waiting.values())

    def token(self, target: bytes, hash: bytes) -> TokenRow | None:
        return self._t.tokens.get((target, hash))

    def invite(self, hash: bytes) -> InviteRow | None:
        return self._t.invites.get(hash)

    def invites(self) -> Iterator[InviteRow]:
        return iter(sorted(self._t.invites.values(), key=lambda row: row.hash))

    def replica(self, owner: bytes, peer: bytes) -> ReplicaRow | None:
        return self._t.replicas.get((owner, peer))

    def replicas(self) -> Iterator[ReplicaRow]:
        return iter([row for _, row in sorted(self._t.replicas.items())])

    def setting(self, name: str) -> bytes | None:
        return self._t.settings.get(name)

    def spaces(self) -> Iterator[SpaceRow]:
        rows = list(self._t.spaces.items())
        return iter([replace(row, used=self._t.used.get(key, 0)) for key, row in rows])

    def references_of(self, key: SpaceKey) -> Iterator[Reference]:
        found = [(cid, row) for (space, cid), row in self._t.references.items() if space == key]
        return iter([Reference(cid, *row, len(self._t.blocks[cid])) for cid, row in found])

    def sessions(self) -> Iterator[SessionRow]:
        return iter(list(self._t.sessions.values()))

    def staged_in(self, session: bytes) -> Iterator[StoredBlock]:
        held = self._t.staged.get(session, {})
        return iter([self._stored(cid) for cid in held])

    def blocks(self, after: int, limit: int) -> list[StoredBlock]:
        found = [self._stored(cid) for cid in self._t.blocks]
        found = [each for each in found if each.number > after]
        return sorted(found, key=lambda each: each.number)[:limit]

    def inboxes(self) -> Iterator[bytes]:
        return iter(list(self._t.messages))

    def faults(self) -> list[str]:
        return []

    def _stored(self, cid: Cid) -> StoredBlock:
        return StoredBlock(int.from_bytes(cid, "big"), cid, len(self._t.blocks[cid]))


class MemoryTransaction(MemoryView):
    """``Transaction`` over the tables; every change goes through the journal."""

    def __init__(self, tables: _Tables, journal: _Journal) -> None:
        super().__init__(tables)
        self._put = journal.put
        self._remove = journal.remove

    def stage(self, session: bytes, block: Block) -> bool:
        row = self._session(session)
        held = self._t.staged[session]
        if block.cid in held:
            return False
        self._put(self._t.blocks, block.cid, block.data)
        self._put(held, block.cid, None)
        self._hold(block.cid)
        size = row.reserved + len(block.data)
        self._put(self._t.sessions, session, replace(row, reserved=size))
        return True

    def open_session(self, row: SessionRow) -> None:
        if row.session in self._t.sessions:
            raise Exists("a staging session of that id is open")
        self._put(self._t.sessions, row.session, replace(row, reserved=0))
        self._put(self._t.staged, row.session, {})

    def extend_session(self, session: bytes, expires: int) -> None:
        row = self._session(session)
        self._put(self._t.sessions, session, replace(row, expires=expires))

    def close_session(self, session: bytes) -> None:
        for cid in self._t.staged.get(session, {}):
            self._let_go(cid)
        self._remove(self._t.staged, session)
        self._remove(self._t.sessions, session)

    def add_reference(self, key: SpaceKey, cid: Cid, kind: int = 0) -> int:
        data = self.block(cid)
        count, first = self._t.references.get((key, cid), (0, kind))
        if kind != first:
            raise Malformed(f"block {cid!r} is linked as two different kinds of block")
        if count == 0:
            self._put(self._t.used, key, self._t.used.get(key, 0) + len(data))
            self._hold(cid)
        self._put(self._t.references, (key, cid), (count + 1, kind))
        return count + 1

    def drop_reference(self, key: SpaceKey, cid: Cid) -> int:
        count, kind = self._t.references.get((key, cid), (0, 0))
        if count == 0:
            raise Internal(f"a space gave back a link to {cid!r} that it does not hold")
        if count > 1:
            self._put(self._t.references, (key, cid), (count - 1, kind))
            return count - 1
        self._remove(self._t.references, (key, cid))
        self._remove(self._t.charges, (key, cid))
        self._put(self._t.used, key, self._t.used[key] - len(self._t.blocks[cid]))
        self._let_go(cid)
        return 0

    def charge(self, key: SpaceKey, cid: Cid, member: bytes) -> None:
        if not self.references(key, cid):
            raise Internal(f"a member was charged for {cid!r}, which its space does not hold")
        if (key, cid) not in self._t.charges:
            self._put(self._t.charges, (key, cid), member)

    def add_releases(self, key: SpaceKey, links: Iterable[tuple[Cid, int]]) -> None:
        for cid, kind in links:
            self.block(cid)
            number = max(self._t.releases, default=0) + 1
            self._put(self._t.releases, number, Release(number, key, cid, kind))

    def forget_releases(self, releases: Iterable[Release]) -> None:
        for row in releases:
            self._remove(self._t.releases, row.number)

    def put_account(self, row: AccountRow) -> None:
        other = self.account_of(row.id)
        if other is not None and other.name != row.name:
            raise Exists("another account has that identity")
        self._put(self._t.accounts, row.name, row)

    def put_identity(self, row: IdentityRow) -> None:
        self._put(self._t.identities, row.id, row)

    def put_space(self, row: SpaceRow) -> None:
        self._put(self._t.spaces, row.key, row)

    def add_history(self, key: SpaceKey, seq: int, body: bytes) -> None:
        self._put(self._t.history, (key, seq), body)

    def retain(self, row: RetainedRoot) -> None:
        self._put(self._t.retained, (row.key, row.seq), row)

    def forget_retained(self, key: SpaceKey, seq: int) -> None:
        self._remove(self._t.retained, (key, seq))

    def put_pin(self, row: PinRow) -> None:
        self._put(self._t.pins, (row.key, row.seq), row)

    def delete_pin(self, key: SpaceKey, seq: int) -> None:
        self._remove(self._t.pins, (key, seq))

    def drop_message(self, target: bytes, arrived: int, sealed: bytes) -> int:
        seq = self._t.last_seq.get(target, 0) + 1
        self._put(self._t.last_seq, target, seq)
        if target not in self._t.messages:
            self._put(self._t.messages, target, {})
        self._put(self._t.messages[target], seq, InboxRow(target, seq, arrived, sealed))
        return seq

    def delete_messages(self, target: bytes, seqs: Iterable[int]) -> int:
        waiting = self._t.messages.get(target, {})
        known = {seq for seq in seqs if seq in waiting}
        for seq in known:
            self._remove(waiting, seq)
        return len(known)

    def put_token(self, row: TokenRow) -> None:
        self._put(self._t.tokens, (row.target, row.hash), row)

    def delete_token(self, target: bytes, hash: bytes) -> None:
        self._remove(self._t.tokens, (target, hash))

    def delete_expired_tokens(self, before: int) -> int:
        late = [key for key, row in self._t.tokens.items() if row.expires < before]
        for key in late:
            self._remove(self._t.tokens, key)
        return len(late)

    def put_invite(self, row: InviteRow) -> None:
        self._put(self._t.invites, row.hash, row)

    def delete_invite(self, hash: bytes) -> None:
        self._remove(self._t.invites, hash)

    def put_replica(self, row: ReplicaRow) -> None:
        self._put(self._t.replicas, (row.owner, row.peer), row)

    def delete_replica(self, owner: bytes, peer: bytes) -> None:
        self._remove(self._t.replicas, (owner, peer))

    def forget_space(self, key: SpaceKey) -> None:
        self._remove(self._t.spaces, key)
        self._forget(self._t.history, key)
        self._forget(self._t.retained, key)
        self._forget(self._t.pins, key)

    def _forget(self, table: dict[tuple[SpaceKey, int], V], key: SpaceKey) -> None:
        for each in [each for each in table if each[0] == key]:
            self._remove(table, each)

    def delete_identity(self, id: bytes) -> None:
        self._remove(self._t.identities, id)

    def put_setting(self, name: str, value: bytes) -> None:
        self._put(self._t.settings, name, value)

    def unstage(self, session: bytes, cids: Iterable[Cid]) -> None:
        held = self._t.staged.get(session, {})
        for cid in cids:
            if cid in held:
                self._remove(held, cid)
                self._let_go(cid)
                row = self._session(session)
                size = row.reserved - len(self._t.blocks[cid])
                self._put(self._t.sessions, session, replace(row, reserved=size))

    def rest(self, now: int, limit: int) -> int:
        new = [cid for cid, since in self._t.garbage.items() if since is None][:limit]
        for cid in new:
            self._put(self._t.garbage, cid, now)
        return len(new)

    def collect(self, limit: int, before: int | None = None) -> int:
        rested = [(since, cid) for cid, since in self._t.garbage.items() if since is not None]
        late = [cid for since, cid in sorted(rested) if before is not None and since < before]
        taken = (list(self._t.garbage) if before is None else late)[:limit]
        for cid in taken:
            self._remove(self._t.garbage, cid)
            self._remove(self._t.holders, cid)
            self._remove(self._t.blocks, cid)
        return len(taken)

    def mend(self, block: Block) -> bool:
        if block.cid not in self._t.blocks:
            return False
        self._put(self._t.blocks, block.cid, block.data)
        return True

    def set_reference(self, key: SpaceKey, cid: Cid, count: int, kind: int) -> None:
        size = len(self.block(cid))
        held = (key, cid) in self._t.references
        if count:
            self._put(self._t.references, (key, cid), (count, kind))
        else:
            self._remove(self._t.references, (key, cid))
            self._remove(self._t.charges, (key, cid))
        if held == bool(count):
            return
        used = self._t.used.get(key, 0)
        self._put(self._t.used, key, used + size if count else used - size)
        if count:
            self._hold(cid)
        else:
            self._let_go(cid)

    def recount(self) -> None:
        for key in list(self._t.used):
            self._put(self._t.used, key, sum(each.size for each in self.references_of(key)))
        for session, row in list(self._t.sessions.items()):
            size = sum(each.size for each in self.staged_in(session))
            self._put(self._t.sessions, session, replace(row, reserved=size))
        held = Counter(cid for _, cid in self._t.references)
        held.update(cid for blocks in self._t.staged.values() for cid in blocks)
        for cid in self._t.blocks:
            self._put(self._t.holders, cid, held[cid])
            if held[cid]:
                self._remove(self._t.garbage, cid)
            elif cid not in self._t.garbage:
                self._put(self._t.garbage, cid, None)

    def _session(self, session: bytes) -> SessionRow:
        row = self._t.sessions.get(session)
        if row is None:
            raise Expired("the staging session is not open")
        return row

    def _hold(self, cid: Cid) -> None:
        self._put(self._t.holders, cid, self._t.holders.get(cid, 0) + 1)
        self._remove(self._t.garbage, cid)

    def _let_go(self, cid: Cid) -> None:
        left = self._t.holders[cid] - 1
        self._put(self._t.holders, cid, left)
        if left == 0:
            self._put(self._t.garbage, cid, None)


def _short(row: RetainedRoot) -> PastRow:
    return PastRow(row.key, row.seq, row.root, row.superseded)


_CLOSED: Final = "the store is closed"


class MemoryStore:
    """``Store`` in memory. Cancellation never leaves half a write."""

    def __init__(self) -> None:
        self._tables = _Tables()
        self._closed = False

    def snapshot(self) -> Self:
        """A new open store with the same content, which shares nothing with this one."""
        made = type(self)()
        made._tables = self._tables.copy()
        return made

    async def read(self, work: Callable[[View], T]) -> T:
        await self._checkpoint()
        view = MemoryView(self._tables)
        try:
            return work(view)
        finally:
            view.expire()

    async def write(self, work: Callable[[Transaction], T]) -> T:
        await self._checkpoint()
        journal = _Journal()
        transaction = MemoryTransaction(self._tables, journal)
        done = False
        try:
            value = work(transaction)
            done = True
            return value
        finally:
            transaction.expire()
            if not done:
                journal.unwind()

    async def copy_to(
        self, folder: Path, before: Path | None, step: Callable[[int], None]
    ) -> Copied:
        raise Unfit("what is in memory only has no copy", hint="use the embedded store")

    @property
    def keeps_house(self) -> bool:
        return True

    def watch(self, heard: Callable[[Change], None]) -> None:
        """Nobody else changes anything."""

    async def aclose(self) -> None:
        self._closed = True
        await trio.lowlevel.checkpoint()

    async def _checkpoint(self) -> None:
        if self._closed:
            raise StorageFailed(_CLOSED, "open it again")
        await trio.lowlevel.checkpoint()
        if self._closed:
            raise StorageFailed(_CLOSED, "open it again")
