"""A space's references are exactly what its roots reach, whatever is admitted and released."""

import random
from collections import Counter

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.cid import Block, Cid
from formats.errors import Denied, Malformed
from formats.leaf import MIN_SEGMENT_BLOCK, Leaf
from formats.links import Role, children
from formats.retired import Marker
from formats.root import Root
from formats.tree.node import EMPTY
from formats.tree.update import build
from storage.contracts import SpaceKey, Store, Transaction, View
from storage.memory import MemoryStore
from storage.reachability import admit_root, held_only_by, release_root, release_some
from tests.contracts.rows import ask, bytes32, do, session_id, session_row, space_key

KEY = space_key()
S0 = session_id(0)
Blocks = dict[Cid, bytes]


def label(number: int) -> bytes:
    return bytes32(f"label {number}")


def segment(number: int) -> Block:
    return Block.raw(bytes(MIN_SEGMENT_BLOCK) + b"segment %d" % number)


def leaf(version: int, segments: int = 0) -> Block:
    held = tuple(segment(n).cid for n in range(version, version + segments))
    return Leaf(bytes32("lock"), header=b"header %d" % version, segments=held).block


def world(leaves: dict[int, int], retired: dict[int, int]) -> tuple[Cid, Blocks]:
    """A root block over these labels (number -> version) and all blocks it reaches."""
    found: Blocks = {}
    entries = {}
    for number, version in leaves.items():
        made = leaf(version, version % 4)
        found[made.cid] = made.data
        for n in range(version, version + version % 4):
            found[segment(n).cid] = segment(n).data
        entries[label(number)] = made.cid
    markers = {label(number): Marker(seq).block for number, seq in retired.items()}
    found |= {marker.cid: marker.data for marker in markers.values()}
    tree = build(entries)
    taken = build({key: marker.cid for key, marker in markers.items()})
    for each in (*tree.blocks, *taken.blocks):
        found[each.cid] = each.data
    root = Root(tree.root, taken.root).block
    found[root.cid] = root.data
    found.pop(EMPTY.cid, None)
    return root.cid, found


def stage(tx: Transaction, blocks: Blocks, session: int = 0) -> None:
    tx.open_session(session_row(session))
    for cid, data in blocks.items():
        tx.stage(session_id(session), Block.checked(cid, data))


def links(roots: list[Cid], blocks: Blocks) -> Counter[Cid]:
    """How many links each reachable block has, counted the slow way."""
    counts: Counter[Cid] = Counter()
    waiting = [(root, Role.ROOT) for root in roots]
    while waiting:
        cid, role = waiting.pop()
        if cid == EMPTY.cid:
            continue
        counts[cid] += 1
        if counts[cid] == 1:
            waiting += children(role, blocks[cid])
    return counts


async def expect(store: Store, key: SpaceKey, roots: list[Cid], blocks: Blocks) -> None:
    """Counts and ``used`` are those of what ``roots`` reach."""
    counts = links(roots, blocks)

    def look(view: View) -> None:
        assert {cid: view.references(key, cid) for cid in blocks} == {
            cid: counts[cid] for cid in blocks
        }
        assert view.usage(key.owner)[0] == sum(len(blocks[cid]) for cid in counts)

    await store.read(look)


trees = st.dictionaries(st.integers(0, 60), st.integers(0, 9), max_size=25)
worlds = st.lists(st.tuples(trees, trees), min_size=1, max_size=4)


@settings(max_examples=60)
@given(shapes=worlds, seed=st.integers(0, 2**32))
def test_used_is_what_is_reachable(
    shapes: list[tuple[dict[int, int], dict[int, int]]], seed: int
) -> None:
    async def run() -> None:
        store = MemoryStore()
        made = [world(*shape) for shape in shapes]
        blocks = {cid: data for _, found in made for cid, data in found.items()}
        await store.write(lambda tx: stage(tx, blocks))
        rng = random.Random(seed)
        held: list[Cid] = []
        for _ in range(12):
            if held and rng.random() < 0.5:
                root = held.pop(rng.randrange(len(held)))
                await store.write(Release(root))
            else:
                root = rng.choice(made)[0]
                held.append(root)
                await store.write(Admit(root))
            await expect(store, KEY, held, blocks)
            some = rng.randrange(len(held) + 1)
            size, whole = await store.read(
                lambda view, roots=held[:some]: held_only_by(view, KEY, roots, 10_000)  # type: ignore[misc]
            )
            stay = links(held[some:], blocks)
            gone = links(held, blocks).keys() - stay.keys()
            assert (size, whole) == (sum(len(blocks[cid]) for cid in gone), True)
        await store.write(do(Transaction.close_session, S0))
        await store.write(do(Transaction.collect, 10_000))
        await expect(store, KEY, held, blocks)
        left = await store.read(
            lambda view: {cid for cid in blocks if view.block_size(cid) is not None}
        )
        assert left == set(links(held, blocks))

    trio.run(run)


class Admit:
    """A ``work`` that admits a root."""

    def __init__(self, root: Cid, session: bytes | None = S0, key: SpaceKey = KEY) -> None:
        self.root, self.session, self.key = root, session, key

    def __call__(self, tx: Transaction) -> list[Cid]:
        return admit_root(tx, self.key, self.root, self.session)


