"""How whole numbers go to PostgreSQL: all of them as 8 bytes, so that one statement is one plan.

Left to itself psycopg sends each in the smallest type that holds it.
"""

import struct
from typing import Final

from psycopg import Connection
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.rows import TupleRow
from psycopg.types.numeric import Int8BinaryDumper

_INT8: Final = 20
_INT8_ARRAY: Final = 1016


class Numbers:
    """A column of whole numbers."""

    __slots__ = ("values",)

    def __init__(self, values: tuple[int, ...]) -> None:
        self.values = values


class _NumbersDumper(Dumper):
    """A one-dimensional array without nulls: dimensions, nulls, type, length, lower bound."""

    format = Format.BINARY
    oid = _INT8_ARRAY

    def dump(self, obj: Numbers) -> bytes:
        count = len(obj.values)
        head = struct.pack(">5i", 1, 0, _INT8, count, 1)
        elements = [part for value in obj.values for part in (8, value)]
        return head + struct.pack(">" + "iq" * count, *elements)


def register(connection: Connection[TupleRow]) -> None:
    """Send whole numbers in this way."""
    connection.adapters.register_dumper(int, Int8BinaryDumper)
    connection.adapters.register_dumper(Numbers, _NumbersDumper)
