"""CIDs and blocks, against multiformats as the oracle."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multiformats import CID, multihash

from formats.cid import CBOR, MAX_BLOCK, RAW, Block, Cid
from formats.errors import BadBlock, Malformed

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/cid/cids.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector(vector: dict[str, str]) -> None:
    if vector["expect"] != "ok":
        with pytest.raises(Malformed):
            Cid.parse(vector["text"])
        return
    cid = Cid.parse(vector["text"])
    data = bytes.fromhex(vector["data"])
    assert cid.hex() == vector["hex"]
    assert cid == (Cid.of_raw(data) if vector["codec"] == "raw" else Cid.of_cbor(data))


@given(st.binary(max_size=100), st.booleans())
def test_multiformats_makes_and_reads_the_same(data: bytes, raw: bool) -> None:
    cid = Cid.of_raw(data) if raw else Cid.of_cbor(data)
    theirs = CID("base32", 1, "raw" if raw else "dag-cbor", multihash.digest(data, "sha2-256"))
    assert bytes(theirs) == cid
    assert str(theirs) == str(cid)
    assert CID.decode(str(cid)) == theirs
    assert (cid.codec, cid.is_raw) == ((RAW, True) if raw else (CBOR, False))
    assert cid.digest == theirs.raw_digest
    assert Cid.parse(str(cid)) == Cid(bytes(cid)) == cid


@given(st.binary(min_size=32, max_size=32), st.integers(0, 35), st.integers(1, 255))
def test_only_the_two_prefixes_pass(digest: bytes, at: int, flip: int) -> None:
    changed = bytearray(b"\x01\x55\x12\x20" + digest)
    changed[at] ^= flip
    if at >= 4 or changed[:4] == b"\x01\x71\x12\x20":
        assert Cid(bytes(changed)) == bytes(changed)
    else:
        with pytest.raises(Malformed):
            Cid(bytes(changed))


@given(st.text(max_size=70) | st.from_regex(r"b[a-z2-7]{58}", fullmatch=True))
def test_parse_accepts_only_what_str_writes(text: str) -> None:
    try:
        cid = Cid.parse(text)
    except Malformed:
        return
    assert str(cid) == text


@pytest.mark.parametrize("size", [0, 4, 35, 37])
def test_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(Malformed, match=f"{size} bytes, expected 36"):
        Cid((b"\x01\x55\x12\x20" + bytes(40))[:size])


def test_a_cid_is_its_bytes_and_prints_short() -> None:
    cid = Cid.of_raw(b"hello")
    assert cid == bytes(cid)
    assert hash(cid) == hash(bytes(cid))
    assert type(cid.digest) is bytes
    assert repr(cid) == "Cid(raw 2cf24dba…)"
    assert f"{cid}" == str(cid) == "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"


def test_a_block_is_made_only_by_hashing() -> None:
    block = Block.raw(b"hello")
    assert (block.cid, block.data) == (Cid.of_raw(b"hello"), b"hello")
    assert Block.cbor(b"\xa0").cid == Cid.of_cbor(b"\xa0")
    assert Block.checked(block.cid, b"hello") == block
    assert repr(block) == "Block(Cid(raw 2cf24dba…), 5 bytes)"
    with pytest.raises(TypeError):
        Block()
    with pytest.raises(TypeError):
        Block(block.cid, b"other")  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        block.data = b"other"  # type: ignore[misc]


def test_bytes_that_do_not_hash_to_the_cid_are_refused() -> None:
    with pytest.raises(BadBlock, match="6 bytes do not hash to"):
        Block.checked(Cid.of_raw(b"hello"), b"hello!")


def test_the_block_limit_has_two_sides() -> None:
    whole = bytes(MAX_BLOCK)
    assert len(Block.raw(whole).data) == MAX_BLOCK
    for make in (Block.raw, Block.cbor):
        with pytest.raises(Malformed, match="at most 1048576"):
            make(whole + b"\0")
    with pytest.raises(Malformed, match="at most 1048576"):
        Block.checked(Cid.of_raw(whole + b"\0"), whole + b"\0")
