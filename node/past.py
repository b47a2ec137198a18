"""Superseded states of a space: listing them with their descent, pinning, weighing, giving up."""

from typing import Final

from formats.errors import TooMany
from node.authorise import denied
from node.history import between
from node.room import let_go, pinned
from protocols import pointers as p
from storage.contracts import PinRow, SpaceKey, SpaceRow, Transaction, View
from storage.reachability import held_only_by, release_some

MOST_BYTES: Final = 512 * 1024
"""Bytes of an answer after which it takes no further state: it has to fit into one frame."""

MOST_LINKS: Final = 2000
"""Links that one request gives up before it lets others write (some 50 ms)."""

MOST_WEIGHED: Final = 200_000
"""Links that are followed to weigh old states: a few seconds of a reading thread."""


def states(view: View, row: SpaceRow, below: int) -> p.States:
    """The states below a number, newest first, each shown to be an ancestor of the one before."""
    if below > row.seq:
        raise denied()
    found: list[p.State] = []
    size, newer = 0, below
    for each in view.retained(row.key, below):
        bodies = between(view, row.key, newer, each.seq)
        size += len(each.pointer) + sum(map(len, bodies))
        if found and (size > MOST_BYTES or len(found) == p.MAX_STATES):
            return p.States(tuple(found), True)
        found.append(p.State(each.pointer, each.superseded, bodies))
        newer = each.seq
    return p.States(tuple(found), False)


def weight(view: View, row: SpaceRow) -> p.Weight:
    """What all superseded states hold beyond the current one."""
    roots = [each.root for each in view.past(row.key)]
    size, whole = held_only_by(view, row.key, roots, MOST_WEIGHED)
    return p.Weight(len(roots), size, not whole)


def pins(view: View, key: SpaceKey) -> p.Pins:
    """What is pinned, newest first."""
    return p.Pins(tuple(p.Pinned(row.seq, row.made, row.note) for row in view.pins(key)))


def pin(tx: Transaction, request: p.Pin, now: int) -> p.Pins:
    """Pin the current state or one that is held; raises Denied, TooMany."""
    key = SpaceKey(request.owner, request.space)
    row = tx.space(key)
    if row is None or (request.seq != row.seq and tx.past_row(key, request.seq) is None):
        raise denied()
    before = {each.seq: each for each in tx.pins(key)}
    if request.seq not in before and len(before) >= p.MAX_PINS:
        raise TooMany(f"a space has at most {p.MAX_PINS} pinned states", hint="delete some")
    made = before[request.seq].made if request.seq in before else now
    tx.put_pin(PinRow(key, request.seq, made, request.note))
    return pins(tx, key)


def let_go_before(tx: Transaction, request: p.LetGo) -> tuple[int, bool]:
    """Give up states that were superseded before a time; how many, and whether there is more to do.

    What only they held is given back here too, as far as it does not take long.
    """
    key = SpaceKey(request.owner, request.space)
    stay, count = pinned(tx, key), 0
    links = release_some(tx, request.owner, MOST_LINKS + 1)
    for row in list(tx.past(key)):
        if row.seq in stay or row.superseded >= request.before:
            continue
        if links > MOST_LINKS:
            return count, True
        let_go(tx, row)
        links += release_some(tx, request.owner, MOST_LINKS + 1)
        count += 1
    return count, bool(tx.releases(request.owner, 1))
