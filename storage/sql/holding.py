"""Changing blocks, staging sessions and references, within one transaction."""

from collections.abc import Iterable
from dataclasses import replace

from formats.cid import Block, Cid
from formats.errors import Exists, Expired, Internal, Malformed, MissingBlock
from storage.contracts import Release, SessionRow, SpaceKey
from storage.packs import RECORD, PackReading, PackWriting
from storage.sql.blocks import BlocksView
from storage.sql.charges import Charges
from storage.sql.known import INLINE, PUT_INLINE, Known, Ledger
from storage.sql.statements import Row, Sql
from storage.sql.sums import Sums


class BlocksChanges(BlocksView):
    """``BlocksView`` that can change. What it changed is written by ``settle``.

    Rows of blocks, and sums, are kept in memory until then (``known.py``, ``sums.py``);
    a statement that works on many rows at once settles first.
    """

    def __init__(self, sql: Sql, packs: PackReading, writer: PackWriting) -> None:
        super().__init__(sql, packs)
        self._writer = writer
        self._ledger = Ledger(sql)
        self._sums = Sums(sql, writer)
        self._charges = Charges(sql)
        self._spaces: dict[SpaceKey, tuple[int, int]] = {}
        self.inline_bytes = 0
        self.collected = False
        """Whether blocks went, or what they weigh was counted anew."""

    @property
    def freed(self) -> bool:
        """Whether something was let go that reclaiming can give back."""
        return self.collected or self._sums.freed

    def settle(self) -> None:
        """Write what changed."""
        self._ledger.write()
        self._sums.write()

    # -- reading what is not written yet --------------------------------------------------

    def block(self, cid: Cid) -> bytes:
        known = self._ledger.find(cid)
        if known is None:
            raise MissingBlock.of(cid)
        at_hand = self._ledger.taken(known)
        if at_hand is not None:
            return at_hand
        if known.pack and known.pack == self._writer.current:
            return self._writer.read(cid, known.place, known.size)
        return super().block(cid)

    def block_size(self, cid: Cid) -> int | None:
        known = self._ledger.find(cid)
        return None if known is None else known.size

    def references(self, key: SpaceKey, cid: Cid) -> int:
        space = self._space(key)
        return 0 if space is None else self._ledger.references(cid, space)

    def is_staged(self, session: bytes, cid: Cid) -> bool:
        ids, known = self._session(session), self._ledger.find(cid)
        return ids is not None and known is not None and self._ledger.is_staged(ids[0], known)

    def session(self, session: bytes) -> SessionRow | None:
        row, ids = super().session(session), self._session_rows.get(session)
        if row is None or ids is None:
            return row
        return replace(row, reserved=row.reserved + self._sums.reserved_by(ids[0]))

    def sessions_before(self, time: int, limit: int) -> list[SessionRow]:
        self.settle()
        return super().sessions_before(time, limit)

    def usage(self, owner: bytes) -> tuple[int, int]:
        row = self._sql.row("SELECT used, reserved, id FROM owner WHERE owner = ?", owner)
        if row is None:
            return 0, 0
        used, reserved = self._sums.of_owner(row[2])
        return row[0] + used, row[1] + reserved

    def charged(self, key: SpaceKey, member: bytes) -> tuple[int, int]:
        self.settle()
        return super().charged(key, member)

    # -- sessions -------------------------------------------------------------------------

    def stage(self, session: bytes, block: Block) -> bool:
        ids = self._open_session(session)
        known = self._ledger.find(block.cid)
        if known is None:
            known = self._add(block)
        elif self._ledger.is_staged(ids[0], known):
            return False
        elif known.saved is not None:
            self._replace(known, block)
        known.holders += 1
        self._ledger.set_staged(ids[0], known, staged=True)
        self._sums.reserve(ids, known.size)
        if self._ledger.full:
            self.settle()
        return True

    def open_session(self, row: SessionRow) -> None:
        if self._session(row.session) is not None:
            raise Exists("a staging session of that id is open")
        space, owner = self._intern(row.key)
        number = self._sql.insert(
            "INSERT INTO session (session, space, member, expires, reserved)"
            " VALUES (?, ?, ?, ?, 0)",
            row.session,
            space,
            row.member,
            row.expires,
        )
        self._session_rows[row.session] = (number, owner)
        self._ledger.begin_session(number)

    def extend_session(self, session: bytes, expires: int) -> None:
        number, _ = self._open_session(session)
        self._sql.put("UPDATE session SET expires = ? WHERE id = ?", expires, number)

    def close_session(self, session: bytes) -> None:
        ids = self._session(session)
        if ids is None:
            return
        if self._ledger.is_fresh(ids[0]):
            for known in self._ledger.staged_in(ids[0]):
                self._unstage(ids, known)
        else:
            self._forget_staged(ids)
        self._sql.put("DELETE FROM session WHERE id = ?", ids[0])
        del self._session_rows[session]

    def unstage(self, session: bytes, cids: Iterable[Cid]) -> None:
        ids = self._session(session)
        if ids is None:
            return
        for cid in cids:
            known = self._ledger.find(cid)
            if known is not None and self._ledger.is_staged(ids[0], known):
                self._unstage(ids, known)

    # -- references -----------------------------------------------------------------------

    def add_reference(self, key: SpaceKey, cid: Cid, kind: int = 0) -> int:
        ids = self._intern(key)
        if self._ledger.full:
            self.settle()
        found = self._ledger.find_with_links(cid, ids[0])
        if found is None:
            raise MissingBlock.of(cid)
        known, links = found
        if links.count and kind != links.kind:
            raise Malformed(f"block {cid!r} is linked as two different kinds of block")
        if not links.count:
            links.kind = kind
            known.holders += 1
            self._sums.use(ids, known.size)
        links.count += 1
        return links.count

    def drop_reference(self, key: SpaceKey, cid: Cid) -> int:
        ids = self._intern(key)
        if self._ledger.full:
            self.settle()
        found = self._ledger.find_with_links(cid, ids[0])
        if found is None or not found[1].count:
            raise Internal(f"a space gave back a link to {cid!r} that it does not hold")
        known, links = found
        links.count -= 1
        if not links.count:
            known.holders -= 1
            self._sums.use(ids, -known.size)
            self._charges.drop(ids[0], known.number)
        return links.count

    def charge(self, key: SpaceKey, cid: Cid, member: bytes) -> None:
        ids = self._intern(key)
        found = self._ledger.find_with_links(cid, ids[0])
        if found is None or not found[1].count:
            raise Internal(f"a member was charged for {cid!r}, which its space does not hold")
        self._charges.add(ids[0], found[0].number, found[0].size, member)

    def inherit(self, key: SpaceKey, before: bytes, member: bytes) -> None:
        self._charges.inherit(self._intern(key)[0], before, member)

    # -- releases and garbage -------------------------------------------------------------

    def releases(self, owner: bytes, limit: int) -> list[Release]:
        self.settle()
        return super().releases(owner, limit)

    def add_releases(self, key: SpaceKey, links: Iterable[tuple[Cid, int]]) -> None:
        space, owner = self._intern(key)
        rows = [(owner, space, self._number(cid), kind) for cid, kind in links]
        sql = "INSERT INTO release (owner, space, block, kind) VALUES (?, ?, ?, ?)"
        self._sql.run_many(sql, rows)

    def forget_releases(self, releases: Iterable[Release]) -> None:
        numbers = [(each.number,) for each in releases]
        self._sql.run_many("DELETE FROM release WHERE id = ?", numbers)

    def rest(self, now: int, limit: int) -> int:
        self.settle()
        return self._sql.run(
            "UPDATE garbage SET since = ? WHERE block IN"
            " (SELECT block FROM garbage WHERE since IS NULL LIMIT ?)",
            now,
            limit,
        )

    def collect(self, limit: int, before: int | None = None) -> int:
        self.settle()
        rows = self._rested(limit, before)
        if not rows:
            return 0
        for _, pack, size in rows:
            self._sums.weigh(pack, -RECORD - size)
        gone = [(row[0],) for row in rows]
        self._sql.run_many(
            "DELETE FROM inline WHERE block = ?", [(r[0],) for r in rows if not r[1]]
        )
        self._sql.run_many("DELETE FROM block WHERE id = ?", gone)
        self._sql.run_many("DELETE FROM garbage WHERE block = ?", gone)
        self.collected = True
        return len(rows)

    def _rested(self, limit: int, before: int | None) -> list[Row]:
        garbage = (
            "SELECT g.block, b.pack, b.size FROM garbage g CROSS JOIN block b ON b.id = g.block"
        )
        if before is None:
            return self._sql.rows(f"{garbage} ORDER BY g.block LIMIT ?", limit)
        late = "WHERE g.since < ? ORDER BY g.since, g.block LIMIT ?"
        return self._sql.rows(f"{garbage} {late}", before, limit)

    def _number(self, cid: Cid) -> int:
        known = self._ledger.find(cid)
        if known is None:
            raise MissingBlock.of(cid)
        return known.number

    # -- within ---------------------------------------------------------------------------

    def _open_session(self, session: bytes) -> tuple[int, int]:
        ids = self._session(session)
        if ids is None:
            raise Expired("the staging session is not open")
        return ids

    def _unstage(self, session: tuple[int, int], known: Known) -> None:
        self._ledger.set_staged(session[0], known, staged=False)
        known.holders -= 1
        self._sums.reserve(session, -known.size)

    def _forget_staged(self, session: tuple[int, int]) -> None:
        """Let go of all that a session holds, many rows at once."""
        self.settle()
        staged = "SELECT block FROM staged WHERE session = ?"
        self._sql.put(
            "INSERT INTO garbage (block)"
            f" SELECT id FROM block WHERE holders = 1 AND id IN ({staged})",
            session[0],
        )
        self._sql.put(f"UPDATE block SET holders = holders - 1 WHERE id IN ({staged})", session[0])
        self._sql.put("DELETE FROM staged WHERE session = ?", session[0])
        self._sql.put(
            "UPDATE owner SET reserved = reserved - (SELECT reserved FROM session WHERE id = ?)"
            " WHERE id = ?",
            *session,
        )

    def _intern(self, key: SpaceKey) -> tuple[int, int]:
        """Row numbers of a space and its owner, made if they are new."""
        ids = self._spaces.get(key)
        if ids is None:
            owner = self._find_or_make_owner(key.owner)
            row = self._sql.row(
                "SELECT id FROM space WHERE owner = ? AND space = ?", owner, key.space
            )
            space = row[0] if row is not None else self._make_space(owner, key.space)
            ids = self._spaces[key] = (space, owner)
        return ids

    def _find_or_make_owner(self, owner: bytes) -> int:
        row = self._sql.row("SELECT id FROM owner WHERE owner = ?", owner)
        if row is not None:
            return int(row[0])
        return self._sql.insert("INSERT INTO owner (owner, used, reserved) VALUES (?, 0, 0)", owner)

    def _make_space(self, owner: int, space: bytes) -> int:
        return self._sql.insert(
            "INSERT INTO space (owner, space, used) VALUES (?, ?, 0)", owner, space
        )

    def _add(self, block: Block) -> Known:
        size = len(block.data)
        if size > INLINE:
            return self._ledger.add(block.cid, block.data, *self._append(block.cid, block.data))
        self.inline_bytes += size
        return self._ledger.add(block.cid, block.data, 0, 0)

    def _replace(self, known: Known, block: Block) -> None:
        """Store the bytes of a known block again.

        It takes the time a new block takes, so nobody learns that it was here; and
        if the older copy had gone bad on the disk, it is whole again.
        """
        if known.pack == 0:
            self._sql.put(PUT_INLINE, known.number, block.data)
            self.inline_bytes += known.size
            return
        self._sums.weigh(known.pack, -RECORD - known.size)
        known.pack, known.place = self._append(block.cid, block.data)
        self._sql.put(
            "UPDATE block SET pack = ?, place = ? WHERE id = ?",
            known.pack,
            known.place,
            known.number,
        )

    def _append(self, cid: Cid, data: bytes) -> tuple[int, int]:
        pack, place = self._writer.append(cid, data)
        self._sums.weigh(pack, RECORD + len(data))
        return pack, place
