"""Space records: the owner's word, epoch after epoch."""

import pytest

from crypto.purposes import SignPurpose
from formats.dag_cbor import decode
from formats.envelope import Envelope
from formats.errors import Forged, Forked, Malformed, Stale
from formats.limits import MEMBERS
from formats.space import Base, Member, Rights, SpaceRecord
from tests.records.people import ALICE, BOB, digest, key

SPACE = ALICE.space(Member(BOB.member.key, Rights.WRITE, 1000))
NEXT = SpaceRecord.following(SPACE, ALICE.chain(), [ALICE.member], ALICE.daily())


def members(count: int) -> list[Member]:
    return [Member(digest(str(each)), Rights.ALL, 2**53) for each in range(count)]


def test_comes_back_as_it_went() -> None:
    for record in (SPACE, NEXT):
        again = SpaceRecord.decode(record.encoded)
        assert again == record
        again.verify(ALICE.chain())
    assert (NEXT.epoch, NEXT.prev, NEXT.base) == (1, SPACE.hash, None)


def test_members_are_found_by_digest() -> None:
    found = SPACE.member(BOB.member.key)
    assert found == Member(BOB.member.key, Rights.WRITE, 1000)
    assert SPACE.member(digest("nobody")) is None
    assert not found.rights & Rights.MEMBERS


def test_only_the_owner_speaks() -> None:
    with pytest.raises(Forged, match="another identity"):
        SPACE.verify(BOB.chain())
    stolen = SpaceRecord.first(SPACE.space, ALICE.chain(), [BOB.member], BOB.daily())
    with pytest.raises(Forged, match="signature"):
        stolen.verify(ALICE.chain())
    wrong = Envelope(SPACE.body, ALICE.daily().sign(SignPurpose.POINTER, SPACE.body))
    with pytest.raises(Forged, match="signature"):
        SpaceRecord.decode(wrong.encoded).verify(ALICE.chain())


def test_under_an_older_identity_it_is_refused() -> None:
    with pytest.raises(Stale):
        SPACE.verify(ALICE.chain(2))
    again = SpaceRecord.following(SPACE, ALICE.chain(2), [ALICE.member], ALICE.daily(1))
    again.verify(ALICE.chain(2))
    again.check_succeeds(SPACE)
    back = SpaceRecord.following(again, ALICE.chain(), [ALICE.member], ALICE.daily())
    with pytest.raises(Forged, match="older identity"):
        back.check_succeeds(again)


def test_succession() -> None:
    NEXT.check_succeeds(SPACE)
    third = SpaceRecord.following(NEXT, ALICE.chain(), [ALICE.member], ALICE.daily())
    fork = SpaceRecord.following(SPACE, ALICE.chain(), [BOB.member], ALICE.daily())
    for previous in (SPACE, third, fork):
        with pytest.raises(Forged, match="does not follow"):
            third.check_succeeds(previous)
    elsewhere = SpaceRecord.first(digest("other"), ALICE.chain(), [ALICE.member], ALICE.daily())
    with pytest.raises(Forged, match="another space"):
        NEXT.check_succeeds(elsewhere)


def test_what_was_seen() -> None:
    NEXT.extends(0, SPACE.hash)
    NEXT.extends(1, NEXT.hash)
    with pytest.raises(Stale):
        SPACE.extends(1, NEXT.hash)
    with pytest.raises(Forked):
        SPACE.extends(0, ALICE.space().hash)


def test_members_are_sorted_when_made_and_each_once() -> None:
    made = SpaceRecord.first(digest("s"), ALICE.chain(), members(5), ALICE.daily())
    assert [each.key for each in made.members] == sorted(each.key for each in members(5))
    with pytest.raises(Malformed, match="each once"):
        SpaceRecord.first(digest("s"), ALICE.chain(), [ALICE.member] * 2, ALICE.daily())


