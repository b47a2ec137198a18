"""Messages: what opens, what verifies, what is refused."""

from dataclasses import replace

import pytest

from client.capability import Capability
from client.recovery.notes import Ask
from client.social.contacts import WINDOW, Received
from client.social.messages import MAX_AGE, MAX_AHEAD, MAX_SEQ, PLAIN, Introduction, Message, Type
from crypto.hpke import SealKeyPair, seal_to
from crypto.purposes import SealPurpose, SignPurpose
from crypto.sealing import Associated
from crypto.secret import Secret
from crypto.signing import SigningKey
from formats.dag_cbor import Value, encode
from formats.drop import SEALED_MESSAGE
from formats.envelope import Envelope
from formats.errors import Damaged, Expired, Forged, Malformed, Stale, Unfit, UnknownVersion
from formats.identity import IdentityChain, IdentityRecord
from formats.sighting import Sighting
from formats.whereabouts import Home
from tests.node.people import NOW, Person, secret, signing_key
from tests.records.people import Person as Seer
from tests.records.people import line

ALICE, BOB = Person("alice"), Person("bob")
SEER = Seer("carol")
KEY = SealKeyPair.from_seed(secret("sealing", "bob"))
INTRODUCTION = Introduction(
    "alice",
    (Home(b"peer", ("/ip4/10.0.0.1/tcp/1",)),),
    SealKeyPair.from_seed(secret("sealing", "alice")).public,
    3,
    Capability(ALICE.id, bytes(32), Secret(bytes(range(32)))),
)


def message(
    type: Type = Type.FOLLOW, to: bytes = BOB.id, time: int = NOW, key: SigningKey = ALICE.daily
) -> Message:
    says = Ask(bytes(16), bytes(16)) if type is Type.KIT else None
    return Message.make(type, ALICE.chain, to, (bytes(16), 5, time), INTRODUCTION, key, says)


def plain(content: bytes) -> bytes:
    return (len(content).to_bytes(4, "big") + content).ljust(PLAIN, b"\0")


def seal(content: bytes) -> bytes:
    return seal_to(KEY.public, content, Associated(SealPurpose.MESSAGE, BOB.id))


def check(made: Message, chain: IdentityChain = ALICE.chain, now: int = NOW) -> None:
    made.verify(chain, BOB.id, now, now)


@pytest.mark.parametrize("type", list(Type))
def test_what_was_sealed_opens_and_verifies(type: Type) -> None:
    made = message(type)
    sealed = made.seal(KEY.public)
    assert len(sealed) == SEALED_MESSAGE
    opened = Message.open(sealed, [SealKeyPair.generate(), KEY], BOB.id)
    assert opened == made
    check(opened)
    assert bool(opened.chain) == (type is Type.FOLLOW)
    assert opened.content.log.encode() == INTRODUCTION.log.encode()


def test_a_follow_request_brings_the_identity_that_verifies_it() -> None:
    opened = Message.open(message().seal(KEY.public), [KEY], BOB.id)
    check(opened, IdentityChain.decode(opened.chain))


def test_the_longest_introduction_fits() -> None:
    homes = (Home(bytes(64), tuple("/" + "a" * 255 for _ in range(16))),)
    whereabouts = ALICE.whereabouts(b"peer")
    long = Introduction.of(replace(whereabouts, homes=homes, name="a" * 32), INTRODUCTION.log)
    made = Message.make(
        Type.FOLLOW, ALICE.chain, BOB.id, (bytes(16), MAX_SEQ, 2**53), long, ALICE.daily
    )
    assert len(made.seal(KEY.public)) == SEALED_MESSAGE


def test_what_was_seen_comes_along_with_the_longest_introduction_too() -> None:
    """The pointer alone always fits, with its record beside few addresses."""
    space = SEER.space()
    (pointer,) = line(space, SEER.member_key, 1)
    homes = (Home(bytes(64), tuple("/" + "a" * 255 for _ in range(16))),)
    whereabouts = replace(ALICE.whereabouts(b"peer"), homes=homes, name="a" * 32)
    long = Introduction.of(whereabouts, INTRODUCTION.log)
    for content, seen, fits in (
        (INTRODUCTION, Sighting(pointer, space), True),
        (long, Sighting(pointer), True),
        (long, Sighting(pointer, space), False),
    ):
        number = (bytes(16), MAX_SEQ, 2**53)
        made = Message.make(Type.CHANGED, ALICE.chain, BOB.id, number, content, ALICE.daily, seen)
        assert made.fits == fits
        if fits:
            opened = Message.open(made.seal(KEY.public), [KEY], BOB.id)
            assert opened.seen == seen


def test_who_tells_of_a_third_persons_space_is_refused() -> None:
    space = SEER.space()
    (pointer,) = line(space, SEER.member_key, 1)
    number = (bytes(16), 5, NOW)
    told = Message.make(
        Type.CHANGED, ALICE.chain, BOB.id, number, INTRODUCTION, ALICE.daily, Sighting(pointer)
    )
    with pytest.raises(Forged, match="neither's"):
        check(told)


