"""The transaction of the contract, which tells other nodes what it changed."""

from typing import Final

from storage.contracts import Change, ReplicaRow, SpaceKey, SpaceRow
from storage.packs import PackReading, PackWriting
from storage.postgres.listening import payload
from storage.postgres.site import CHANNEL, Site
from storage.postgres.sql import PostgresSql
from storage.sql.view import SqlTransaction

_NOTIFY: Final = "SELECT pg_notify(?, ?)"


class PostgresTransaction(SqlTransaction):
    """``Transaction`` of the writer ``writer`` of a site."""

    def __init__(
        self, sql: PostgresSql, packs: PackReading, pen: PackWriting, site: Site, writer: int
    ) -> None:
        super().__init__(sql, packs, pen)
        self._lent = sql
        self._site = site
        self._by = writer

    def put_space(self, row: SpaceRow) -> None:
        super().put_space(row)
        self._tell(row.key)

    def forget_space(self, key: SpaceKey) -> None:
        super().forget_space(key)
        self._tell(key)

    def drop_message(self, target: bytes, arrived: int, sealed: bytes) -> int:
        seq = super().drop_message(target, arrived, sealed)
        self._tell(target)
        return seq

    def put_replica(self, row: ReplicaRow) -> None:
        super().put_replica(row)
        self._tell(None)

    def delete_replica(self, owner: bytes, peer: bytes) -> None:
        super().delete_replica(owner, peer)
        self._tell(None)

    def finish(self) -> None:
        """Write what changed; errors of what was held back are raised here."""
        self.settle()
        self._lent.flush()

    def _tell(self, change: Change) -> None:
        self._sql.put(_NOTIFY, CHANNEL, payload(self._site, self._by, change))
