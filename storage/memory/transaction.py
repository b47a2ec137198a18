"""What may be changed in a store in memory."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from formats.cid import Block, Cid
from formats.errors import Exists, Expired, Internal, Malformed
from storage.contracts import (
    AccountRow,
    DepartureRow,
    IdentityRow,
    InboxRow,
    InviteRow,
    PinRow,
    Release,
    ReplicaRow,
    RetainedRoot,
    SessionRow,
    SpaceKey,
    SpaceRow,
    TokenRow,
)
from storage.memory.journal import Journal
from storage.memory.tables import Tables
from storage.memory.view import MemoryView

V = TypeVar("V")


class MemoryTransaction(MemoryView):
    """``Transaction`` over the tables; every change goes through the journal."""

    def __init__(self, tables: Tables, journal: Journal) -> None:
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

    def inherit(self, key: SpaceKey, before: bytes, member: bytes) -> None:
        theirs = [at for at, who in self._t.charges.items() if (at[0], who) == (key, before)]
        if (key, member) not in {(at[0], who) for at, who in self._t.charges.items()}:
            for at in theirs:
                self._put(self._t.charges, at, member)

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

    def delete_account(self, name: str) -> None:
        self._remove(self._t.accounts, name)

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

    def empty_inbox(self, target: bytes) -> None:
        self._remove(self._t.messages, target)
        for key in [key for key in self._t.tokens if key[0] == target]:
            self._remove(self._t.tokens, key)

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

    def put_departure(self, row: DepartureRow) -> None:
        self._put(self._t.departures, row.id, row)

    def delete_departure(self, id: bytes) -> None:
        self._remove(self._t.departures, id)

    def put_setting(self, name: str, value: bytes) -> None:
        self._put(self._t.settings, name, value)

    def delete_setting(self, name: str) -> None:
        self._remove(self._t.settings, name)

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