def test_what_does_not_fit_is_not_sent() -> None:
    homes = tuple(Home(bytes([n]), tuple("/" + "a" * 255 for _ in range(16))) for n in range(1))
    made = Message.make(
        Type.FOLLOW,
        ALICE.chain,
        BOB.id,
        (bytes(16), 0, NOW),
        replace(INTRODUCTION, homes=homes),
        ALICE.daily,
    )
    with pytest.raises(Unfit):
        made.seal(KEY.public)


def test_somebody_elses_message_does_not_open() -> None:
    sealed = message().seal(KEY.public)
    with pytest.raises(Damaged):
        Message.open(sealed, [KEY], ALICE.id)
    with pytest.raises(Damaged):
        Message.open(sealed, [SealKeyPair.generate()], BOB.id)


def test_one_sealed_again_for_another_is_refused() -> None:
    to_carol = message(to=bytes(32))
    again = seal(plain(encode({"message": to_carol.envelope.encoded})))
    with pytest.raises(Forged):
        check(Message.open(again, [KEY], BOB.id))


@pytest.mark.parametrize("size", [0, SEALED_MESSAGE - 1, SEALED_MESSAGE + 1])
def test_there_is_one_size(size: int) -> None:
    with pytest.raises(Malformed):
        Message.open(bytes(size), [KEY], BOB.id)


def test_padding_is_zeros_and_lengths_are_true() -> None:
    good = plain(encode({"message": message().envelope.encoded}))
    Message.decode(good)
    for bad in (
        good[:-1] + b"\1",
        b"\xff\xff\xff\xff" + good[4:],
        bytes(4) + good[4:],
        good[:-1],
        good + b"\0",
    ):
        with pytest.raises(Malformed):
            Message.decode(bad)


def test_unknown_keys_beside_the_envelope_are_refused() -> None:
    value: dict[str, Value] = {"message": message().envelope.encoded, "extra": 1}
    with pytest.raises(Malformed):
        Message.decode(plain(encode(value)))


def test_a_signature_by_another_or_over_something_else_is_refused() -> None:
    with pytest.raises(Forged):
        check(message(key=BOB.daily))
    made = message()
    altered = replace(made, envelope=replace(made.envelope, body=made.envelope.body + b"\0"))
    with pytest.raises(Forged):
        check(altered)
    as_hello = Envelope(made.envelope.body, ALICE.daily.sign(SignPurpose.HELLO, made.envelope.body))
    with pytest.raises(Forged):
        check(replace(made, envelope=as_hello))


def test_another_persons_identity_is_refused() -> None:
    with pytest.raises(Forged):
        check(message(), BOB.chain)


def test_one_signed_under_an_older_identity_record_is_refused() -> None:
    signer = SigningKey.generate()
    first = IdentityRecord.first(
        SigningKey.generate(), ALICE.daily.verify_key, signer.verify_key.digest(), NOW
    )
    old = IdentityChain((first,))
    second = IdentityRecord.following(
        first, signer, signing_key("new daily").verify_key, bytes(32), NOW
    )
    log = replace(INTRODUCTION.log, owner=old.id)
    made = Message.make(
        Type.CHANGED,
        old,
        BOB.id,
        (bytes(16), 0, NOW),
        replace(INTRODUCTION, log=log),
        ALICE.daily,
    )
    check(made, old)
    with pytest.raises(Stale):
        check(made, old.followed_by(second))


def test_it_cannot_offer_what_is_somebody_elses() -> None:
    log = replace(INTRODUCTION.log, owner=BOB.id)
    made = Message.make(
        Type.CHANGED,
        ALICE.chain,
        BOB.id,
        (bytes(16), 0, NOW),
        replace(INTRODUCTION, log=log),
        ALICE.daily,
    )
    with pytest.raises(Forged):
        check(made)


def test_dates_on_both_sides_of_their_limits() -> None:
    check(message(time=NOW + MAX_AHEAD))
    check(message(time=NOW - MAX_AGE))
    for time in (NOW + MAX_AHEAD + 1, NOW - MAX_AGE - 1):
        with pytest.raises(Expired):
            check(message(time=time))


def test_one_that_waited_long_at_the_home_is_still_good() -> None:
    message(time=NOW).verify(ALICE.chain, BOB.id, NOW + 10 * MAX_AGE, NOW)


def test_a_type_of_a_newer_program_is_named_as_such() -> None:
    body = encode({"v": 1, "type": "telepathy"})
    envelope = Envelope(body, ALICE.daily.sign(SignPurpose.MESSAGE, body))
    with pytest.raises(UnknownVersion):
        Message.decode(plain(encode({"message": envelope.encoded})))


def test_numbers_are_taken_once_in_any_order_within_a_window() -> None:
    received = Received()
    for seq in (0, 2, 1, WINDOW + 1):
        assert not received.has(seq)
        received = received.plus(seq)
        assert received.has(seq)
    assert received.has(0)
    assert received.has(1)
    assert received.has(2)
    assert not received.has(3)
    assert len(received.plus(5 * WINDOW).recent) == 1
