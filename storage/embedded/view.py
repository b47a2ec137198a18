"""View and Transaction of the contract, put together from their parts."""

from storage.embedded.auditing import AuditChanges, AuditView
from storage.embedded.holding import BlocksChanges
from storage.embedded.inbox import InboxChanges, InboxView
from storage.embedded.packs import PackReader, PackWriter
from storage.embedded.people import PeopleChanges, PeopleView
from storage.embedded.spaces import SpacesChanges
from storage.embedded.sql import Sql


class EmbeddedView(AuditView, PeopleView, InboxView):
    """``View`` on one connection, inside a read transaction."""

    def expire(self) -> None:
        """Refuse every later use and let go of files."""
        self._sql.expire()
        self._packs.close()


class EmbeddedTransaction(AuditChanges, SpacesChanges, PeopleChanges, InboxChanges):
    """``Transaction`` on the writer's connection, inside a savepoint."""

    def __init__(self, sql: Sql, packs: PackReader, writer: PackWriter) -> None:
        BlocksChanges.__init__(self, sql, packs, writer)

    def expire(self) -> None:
        """Refuse every later use and let go of files."""
        self._sql.expire()
        self._packs.close()
