"""What a check found lost in a space, kept for its people: they may have it, and can name it.

A node cannot say which file a block belonged to. So what is left after a repair is written
down, and whoever is a member of the space asks for it (the blocks door): they hand in
what their own machine kept of it, and see which paths the rest belongs to.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from formats.cid import Cid
from formats.dag_cbor import Value, decode, encode
from formats.envelope import present
from formats.fields import Fields, entries
from formats.limits import ID
from node.checking.findings import Finding, Wrong
from protocols.blocks import MAX_LOST, LostBlock
from storage.contracts import SpaceKey, Transaction, View

_WHAT: Final = "lost blocks"


def lost(view: View, key: SpaceKey) -> tuple[LostBlock, ...]:
    """What was found lost in a space and not found again."""
    data = view.setting(_name(key))
    if not data:
        return ()
    fields = Fields(decode(data, max_depth=3), _WHAT)
    return tuple(_read(each) for each in entries(fields.list_("lost", MAX_LOST), _WHAT))


def remember(tx: Transaction, found: Iterable[Finding]) -> None:
    """Write down what a whole check found lost, for every space anew."""
    by_space: dict[SpaceKey, dict[LostBlock, None]] = defaultdict(dict)
    for each in found:
        if each.key is not None and each.cid is not None and each.wrong in _LOST:
            label = each.label if each.wrong is Wrong.LABEL else None
            by_space[each.key][LostBlock(each.cid, label, each.bits)] = None
    for row in tx.spaces():
        fresh = _told(by_space[row.key])
        if fresh != lost(tx, row.key):
            _put(tx, row.key, fresh)


def forget(tx: Transaction, key: SpaceKey, cids: Iterable[Cid]) -> None:
    """These were found again."""
    again = set(cids)
    before = lost(tx, key)
    left = tuple(each for each in before if each.cid not in again)
    if left != before:
        _put(tx, key, left)


def forget_lost(tx: Transaction, key: SpaceKey) -> None:
    """There is no such space any more."""
    tx.delete_setting(_name(key))


_LOST: Final = (Wrong.BLOCK, Wrong.LABEL)


def _told(found: Iterable[LostBlock]) -> tuple[LostBlock, ...]:
    """Each block with the labels it belongs to; alone only where none is known."""
    found = list(found)
    labelled = {each.cid for each in found if each.label is not None}
    told = [each for each in found if each.label is not None or each.cid not in labelled]
    return tuple(told[:MAX_LOST])


def _put(tx: Transaction, key: SpaceKey, found: Iterable[LostBlock]) -> None:
    listed: list[Value] = [
        present({"cid": each.cid, "label": each.label, "bits": each.bits}) for each in found
    ]
    tx.put_setting(_name(key), encode({"lost": listed}) if listed else b"")


def _read(fields: Fields) -> LostBlock:
    label = fields.optional_bytes("label", ID)
    return LostBlock(fields.cid("cid"), label, fields.uint("bits", 256))


def _name(key: SpaceKey) -> str:
    return f"lost {key.owner.hex()} {key.space.hex()}"
