"""View and Transaction of the contract, put together from their parts."""

from storage.packs import PackReading, PackWriting
from storage.sql.auditing import AuditChanges, AuditView
from storage.sql.carrying import CarryChanges, CarryView
from storage.sql.holding import BlocksChanges
from storage.sql.inbox import InboxChanges, InboxView
from storage.sql.people import PeopleChanges, PeopleView
from storage.sql.spaces import SpacesChanges
from storage.sql.statements import Sql


class SqlView(AuditView, PeopleView, InboxView, CarryView):
    """``View`` inside a read transaction."""

    def expire(self) -> None:
        """Refuse every later use and let go of files."""
        self._sql.expire()
        self._packs.close()


class SqlTransaction(AuditChanges, SpacesChanges, PeopleChanges, InboxChanges, CarryChanges):
    """``Transaction`` inside a savepoint of the writer's."""

    def __init__(self, sql: Sql, packs: PackReading, writer: PackWriting) -> None:
        BlocksChanges.__init__(self, sql, packs, writer)

    def expire(self) -> None:
        """Refuse every later use and let go of files."""
        self._sql.expire()
        self._packs.close()
