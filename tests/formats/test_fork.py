"""Sightings and proofs of two histories: both sides of each limit, and what is left out."""

import pytest

from crypto.hashing import sha256
from formats.dag_cbor import Value, encode
from formats.errors import Forged, Malformed, TooLarge, UnknownVersion
from formats.fork import MAX_PROOF, ForkProof
from formats.pointer import MAX_ANCESTRY, MAX_POINTER_BODY
from formats.sighting import MAX_SEEN_RECORD, Sighting
from formats.space import Member, Rights
from tests.records.people import ALICE, BOB, line

SPACE = ALICE.space()
OURS = line(SPACE, ALICE.member_key, 6)
OTHER = line(SPACE, ALICE.member_key, 6, "fork")
PROOF = ForkProof.of(ALICE.chain(), Sighting(OURS[5], SPACE), Sighting(OTHER[5], SPACE), ())


def value(**changed: Value) -> bytes:
    chain: list[Value] = [*PROOF.chain]
    whole: dict[str, Value] = {
        "v": 1,
        "chain": chain,
        "newer": PROOF.newer.value,
        "older": PROOF.older.value,
        "between": [],
    }
    return encode(whole | changed)


def test_a_proof_comes_back_as_it_went_and_holds_with_nothing_else_at_hand() -> None:
    again = ForkProof.decode(PROOF.encoded)
    assert again == PROOF
    assert again.encoded == PROOF.encoded == value()
    again.verify()


def test_one_record_that_both_were_made_under_is_there_once() -> None:
    assert PROOF.newer.record is not None
    assert PROOF.older.record is None
    assert len(PROOF.encoded) < 27_000


def test_without_the_record_that_says_who_may_sign_nothing_is_proven() -> None:
    bare = Sighting(OURS[5])
    with pytest.raises(Forged, match="record is missing"):
        ForkProof.of(ALICE.chain(), bare, Sighting(OTHER[5]), ()).verify()


def test_proofs_of_all_sizes_up_to_the_limit_are_read() -> None:
    room = MAX_PROOF - len(value(between=[b""]))
    whole, rest = divmod(room, MAX_POINTER_BODY)
    bodies: list[Value] = [bytes(MAX_POINTER_BODY)] * (whole - 1)
    spare = MAX_PROOF - len(value(between=[*bodies, b""])) - 2
    fits = value(between=[*bodies, bytes(spare)]) if spare <= MAX_POINTER_BODY else None
    if fits is None:
        bodies.append(bytes(MAX_POINTER_BODY))
        spare = MAX_PROOF - len(value(between=[*bodies, b""])) - 2
        fits = value(between=[*bodies, bytes(spare)])
    assert len(fits) == MAX_PROOF, rest
    ForkProof.decode(fits)
    longer = value(between=[*bodies, bytes(spare + 1)])
    with pytest.raises(Malformed, match="at most 61440"):
        ForkProof.decode(longer)


def test_a_proof_that_is_too_long_is_not_written() -> None:
    many = [bytes(MAX_POINTER_BODY)] * 50
    made = ForkProof.of(ALICE.chain(), PROOF.newer, Sighting(OTHER[5], SPACE), many)
    with pytest.raises(TooLarge):
        _ = made.encoded


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"v": 2}, UnknownVersion),
        ({"chain": ["text"]}, Malformed),
        ({"between": [1]}, Malformed),
        ({"between": [bytes(MAX_POINTER_BODY + 1)]}, Malformed),
        ({"between": [b""] * (MAX_ANCESTRY + 1)}, Malformed),
        ({"between": None}, Malformed),
        ({"newer": {}}, Malformed),
        ({"newer": {"pointer": b""}}, Malformed),
        ({"more": 1}, Malformed),
    ],
)
def test_what_is_no_proof_is_refused(changed: dict[str, Value], error: type[Exception]) -> None:
    with pytest.raises(error):
        ForkProof.decode(value(**changed))


def test_a_sighting_has_the_record_if_it_is_small() -> None:
    def space_of(number: int) -> Sighting:
        others = [Member(sha256(b"%d" % each), Rights.ALL) for each in range(number)]
        record = ALICE.space(*others)
        return Sighting.of(line(record, ALICE.member_key, 1)[0], record)

    sizes = {number: space_of(number) for number in (0, 40, 200)}
    assert sizes[0].record is not None
    assert sizes[40].record is not None
    assert sizes[200].record is None
    for each in sizes.values():
        assert Sighting.read(each.value) == each
        each.verify_signature()


def test_a_record_of_just_too_many_bytes_is_refused() -> None:
    for size, is_read in ((MAX_SEEN_RECORD, True), (MAX_SEEN_RECORD + 1, False)):
        with pytest.raises(Malformed) as caught:
            Sighting.read({"pointer": OURS[0].encoded, "record": bytes(size)})
        assert ("DAG-CBOR" in str(caught.value)) == is_read


def test_a_sighting_under_another_record_or_by_another_key_is_forged() -> None:
    with pytest.raises(Forged, match="made under"):
        Sighting(OURS[3], ALICE.space(BOB.member)).verify_signature()
    theirs = line(BOB.space(), BOB.member_key, 1)[0]
    with pytest.raises(Forged, match="made under"):
        Sighting(theirs, SPACE).verify_signature()
