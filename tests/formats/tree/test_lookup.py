"""Finding, walking, visiting."""

from itertools import takewhile
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.cid import Cid
from formats.errors import Malformed, MissingBlock
from formats.tree.lookup import lookup, visit, walk, within_reach
from formats.tree.node import EMPTY, Node, link_slot
from tests.formats.tree.trees import CONTENTS, LABELS, Store, by_definition, label, random_contents


@given(CONTENTS, CONTENTS)
def test_what_is_there_is_found_and_what_is_not_is_none(
    contents: dict[bytes, Cid], others: dict[bytes, Cid]
) -> None:
    store = Store()
    root = store.build(contents)
    wanted = [*contents, *others]
    assert lookup(store.load, root, wanted) == {name: contents.get(name) for name in wanted}


@given(CONTENTS, LABELS)
def test_walking_is_in_order_from_anywhere(contents: dict[bytes, Cid], start: bytes) -> None:
    store = Store()
    root = store.build(contents)
    in_order = sorted(contents.items())
    assert list(walk(store.load, root)) == in_order
    for first in (start, *list(contents)[:2]):
        after = [entry for entry in in_order if entry[0] >= first]
        assert list(walk(store.load, root, first)) == after


def test_a_walk_loads_as_it_goes() -> None:
    store, random = Store(), Random(3)
    contents = random_contents(random, 5000)
    root = store.build(contents)
    store.asked.clear()
    walking = walk(store.load, root, max(contents))
    assert next(walking)[0] == max(contents)
    assert len(store.asked) <= 4


def test_a_lookup_loads_each_node_once() -> None:
    store, random = Store(), Random(4)
    contents = random_contents(random, 2000)
    root = store.build(contents)
    store.asked.clear()
    lookup(store.load, root, contents)
    assert len(store.asked) == len(set(store.asked)) == len(by_definition(contents))


@given(CONTENTS, CONTENTS, st.integers(0, 2**32))
def test_what_is_beyond_a_missing_node_is_told_apart(
    contents: dict[bytes, Cid], others: dict[bytes, Cid], seed: int
) -> None:
    store, random = Store(), Random(seed)
    root = store.build(contents)
    lost = {cid for cid in store.blocks if random.random() < 0.3}

    def load(cid: Cid) -> bytes:
        if cid in lost:
            raise MissingBlock.of(cid)
        return store.load(cid)

    def is_found(name: bytes) -> bool:
        try:
            lookup(load, root, (name,))
        except MissingBlock:
            return False
        return True

    wanted = [*contents, *others]
    found, beyond = within_reach(load, root, wanted)
    assert set(beyond) == {name for name in wanted if not is_found(name)}
    assert found == {name: contents.get(name) for name in wanted if name not in beyond}


@given(CONTENTS, CONTENTS)
def test_a_visit_is_every_node_once_over_several_roots(
    one: dict[bytes, Cid], two: dict[bytes, Cid]
) -> None:
    store = Store()
    seen: set[Cid] = set()
    for contents in (one, {**one, **two}):
        root = store.build(contents)
        before = set(seen)
        nodes = dict(visit(store.load, root, seen))
        assert set(nodes) == set(by_definition(contents)) - before
        assert seen == before | set(by_definition(contents))


def test_a_missing_node_is_named() -> None:
    store, random = Store(), Random(5)
    contents = random_contents(random, 500)
    root = store.build(contents)
    node = Node.decode(store.blocks[root], root=True)
    number, child = next(node.links())
    del store.blocks[child]
    below = [name for name in contents if name[0] >> 3 == number]
    for reading in (lambda: lookup(store.load, root, below), lambda: list(walk(store.load, root))):
        with pytest.raises(MissingBlock) as caught:
            reading()
        assert caught.value.cid == child
    rest = {name: leaf for name, leaf in contents.items() if name not in below}
    assert lookup(store.load, root, rest) == rest


def test_a_subtree_hung_elsewhere_is_refused() -> None:
    store, random = Store(), Random(6)
    root = store.build(random_contents(random, 500))
    node = Node.decode(store.blocks[root], root=True)
    swapped = Node({**node.slots, 1: node.slots[0], 0: node.slots[1]}).encode()
    false = Cid.of_cbor(swapped)
    store.blocks[false] = swapped
    with pytest.raises(Malformed, match="outside its slot"):
        lookup(store.load, false, [label(0)])
    with pytest.raises(Malformed, match="outside its slot"):
        list(walk(store.load, false))


def test_a_chain_of_links_ends_at_the_depth_limit() -> None:
    store = Store()
    child = Cid.of_cbor(b"not loaded")
    for _ in range(60):
        data = Node({0: link_slot(child)}).encode()
        child = Cid.of_cbor(data)
        store.blocks[child] = data
    with pytest.raises(Malformed, match="below the deepest"):
        lookup(store.load, child, [label(0)])
    assert len(store.asked) == 51
    with pytest.raises(Malformed, match="below the deepest"):
        list(walk(store.load, child))


def test_a_tower_of_shared_nodes_does_not_take_for_ever() -> None:
    """50 nodes, each with 32 links to the next: 32**50 paths, refused at the first turn back."""
    store = Store()
    bottom = by_definition({label(number): Cid.of_raw(b"") for number in range(40)})
    child = next(iter(bottom))
    store.blocks.update(bottom)
    assert Node.decode(bottom[child], root=False)
    for _ in range(50):
        data = Node(dict.fromkeys(range(32), link_slot(child))).encode()
        child = Cid.of_cbor(data)
        store.blocks[child] = data
    with pytest.raises(Malformed):
        for _ in walk(store.load, child):
            pass
    assert len(store.asked) < 200


@pytest.mark.parametrize("size", [0, 31, 33])
def test_labels_have_32_bytes(size: int) -> None:
    store = Store()
    with pytest.raises(ValueError, match="expected 32"):
        lookup(store.load, EMPTY.cid, [bytes(size)])
    with pytest.raises(ValueError, match="expected 32"):
        next(walk(store.load, EMPTY.cid, bytes(size)))


def test_order_is_that_of_bytes() -> None:
    store, random = Store(), Random(8)
    root = store.build(random_contents(random, 1000))
    names = [name for name, _ in walk(store.load, root)]
    assert names == sorted(names)
    assert len(list(takewhile(lambda name: name[0] < 128, names))) == sum(n[0] < 128 for n in names)
