"""Commits: several pointers in one piece."""

import pytest

from formats.commit import MAX_COMMIT, MAX_MOVES, Commit, Move
from formats.dag_cbor import Value, encode
from formats.errors import Malformed, UnknownVersion
from formats.pointer import Pointer
from formats.space import Member, Rights, SpaceRecord
from tests.records.people import ALICE, BOB, NOW, digest, line, root

SPACE = ALICE.space()
POINTER = line(SPACE, ALICE.member_key, 1)[0]
SESSION = digest("session")[:16]


def in_space(word: str, member_count: int = 1) -> Move:
    members = [Member(digest(f"{word} {each}"), Rights.ALL) for each in range(1, member_count)]
    record = SpaceRecord.first(digest(word), ALICE.chain(), [ALICE.member, *members], ALICE.daily())
    return Move(Pointer.first(record, root(word), NOW, ALICE.member_key), record)


def raw(**changes: Value) -> bytes:
    body: dict[str, Value] = {"v": 1, "moves": [{"pointer": POINTER.encoded}]}
    return encode(body | changes)


def test_comes_back_as_it_went() -> None:
    for commit in (
        Commit((Move(POINTER),)),
        Commit((Move(POINTER, SPACE), in_space("other")), SESSION),
        Commit(tuple(in_space(str(each)) for each in range(MAX_MOVES))),
    ):
        assert Commit.decode(commit.encoded) == commit


def test_1_to_16_moves_of_different_spaces() -> None:
    with pytest.raises(Malformed, match="moves nothing"):
        Commit.decode(Commit(()).encoded)
    many = Commit(tuple(in_space(str(each)) for each in range(MAX_MOVES + 1)))
    with pytest.raises(Malformed, match="17 items"):
        Commit.decode(many.encoded)
    with pytest.raises(Malformed, match="moves twice"):
        Commit.decode(Commit((Move(POINTER), Move(POINTER))).encoded)


def test_the_same_space_id_of_two_owners_is_two_spaces() -> None:
    bobs = SpaceRecord.first(SPACE.space, BOB.chain(), [BOB.member], BOB.daily())
    other = Pointer.first(bobs, root("x"), NOW, BOB.member_key)
    assert len(Commit.decode(Commit((Move(POINTER), Move(other))).encoded).moves) == 2


def test_a_space_record_comes_with_the_pointer_that_names_it() -> None:
    with pytest.raises(Malformed, match="names another"):
        Commit.decode(Commit((Move(POINTER, BOB.space()),)).encoded)


def test_shapes() -> None:
    Commit.decode(raw())
    Commit.decode(raw(session=SESSION))
    for bad in (
        raw(session=b"short"),
        raw(session=None),
        raw(moves=[POINTER.encoded]),
        raw(moves=[{}]),
        raw(moves=[{"pointer": b"no record"}]),
        raw(moves=[{"pointer": POINTER.encoded, "space": b"no record"}]),
        raw(moves=[{"pointer": POINTER.encoded, "zz": 1}]),
        raw(moves=[{"pointer": b"\0" * 8192}]),
        raw(moves={}),
        raw(zz=1),
        raw() + b"\0",
        b"",
    ):
        with pytest.raises(Malformed):
            Commit.decode(bad)
    with pytest.raises(UnknownVersion):
        Commit.decode(raw(v=2))


def test_it_fits_one_frame() -> None:
    full = Commit(tuple(in_space(str(each), 1024) for each in range(13)))
    assert len(full.encoded) < MAX_COMMIT
    assert Commit.decode(full.encoded) == full
    more = Commit((*full.moves, in_space("13", 1024)))
    assert len(more.encoded) > MAX_COMMIT
    with pytest.raises(Malformed, match="at most"):
        Commit.decode(more.encoded)
