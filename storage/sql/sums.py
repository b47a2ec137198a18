"""Sums that change with every block: of a session, a space, an owner, a pack. Written once."""

from storage.packs import PackWriting
from storage.sql.statements import Sql


class Sums:
    """What is to be added to the sums, kept aside until ``write``."""

    def __init__(self, sql: Sql, writer: PackWriting) -> None:
        self._sql = sql
        self._writer = writer
        self._reserved: dict[tuple[int, int], int] = {}  # by session and owner
        self._used: dict[tuple[int, int], int] = {}  # by space and owner
        self._live: dict[int, int] = {}  # by pack
        self.freed = False
        """Whether a pack was left with less."""

    def reserve(self, session: tuple[int, int], size: int) -> None:
        """A session and its owner have ``size`` bytes more reserved, or less if negative."""
        self._reserved[session] = self._reserved.get(session, 0) + size

    def use(self, space: tuple[int, int], size: int) -> None:
        """A space and its owner use ``size`` bytes more, or less if negative."""
        self._used[space] = self._used.get(space, 0) + size

    def weigh(self, pack: int, size: int) -> None:
        """``size`` bytes of a pack are live that were not, or no more if negative."""
        if pack:
            self._live[pack] = self._live.get(pack, 0) + size

    def reserved_by(self, session: int) -> int:
        """What is not written yet of the bytes that a session has reserved."""
        return sum(size for (each, _), size in self._reserved.items() if each == session)

    def of_owner(self, owner: int) -> tuple[int, int]:
        """What is not written yet of an owner's (used, reserved) bytes."""
        used = sum(size for (_, each), size in self._used.items() if each == owner)
        return used, sum(size for (_, each), size in self._reserved.items() if each == owner)

    def write(self) -> None:
        """Add them all."""
        for (session, owner), size in self._reserved.items():
            self._sql.put("UPDATE session SET reserved = reserved + ? WHERE id = ?", size, session)
            self._sql.put("UPDATE owner SET reserved = reserved + ? WHERE id = ?", size, owner)
        for (space, owner), size in self._used.items():
            self._sql.put("UPDATE space SET used = used + ? WHERE id = ?", size, space)
            self._sql.put("UPDATE owner SET used = used + ? WHERE id = ?", size, owner)
        for pack, size in self._live.items():
            self._write_pack(pack, size)
        self._reserved.clear()
        self._used.clear()
        self._live.clear()

    def _write_pack(self, pack: int, size: int) -> None:
        self.freed = self.freed or size < 0
        if pack != self._writer.current:
            self._sql.put("UPDATE pack SET live = live + ? WHERE id = ?", size, pack)
            return
        self._sql.put(
            "INSERT INTO pack (id, length, live) VALUES (?, ?, ?) ON CONFLICT (id)"
            " DO UPDATE SET length = excluded.length, live = pack.live + excluded.live",
            pack,
            self._writer.end,
            size,
        )
