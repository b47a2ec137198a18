"""One node of the tree: up to 32 slots, each empty, a link to a child or a bucket.

A label is read five bits at a time from its most significant end; the bits at
depth *d* choose the slot in a node of depth *d*. A slot whose labels number

    0         is absent
    1 to 3    is a bucket: the labels and their leaves themselves
    4 or more is a link to a child node, one deeper

so the shape follows from the content alone. As DAG-CBOR a node is

    [bitmap: 4 bytes, bit i of the big-endian number is slot i,
     [slot, ...]     those that are present, lowest first]
    slot = link | [[label, leaf link], ...]     labels ascending

Nodes are read and written in great numbers, and all their parts have fixed
sizes. So a slot is kept as it is written, and a node is read by one pattern
that matches exactly the canonical encodings; tests hold it against
``formats.dag_cbor``. Only slots that matter are ever taken apart.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple, TypeAlias

from formats.cid import Block, Cid
from formats.errors import Malformed

_KEPT: Final = 256
"""Nodes that stay read: 4 MiB at the very most, usually a fifth of that."""

LABEL_SIZE: Final = 32
"""Bytes in a label."""

MAX_BUCKET: Final = 3
"""Most labels in a bucket."""

MAX_NODE: Final = 16 * 1024
"""Most bytes in a node. 32 full buckets are 7,336."""

DEEPEST: Final = 50
"""Depth of the deepest possible node: four labels can share 250 bits, but not 255."""

Load: TypeAlias = Callable[[Cid], bytes]
"""The bytes of a block; raises MissingBlock. They are believed to hash to the CID: a
load that reads from a stranger checks first, as ``Block.checked`` does."""

Slot: TypeAlias = bytes
"""A slot in its encoding; empty bytes for an absent one."""

Entry: TypeAlias = tuple[bytes, Cid]
"""A label and the CID of its leaf."""


class Place(NamedTuple):
    """Where a node stands: its depth, and the 5 x depth bits that its labels begin with."""

    depth: int
    prefix: int

    def slot_of(self, label: bytes) -> int:
        """The slot of a label in the node here."""
        return int.from_bytes(label, "big") >> (251 - 5 * self.depth) & 31

    def below(self, slot: int) -> "Place":
        """The place of the child in ``slot``."""
        return Place(self.depth + 1, self.prefix << 5 | slot)


TOP: Final = Place(0, 0)
"""Where the root stands."""

_LINK_SIZE: Final = 41
_ENTRY_SIZE: Final = 76
_TWO_ENTRIES: Final = 1 + 2 * _ENTRY_SIZE
_LINK_HEAD: Final = b"\xd8\x2a\x58\x25\x00"
_ENTRY_HEAD: Final = b"\x82\x58\x20"
_NODE_HEAD: Final = b"\x82\x44"

_LINK: Final = rb"\xd8\x2a\x58\x25\x00\x01\x71\x12\x20.{32}"
_ENTRY: Final = rb"\x82\x58\x20.{32}\xd8\x2a\x58\x25\x00\x01[\x55\x71]\x12\x20.{32}"
_SLOT: Final = re.compile(
    rb"%s|\x81%s|\x82%s|\x83%s" % (_LINK, _ENTRY, _ENTRY * 2, _ENTRY * 3), re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Node:
    """The present slots of a node by number, lowest first."""

    slots: Mapping[int, Slot]

    @classmethod
    def decode(cls, data: bytes, *, root: bool) -> "Node":
        """The node that ``data`` encodes, strictly; raises Malformed.

        Checked: the encoding, the size, labels ascending throughout, and that
        a node other than the root has a link or more than ``MAX_BUCKET`` labels.
        Not checked, since it takes the place: ``check_place``.
        """
        return _decoded(data, root)[0]

    def encode(self) -> bytes:
        """The DAG-CBOR of this node."""
        bitmap = 0
        for number in self.slots:
            bitmap |= 1 << number
        head = _NODE_HEAD + bitmap.to_bytes(4, "big") + _list_head(len(self.slots))
        return head + b"".join(self.slots.values())

    def check_place(self, place: Place) -> None:
        """Raises Malformed unless every label here belongs in its slot of a node at ``place``."""
        _check_place(self, self.labels(), place)

    def labels(self) -> list[bytes]:
        """The labels in this node's own buckets, in order."""
        labels = []
        for slot in self.slots.values():
            size = len(slot)
            if size != _LINK_SIZE:  # of three at most, spelled out: this is the innermost loop
                labels.append(slot[4:36])
                if size > _TWO_ENTRIES:
                    labels.append(slot[80:112])
                    labels.append(slot[156:188])
                elif size == _TWO_ENTRIES:
                    labels.append(slot[80:112])
        return labels

    def entries(self) -> Iterator[Entry]:
        """The labels in this node's own buckets with their leaves, in order."""
        for slot in self.slots.values():
            if len(slot) != _LINK_SIZE:
                yield from entries_of(slot)

    def links(self) -> Iterator[tuple[int, Cid]]:
        """The children: slot number and CID."""
        for number, slot in self.slots.items():
            if len(slot) == _LINK_SIZE:
                yield number, _cid(slot[5:])

    def fits_a_bucket(self) -> bool:
        """Whether nothing but at most ``MAX_BUCKET`` labels is left."""
        size = 0
        for slot in self.slots.values():
            if len(slot) == _LINK_SIZE:
                return False
            size += len(slot) // _ENTRY_SIZE
        return size <= MAX_BUCKET


