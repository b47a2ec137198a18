"""Pointer records: who may sign, what they follow, and descent over any distance."""

import pytest

from formats.ancestry import Spine, descent
from formats.errors import Forged, Forked, Malformed, Stale
from formats.pointer import Pointer, check_descends, check_takeover, read_body, read_spine
from formats.space import Base, Member, Rights, SpaceRecord
from tests.records.people import ALICE, BOB, NOW, key, line, root

SPACE = ALICE.space()
LINE = line(SPACE, ALICE.member_key, 40)
FORK = line(SPACE, ALICE.member_key, 40, "fork")
HASHES = [pointer.hash for pointer in LINE]


def path(newest: int, oldest: int, pointers: list[Pointer] = LINE) -> list[bytes]:
    return [pointers[seq].body for seq in descent(newest, oldest)[:-1]]


def test_comes_back_as_it_went() -> None:
    for pointer in LINE[:3]:
        again = Pointer.decode(pointer.encoded)
        assert again == pointer
        assert again.encoded == pointer.encoded
        assert (again.owner, again.space, again.root) == (ALICE.id, SPACE.space, pointer.root)
        again.verify(SPACE)


def test_a_stranger_a_bystander_and_another_space_are_forged() -> None:
    with pytest.raises(Forged, match="no right"):
        Pointer.first(SPACE, root("x"), NOW, BOB.member_key).verify(SPACE)
    reader = Member(BOB.member.key, Rights(0))
    shared = ALICE.space(reader)
    with pytest.raises(Forged, match="no right"):
        Pointer.first(shared, root("x"), NOW, BOB.member_key).verify(shared)
    with pytest.raises(Forged, match="another space record"):
        LINE[0].verify(shared)
    with pytest.raises(Forged, match="another space"):
        LINE[0].verify(BOB.space(ALICE.member))


def test_follows_only_the_one_right_before() -> None:
    LINE[6].check_follows(LINE[5], HASHES[4])
    LINE[6].check_follows(Base(5, HASHES[5], 1))
    for previous in (LINE[4], LINE[6], FORK[5]):
        with pytest.raises(Forged, match="does not follow"):
            LINE[6].check_follows(previous)
    with pytest.raises(Forged, match="skips to"):
        LINE[6].check_follows(LINE[5], FORK[4].hash)
    elsewhere = line(BOB.space(), BOB.member_key, 1)[0]
    with pytest.raises(Forged, match="another space"):
        LINE[1].check_follows(elsewhere)


def test_extends_what_was_seen() -> None:
    LINE[9].extends(9, HASHES[9])
    LINE[9].extends(8, HASHES[8])
    LINE[39].extends(2, HASHES[2], path(39, 2)[1:])
    with pytest.raises(Stale):
        LINE[8].extends(9, HASHES[9])
    for pointer, seq in ((FORK[9], 9), (FORK[9], 8)):
        with pytest.raises(Forked):
            pointer.extends(seq, HASHES[seq])
    with pytest.raises(Forged, match="too early"):
        LINE[9].extends(3, HASHES[3])


@pytest.mark.parametrize(("newest", "oldest"), [(1, 0), (2, 1), (39, 0), (32, 31), (33, 5)])
def test_descent_is_proven_and_a_fork_is_shown(newest: int, oldest: int) -> None:
    proof = path(newest, oldest)
    check_descends(proof, HASHES[newest], oldest, HASHES[oldest])
    with pytest.raises(Forked):
        check_descends(proof, HASHES[newest], oldest, FORK[oldest].hash)


def test_a_proof_of_descent_has_one_form() -> None:
    proof = path(39, 5)
    broken = {
        "begins elsewhere": proof[1:],
        "lacks one": [*proof[:2], *proof[3:]],
        "ends early": proof[:-1],
        "goes on": [*proof, LINE[5].body],
        "another line": [proof[0], *path(39, 5, FORK)[1:]],
    }
    for bodies in broken.values():
        with pytest.raises(Forged):
            check_descends(bodies, HASHES[39], 5, HASHES[5])
    with pytest.raises(Malformed):
        check_descends([], HASHES[39], 5, HASHES[5])