def test_1024_members_and_not_one_more() -> None:
    full = SpaceRecord.first(digest("s"), ALICE.chain(), members(MEMBERS), ALICE.daily())
    assert SpaceRecord.decode(full.encoded) == full
    assert len(full.encoded) < 80_000
    with pytest.raises(Malformed, match="1025 items"):
        SpaceRecord.first(digest("s"), ALICE.chain(), members(MEMBERS + 1), ALICE.daily())


def back_to(previous: SpaceRecord, above: int) -> SpaceRecord:
    members, restored = [ALICE.member], digest("restored")
    chain = ALICE.chain()
    return SpaceRecord.setting_back(previous, 7, restored, above, chain, members, ALICE.daily())


def test_a_base_is_the_owners_word_and_above_all_that_was_seen() -> None:
    back = back_to(SPACE, 4)
    assert back.base == Base(7, digest("restored"), 5)
    assert SpaceRecord.decode(back.encoded) == back
    back.check_succeeds(SPACE)
    assert back.sets_back
    assert back_to(NEXT, 0).epoch == 2


def test_only_who_saw_less_may_go_back() -> None:
    back = back_to(SPACE, 4)
    later = SpaceRecord.following(back, ALICE.chain(), [ALICE.member], ALICE.daily())
    for record in (back, later):
        assert record.permits_back(4) == back.base
        assert record.permits_back(5) is None
        assert record.permits_back(9) is None
    assert NEXT.permits_back(0) is None


def test_a_base_is_carried_along_and_not_altered() -> None:
    back = back_to(SPACE, 0)
    later = SpaceRecord.following(back, ALICE.chain(), [ALICE.member], ALICE.daily())
    later.check_succeeds(back)
    assert (later.base, later.sets_back) == (back.base, False)
    again = back_to(later, 0)
    again.check_succeeds(later)
    assert again.base == Base(7, digest("restored"), 3)
    dropped = altered(later, None)
    moved = altered(later, Base(8, digest("restored"), 1))
    for record in (dropped, moved):
        with pytest.raises(Forged, match="another base"):
            record.check_succeeds(back)
    with pytest.raises(Forged, match="another base"):
        altered(NEXT, Base(0, SPACE.hash, 1), 2).check_succeeds(NEXT)


def altered(record: SpaceRecord, base: Base | None, epoch: int | None = None) -> SpaceRecord:
    """What the owner could also have signed after the record before it."""
    fields = decode(record.body)
    assert isinstance(fields, dict)
    fields.pop("base", None)
    if base is not None:
        fields["base"] = base.value()
    if epoch is not None:
        fields |= {"epoch": epoch, "prev": record.hash}
    signed = Envelope.sign(SignPurpose.SPACE, fields, ALICE.daily(), keyed=False)
    return SpaceRecord.decode(signed.encoded)


def test_without_a_new_base_no_epoch_is_left_out() -> None:
    with pytest.raises(Forged, match="does not follow"):
        altered(NEXT, None, 3).check_succeeds(NEXT)
    with pytest.raises(Forged, match="does not follow"):
        altered(back_to(SPACE, 0), Base(7, digest("x"), 1), 1).check_succeeds(back_to(SPACE, 0))


def test_a_base_is_of_no_later_epoch() -> None:
    for epoch in (0, 2):
        with pytest.raises(Malformed, match="later epoch"):
            altered(NEXT, Base(0, SPACE.hash, epoch))


def test_a_body_over_its_limit_is_refused_before_it_is_read() -> None:
    huge = Envelope(b"\0" * (128 * 1024 + 1), SPACE.envelope.signature)
    with pytest.raises(Malformed, match="at most 131072"):
        SpaceRecord.decode(huge.encoded)
    with pytest.raises(Malformed, match="at most"):
        SpaceRecord.decode(b"\0" * (1024 * 1024))


def test_the_signer_must_be_the_daily_key_of_that_very_record() -> None:
    late = SpaceRecord.first(SPACE.space, ALICE.chain(2), [ALICE.member], key("alice daily 0"))
    with pytest.raises(Forged, match="signature"):
        late.verify(ALICE.chain(2))
