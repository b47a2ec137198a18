"""What those who live here write to whoever runs the node: short, plain, readable by the node.

The other way round of ``notices.py``. Each account has a few lines that wait, so that nobody
can fill the place of another; whoever runs the node reads and removes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from formats.dag_cbor import Value, decode, encode
from formats.errors import NotFound, TooMany
from formats.fields import Fields, entries
from node.notices import check_line
from protocols.accounts import MAX_NOTICE
from storage.contracts import AccountRow, Transaction, View

MOST: Final = 16
"""Lines of one account that wait."""

_SETTING: Final = "letters "
_HINT: Final = "'holdfast node messages inbox' has all"


@dataclass(frozen=True, slots=True)
class Letter:
    """A line of an account, by name; ``number`` counts its own, ``time`` in milliseconds."""

    name: str
    number: int
    time: int
    text: str


def letters(view: View) -> list[Letter]:
    """All that wait, by account, oldest first."""
    return [letter for row in view.accounts() for letter in _of(view, row)]


def write(tx: Transaction, id: bytes, text: str, now: int) -> int:
    """Keep one more of an account; how many of it wait now. Raises Usage, TooMany, NotFound."""
    row = tx.account_of(id)
    if row is None:
        raise NotFound("there is no such account here")
    said, before = check_line(text), _of(tx, row)
    if len(before) >= MOST:
        raise TooMany(
            f"{MOST} lines of yours wait to be read", hint="wait until your node's owner read them"
        )
    number = max((each.number for each in before), default=0) + 1
    _put(tx, row, [*before, Letter(row.name, number, now, said)])
    return len(before) + 1


def remove(tx: Transaction, name: str, number: int) -> Letter:
    """It was read; raises NotFound."""
    row = tx.account(name)
    before = [] if row is None else _of(tx, row)
    found = [each for each in before if each.number == number]
    if row is None or not found:
        raise NotFound(f"there is no message {number} of '{name}'", hint=_HINT)
    _put(tx, row, [each for each in before if each.number != number])
    return found[0]


def forget(tx: Transaction, id: bytes) -> None:
    """There is no such account any more."""
    tx.delete_setting(_SETTING + id.hex())


def _of(view: View, row: AccountRow) -> list[Letter]:
    data = view.setting(_SETTING + row.id.hex())
    if data is None:
        return []
    fields = Fields(decode(data, max_depth=3), "letters")
    found = entries(fields.list_("kept", MOST), "letter")
    fields.done()
    return [_read(row.name, each) for each in found]


def _read(name: str, fields: Fields) -> Letter:
    found = Letter(
        name, fields.uint("number"), fields.uint("time"), fields.text("text", MAX_NOTICE)
    )
    fields.done()
    return found


def _put(tx: Transaction, row: AccountRow, kept: Sequence[Letter]) -> None:
    values: list[Value] = [
        {"number": each.number, "time": each.time, "text": each.text} for each in kept
    ]
    tx.put_setting(_SETTING + row.id.hex(), encode({"kept": values}))