def test_a_spine_is_read_from_bodies_and_names_the_next_skip() -> None:
    spine = Spine()
    for pointer in LINE:
        assert spine.skip_hash() == pointer.skip
        spine = spine.then(pointer.seq, pointer.hash)
        bodies = [LINE[seq].body for seq, _ in reversed(spine.links[:-1])]
        assert read_spine(pointer, bodies) == spine


def test_a_false_spine_is_refused() -> None:
    bodies = [LINE[seq].body for seq in (6, 4, 0)]
    assert read_spine(LINE[7], bodies).links[0] == (0, HASHES[0])
    false = [FORK[4].body, FORK[0].body]
    for wrong in (bodies[:-1], bodies[1:], [bodies[0], *false], [*bodies, LINE[0].body]):
        with pytest.raises(Forged):
            read_spine(LINE[7], wrong)


def test_a_body_alone_says_the_same() -> None:
    said = read_body(LINE[5].body)
    assert (said.seq, said.prev, said.skip) == (5, HASHES[4], HASHES[4])


def test_a_takeover_needs_the_right_in_the_record_before() -> None:
    shared = ALICE.space(Member(BOB.member.key, Rights.WRITE))
    both = [ALICE.member, BOB.member]
    following = SpaceRecord.following(shared, ALICE.chain(), both, ALICE.daily())
    first = Pointer.first(shared, root("a"), NOW, ALICE.member_key)
    good = Pointer.following(first, first.hash, following, root("b"), NOW, ALICE.member_key)
    check_takeover(shared, following, good)
    bad = Pointer.following(first, first.hash, following, root("b"), NOW, BOB.member_key)
    bad.verify(following)
    with pytest.raises(Forged, match="no right"):
        check_takeover(shared, following, bad)


def test_who_takes_over_stays_a_member() -> None:
    following = SpaceRecord.following(SPACE, ALICE.chain(), [BOB.member], ALICE.daily())
    leaving = Pointer.following(LINE[0], HASHES[0], following, root("b"), NOW, ALICE.member_key)
    with pytest.raises(Forged, match="no right"):
        check_takeover(SPACE, following, leaving)


def test_another_members_signature_does_not_hold() -> None:
    stolen = Pointer.first(ALICE.space(BOB.member), root("x"), NOW, key("eve"))
    with pytest.raises(Forged):
        stolen.verify(ALICE.space(BOB.member))


def test_a_proof_stays_in_its_space() -> None:
    elsewhere = line(BOB.space(), BOB.member_key, 3)
    lying = Pointer.following(
        Base(2, elsewhere[2].hash, 1), elsewhere[2].hash, SPACE, root("x"), NOW, ALICE.member_key
    )
    lying.verify(SPACE)
    with pytest.raises(Forged, match="another place"):
        check_descends([lying.body, elsewhere[2].body], lying.hash, 1, elsewhere[1].hash)


def test_sizes_stay_as_promised() -> None:
    assert 300 < len(LINE[39].body) < 420
    assert len(LINE[39].encoded) < 5_900
    with pytest.raises(Malformed, match="at most 1024"):
        read_body(b"\0" * 1025)


def test_a_space_is_set_back_to_where_it_is_and_nowhere_else() -> None:
    three = LINE[3]
    back = SpaceRecord.setting_back(
        SPACE, three.seq, three.hash, 7, ALICE.chain(), [ALICE.member], ALICE.daily()
    )
    assert (back.epoch, back.sets_back) == (8, True)
    skip = HASHES[0]
    here = Pointer.following(three, skip, back, root("x"), NOW, ALICE.member_key)
    check_takeover(SPACE, back, here)
    for other in (LINE[7], FORK[3]):
        there = Pointer.following(other, skip, back, root("x"), NOW, ALICE.member_key)
        with pytest.raises(Forged, match="is set back to"):
            check_takeover(SPACE, back, there)
