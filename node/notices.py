"""What the person who runs a node tells those who live there: short, plain, readable by the node.

Kept as one setting, since there are few: an account is told of them whenever it
asks how it stands. ``to`` is an account's name, empty for everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from formats.dag_cbor import Value, decode, encode
from formats.errors import NotFound, TooMany, Usage
from formats.fields import Fields, entries
from protocols.accounts import MAX_NOTICE, MAX_NOTICES, Notice
from storage.contracts import Transaction, View

MOST: Final = 64
"""Notices that are kept; a further one waits until one is removed."""

ACCOUNT_NAME: Final = 32
"""Bytes of an account's name."""

_SETTING: Final = "notices"


@dataclass(frozen=True, slots=True)
class Kept:
    """A notice as it is kept. ``number``: what it is called by here; ``time`` in milliseconds."""

    number: int
    time: int
    to: str
    text: str


def kept(view: View) -> list[Kept]:
    """All of them, oldest first."""
    data = view.setting(_SETTING)
    if data is None:
        return []
    return [_read(each) for each in entries(_list(data), "notice")]


def tell(tx: Transaction, to: str, text: str, now: int) -> Kept:
    """Keep one more; raises Usage, NotFound for who is not here, TooMany."""
    said = check_line(text)
    if to and tx.account(to) is None:
        raise NotFound(f"there is no account '{to}' here", hint="'holdfast node accounts' has all")
    before = kept(tx)
    if len(before) >= MOST:
        raise TooMany(f"{MOST} messages are kept", hint="remove one: 'holdfast node messages'")
    fresh = Kept(max((each.number for each in before), default=0) + 1, now, to, said)
    _put(tx, [*before, fresh])
    return fresh


def check_line(text: str) -> str:
    """The text without what surrounds it, if it is a line that may be sent; raises Usage."""
    said = text.strip()
    if not said or not said.isprintable() or len(said.encode()) > MAX_NOTICE:
        raise Usage(
            f"a message is one line of 1 to {MAX_NOTICE} bytes", hint="say less, or say it in two"
        )
    return said


def withdraw(tx: Transaction, number: int) -> Kept:
    """Tell nobody any more; raises NotFound."""
    before = kept(tx)
    found = [each for each in before if each.number == number]
    if not found:
        raise NotFound(
            f"there is no message {number}", hint="'holdfast node messages list' has all"
        )
    _put(tx, [each for each in before if each.number != number])
    return found[0]


def forget(tx: Transaction, name: str) -> None:
    """There is no such account any more: what was for it alone is not for who has the name next."""
    before = kept(tx)
    left = [each for each in before if each.to != name]
    if left != before:
        _put(tx, left)


def told_to(view: View, name: str) -> tuple[Notice, ...]:
    """What the account of that name is told, newest first."""
    mine = [Notice(each.time, each.text) for each in kept(view) if each.to in ("", name)]
    return tuple(reversed(mine[-MAX_NOTICES:]))


def _list(data: bytes) -> list[Value]:
    fields = Fields(decode(data, max_depth=3), "notices")
    found = fields.list_("kept", MOST)
    fields.done()
    return found


def _read(fields: Fields) -> Kept:
    found = Kept(
        fields.uint("number"),
        fields.uint("time"),
        fields.text("to", ACCOUNT_NAME),
        fields.text("text", MAX_NOTICE),
    )
    fields.done()
    return found


def _put(tx: Transaction, notices: Sequence[Kept]) -> None:
    values: list[Value] = [
        {"number": each.number, "time": each.time, "to": each.to, "text": each.text}
        for each in notices
    ]
    tx.put_setting(_SETTING, encode({"kept": values}))
