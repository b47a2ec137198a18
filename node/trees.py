"""What a commit does to the trees of its space, and whether it may: rules over two roots.

    every commit       labels leave ``retired`` only when nothing that is kept holds them
    a member without   ADD, CHANGE, DELETE: no label is added, changed, deleted
    all three rights   (retiring labels takes DELETE)

Every new tree node is read here, and checked for its place. That all else is whole
too, and that the commit may name every block, is checked when the root is
admitted (``storage.reachability``); here blocks are read under the same rule, so
nothing is learnt of what other spaces hold.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from formats.cid import Cid
from formats.errors import Forged, TooMany
from formats.root import Root
from formats.space import Rights
from formats.tree.diff import Change, diff
from formats.tree.lookup import lookup
from formats.tree.node import Load
from node.authorise import denied
from storage.contracts import SpaceKey, View

MAX_UNRETIRED: Final = 4096
"""Labels that one commit takes out of ``retired``."""

MAX_LOOKUPS: Final = 65_536
"""Labels times kept roots that are looked at for it."""


def loader(
    view: View,
    keys: Sequence[SpaceKey],
    session: bytes | None,
    inline: Mapping[Cid, bytes],
) -> Load:
    """Blocks that a commit may name: with it, in its session, or in one of these spaces.

    Any other is Denied.
    """

    def load(cid: Cid) -> bytes:
        data = inline.get(cid)
        if data is not None:
            return data
        staged = session is not None and view.is_staged(session, cid)
        if not staged and not any(view.references(key, cid) for key in keys):
            raise denied()
        return view.block(cid)

    return load


def check_change(view: View, key: SpaceKey, old: Cid, new: Cid, load: Load, rights: Rights) -> int:
    """Return if a member with ``rights`` may take the space from root ``old`` to ``new``.

    Returns by how many labels it grows.
    """
    if old == new:
        return 0
    before, after = Root.decode(view.block(old)), Root.decode(load(new))
    _check_retired(view, key, before, after, load, rights)
    grown = 0
    for change in diff(view.block, before.tree, load, after.tree):
        if not rights & _needed(change):
            raise Forged("commit: its member has no right to make this change")
        grown += (change.before is None) - (change.after is None)
    return grown


def _needed(change: Change) -> Rights:
    if change.before is None:
        return Rights.ADD
    return Rights.DELETE if change.after is None else Rights.CHANGE


def _check_retired(
    view: View, key: SpaceKey, before: Root, after: Root, load: Load, rights: Rights
) -> None:
    if before.retired == after.retired:
        return
    if not rights & Rights.DELETE:
        raise Forged("commit: its member has no right to retire labels")
    gone = []
    for change in diff(view.block, before.retired, load, after.retired):
        if change.after is None:
            gone.append(change.label)
        elif change.before is not None:
            raise Forged("commit: it changes when a label was retired")
        if len(gone) > MAX_UNRETIRED:
            raise TooMany(f"a commit takes back at most {MAX_UNRETIRED} retired labels")
    if gone:
        _check_unheld(view, key, (before.tree, after.tree), gone, load)


def _check_unheld(
    view: View, key: SpaceKey, trees: tuple[Cid, Cid], gone: list[bytes], load: Load
) -> None:
    """Return if no root that is kept holds these labels: the two, and the superseded ones."""
    kept = {*trees, *(Root.decode(view.block(row.root)).tree for row in view.past(key))}
    if len(kept) * len(gone) > MAX_LOOKUPS:
        raise TooMany("too many retired labels at once; take fewer back, or later")
    for tree in kept:
        if _holds_any(load, tree, gone):
            raise Forged("commit: it takes back retired labels that are still held")


def _holds_any(load: Load, tree: Cid, labels: Iterable[bytes]) -> bool:
    return any(cid is not None for cid in lookup(load, tree, labels).values())
