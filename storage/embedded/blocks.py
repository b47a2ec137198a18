"""Blocks, staging sessions and references: what is held, by whom, and what it weighs."""

from collections.abc import Iterable
from typing import Final

from formats.cid import Block, Cid
from formats.errors import Exists, Expired, Internal, Malformed, MissingBlock
from storage.contracts import SessionRow, SpaceKey
from storage.embedded.packs import RECORD, PackReader, PackWriter
from storage.embedded.sql import Row, Sql

INLINE: Final = 64 * 1024
"""Blocks up to this many bytes live in the database."""

_SESSION: Final = """
    SELECT s.session, o.owner, p.space, s.member, s.expires, s.reserved
    FROM session s JOIN space p ON p.id = s.space JOIN owner o ON o.id = p.owner
"""


def split(cid: Cid) -> tuple[int, bytes]:
    """The two columns that hold a CID: see the table ``block``."""
    return int.from_bytes(cid[4:12], "big", signed=True), cid[1:2] + cid[12:]


def _session_row(row: Row) -> SessionRow:
    return SessionRow(row[0], SpaceKey(row[1], row[2]), row[3], row[4], row[5])


class BlocksView:
    """Reading blocks and who holds them.

    Joins are written CROSS or LEFT: SQLite then keeps our order, block first. Left
    to itself it begins with all blocks of a space, which is slow by a thousand times.
    """

    def __init__(self, sql: Sql, packs: PackReader) -> None:
        self._sql = sql
        self._packs = packs

    def block(self, cid: Cid) -> bytes:
        row = self._sql.row(
            "SELECT b.pack, b.place, b.size, i.data"
            " FROM block b LEFT JOIN inline i ON i.block = b.id WHERE b.head = ? AND b.tail = ?",
            *split(cid),
        )
        if row is None or (row[0] == 0 and row[3] is None):
            raise MissingBlock.of(cid)
        pack, place, size, data = row
        return bytes(data) if pack == 0 else self._packs.read(cid, pack, place, size)

    def block_size(self, cid: Cid) -> int | None:
        row = self._sql.row("SELECT size FROM block WHERE head = ? AND tail = ?", *split(cid))
        return None if row is None else int(row[0])

    def references(self, key: SpaceKey, cid: Cid) -> int:
        space = self._space(key)
        if space is None:
            return 0
        row = self._sql.row(
            "SELECT r.count FROM block b CROSS JOIN reference r ON r.space = ? AND r.block = b.id"
            " WHERE b.head = ? AND b.tail = ?",
            space,
            *split(cid),
        )
        return 0 if row is None else int(row[0])

    def is_staged(self, session: bytes, cid: Cid) -> bool:
        found = self._session(session)
        return found is not None and self._staged(found[0], cid) is not None

    def session(self, session: bytes) -> SessionRow | None:
        row = self._sql.row(f"{_SESSION} WHERE s.session = ?", session)
        return None if row is None else _session_row(row)

    def sessions_before(self, time: int, limit: int) -> list[SessionRow]:
        where = "WHERE s.expires < ? ORDER BY s.expires, s.session LIMIT ?"
        return [_session_row(row) for row in self._sql.rows(f"{_SESSION} {where}", time, limit)]

    def usage(self, owner: bytes) -> tuple[int, int]:
        row = self._sql.row("SELECT used, reserved FROM owner WHERE owner = ?", owner)
        return (0, 0) if row is None else (row[0], row[1])

    def _space(self, key: SpaceKey) -> int | None:
        row = self._sql.row(
            "SELECT p.id FROM owner o JOIN space p ON p.owner = o.id"
            " WHERE o.owner = ? AND p.space = ?",
            key.owner,
            key.space,
        )
        return None if row is None else int(row[0])

    def _session(self, session: bytes) -> tuple[int, int] | None:
        """Row numbers of an open session and of its space's owner."""
        row = self._sql.row(
            "SELECT s.id, p.owner FROM session s JOIN space p ON p.id = s.space"
            " WHERE s.session = ?",
            session,
        )
        return None if row is None else (row[0], row[1])

    def _staged(self, session: int, cid: Cid) -> Row | None:
        return self._sql.row(
            "SELECT b.id, b.size FROM block b CROSS JOIN staged s"
            " ON s.session = ? AND s.block = b.id WHERE b.head = ? AND b.tail = ?",
            session,
            *split(cid),
        )


