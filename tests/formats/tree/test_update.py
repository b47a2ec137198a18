"""One content, one tree: whatever the order, the batches and the history."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from crypto.hashing import sha256
from formats.cid import Cid
from formats.errors import MissingBlock
from formats.tree.lookup import lookup, walk
from formats.tree.node import EMPTY, Node
from formats.tree.update import Updated, build, update
from tests.formats.tree.trees import (
    CHANGES,
    CONTENTS,
    LABELS,
    LEAVES,
    Store,
    by_definition,
    label,
    random_contents,
    root_by_definition,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/tree/trees.json").read_text())


def contents_of(vector: dict[str, Any]) -> dict[bytes, Cid]:
    if "count" in vector:
        names = [sha256(f"label {number}".encode()) for number in range(vector["count"])]
        return {name: Cid.of_raw(name) for name in names}
    return {bytes.fromhex(name): Cid.parse(leaf) for name, leaf in vector["contents"].items()}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector(vector: dict[str, Any]) -> None:
    built = build(contents_of(vector))
    assert str(built.root) == vector["root"]
    assert len(built.blocks or (EMPTY,)) == vector["nodes"]
    assert sum(len(block.data) for block in built.blocks or (EMPTY,)) == vector["bytes"]


@given(CONTENTS)
@settings(max_examples=200)
def test_the_tree_is_the_one_of_the_definition(contents: dict[bytes, Cid]) -> None:
    built = build(contents)
    assert built.root == root_by_definition(contents)
    assert {block.cid: block.data for block in built.blocks} == by_definition(contents)
    assert built.removed == ()


class TreeAgainstDict(RuleBasedStateMachine):
    """Any sequence of batches, against a dict and the definition."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store()
        self.root = EMPTY.cid
        self.model: dict[bytes, Cid] = {}

    def _apply(self, changes: dict[bytes, Cid | None]) -> None:
        before = set(by_definition(self.model))
        updated = self.store.update(self.root, changes)
        self.model.update({name: leaf for name, leaf in changes.items() if leaf is not None})
        for name in [name for name, leaf in changes.items() if leaf is None]:
            self.model.pop(name, None)
        after = set(by_definition(self.model))
        assert {block.cid for block in updated.blocks} == after - before
        assert set(updated.removed) == before - after
        assert len(updated.removed) == len(set(updated.removed))
        assert len(updated.blocks) == len(after - before)
        self.root = updated.root

    @rule(changes=CHANGES)
    def change_some(self, changes: dict[bytes, Cid | None]) -> None:
        self._apply(changes)

    @rule(data=st.data(), count=st.integers(1, 8))
    def remove_some(self, data: st.DataObject, count: int) -> None:
        known = sorted(self.model)
        if known:
            names = data.draw(st.lists(st.sampled_from(known), max_size=count))
            self._apply(dict.fromkeys(names))

    @rule(name=LABELS, leaf=LEAVES, count=st.integers(1, 5))
    def add_neighbours(self, name: bytes, leaf: Cid, count: int) -> None:
        start = int.from_bytes(name, "big")
        self._apply({label((start + step) % 2**256): leaf for step in range(count)})

    @rule()
    def forget_what_is_not_reachable(self) -> None:
        """Only the nodes of the definition are needed from here on."""
        self.store.blocks = by_definition(self.model)

    @rule()
    def remove_all(self) -> None:
        self._apply(dict.fromkeys(self.model))
        assert self.root == EMPTY.cid

    @invariant()
    def same_content_same_root(self) -> None:
        assert self.root == root_by_definition(self.model)
        assert list(walk(self.store.load, self.root)) == sorted(self.model.items())


TestTreeAgainstDict = TreeAgainstDict.TestCase
TestTreeAgainstDict.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)


@given(CONTENTS, CHANGES)
def test_a_change_and_its_undoing_leave_no_trace(
    contents: dict[bytes, Cid], changes: dict[bytes, Cid | None]
) -> None:
    store = Store()
    root = store.build(contents)
    there = store.update(root, changes)
    back = store.update(there.root, {name: contents.get(name) for name in changes})
    assert back.root == root
    assert set(back.removed) == {block.cid for block in there.blocks}


@given(CONTENTS)
def test_what_changes_nothing_is_nothing(contents: dict[bytes, Cid]) -> None:
    store = Store()
    root = store.build(contents)
    assert store.update(root, {}) == Updated(root, (), ())
    assert store.update(root, contents) == Updated(root, (), ())
    absent = {label(number): None for number in range(50) if label(number) not in contents}
    assert store.update(root, absent) == Updated(root, (), ())


@pytest.mark.parametrize("shared", [*range(0, 250, 25), 245, 249, 250])
def test_depth_by_common_prefix(shared: int) -> None:
    """Four labels that share n bits need a node at depth n // 5, and no node at all for three."""
    rest = 256 - shared
    names = [label(number << (rest - 6)) for number in (0, 1, 2, 3)]
    if shared < 250:
        names = [label(number << (rest - 7)) for number in (0, 1, 64, 65)]
    contents = dict.fromkeys(names, Cid.of_raw(b""))
    three = dict(list(contents.items())[:3])
    store = Store()
    root = store.build(contents)
    store.asked.clear()
    assert lookup(store.load, root, names) == contents
    assert len(store.asked) == shared // 5 + 1
    smaller = store.update(root, {names[3]: None})
    assert smaller.root == build(three).root
    assert len(smaller.blocks) == 1
    assert len(smaller.removed) == shared // 5 + 1


def test_only_the_paths_that_change_are_read() -> None:
    store, random = Store(), Random(11)
    contents = random_contents(random, 3000)
    root = store.build(contents)
    store.asked.clear()
    store.update(root, {min(contents): Cid.of_raw(b"new")})
    assert len(store.asked) <= 4


def test_a_missing_node_stops_the_update() -> None:
    store, random = Store(), Random(12)
    contents = random_contents(random, 500)
    root = store.build(contents)
    _, child = next(Node.decode(store.blocks[root], root=True).links())
    del store.blocks[child]
    with pytest.raises(MissingBlock):
        update(store.load, root, {min(contents): None})


def test_what_is_no_label_and_no_cid_is_refused() -> None:
    store = Store()
    with pytest.raises(ValueError, match="31 bytes, expected 32"):
        update(store.load, EMPTY.cid, {bytes(31): None})
    with pytest.raises(TypeError, match="named by a Cid, not bytes"):
        update(store.load, EMPTY.cid, {bytes(32): bytes(Cid.of_raw(b""))})  # type: ignore[dict-item]


def test_children_are_written_before_their_parents() -> None:
    built = build(random_contents(Random(13), 2000))
    written: set[Cid] = set()
    for block in built.blocks:
        node = Node.decode(block.data, root=block.cid == built.root)
        assert {child for _, child in node.links()} <= written
        written.add(block.cid)
    assert built.blocks[-1].cid == built.root
