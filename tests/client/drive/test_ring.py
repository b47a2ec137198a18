"""Data keys: generations, and what a seal under one of them is bound to."""

import pytest

from client.drive.ring import FILE_ID, MAX_RING, DataKey, Ring, new_file_id
from crypto.purposes import SealPurpose
from crypto.secret import Secret
from formats.dag_cbor import decode, encode
from formats.errors import Damaged, Malformed, TooMany
from formats.fields import Fields

FILE = b"f" * FILE_ID


def read(value: object) -> Ring:
    return Ring.read(Fields({"ring": value}, "header"))  # type: ignore[dict-item]


def test_what_is_sealed_opens_under_any_ring_that_has_the_generation() -> None:
    old = Ring.new(FILE)
    sealed = old.seal(b"text", SealPurpose.SEGMENT, 3, 4)
    assert old.renewed(FILE).renewed(FILE).open(sealed, SealPurpose.SEGMENT, 3, 4) == b"text"
    with pytest.raises(Damaged, match="generation 0"):
        old.replaced(FILE).open(sealed, SealPurpose.SEGMENT, 3, 4)


@pytest.mark.parametrize("place", [(3, 5), (4, 3), (3,), (3, 4, 0)])
def test_a_seal_does_not_open_in_another_place(place: tuple[int, ...]) -> None:
    ring = Ring.new(FILE)
    sealed = ring.seal(b"text", SealPurpose.SEGMENT, 3, 4)
    with pytest.raises(Damaged):
        ring.open(sealed, SealPurpose.SEGMENT, *place)
    with pytest.raises(Damaged):
        ring.open(sealed, SealPurpose.BODY, 3, 4)


def test_a_seal_is_bound_to_the_file_it_was_made_for() -> None:
    mine, yours = new_file_id(), new_file_id()
    key = Secret(bytes(range(32)))
    sealed = DataKey(0, key, mine).seal(b"text", SealPurpose.BODY)
    with pytest.raises(Damaged):
        Ring((DataKey(0, key, yours),)).open(sealed, SealPurpose.BODY)


def test_cut_short() -> None:
    ring = Ring.new(FILE)
    for end in (0, 3, 4, 40):
        with pytest.raises(Damaged):
            ring.open(ring.seal(b"", SealPurpose.BODY)[:end], SealPurpose.BODY)


def test_it_is_written_and_read_back() -> None:
    ring = Ring.new(FILE).renewed(new_file_id()).renewed(FILE)
    again = read(decode(encode(ring.value)))
    assert again == ring
    assert again.current.generation == 2


def row(generation: object = 0, key: object = bytes(32), file: object = FILE) -> list[object]:
    return [generation, key, file]


@pytest.mark.parametrize(
    "value",
    [
        [],
        [[]],
        [row()[:2]],
        [[*row(), 0]],
        [row(-1)],
        [row(2**32)],
        [row(key=bytes(31))],
        [row(file=bytes(15))],
        [row(), row()],
        [row(1), row(0)],
        {},
        [row(True)],
    ],
)
def test_odd_rings_are_refused(value: object) -> None:
    with pytest.raises(Malformed):
        read(value)


def test_a_ring_has_an_end() -> None:
    keys = tuple(DataKey(number, Secret(bytes(32)), FILE) for number in range(MAX_RING + 1))
    assert len(Ring(keys[:-1]).keys) == MAX_RING
    with pytest.raises(TooMany):
        Ring(keys)


def test_no_key_prints_itself() -> None:
    assert bytes(32).hex() not in repr(DataKey(0, Secret(bytes(32)), FILE))
