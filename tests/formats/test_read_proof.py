"""Read proofs: good for one lock, server, reader, space, label, and some minutes."""

import pytest

from formats.errors import Expired, Forged
from formats.read_proof import MAX_LIFE, ReadProof
from tests.records.people import NOW, SERVER, digest, lock

LOCK = lock("label")
READER = lock("reader").public
SPACE, LABEL = digest("space"), digest("label")
PROOF = ReadProof.make(LOCK, SERVER, READER, SPACE, LABEL, NOW + MAX_LIFE)


def verify(proof: ReadProof, now: int = NOW, *other: tuple[str, bytes]) -> None:
    what = {"server": SERVER, "reader": READER, "space": SPACE, "label": LABEL}
    what |= dict(other)
    lock_key = what.pop("lock", LOCK.public)
    proof.verify(lock_key, what["server"], what["reader"], what["space"], what["label"], now)


def test_holds_and_is_small() -> None:
    again = ReadProof.decode(PROOF.encoded)
    assert again == PROOF
    verify(again)
    assert len(PROOF.encoded) <= 100


@pytest.mark.parametrize("name", ["lock", "server", "reader", "space", "label"])
def test_anywhere_else_it_is_worth_nothing(name: str) -> None:
    other = lock("other").public if name == "lock" else digest("other")
    with pytest.raises(Forged):
        verify(PROOF, NOW, (name, other))


def test_it_lives_ten_minutes_at_most() -> None:
    verify(PROOF, NOW + MAX_LIFE - 1)
    with pytest.raises(Expired):
        verify(PROOF, NOW + MAX_LIFE)
    long = ReadProof.make(LOCK, SERVER, READER, SPACE, LABEL, NOW + MAX_LIFE + 1)
    with pytest.raises(Forged, match="longer"):
        verify(long)


def test_its_end_cannot_be_moved() -> None:
    with pytest.raises(Forged):
        verify(ReadProof(PROOF.expires - 1, PROOF.signature))


def test_a_lock_that_is_no_key_is_forged_not_a_crash() -> None:
    for bad in (bytes(32), b"\xff" * 32, b""):
        with pytest.raises(Forged):
            verify(PROOF, NOW, ("lock", bad))