class BlocksChanges(BlocksView):
    """Changing them. Sums are gathered here and written by ``settle``.

    A block's row is written once when it comes; sums (of a session, a space, an
    owner, a pack) change with every block, so they are kept aside until somebody
    reads one or the function is over.
    """

    def __init__(self, sql: Sql, packs: PackReader, writer: PackWriter) -> None:
        super().__init__(sql, packs)
        self._writer = writer
        self._sessions: dict[bytes, tuple[int, int]] = {}
        self._spaces: dict[SpaceKey, tuple[int, int]] = {}
        self._reserved: dict[tuple[int, int], int] = {}
        self._used: dict[tuple[int, int], int] = {}
        self._live: dict[int, int] = {}
        self.inline_bytes = 0
        self.freed = False

    # -- what reads a sum settles first ---------------------------------------------------

    def session(self, session: bytes) -> SessionRow | None:
        self.settle()
        return super().session(session)

    def sessions_before(self, time: int, limit: int) -> list[SessionRow]:
        self.settle()
        return super().sessions_before(time, limit)

    def usage(self, owner: bytes) -> tuple[int, int]:
        self.settle()
        return super().usage(owner)

    def settle(self) -> None:
        """Write the sums that changed."""
        for (session, owner), size in self._reserved.items():
            self._sql.run("UPDATE session SET reserved = reserved + ? WHERE id = ?", size, session)
            self._sql.run("UPDATE owner SET reserved = reserved + ? WHERE id = ?", size, owner)
        for (space, owner), size in self._used.items():
            self._sql.run("UPDATE space SET used = used + ? WHERE id = ?", size, space)
            self._sql.run("UPDATE owner SET used = used + ? WHERE id = ?", size, owner)
        for pack, size in self._live.items():
            self._settle_pack(pack, size)
        self._reserved.clear()
        self._used.clear()
        self._live.clear()

    def _settle_pack(self, pack: int, size: int) -> None:
        self.freed = self.freed or size < 0
        if pack != self._writer.current:
            self._sql.run("UPDATE pack SET live = live + ? WHERE id = ?", size, pack)
            return
        self._sql.run(
            "INSERT INTO pack VALUES (?1, ?2, ?3) ON CONFLICT (id)"
            " DO UPDATE SET length = ?2, live = live + ?3",
            pack,
            self._writer.end,
            size,
        )

    # -- a function asks for the same few spaces and sessions again and again -------------

    def _space(self, key: SpaceKey) -> int | None:
        ids = self._spaces.get(key)
        return ids[0] if ids is not None else super()._space(key)

    def _session(self, session: bytes) -> tuple[int, int] | None:
        ids = self._sessions.get(session) or super()._session(session)
        if ids is not None:
            self._sessions[session] = ids
        return ids

    # -- sessions -------------------------------------------------------------------------

    def stage(self, session: bytes, block: Block) -> bool:
        ids = self._open_session(session)
        head, tail = split(block.cid)
        row = self._sql.row(
            "SELECT b.id, b.holders, b.pack, b.size, s.block FROM block b"
            " LEFT JOIN staged s ON s.session = ? AND s.block = b.id"
            " WHERE b.head = ? AND b.tail = ?",
            ids[0],
            head,
            tail,
        )
        if row is None:
            number = self._add(head, tail, block)
        elif row[4] is not None:
            return False
        else:
            number = row[0]
            self._replace(row, block)
        self._sql.run("INSERT INTO staged VALUES (?, ?)", ids[0], number)
        self._reserved[ids] = self._reserved.get(ids, 0) + len(block.data)
        return True

    def open_session(self, row: SessionRow) -> None:
        if self._session(row.session) is not None:
            raise Exists("a staging session of that id is open")
        space, _ = self._intern(row.key)
        self._sql.run(
            "INSERT INTO session (session, space, member, expires, reserved)"
            " VALUES (?, ?, ?, ?, 0)",
            row.session,
            space,
            row.member,
            row.expires,
        )

    def extend_session(self, session: bytes, expires: int) -> None:
        number, _ = self._open_session(session)
        self._sql.run("UPDATE session SET expires = ? WHERE id = ?", expires, number)

    def close_session(self, session: bytes) -> None:
        self.settle()
        ids = self._session(session)
        if ids is None:
            return
        staged = "SELECT block FROM staged WHERE session = ?"
        self._sql.run(
            f"INSERT INTO garbage SELECT id FROM block WHERE holders = 1 AND id IN ({staged})",
            ids[0],
        )
        self._sql.run(f"UPDATE block SET holders = holders - 1 WHERE id IN ({staged})", ids[0])
        self._sql.run("DELETE FROM staged WHERE session = ?", ids[0])
        self._sql.run(
            "UPDATE owner SET reserved = reserved - (SELECT reserved FROM session WHERE id = ?)"
            " WHERE id = ?",
            *ids,
        )
        self._sql.run("DELETE FROM session WHERE id = ?", ids[0])
        self._sessions.pop(session, None)

    def unstage(self, session: bytes, cids: Iterable[Cid]) -> None:
        ids = self._session(session)
        if ids is None:
            return
        for cid in cids:
            row = self._staged(ids[0], cid)
            if row is not None:
                self._sql.run("DELETE FROM staged WHERE session = ? AND block = ?", ids[0], row[0])
                self._reserved[ids] = self._reserved.get(ids, 0) - row[1]
                self._let_go(row[0])

    # -- references -----------------------------------------------------------------------

    def add_reference(self, key: SpaceKey, cid: Cid, kind: int = 0) -> int:
        ids = self._intern(key)
        number, size, count, first = self._reference(ids[0], cid)
        if count and kind != first:
            raise Malformed(f"block {cid!r} is linked as two different kinds of block")
        if count:
            self._count(ids[0], number, count + 1)
            return count + 1
        self._sql.run("INSERT INTO reference VALUES (?, ?, 1, ?)", ids[0], number, kind)
        self._hold(number)
        self._used[ids] = self._used.get(ids, 0) + size
        return 1

    def drop_reference(self, key: SpaceKey, cid: Cid) -> int:
        ids = self._intern(key)
        row = self._find_reference(ids[0], cid)
        if row is None or row[2] is None:
            raise Internal(f"a space gave back a link to {cid!r} that it does not hold")
        number, size, count, _ = row
        if count > 1:
            self._count(ids[0], number, count - 1)
            return int(count) - 1
        self._sql.run("DELETE FROM reference WHERE space = ? AND block = ?", ids[0], number)
        self._used[ids] = self._used.get(ids, 0) - size
        self._let_go(number)
        return 0

    def collect(self, limit: int) -> int:
        rows = self._sql.rows(
            "SELECT g.block, b.pack, b.size FROM garbage g JOIN block b ON b.id = g.block"
            " ORDER BY g.block LIMIT ?",
            limit,
        )
        if not rows:
            return 0
        for _, pack, size in rows:
            self._lighten(pack, size)
        last: int = rows[-1][0]
        gone = "(SELECT block FROM garbage WHERE block <= ?)"
        self._sql.run(f"DELETE FROM inline WHERE block IN {gone}", last)
        self._sql.run(f"DELETE FROM block WHERE id IN {gone}", last)
        self._sql.run("DELETE FROM garbage WHERE block <= ?", last)
        self.freed = True
        return len(rows)

    # -- within ---------------------------------------------------------------------------

    def _open_session(self, session: bytes) -> tuple[int, int]:
        ids = self._session(session)
        if ids is None:
            raise Expired("the staging session is not open")
        return ids

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

    def _add(self, head: int, tail: bytes, block: Block) -> int:
        size = len(block.data)
        pack, place = self._append(block.cid, block.data) if size > INLINE else (0, 0)
        number = self._sql.insert(
            "INSERT INTO block (head, tail, size, holders, pack, place) VALUES (?, ?, ?, 1, ?, ?)",
            head,
            tail,
            size,
            pack,
            place,
        )
        if pack == 0:
            self._sql.run("INSERT INTO inline VALUES (?, ?)", number, block.data)
            self.inline_bytes += size
        return number

    def _replace(self, row: Row, block: Block) -> None:
        """Store the bytes of a known block again.

        It takes the time a new block takes, so nobody learns that it was here; and
        if the older copy had gone bad on the disk, it is whole again.
        """
        number, _, pack, size = row[:4]
        if pack == 0:
            self._sql.run("REPLACE INTO inline VALUES (?, ?)", number, block.data)
            self.inline_bytes += size
        else:
            self._lighten(pack, size)
            place = self._append(block.cid, block.data)
            self._sql.run("UPDATE block SET pack = ?, place = ? WHERE id = ?", *place, number)
        self._hold(number)

    def _append(self, cid: Cid, data: bytes) -> tuple[int, int]:
        pack, place = self._writer.append(cid, data)
        self._live[pack] = self._live.get(pack, 0) + RECORD + len(data)
        return pack, place

    def _lighten(self, pack: int, size: int) -> None:
        if pack:
            self._live[pack] = self._live.get(pack, 0) - RECORD - size

    def _find_reference(self, space: int, cid: Cid) -> Row | None:
        return self._sql.row(
            "SELECT b.id, b.size, r.count, r.kind FROM block b"
            " LEFT JOIN reference r ON r.space = ? AND r.block = b.id"
            " WHERE b.head = ? AND b.tail = ?",
            space,
            *split(cid),
        )

    def _reference(self, space: int, cid: Cid) -> tuple[int, int, int, int]:
        row = self._find_reference(space, cid)
        if row is None:
            raise MissingBlock.of(cid)
        return row[0], row[1], row[2] or 0, row[3] or 0

    def _count(self, space: int, number: int, count: int) -> None:
        self._sql.run(
            "UPDATE reference SET count = ? WHERE space = ? AND block = ?", count, space, number
        )

    def _hold(self, number: int) -> None:
        self._sql.run("UPDATE block SET holders = holders + 1 WHERE id = ?", number)
        self._sql.run("DELETE FROM garbage WHERE block = ?", number)

    def _let_go(self, number: int) -> None:
        self._sql.run("UPDATE block SET holders = holders - 1 WHERE id = ?", number)
        self._sql.run(
            "INSERT INTO garbage SELECT id FROM block WHERE id = ? AND holders = 0", number
        )
