"""What PostgreSQL wants said in other words: see ``storage/sql/statements.py``."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Final

_VALUE: Final = re.compile(r"\?(\d*)")
_ORDERED_JOIN: Final = re.compile(r"\bCROSS JOIN\b")
_BY_INDEX: Final = re.compile(r"\bINDEXED BY \w+")
_INSERT: Final = re.compile(r"(INSERT INTO \w+ \([\w, ]+\)) VALUES \((\?(?:, \?)*)\)")
_ARRAYS: Final = {int: "int8[]", bytes: "bytea[]", str: "text[]"}


@lru_cache(maxsize=1024)
def translated(sql: str) -> str:
    """The statement as PostgreSQL takes it."""
    following = count(1)
    text = _BY_INDEX.sub("", _ORDERED_JOIN.sub("JOIN", sql))
    return _VALUE.sub(lambda found: f"${found[1] or next(following)}", text)


@lru_cache(maxsize=64)
def in_bulk(sql: str, kinds: tuple[type, ...]) -> str | None:
    """A plain insert of one row, as one of many: a value is then a list, one element a row.

    ``kinds``: the Python types of the columns. None for any other statement.
    """
    found = _INSERT.fullmatch(sql)
    if found is None or not all(kind in _ARRAYS for kind in kinds):
        return None
    lists = ", ".join(f"${number}::{_ARRAYS[kind]}" for number, kind in enumerate(kinds, 1))
    return f"{found[1]} SELECT * FROM unnest({lists})"


def kinds_of(rows: Sequence[Sequence[object]]) -> tuple[type, ...]:
    """The Python types of the columns, as the first row has them."""
    return tuple(map(type, rows[0]))
