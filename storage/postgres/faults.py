"""What an error of PostgreSQL means to the caller, and what it means to the transaction.

Told in our words: what the server says may quote values, hosts and names.
"""

from typing import Final

import psycopg

from formats.errors import DiskFull, StorageFailed

_NO_ROOM: Final = frozenset({"53100", "53200"})  # disk_full, out_of_memory
_AGAIN: Final = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
_SAID: Final = {
    "authentication failed": "the database server refuses the user or the password",
    "no password supplied": "the database server wants a password",
    "does not exist": "the database server has no such database, or no such user",
    "too many": "the database server takes no more connections",
    "Connection refused": "the database cannot be reached: nothing listens there",
    "resolve host": "the database cannot be reached: there is no host of that name",
}
"""What libpq says when it cannot connect, which has no SQLSTATE, in our words."""

_NO_CONNECTION: Final = "53300"
_REFUSED: Final = ("28", "3D")  # who we are, and which database: a setting of ours is wrong


def of_postgres(error: psycopg.Error) -> DiskFull | StorageFailed:
    """The error for a statement, or an attempt to connect, that failed."""
    state = error.sqlstate
    if state in _NO_ROOM:
        return DiskFull("the database server has no room for this")
    if state is None:
        return StorageFailed(_of_line(str(error)), "see the server, and [store] of the settings")
    if state == _NO_CONNECTION:
        return StorageFailed(
            "the database server takes no more connections",
            "raise max_connections there, or lower what its other users take",
        )
    if state.startswith(_REFUSED):
        return StorageFailed(
            f"the database server refuses this node (SQLSTATE {state})",
            "see user, password and database in [store] of the node's settings",
        )
    return StorageFailed(f"the database failed: {type(error).__name__} (SQLSTATE {state})")


def _of_line(said: str) -> str:
    """What is wrong with the line to the server. Its own words are not passed on."""
    for word, meaning in _SAID.items():
        if word in said:
            return meaning
    return "the database cannot be reached"


def is_transient(error: BaseException | None) -> bool:
    """Whether the same transaction, run again, may well succeed: others were in its way."""
    return cause_of(error) in _AGAIN


def cause_of(error: BaseException | None) -> str | None:
    """The SQLSTATE behind an error of ours, or None."""
    while error is not None:
        if isinstance(error, psycopg.Error):
            return error.sqlstate
        error = error.__cause__
    return None
