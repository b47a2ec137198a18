"""Reading blocks, staging sessions and references: what is held, by whom, what it weighs."""

from typing import Final

from formats.cid import Cid
from formats.errors import MissingBlock
from storage.contracts import Release, SessionRow, SpaceKey
from storage.packs import PackReading
from storage.sql.known import join, split
from storage.sql.statements import Row, Sql

_SESSION: Final = """
    SELECT s.session, o.owner, p.space, s.member, s.expires, s.reserved
    FROM session s JOIN space p ON p.id = s.space JOIN owner o ON o.id = p.owner
"""


def _session_row(row: Row) -> SessionRow:
    return SessionRow(row[0], SpaceKey(row[1], row[2]), row[3], row[4], row[5])


class BlocksView:
    """Reading blocks and who holds them.

    Joins are written CROSS or LEFT: SQLite then keeps our order, block first. Left
    to itself it begins with all blocks of a space, which is slow by a thousand times.
    """

    def __init__(self, sql: Sql, packs: PackReading) -> None:
        self._sql = sql
        self._packs = packs
        self._space_rows: dict[SpaceKey, int] = {}
        self._session_rows: dict[bytes, tuple[int, int]] = {}

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

    def open_sessions(self, owner: bytes, member: bytes) -> tuple[int, int]:
        row = self._sql.row(
            "SELECT count(*), coalesce(sum(CASE WHEN s.member = ? THEN 1 ELSE 0 END), 0)"
            " FROM owner o CROSS JOIN space p ON p.owner = o.id"
            " CROSS JOIN session s ON s.space = p.id WHERE o.owner = ?",
            member,
            owner,
        )
        return (0, 0) if row is None else (int(row[0]), int(row[1]))

    def releases(self, owner: bytes, limit: int) -> list[Release]:
        rows = self._sql.rows(
            "SELECT l.id, o.owner, p.space, b.head, b.tail, l.kind"
            " FROM owner o CROSS JOIN release l ON l.owner = o.id"
            " CROSS JOIN space p ON p.id = l.space CROSS JOIN block b ON b.id = l.block"
            " WHERE o.owner = ? ORDER BY l.id DESC LIMIT ?",
            owner,
            limit,
        )
        return [
            Release(number, SpaceKey(owner, space), join(head, tail), kind)
            for number, owner, space, head, tail, kind in rows
        ]

    def releasing(self) -> list[bytes]:
        rows = self._sql.rows(
            "SELECT owner FROM owner every"  # accounts are few
            " WHERE EXISTS (SELECT 1 FROM release l WHERE l.owner = every.id) ORDER BY owner"
        )
        return [row[0] for row in rows]

    def usage(self, owner: bytes) -> tuple[int, int]:
        row = self._sql.row("SELECT used, reserved FROM owner WHERE owner = ?", owner)
        return (0, 0) if row is None else (row[0], row[1])

    def charged(self, key: SpaceKey, member: bytes) -> tuple[int, int]:
        space = self._space(key)
        paid = "SELECT coalesce(sum(used), 0) FROM payer WHERE space = ? AND member = ?"
        kept = "SELECT coalesce(sum(reserved), 0) FROM session WHERE space = ? AND member = ?"
        rows = [self._sql.row(sql, space, member) for sql in (paid, kept)]
        used, reserved = (0 if row is None else int(row[0]) for row in rows)
        return used, reserved

    # -- a function asks for the same few spaces and sessions again and again -------------

    def _space(self, key: SpaceKey) -> int | None:
        """Row number of a space."""
        number = self._space_rows.get(key)
        if number is None:
            row = self._sql.row(
                "SELECT p.id FROM owner o JOIN space p ON p.owner = o.id"
                " WHERE o.owner = ? AND p.space = ?",
                key.owner,
                key.space,
            )
            if row is None:
                return None
            number = self._space_rows[key] = int(row[0])
        return number

    def _session(self, session: bytes) -> tuple[int, int] | None:
        """Row numbers of an open session and of its space's owner."""
        ids = self._session_rows.get(session)
        if ids is None:
            row = self._sql.row(
                "SELECT s.id, p.owner FROM session s JOIN space p ON p.id = s.space"
                " WHERE s.session = ?",
                session,
            )
            if row is None:
                return None
            ids = self._session_rows[session] = (row[0], row[1])
        return ids

    def _staged(self, session: int, cid: Cid) -> Row | None:
        return self._sql.row(
            "SELECT b.id, b.size FROM block b CROSS JOIN staged s"
            " ON s.session = ? AND s.block = b.id WHERE b.head = ? AND b.tail = ?",
            session,
            *split(cid),
        )
