"""What the tests of the tree share: labels that hurt, a store in a dict, the tree by definition."""

from collections.abc import Mapping
from random import Random

from hypothesis import strategies as st

from formats import dag_cbor
from formats.cid import Block, Cid
from formats.dag_cbor import Value
from formats.errors import MissingBlock
from formats.tree.node import EMPTY
from formats.tree.update import Updated, update

LEAVES = st.integers(0, 3).map(lambda number: Cid.of_raw(bytes([number])))


def label(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _near(bits: int, low: int, high: int) -> bytes:
    """A label whose first ``bits`` bits are those of every other: 0101..., then any."""
    rest = 256 - bits
    common = int.from_bytes(b"\x55" * 32, "big") >> rest << rest
    return label(common | (low | high << max(rest - 6, 0)) % (1 << rest))


LABELS = st.one_of(
    st.binary(min_size=32, max_size=32),
    st.builds(_near, st.integers(0, 255), st.integers(0, 63), st.integers(0, 3)),
    st.builds(
        _near, st.sampled_from([0, 5, 10, 245, 249, 250, 251]), st.integers(0, 63), st.just(0)
    ),
)
"""Random ones, and ones that share up to 255 bits, so that trees as deep as can be are met."""

CONTENTS = st.dictionaries(LABELS, LEAVES, max_size=40)
CHANGES = st.dictionaries(LABELS, LEAVES | st.none(), max_size=12)


class Store:
    """Blocks in a dict; ``load`` notes what it was asked for."""

    def __init__(self) -> None:
        self.blocks: dict[Cid, bytes] = {}
        self.asked: list[Cid] = []

    def load(self, cid: Cid) -> bytes:
        self.asked.append(cid)
        if cid not in self.blocks:
            raise MissingBlock.of(cid)
        return self.blocks[cid]

    def add(self, *blocks: Block) -> None:
        self.blocks.update((block.cid, block.data) for block in blocks)

    def update(self, root: Cid, changes: Mapping[bytes, Cid | None]) -> Updated:
        updated = update(self.load, root, changes)
        self.add(*updated.blocks)
        return updated

    def build(self, contents: Mapping[bytes, Cid]) -> Cid:
        return self.update(EMPTY.cid, contents).root


def by_definition(contents: Mapping[bytes, Cid]) -> dict[Cid, bytes]:
    """Every node of the tree of ``contents`` as docs/spec/tree.md defines it, the root last.

    Slow, short, and independent of the code under test: strings of bits and plain DAG-CBOR.
    """
    blocks: dict[Cid, bytes] = {}

    def node(entries: list[tuple[str, bytes, Cid]], depth: int) -> Cid:
        bitmap = 0
        slots: list[Value] = []
        for number in range(32):
            bits = format(number, "05b")
            here = [entry for entry in entries if entry[0][5 * depth :][:5] == bits]
            if here:
                bitmap |= 1 << number
                slots.append(
                    [[name, leaf] for _, name, leaf in here]
                    if len(here) <= 3
                    else node(here, depth + 1)
                )
        data = dag_cbor.encode([bitmap.to_bytes(4, "big"), slots])
        cid = Cid.of_cbor(data)
        blocks.pop(cid, None)
        blocks[cid] = data
        return cid

    in_order = sorted(contents.items())
    if not contents:
        return {}  # everybody knows the empty tree, and it is never reported as a node
    node([(format(int.from_bytes(n, "big"), "0256b"), n, leaf) for n, leaf in in_order], 0)
    return blocks


def root_by_definition(contents: Mapping[bytes, Cid]) -> Cid:
    return list(by_definition(contents) or [EMPTY.cid])[-1]


def random_contents(random: Random, count: int) -> dict[bytes, Cid]:
    return {random.randbytes(32): Cid.of_raw(random.randbytes(4)) for _ in range(count)}
