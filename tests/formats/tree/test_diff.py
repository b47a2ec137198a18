"""Differences against dicts, and what is loaded to find them."""

from random import Random

import pytest
from hypothesis import given

from formats.cid import Cid
from formats.errors import Malformed, MissingBlock
from formats.tree.diff import Change, diff, new_nodes
from formats.tree.node import EMPTY, Node
from tests.formats.tree.trees import CHANGES, CONTENTS, Store, by_definition, random_contents


def changed(contents: dict[bytes, Cid], changes: dict[bytes, Cid | None]) -> dict[bytes, Cid]:
    result = {**contents, **{name: leaf for name, leaf in changes.items() if leaf is not None}}
    return {name: leaf for name, leaf in result.items() if changes.get(name, leaf) is not None}


def expected(a: dict[bytes, Cid], b: dict[bytes, Cid]) -> list[Change]:
    names = sorted({*a, *b})
    return [Change(n, a.get(n), b.get(n)) for n in names if a.get(n) != b.get(n)]


def check(a: dict[bytes, Cid], b: dict[bytes, Cid]) -> None:
    store_a, store_b = Store(), Store()
    root_a, root_b = store_a.build(a), store_b.build(b)
    store_a.asked.clear()
    store_b.asked.clear()
    assert list(diff(store_a.load, root_a, store_b.load, root_b)) == expected(a, b)
    nodes_a, nodes_b = by_definition(a), by_definition(b)
    for asked, new in (
        (store_a.asked, set(nodes_a) - set(nodes_b)),
        (store_b.asked, set(nodes_b) - set(nodes_a)),
    ):
        assert len(asked) == len(set(asked))
        assert set(asked) == new
    new_of_b = new_nodes(store_a.load, root_a, store_b.load, root_b)
    assert sorted(new_of_b) == sorted(set(nodes_b) - set(nodes_a))


@given(CONTENTS, CONTENTS)
def test_two_trees(a: dict[bytes, Cid], b: dict[bytes, Cid]) -> None:
    check(a, b)


@given(CONTENTS, CHANGES)
def test_a_tree_and_its_change(a: dict[bytes, Cid], changes: dict[bytes, Cid | None]) -> None:
    check(a, changed(a, changes))
    check(changed(a, changes), a)


def test_equal_roots_load_nothing() -> None:
    store = Store()
    root = store.build(random_contents(Random(31), 100))
    store.asked.clear()
    assert list(diff(store.load, root, store.load, root)) == []
    assert store.asked == []


def test_a_large_tree_and_a_small_change() -> None:
    store, random = Store(), Random(32)
    contents = random_contents(random, 5000)
    root = store.build(contents)
    name = max(contents)
    after = store.update(root, {name: None})
    store.asked.clear()
    assert list(diff(store.load, root, store.load, after.root)) == [
        Change(name, contents[name], None)
    ]
    assert len(store.asked) <= 8
    assert new_nodes(store.load, root, store.load, after.root)[0] == after.root


def test_missing_and_malformed_nodes_are_not_passed_over() -> None:
    store, random = Store(), Random(33)
    contents = random_contents(random, 500)
    root = store.build(contents)
    node = Node.decode(store.blocks[root], root=True)
    swapped = Node({**node.slots, 1: node.slots[0], 0: node.slots[1]}).encode()
    store.blocks[Cid.of_cbor(swapped)] = swapped
    for a, b in ((root, Cid.of_cbor(swapped)), (Cid.of_cbor(swapped), root)):
        with pytest.raises(Malformed, match="outside its slot"):
            list(diff(store.load, a, store.load, b))
    partial = Store()
    partial.blocks[root] = store.blocks[root]
    with pytest.raises(MissingBlock):
        list(diff(store.load, EMPTY.cid, partial.load, root))
