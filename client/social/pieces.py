"""Records too large for one file: what is kept in place of one, and the pieces that it is cut into.

    <name>                     = {v: 2, pieces: how many, hash: SHA-256 of the whole record}
    pieces/<folder>.<name>.<k> = 32 KiB of the record as it is encoded, from 32 KiB * k on

Somebody who renewed their keys nine times has an identity of more than 64 KiB. A piece that is
as it was is not written again.
"""

from collections.abc import Sequence
from typing import Final

from crypto.hashing import sha256
from formats.dag_cbor import Value, decode, encode
from formats.errors import Damaged, TooLarge
from formats.fields import Fields
from formats.limits import ID, INLINE, KIB

CUT: Final = 2
"""Version of the mark: a program that knows of no pieces says that it is too old."""

PIECE: Final = 32 * KIB
MOST: Final = 64
"""Pieces of a record: 2 MiB, so that an identity of as many records as may be has room."""


def cut(content: bytes, what: str) -> tuple[bytes, list[bytes]]:
    """What the record's own file holds, and the pieces beside it, if any; raises TooLarge."""
    if len(content) <= INLINE:
        return content, []
    if len(content) > PIECE * MOST:
        raise TooLarge(f"{what}: a record of {len(content)} bytes, at most {PIECE * MOST}")
    pieces = [content[at : at + PIECE] for at in range(0, len(content), PIECE)]
    mark: dict[str, Value] = {"v": CUT, "pieces": len(pieces), "hash": sha256(content)}
    return encode(mark), pieces


def name_of(parts: Sequence[str], number: int) -> str:
    """The file of a piece of the record that has this path."""
    return f"{'.'.join(parts)}.{number}"


class Cut:
    """The mark of a record that was cut, as it was read; raises Malformed."""

    def __init__(self, fields: Fields) -> None:
        self.what: Final = fields.what
        self.pieces: Final = fields.uint("pieces", MOST)
        self._hash: Final = fields.bytes_("hash", ID)

    def joined(self, pieces: Sequence[bytes]) -> Fields:
        """The record; raises Damaged if these are not its pieces."""
        content = b"".join(pieces)
        if sha256(content) != self._hash:
            raise Damaged(f"{self.what}: the pieces of a record of yours do not fit together")
        fields = Fields(decode(content), self.what)
        fields.version()
        return fields
