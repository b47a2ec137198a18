"""Three-way merge against dicts."""

from random import Random

import pytest
from hypothesis import given

from formats.cid import Cid
from formats.errors import MissingBlock
from formats.tree.merge import Conflict, Merged, merge
from formats.tree.node import EMPTY
from tests.formats.tree.trees import CHANGES, CONTENTS, Store, random_contents

Some = dict[bytes, Cid | None]


@given(CONTENTS, CHANGES, CHANGES)
def test_against_dicts(contents: dict[bytes, Cid], our: Some, their: Some) -> None:
    if contents:  # so that both sides often meet at one label
        name = min(contents)
        our, their = {**our, name: Cid.of_raw(b"ours")}, {name: None, **their}
    store = Store()
    base = store.build(contents)
    ours, theirs = (store.update(base, changes).root for changes in (our, their))
    changes: Some = {}
    conflicts: dict[bytes, Conflict] = {}
    for name in sorted({*our, *their}):
        old = contents.get(name)
        a, b = our.get(name, old), their.get(name, old)
        if a != old and b == old:
            changes[name] = a
        elif a not in (old, b):
            conflicts[name] = Conflict(old, a, b)
    merged = merge(store.load, base, ours, theirs)
    assert merged == Merged(changes, conflicts)
    assert list(merged.changes) == sorted(changes)
    other_way = merge(store.load, base, theirs, ours)
    assert set(other_way.conflicts) == set(conflicts)
    if not conflicts:
        one = store.update(theirs, merged.changes).root
        assert one == store.update(ours, other_way.changes).root


def test_apart_changes_merge_both_ways_to_one_root() -> None:
    store, random = Store(), Random(41)
    contents = random_contents(random, 500)
    base = store.build(contents)
    names = sorted(contents)
    ours = store.update(base, dict.fromkeys(names[:100])).root
    theirs = store.update(base, {**random_contents(random, 100), names[200]: None}).root
    merged = merge(store.load, base, ours, theirs)
    assert merged == Merged(dict.fromkeys(names[:100]), {})
    back = merge(store.load, base, theirs, ours)
    assert store.update(theirs, merged.changes).root == store.update(ours, back.changes).root


def test_the_same_change_twice_is_none() -> None:
    store = Store()
    contents = random_contents(Random(42), 50)
    root = store.build(contents)
    assert merge(store.load, EMPTY.cid, root, root) == Merged({}, {})
    assert merge(store.load, root, EMPTY.cid, EMPTY.cid) == Merged({}, {})
    assert merge(store.load, EMPTY.cid, root, EMPTY.cid).changes == contents


def test_a_missing_node_is_an_error() -> None:
    store = Store()
    root = store.build(random_contents(Random(43), 200))
    gone = Store()
    gone.blocks[root] = store.blocks[root]
    with pytest.raises(MissingBlock):
        merge(gone.load, EMPTY.cid, EMPTY.cid, root)
