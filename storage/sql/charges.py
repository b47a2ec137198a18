"""What members are charged for: which block is whose, and how much that is together.

Most spaces have nobody who is charged, and pay one question for it in each transaction.
"""

from storage.sql.statements import Sql


class Charges:
    """The charges of one transaction, written at once. Rows of blocks and spaces by number."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._payers: dict[tuple[int, bytes], int] = {}
        self._has_any: dict[int, bool] = {}

    def add(self, space: int, block: int, size: int, member: bytes) -> None:
        """Charge a member for a block, unless somebody is already."""
        if self._find(space, block) is not None:
            return
        payer = self._payer(space, member)
        self._sql.put(
            "INSERT INTO charge (space, block, payer, size) VALUES (?, ?, ?, ?)",
            space,
            block,
            payer,
            size,
        )
        self._sql.put("UPDATE payer SET used = used + ? WHERE id = ?", size, payer)
        self._has_any[space] = True

    def drop(self, space: int, block: int) -> None:
        """Nobody is charged for the block any more: the space let go of it."""
        found = self._find(space, block) if self._has(space) else None
        if found is None:
            return
        payer, size = found
        self._sql.put("DELETE FROM charge WHERE space = ? AND block = ?", space, block)
        self._sql.put("UPDATE payer SET used = used - ? WHERE id = ?", size, payer)

    def inherit(self, space: int, before: bytes, member: bytes) -> None:
        """What one is charged for counts as another's, unless that is charged for something."""
        if not self._has(space):
            return
        self._sql.put(
            "DELETE FROM payer WHERE space = ? AND member = ? AND used = 0", space, member
        )
        self._sql.put(
            "UPDATE payer SET member = ? WHERE space = ? AND member = ? AND NOT EXISTS "
            "(SELECT 1 FROM payer WHERE space = ? AND member = ?)",
            member,
            space,
            before,
            space,
            member,
        )
        self._payers.clear()

    def _has(self, space: int) -> bool:
        there = self._has_any.get(space)
        if there is None:
            row = self._sql.row("SELECT 1 FROM payer WHERE space = ? LIMIT 1", space)
            there = self._has_any[space] = row is not None
        return there

    def _find(self, space: int, block: int) -> tuple[int, int] | None:
        row = self._sql.row(
            "SELECT payer, size FROM charge WHERE space = ? AND block = ?", space, block
        )
        return None if row is None else (row[0], row[1])

    def _payer(self, space: int, member: bytes) -> int:
        number = self._payers.get((space, member))
        if number is None:
            row = self._sql.row(
                "SELECT id FROM payer WHERE space = ? AND member = ?", space, member
            )
            number = int(row[0]) if row is not None else self._make(space, member)
            self._payers[space, member] = number
        return number

    def _make(self, space: int, member: bytes) -> int:
        return self._sql.insert(
            "INSERT INTO payer (space, member, used) VALUES (?, ?, 0)", space, member
        )
