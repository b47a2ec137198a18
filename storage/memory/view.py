"""What may be asked of a store in memory."""

from collections.abc import Iterator
from dataclasses import replace

from formats.cid import Cid
from formats.errors import Internal, MissingBlock
from storage.contracts import (
    AccountRow,
    DepartureRow,
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
)
from storage.memory.tables import Tables


class MemoryView:
    """``View`` over the tables."""

    def __init__(self, tables: Tables) -> None:
        self._kept: Tables | None = tables

    @property
    def _t(self) -> Tables:
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

    def departure(self, id: bytes) -> DepartureRow | None:
        return self._t.departures.get(id)

    def departures(self) -> Iterator[DepartureRow]:
        return iter([row for _, row in sorted(self._t.departures.items())])

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


def _short(row: RetainedRoot) -> PastRow:
    return PastRow(row.key, row.seq, row.root, row.superseded)