class Release:
    """A ``work`` that releases a root."""

    def __init__(self, root: Cid, most: int = 7) -> None:
        self.root, self.most = root, most

    def __call__(self, tx: Transaction) -> None:
        release_root(tx, KEY, self.root)
        while release_some(tx, KEY.owner, self.most):
            pass


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


async def test_what_is_new_is_told_and_nothing_else(store: MemoryStore) -> None:
    first, old = world({1: 3, 2: 2}, {})
    second, new = world({1: 3, 2: 2, 3: 1}, {})
    await store.write(lambda tx: stage(tx, old | new))
    assert set(await store.write(Admit(first))) == set(old)
    admitted = await store.write(Admit(second))
    assert set(admitted) == set(new) - set(old)
    assert len(admitted) == len(set(admitted))
    assert await store.write(Admit(second)) == []


async def test_a_commit_names_what_its_session_staged_or_its_space_has(store: MemoryStore) -> None:
    first, old = world({1: 3}, {})
    second, new = world({1: 3, 2: 5}, {})
    await store.write(lambda tx: stage(tx, old, 0))
    await store.write(Admit(first))
    await store.write(do(Transaction.close_session, S0))
    only_new = {cid: data for cid, data in new.items() if cid not in old}
    await store.write(lambda tx: stage(tx, only_new, 1))
    with pytest.raises(Denied) as absent:
        await store.write(Admit(second, None))
    with pytest.raises(Denied) as elsewhere:
        await store.write(Admit(second, session_id(2)))
    assert str(absent.value) == str(elsewhere.value)
    await store.write(Admit(second, session_id(1)))
    await expect(store, KEY, [first, second], old | new)


async def test_what_others_hold_looks_like_what_nobody_holds(store: MemoryStore) -> None:
    root, blocks = world({1: 3}, {})
    await store.write(lambda tx: stage(tx, blocks, 0))
    await store.write(Admit(root, S0, space_key(0, "bob")))
    messages = set()
    for missing in (Admit(root, session_id(1)), Admit(world({9: 9}, {})[0], session_id(1))):
        with pytest.raises(Denied) as caught:
            await store.write(missing)
        messages.add(str(caught.value))
    assert len(messages) == 1
    await expect(store, KEY, [], blocks)


@pytest.mark.parametrize("gone", range(6))
async def test_one_block_missing_refuses_the_whole_root(store: MemoryStore, gone: int) -> None:
    root, blocks = world({n: n % 5 for n in range(30)}, {40: 1})
    missing = sorted(blocks)[gone * len(blocks) // 6]
    await store.write(
        lambda tx: stage(tx, {cid: data for cid, data in blocks.items() if cid != missing})
    )
    with pytest.raises(Denied):
        await store.write(Admit(root))
    await expect(store, KEY, [], blocks)


async def test_blocks_that_cannot_play_their_part_are_refused(store: MemoryStore) -> None:
    lone, short = leaf(1), Block.raw(b"short")
    holder = Leaf(bytes32("lock"), segments=(short.cid,)).block
    wrong = [
        Root(lone.cid, EMPTY.cid).block,  # a leaf for a tree
        Root(build({label(1): Marker(1).block.cid}).root, EMPTY.cid).block,  # a marker for a leaf
        Root(EMPTY.cid, build({label(1): lone.cid}).root).block,  # a leaf for a marker
        Root(build({label(1): holder.cid}).root, EMPTY.cid).block,  # a segment of no size
    ]
    parts = [lone, short, holder, Marker(1).block, *wrong]
    for entries in ({label(1): lone.cid}, {label(1): holder.cid}, {label(1): parts[3].cid}):
        parts += build(entries).blocks
    await store.write(lambda tx: stage(tx, {each.cid: each.data for each in parts}))
    for each in wrong:
        with pytest.raises(Malformed):
            await store.write(Admit(each.cid))
    assert await store.read(ask(View.usage, KEY.owner)) == (0, sum(len(e.data) for e in parts))


async def test_one_tree_cannot_be_both_the_tree_and_the_retired_tree(store: MemoryStore) -> None:
    """Else its leaves would be followed as leaves, and released as markers."""
    one = leaf(1, 1)
    tree = build({label(1): one.cid})
    root = Root(tree.root, tree.root).block
    parts = [one, segment(1), root, *tree.blocks]
    await store.write(lambda tx: stage(tx, {each.cid: each.data for each in parts}))
    with pytest.raises(Malformed):
        await store.write(Admit(root.cid))
    await expect(store, KEY, [], {each.cid: each.data for each in parts})


async def test_the_empty_tree_is_known_and_costs_nothing(store: MemoryStore) -> None:
    root, blocks = world({}, {})
    assert set(blocks) == {root}
    await store.write(lambda tx: stage(tx, blocks))
    assert await store.write(Admit(root)) == [root]
    await store.write(Release(root))
    assert await store.read(ask(View.usage, KEY.owner)) == (0, len(blocks[root]))


async def test_a_large_tree_takes_no_stack(store: MemoryStore) -> None:
    root, blocks = world({n: n % 4 for n in range(3000)}, {n: n for n in range(5000, 5100)})
    await store.write(lambda tx: stage(tx, blocks))
    await store.write(Admit(root))
    await expect(store, KEY, [root], blocks)
    await store.write(Release(root))
    await expect(store, KEY, [], blocks)
