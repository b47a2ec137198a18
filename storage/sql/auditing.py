"""Walking everything there is, and mending it, for whoever checks a whole store."""

from collections.abc import Iterator
from typing import Final

from formats.cid import Block, Cid
from formats.errors import MissingBlock, StorageFailed
from storage.contracts import Reference, SessionRow, SpaceKey, SpaceRow, StoredBlock
from storage.packs import RECORD
from storage.sql.holding import BlocksChanges
from storage.sql.known import INLINE, PUT_INLINE, join, split
from storage.sql.recount import RECOUNT, wrong_sums
from storage.sql.spaces import SpacesView
from storage.sql.statements import Row

MOST_FAULTS: Final = 20
"""Faults of the database that are told of."""

_SPACES: Final = """
    SELECT p.id, p.space, o.owner, r.record, r.pointer, r.seq, r.root, p.used
    FROM space p JOIN owner o ON o.id = p.owner JOIN space_record r ON r.space = p.id
    WHERE p.id > ? ORDER BY p.id LIMIT ?
"""
_REFERENCES: Final = """
    SELECT r.block, b.head, b.tail, r.count, r.kind, b.size
    FROM reference r CROSS JOIN block b ON b.id = r.block
    WHERE r.block > ? AND r.space = ? ORDER BY r.block LIMIT ?
"""
_SESSIONS: Final = """
    SELECT s.id, s.session, o.owner, p.space, s.member, s.expires, s.reserved
    FROM session s JOIN space p ON p.id = s.space JOIN owner o ON o.id = p.owner
    WHERE s.id > ? ORDER BY s.id LIMIT ?
"""
_STAGED: Final = """
    SELECT s.block, b.head, b.tail, b.size FROM staged s CROSS JOIN block b ON b.id = s.block
    WHERE s.block > ? AND s.session = ? ORDER BY s.block LIMIT ?
"""


def _stored(row: Row) -> StoredBlock:
    return StoredBlock(row[0], join(row[1], row[2]), row[3])


class AuditView(SpacesView):
    """Walking it."""

    def spaces(self) -> Iterator[SpaceRow]:
        for _, space, owner, record, pointer, seq, root, used in self._sql.walk(_SPACES, 0):
            yield SpaceRow(SpaceKey(owner, space), record, pointer, seq, Cid(root), used)

    def references_of(self, key: SpaceKey) -> Iterator[Reference]:
        space = self._space(key)
        for _, head, tail, count, kind, size in self._sql.walk(_REFERENCES, 0, space):
            yield Reference(join(head, tail), count, kind, size)

    def sessions(self) -> Iterator[SessionRow]:
        for _, session, owner, space, *rest in self._sql.walk(_SESSIONS, 0):
            yield SessionRow(session, SpaceKey(owner, space), *rest)

    def staged_in(self, session: bytes) -> Iterator[StoredBlock]:
        found = self._session(session)
        return iter(()) if found is None else map(_stored, self._sql.walk(_STAGED, 0, found[0]))

    def blocks(self, after: int, limit: int) -> list[StoredBlock]:
        sql = "SELECT id, head, tail, size FROM block WHERE id > ? ORDER BY id LIMIT ?"
        return [_stored(row) for row in self._sql.rows(sql, after, limit)]

    def inboxes(self) -> Iterator[bytes]:
        sql = "SELECT id, target FROM inbox WHERE id > ? ORDER BY id LIMIT ?"
        return (row[1] for row in self._sql.walk(sql, 0))

    def faults(self) -> list[str]:
        try:
            return self._sql.faults(MOST_FAULTS) or wrong_sums(self._sql) + self._short_packs()
        except StorageFailed as error:  # so damaged that it cannot be asked
            return [error.message]

    def _short_packs(self) -> list[str]:
        there = self._packs.sizes()
        known = self._sql.rows("SELECT id, length FROM pack ORDER BY id")
        short = [(pack, there.get(pack, 0), length) for pack, length in known]
        return [
            f"pack {pack} has {size} of {length} bytes"
            for pack, size, length in short
            if size < length
        ]


class AuditChanges(AuditView, BlocksChanges):
    """Mending it. Whatever walks rows has those of the transaction written first."""

    def spaces(self) -> Iterator[SpaceRow]:
        self.settle()
        return super().spaces()

    def sessions(self) -> Iterator[SessionRow]:
        self.settle()
        return super().sessions()

    def references_of(self, key: SpaceKey) -> Iterator[Reference]:
        self.settle()
        return super().references_of(key)

    def staged_in(self, session: bytes) -> Iterator[StoredBlock]:
        self.settle()
        return super().staged_in(session)

    def blocks(self, after: int, limit: int) -> list[StoredBlock]:
        self.settle()
        return super().blocks(after, limit)

    def faults(self) -> list[str]:
        self.settle()
        return super().faults()

    def mend(self, block: Block) -> bool:
        self.settle()
        row = self._sql.row(
            "SELECT id, pack, size FROM block WHERE head = ? AND tail = ?", *split(block.cid)
        )
        if row is None:
            return False
        number, pack, before = row
        size = len(block.data)
        self._sums.weigh(pack, -RECORD - before)
        new = self._append(block.cid, block.data) if size > INLINE else (0, 0)
        sql = "UPDATE block SET size = ?, pack = ?, place = ? WHERE id = ?"
        self._sql.put(sql, size, *new, number)
        if size <= INLINE:
            self._sql.put(PUT_INLINE, number, block.data)
            self.inline_bytes += size
        return True

    def set_reference(self, key: SpaceKey, cid: Cid, count: int, kind: int) -> None:
        ids = self._intern(key)
        found = self._ledger.find_with_links(cid, ids[0])
        if found is None:
            raise MissingBlock.of(cid)
        known, links = found
        held = bool(count) - bool(links.count)
        known.holders += held
        self._sums.use(ids, held * known.size)
        links.count, links.kind = count, kind
        if not count:
            self._charges.drop(ids[0], known.number)
        self.settle()

    def recount(self) -> None:
        self.settle()
        for statement in RECOUNT:
            self._sql.put(statement)
        self.collected = True