def link_in(slot: Slot) -> Cid | None:
    """The child in a slot; None for a bucket or an absent slot."""
    return _cid(slot[5:]) if len(slot) == _LINK_SIZE else None


def leaf_in(bucket: Slot, label: bytes) -> Cid | None:
    """The leaf under a label in a bucket, or in an absent slot; None where there is none."""
    for at in range(4, len(bucket), _ENTRY_SIZE):
        if bucket.startswith(label, at):
            return _cid(bucket[at + LABEL_SIZE + 5 : at + _ENTRY_SIZE - 3])
    return None


def entries_of(bucket: Slot) -> list[Entry]:
    """The entries of a bucket, or none for an absent slot."""
    return [
        (bucket[at : at + LABEL_SIZE], _cid(bucket[at + LABEL_SIZE + 5 : at + _ENTRY_SIZE - 3]))
        for at in range(4, len(bucket), _ENTRY_SIZE)
    ]


def link_slot(cid: Cid) -> Slot:
    """The slot that links to ``cid``."""
    return _LINK_HEAD + cid


def bucket_slot(entries: Iterable[Entry]) -> Slot:
    """The bucket of up to ``MAX_BUCKET`` entries, given ascending; none makes an absent slot."""
    parts = [_ENTRY_HEAD + label + _LINK_HEAD + cid for label, cid in entries]
    return bytes((0x80 + len(parts),)) + b"".join(parts) if parts else b""


def spread(
    entries: Iterable[Entry], place: Place, fill: Callable[[list[Entry], Place], Slot]
) -> Node:
    """The node at ``place`` of ascending entries; ``fill`` makes the slot of those for a child."""
    return Node(
        {
            number: fill(list(group), place.below(number))
            for number, group in groupby(entries, lambda entry: place.slot_of(entry[0]))
        }
    )


def check_label(label: bytes) -> None:
    """Raises ValueError unless ``label`` has 32 bytes: the caller's fault."""
    if len(label) != LABEL_SIZE:
        raise ValueError(f"label: {len(label)} bytes, expected {LABEL_SIZE}")


def read(load: Load, cid: Cid, place: Place) -> Node:
    """The node ``cid``, checked for ``place``; raises MissingBlock or Malformed."""
    return read_bytes(load_node(load, cid), place)


@lru_cache(maxsize=_KEPT)
def read_bytes(data: bytes, place: Place) -> Node:
    """The node that ``data`` encodes, checked for ``place``; raises Malformed.

    The last few are kept: every change and every reading begins at the same root.
    """
    node, labels = _decoded(data, root=place.depth == 0)
    _check_place(node, labels, place)
    return node


def load_node(load: Load, cid: Cid) -> bytes:
    """The bytes of the node ``cid``, which for the empty tree need no loading."""
    return EMPTY.data if cid == EMPTY.cid else load(cid)


def _decoded(data: bytes, root: bool) -> tuple[Node, list[bytes]]:
    """The node and its labels, which are costly enough to collect them once."""
    node = Node(_split(data))
    labels = node.labels()
    if sorted(set(labels)) != labels:
        raise _refused("labels not ascending")
    if not root and len(labels) <= MAX_BUCKET and node.fits_a_bucket():
        raise _refused(f"{len(labels)} labels alone, which belong in the parent's bucket")
    return node, labels


def _check_place(node: Node, labels: list[bytes], place: Place) -> None:
    shift = 251 - 5 * place.depth
    integer = int.from_bytes
    found = [integer(label, "big") >> shift for label in labels]
    start = place.prefix << 5
    expected: list[int] = []
    for number, slot in node.slots.items():
        expected += [start | number] * (len(slot) // _ENTRY_SIZE)
    if found != expected:
        raise _refused("a label outside its slot")
    if place.depth >= DEEPEST and any(node.links()):
        raise _refused("a link below the deepest node")


def _split(data: bytes) -> dict[int, Slot]:
    """The slots by number, if ``data`` is exactly one node in canonical form."""
    if len(data) > MAX_NODE:
        raise _refused(f"{len(data)} bytes, at most {MAX_NODE}")
    bitmap = int.from_bytes(data[2:6], "big")
    numbers = [number for number in range(32) if bitmap >> number & 1]
    count = len(numbers)
    head = _list_head(count)
    start = 6 + len(head)
    slots: list[Slot] = _SLOT.findall(data, start)
    if (
        data[:2] != _NODE_HEAD
        or data[6:start] != head
        or len(slots) != count
        or sum(map(len, slots)) != len(data) - start
    ):
        raise _refused("not [bitmap, slots] in canonical DAG-CBOR")
    return dict(zip(numbers, slots, strict=True))


def _list_head(count: int) -> bytes:
    return bytes((0x80 + count,)) if count < 24 else bytes((0x98, count))


def _cid(value: bytes) -> Cid:
    """A Cid whose shape the pattern has already checked."""
    return bytes.__new__(Cid, value)


def _refused(problem: str) -> Malformed:
    return Malformed(f"tree node: {problem}")


EMPTY: Final = Block.cbor(Node({}).encode())
"""The root of a tree with no labels. Everybody knows it: it is neither loaded nor stored."""
