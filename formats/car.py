"""CAR files, version 1: blocks one after the other, each behind its length and its CID.

    header  = varint(n) | dag-cbor {"roots": [CID], "version": 1}
    section = varint(n) | CID (36 bytes) | the block

What any IPLD tool reads. Here there is exactly one root, CIDs are those of ``formats.cid``,
and lengths are in their shortest form: one file, one reading.
"""

from typing import Final, Protocol

from formats.cid import CID_SIZE, Block, Cid
from formats.dag_cbor import decode, encode
from formats.errors import BadBlock, Malformed
from formats.fields import Fields
from formats.varint import varint

MAX_HEADER: Final = 128
"""Bytes of a header with one root, and some to spare."""

MAX_SECTION_BLOCK: Final = 1024 * 1024 + 8 * 1024
"""Most bytes of a block in a section: a block of ours, or sealed sections that hold one."""

_SHIFT: Final = 7
_MORE: Final = 1 << _SHIFT
_WHAT: Final = "CAR file"


class Source(Protocol):
    """Where a file is read from."""

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes; fewer only at the end."""
        ...


def header(root: Cid) -> bytes:
    """The header of a file with this root."""
    value = encode({"roots": [root], "version": 1})
    return varint(len(value)) + value


def section(cid: Cid, data: bytes) -> bytes:
    """One block as it stands in a file."""
    return varint(CID_SIZE + len(data)) + cid + data


def read_header(source: Source) -> Cid:
    """The one root of a file; raises Malformed."""
    size = _read_varint(source, MAX_HEADER)
    if size is None:
        raise Malformed(f"{_WHAT}: it is empty")
    fields = Fields(decode(_whole(source, size), max_depth=2), f"{_WHAT} header")
    if fields.uint("version") != 1:
        raise Malformed(f"{_WHAT}: it is not of version 1")
    roots = fields.list_("roots", 1)
    fields.done()
    if len(roots) != 1 or not isinstance(roots[0], Cid):
        raise Malformed(f"{_WHAT}: it has no root")
    return roots[0]


def read_section(source: Source) -> tuple[Cid, bytes] | None:
    """The next block, hashed; None at the end. Raises Malformed, and BadBlock for other bytes."""
    found = _read(source)
    if found is not None and not found[0].matches(found[1]):
        raise BadBlock(f"{_WHAT}: {len(found[1])} bytes do not hash to {found[0]!r}")
    return found


def read_block(source: Source) -> Block | None:
    """As ``read_section``, where it is a block of ours: hashed once. Malformed for a larger one."""
    found = _read(source)
    return None if found is None else Block.checked(*found)


def _read(source: Source) -> tuple[Cid, bytes] | None:
    size = _read_varint(source, CID_SIZE + MAX_SECTION_BLOCK)
    if size is None:
        return None
    if size < CID_SIZE:
        raise Malformed(f"{_WHAT}: a section without a CID")
    data = _whole(source, size)
    return Cid(data[:CID_SIZE]), data[CID_SIZE:]


def _read_varint(source: Source, most: int) -> int | None:
    """A length up to ``most``; None at the end of the file. Raises Malformed."""
    value, shift = 0, 0
    while True:
        byte = source.read(1)
        if not byte:
            if shift:
                raise _cut()
            return None
        value += byte[0] % _MORE << shift
        if value > most:
            raise Malformed(f"{_WHAT}: a length over {most}")
        if byte[0] < _MORE:
            if byte[0] == 0 and shift:
                raise Malformed(f"{_WHAT}: a length that is not in shortest form")
            return value
        shift += _SHIFT


def _whole(source: Source, size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise _cut()
    return data


def _cut() -> Malformed:
    return Malformed(f"{_WHAT}: it ends in the middle")
