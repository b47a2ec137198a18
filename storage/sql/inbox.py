"""Sealed messages that wait for their owners, and the tokens that let some of them in."""

from collections.abc import Iterable

from storage.contracts import InboxRow, TokenRow
from storage.sql.statements import Sql


class InboxView:
    """Reading them."""

    _sql: Sql

    def messages(self, target: bytes, after: int, limit: int) -> list[InboxRow]:
        rows = self._sql.rows(
            "SELECT m.seq, m.arrived, m.sealed FROM inbox i JOIN message m ON m.inbox = i.id"
            " WHERE i.target = ? AND m.seq > ? ORDER BY m.seq LIMIT ?",
            target,
            after,
            limit,
        )
        return [InboxRow(target, *row) for row in rows]

    def inbox_size(self, target: bytes) -> tuple[int, int]:
        row = self._sql.row("SELECT messages, bytes FROM inbox WHERE target = ?", target)
        return (0, 0) if row is None else (row[0], row[1])

    def token(self, target: bytes, hash: bytes) -> TokenRow | None:
        row = self._sql.row(
            "SELECT expires, uses FROM token WHERE target = ? AND hash = ?", target, hash
        )
        return None if row is None else TokenRow(target, hash, *row)


class InboxChanges(InboxView):
    """Changing them."""

    def drop_message(self, target: bytes, arrived: int, sealed: bytes) -> int:
        row = self._sql.row("SELECT id, last FROM inbox WHERE target = ?", target)
        inbox, last = (self._make_inbox(target), 0) if row is None else row
        self._sql.put(
            "UPDATE inbox SET last = last + 1, messages = messages + 1, bytes = bytes + ?"
            " WHERE id = ?",
            len(sealed),
            inbox,
        )
        self._sql.put(
            "INSERT INTO message (inbox, seq, arrived, sealed) VALUES (?, ?, ?, ?)",
            inbox,
            last + 1,
            arrived,
            sealed,
        )
        return int(last) + 1

    def delete_messages(self, target: bytes, seqs: Iterable[int]) -> int:
        row = self._sql.row("SELECT id FROM inbox WHERE target = ?", target)
        return 0 if row is None else sum(self._delete_message(row[0], seq) for seq in seqs)

    def empty_inbox(self, target: bytes) -> None:
        self._sql.put("DELETE FROM token WHERE target = ?", target)
        row = self._sql.row("SELECT id FROM inbox WHERE target = ?", target)
        if row is not None:
            self._sql.put("DELETE FROM message WHERE inbox = ?", row[0])
            self._sql.put("UPDATE inbox SET messages = 0, bytes = 0 WHERE id = ?", row[0])

    def put_token(self, row: TokenRow) -> None:
        sql = (
            "INSERT INTO token (target, hash, expires, uses) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (target, hash) DO UPDATE SET"
            " expires = excluded.expires, uses = excluded.uses"
        )
        self._sql.put(sql, row.target, row.hash, row.expires, row.uses)

    def delete_token(self, target: bytes, hash: bytes) -> None:
        self._sql.put("DELETE FROM token WHERE target = ? AND hash = ?", target, hash)

    def delete_expired_tokens(self, before: int) -> int:
        return self._sql.run("DELETE FROM token WHERE expires < ?", before)

    def _make_inbox(self, target: bytes) -> int:
        return self._sql.insert(
            "INSERT INTO inbox (target, last, messages, bytes) VALUES (?, 0, 0, 0)", target
        )

    def _delete_message(self, inbox: int, seq: int) -> int:
        row = self._sql.row(
            "SELECT id, length(sealed) FROM message WHERE inbox = ? AND seq = ?", inbox, seq
        )
        if row is None:
            return 0
        self._sql.put("DELETE FROM message WHERE id = ?", row[0])
        self._sql.put(
            "UPDATE inbox SET messages = messages - 1, bytes = bytes - ? WHERE id = ?",
            row[1],
            inbox,
        )
        return 1
