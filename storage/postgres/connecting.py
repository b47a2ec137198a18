"""One connection to PostgreSQL, set up as we need it.

Sessions of their own: a pooler between us must not share them (PgBouncer: ``session``).
"""

from collections.abc import Mapping
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo

from formats.errors import StorageFailed
from storage.postgres.address import Address
from storage.postgres.faults import of_postgres
from storage.postgres.values import register

Connection = psycopg.Connection[tuple[object, ...]]

OLDEST: Final = 130000
"""The oldest server that is taken: PostgreSQL 13."""

_SETTINGS: Final[Mapping[str, str | int]] = {
    "application_name": "holdfast",
    "connect_timeout": 10,
    # A peer that is gone is noticed within half a minute, also in the middle of a statement.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}
_SESSION: Final = (
    "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET idle_in_transaction_session_timeout = 0",
    "SET statement_timeout = 0",
    "SET lock_timeout = 0",
    "SET client_min_messages = error",
    "SET jit = off",
    # Statements find their rows by indexes. A plan made while a table was small, and kept
    # since, must not read a large one from end to end.
    "SET enable_seqscan = off",
    # What is acknowledged is on the disk. Stronger than "on" stays as it is.
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'",
)


def connect(address: Address) -> Connection:
    """A connection in autocommit mode, for one thread. Raises StorageFailed."""
    try:
        made: Connection = psycopg.connect(
            make_conninfo(address.url, **_SETTINGS, **address.arguments()), autocommit=True
        )
    except psycopg.Error as error:
        raise of_postgres(error) from None  # what it says may hold what we sent
    ready = False
    try:
        _set_up(made)
        ready = True
    except psycopg.Error as error:
        raise of_postgres(error) from error
    finally:
        if not ready:
            made.close()
    return made


def _set_up(made: Connection) -> None:
    register(made)
    made.prepare_threshold = 1
    made.prepared_max = 512
    if made.info.server_version < OLDEST:
        raise StorageFailed("the database server is too old", "PostgreSQL 13 or newer is needed")
    made.execute("; ".join(_SESSION))
    row = made.execute("SELECT current_setting('fsync')").fetchone()
    if row != ("on",):
        raise StorageFailed(
            "the database server runs with fsync off: what it acknowledges may be lost",
            "set fsync = on there",
        )
