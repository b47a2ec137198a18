"""A connection that is made when it is needed, and made anew when it was lost. For one thread."""

from formats.errors import StorageFailed
from storage.postgres.address import Address
from storage.postgres.connecting import Connection, connect


class Link:
    """``settings``: statements that each new connection begins with."""

    def __init__(self, address: Address, *settings: str) -> None:
        self._address = address
        self._settings = settings
        self._connection: Connection | None = None

    @property
    def is_up(self) -> bool:
        """Whether there is a connection, and nothing is known against it."""
        return self._connection is not None and not self._connection.closed

    def held(self) -> Connection:
        """The connection that there is; raises StorageFailed when it was lost."""
        if self._connection is None or self._connection.closed:
            raise StorageFailed("the connection to the database was lost")
        return self._connection

    def get(self) -> Connection:
        """The connection; raises DiskFull or StorageFailed when it cannot be made."""
        if self._connection is not None and not self._connection.closed:
            return self._connection
        self._connection = None
        made = connect(self._address)
        if self._settings:
            made.execute("; ".join(self._settings))
        self._connection = made
        return made

    def drop(self) -> None:
        """Let go of the connection, in whatever state it is. What it had locked is free."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
