"""Commits: new pointers for one or more spaces of one home, taken all together or not at all.

    commit = {v, session?, moves: [{pointer, space?}]}

Pointers and space records are in it as their envelopes. A space record comes
with the first pointer that names it. Each space moves at most once.
"""

from dataclasses import dataclass
from typing import Final

from formats.dag_cbor import Value, decode, encode
from formats.envelope import ENVELOPE_OVERHEAD, present
from formats.errors import Malformed
from formats.fields import Fields, entries
from formats.limits import KIB, TOKEN
from formats.pointer import MAX_POINTER_BODY, Pointer
from formats.space import MAX_SPACE_BODY, SpaceRecord

MAX_MOVES: Final = 16
MAX_COMMIT: Final = 768 * KIB
"""Most bytes of an encoded commit: it travels in one frame."""

_WHAT: Final = "commit"


@dataclass(frozen=True, slots=True)
class Move:
    """A new pointer, and the space record it puts in force, if that is new."""

    pointer: Pointer
    space: SpaceRecord | None = None

    def value(self) -> Value:
        """The map that stands for it in a commit."""
        space = None if self.space is None else self.space.encoded
        return present({"pointer": self.pointer.encoded, "space": space})


@dataclass(frozen=True, slots=True)
class Commit:
    """1 to 16 moves, and the staging session that their new blocks are in, if they are in one."""

    moves: tuple[Move, ...]
    session: bytes | None = None

    @classmethod
    def decode(cls, data: bytes) -> "Commit":
        """Read a commit and the records in it; raises Malformed or UnknownVersion.

        Verifies nothing but that moves are of different spaces and that a space
        record is the one its pointer names.
        """
        if len(data) > MAX_COMMIT:
            raise Malformed(f"{_WHAT}: {len(data)} bytes, at most {MAX_COMMIT}")
        fields = Fields(decode(data, max_depth=3), _WHAT)
        fields.version()
        session = fields.optional_bytes("session", TOKEN)
        moves = tuple(map(_read_move, entries(fields.list_("moves", MAX_MOVES), f"{_WHAT} move")))
        fields.done()
        _check_spaces(moves)
        return cls(moves, session)

    @property
    def encoded(self) -> bytes:
        """The commit as it travels."""
        moves: list[Value] = [move.value() for move in self.moves]
        return encode(present({"v": 1, "session": self.session, "moves": moves}))


def _read_move(fields: Fields) -> Move:
    pointer = fields.bytes_("pointer", maximum=MAX_POINTER_BODY + ENVELOPE_OVERHEAD)
    space = fields.optional_bytes("space", maximum=MAX_SPACE_BODY + ENVELOPE_OVERHEAD)
    fields.done()
    return Move(Pointer.decode(pointer), None if space is None else SpaceRecord.decode(space))


def _check_spaces(moves: tuple[Move, ...]) -> None:
    if not moves:
        raise Malformed(f"{_WHAT}: it moves nothing")
    if len({move.pointer.owner_and_space for move in moves}) != len(moves):
        raise Malformed(f"{_WHAT}: a space moves twice")
    for move in moves:
        if move.space is not None and move.space.hash != move.pointer.authority:
            raise Malformed(f"{_WHAT}: a space record comes with a pointer that names another")
