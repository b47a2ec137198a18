"""Proofs: enough, minimal, and worthless once any byte is changed."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.cid import Cid
from formats.errors import BadBlock, Malformed, MissingBlock
from formats.tree.lookup import lookup
from formats.tree.node import EMPTY, Node, link_slot
from formats.tree.proof import Proof, prove
from tests.formats.tree.trees import CONTENTS, LABELS, Store, label, random_contents


@given(CONTENTS, st.lists(LABELS, max_size=6), st.data())
def test_a_proof_answers_as_the_tree_does(
    contents: dict[bytes, Cid], others: list[bytes], data: st.DataObject
) -> None:
    store = Store()
    root = store.build(contents)
    some = data.draw(st.lists(st.sampled_from(sorted(contents)))) if contents else []
    wanted = [*some, *others]
    store.asked.clear()
    nodes = prove(store.load, root, wanted)
    assert len(nodes) == len(set(nodes))
    assert len(store.asked) == len(set(store.asked))
    proof = Proof(root, nodes)
    assert proof.lookup(wanted) == {name: contents.get(name) for name in wanted}
    assert lookup(proof.load, root, wanted) == proof.lookup(wanted)


@given(CONTENTS, st.data())
@settings(max_examples=150)
def test_no_byte_can_be_changed(contents: dict[bytes, Cid], data: st.DataObject) -> None:
    store = Store()
    root = store.build(contents)
    nodes = prove(store.load, root, contents)
    which = data.draw(st.integers(0, len(nodes) - 1))
    at = data.draw(st.integers(0, len(nodes[which]) - 1))
    flip = data.draw(st.integers(1, 255))
    changed = bytearray(nodes[which])
    changed[at] ^= flip
    with pytest.raises(BadBlock):
        Proof(root, [*nodes[:which], bytes(changed), *nodes[which + 1 :]])


def test_every_single_byte_of_a_small_proof() -> None:
    store = Store()
    contents = random_contents(Random(21), 60)
    root = store.build(contents)
    nodes = prove(store.load, root, [min(contents)])
    for which, node in enumerate(nodes):
        for at in range(len(node)):
            changed = node[:at] + bytes([node[at] ^ 1]) + node[at + 1 :]
            with pytest.raises(BadBlock):
                Proof(root, [*nodes[:which], changed, *nodes[which + 1 :]])


def test_what_does_not_belong_is_refused() -> None:
    store, random = Store(), Random(22)
    contents = random_contents(random, 300)
    root = store.build(contents)
    nodes = prove(store.load, root, list(contents)[:5])
    other = store.build(random_contents(random, 300))
    stranger = prove(store.load, other, [label(0)])
    with pytest.raises(BadBlock, match="no other node of it names"):
        Proof(root, [*nodes, stranger[-1]])
    with pytest.raises(BadBlock, match="first node is not the root"):
        Proof(root, stranger)
    with pytest.raises(BadBlock, match="first node is not the root"):
        Proof(root, nodes[::-1])
    with pytest.raises(Malformed, match="a node twice"):
        Proof(root, [*nodes, nodes[-1]])
    with pytest.raises(Malformed, match="no nodes"):
        Proof(root, [])


def test_a_shortened_proof_shows_less_and_lies_about_nothing() -> None:
    store, random = Store(), Random(23)
    contents = random_contents(random, 300)
    root = store.build(contents)
    name = min(contents)
    nodes = prove(store.load, root, [name])
    assert len(nodes) > 1
    short = Proof(root, nodes[:-1])
    with pytest.raises(MissingBlock) as caught:
        short.lookup([name])
    assert caught.value.cid == Cid.of_cbor(nodes[-1])
    with pytest.raises(MissingBlock):
        short.load(Cid.of_cbor(nodes[-1]))


def test_proofs_of_the_empty_tree_and_of_nothing() -> None:
    store = Store()
    assert prove(store.load, EMPTY.cid, [label(1)]) == [EMPTY.data]
    assert Proof(EMPTY.cid, [EMPTY.data]).lookup([label(1)]) == {label(1): None}
    root = store.build(random_contents(Random(24), 100))
    assert prove(store.load, root, []) == [store.blocks[root]]


def test_well_hashed_nodes_of_the_wrong_shape_are_refused() -> None:
    store, random = Store(), Random(25)
    contents = random_contents(random, 300)
    node = Node.decode(store.blocks[store.build(contents)], root=True)
    swapped = Node({**node.slots, 1: node.slots[0], 0: node.slots[1]}).encode()
    first = store.blocks[next(node.links())[1]]
    with pytest.raises(Malformed, match="outside its slot"):
        Proof(Cid.of_cbor(swapped), [swapped, first])
    broken = first + b"\0"
    parent = Node({0: link_slot(Cid.of_cbor(broken))}).encode()
    with pytest.raises(Malformed, match="canonical"):
        Proof(Cid.of_cbor(parent), [parent, broken])


def test_a_tower_of_shared_nodes_is_refused_at_once() -> None:
    child, nodes = Cid.of_cbor(b"never shown"), []
    for _ in range(50):
        nodes.append(Node(dict.fromkeys(range(32), link_slot(child))).encode())
        child = Cid.of_cbor(nodes[-1])
    with pytest.raises(Malformed, match="at two places"):
        Proof(child, nodes[::-1])


@pytest.mark.parametrize(("count", "low", "high"), [(1000, 3000, 4000), (20_000, 3700, 4700)])
def test_sizes(count: int, low: int, high: int) -> None:
    """About 3.6 kB at a thousand leaves; ``docs/spec/tree.md`` has the table."""
    store, random = Store(), Random(26)
    contents = random_contents(random, count)
    root = store.build(contents)
    sizes = [sum(map(len, prove(store.load, root, [name]))) for name in list(contents)[:100]]
    assert low < sum(sizes) / len(sizes) < high


def test_labels_have_32_bytes() -> None:
    store = Store()
    with pytest.raises(ValueError, match="expected 32"):
        prove(store.load, EMPTY.cid, [b""])
    with pytest.raises(ValueError, match="expected 32"):
        Proof(EMPTY.cid, [EMPTY.data]).lookup([b""])
