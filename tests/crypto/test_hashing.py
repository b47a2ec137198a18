"""SHA-256, against FIPS 180-4's examples and itself in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.hashing import DIGEST_SIZE, Sha256, sha256

PUBLISHED = {
    b"": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    b"abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
}


@pytest.mark.parametrize("data", PUBLISHED)
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_published(data: bytes, kind: type[bytes]) -> None:
    assert sha256(kind(data)).hex() == PUBLISHED[data]


@given(st.lists(st.binary(max_size=200)))
def test_pieces_are_the_whole(pieces: list[bytes]) -> None:
    state = Sha256()
    for piece in pieces:
        state.update(memoryview(piece))
    assert state.digest() == sha256(b"".join(pieces)) == Sha256(b"".join(pieces)).digest()
    assert len(state.digest()) == DIGEST_SIZE
