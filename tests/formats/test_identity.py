"""Identity chains: who may follow whom, and what a pinned identity accepts."""

import dataclasses

import pytest

from crypto.purposes import SignPurpose
from crypto.signing import SigningKey
from formats.dag_cbor import Value
from formats.envelope import Envelope
from formats.errors import Forged, Forked, Malformed, Stale
from formats.identity import MAX_CHAIN, IdentityChain, IdentityRecord
from tests.records.people import ALICE, BOB, NOW, digest, key

CHAIN = ALICE.chain(3)
RECORDS = CHAIN.records
NEXT = digest("some next key")


def follow(
    previous: IdentityRecord, signer: SigningKey, daily: str = "new daily"
) -> IdentityRecord:
    return IdentityRecord.following(previous, signer, key(daily).verify_key, NEXT, NOW)


def test_comes_back_as_it_went() -> None:
    again = IdentityChain.decode(CHAIN.encoded)
    assert again == CHAIN
    assert (again.id, again.seq, again.head_hash) == (ALICE.id, 2, RECORDS[2].hash)
    assert again.daily == ALICE.daily(2).verify_key


def test_the_id_covers_the_first_signature() -> None:
    first = RECORDS[0]
    other = IdentityRecord.first(key("alice signer 0"), first.daily, first.next, first.created)
    assert other.hash == first.hash
    assert IdentityChain((other,)).id != IdentityChain((first,)).id


def test_unknown_keys_survive() -> None:
    envelope = RECORDS[0].envelope
    body: dict[str, Value] = {
        "v": 1,
        "seq": 0,
        "signer": RECORDS[0].signer.encode(),
        "daily": RECORDS[0].daily.encode(),
        "next": RECORDS[0].next,
        "created": NOW,
        "colour": "green",
    }
    newer = Envelope.sign(SignPurpose.IDENTITY, body, key("alice signer 0"), keyed=False)
    again = IdentityRecord.decode(newer.encoded)
    again.verify_own()
    assert again.encoded == newer.encoded
    assert again.body != envelope.body


@pytest.mark.parametrize(
    "records",
    [RECORDS[1:], (RECORDS[0], RECORDS[2]), (RECORDS[0], RECORDS[0]), (RECORDS[0], BOB.record(1))],
    ids=["begins at 1", "a gap", "twice the first", "another's record"],
)
def test_records_that_do_not_follow_are_forged(records: tuple[IdentityRecord, ...]) -> None:
    with pytest.raises(Forged):
        IdentityChain(records)


def test_only_the_key_named_before_may_follow() -> None:
    CHAIN.followed_by(follow(RECORDS[2], key("alice signer 3")))
    for thief in ("alice daily 2", "alice signer 2", "eve"):
        with pytest.raises(Forged, match="not by the key named before"):
            CHAIN.followed_by(follow(RECORDS[2], key(thief)))


def test_a_signature_over_another_purpose_or_body_is_forged() -> None:
    first = RECORDS[0]
    space = Envelope(first.body, key("alice signer 0").sign(SignPurpose.SPACE, first.body))
    flipped = bytearray(first.envelope.signature)
    flipped[40] ^= 1
    for envelope in (space, Envelope(first.body, bytes(flipped))):
        with pytest.raises(Forged, match="signature"):
            IdentityChain((dataclasses.replace(first, envelope=envelope),))


def test_either_half_of_the_signature_is_needed() -> None:
    good, other = RECORDS[0].envelope.signature, RECORDS[1].envelope.signature
    for mixed in (good[:65] + other[65:], other[:65] + good[65:]):
        envelope = Envelope(RECORDS[0].body, mixed)
        with pytest.raises(Forged):
            IdentityRecord.decode(envelope.encoded).verify_own()


def test_pins() -> None:
    CHAIN.extends(ALICE.id, 2, RECORDS[2].hash)
    CHAIN.extends(ALICE.id, 0, RECORDS[0].hash)
    with pytest.raises(Forged):
        BOB.chain(3).extends(ALICE.id, 0, RECORDS[0].hash)
    with pytest.raises(Stale):
        ALICE.chain(2).extends(ALICE.id, 2, RECORDS[2].hash)
    fork = ALICE.chain(2).followed_by(follow(RECORDS[1], key("alice signer 2")))
    for pinned in (2, 1):
        with pytest.raises(Forked):
            fork.extends(ALICE.id, pinned, digest("another"))
    with pytest.raises(Forked):
        fork.extends(ALICE.id, 2, RECORDS[2].hash)


def test_has_knows_every_record() -> None:
    assert all(CHAIN.has(record.hash) for record in RECORDS)
    assert not CHAIN.has(digest("x"))


def test_a_chain_has_1_to_256_records() -> None:
    with pytest.raises(Malformed):
        IdentityChain(())
    with pytest.raises(Malformed):
        IdentityChain.decode([b""] * (MAX_CHAIN + 1))
    with pytest.raises(Malformed):
        IdentityChain((RECORDS[0],) * (MAX_CHAIN + 1))


def test_the_longest_chain_holds() -> None:
    daily = key("alice daily 0").verify_key
    signers = [key(f"long {each % 2}") for each in range(2)]
    digests = [signer.verify_key.digest() for signer in signers]
    records = [IdentityRecord.first(signers[0], daily, digests[1], NOW)]
    for seq in range(1, MAX_CHAIN):
        then = digests[(seq + 1) % 2]
        records.append(IdentityRecord.following(records[-1], signers[seq % 2], daily, then, NOW))
    assert IdentityChain(tuple(records)).seq == MAX_CHAIN - 1
    with pytest.raises(Malformed):
        IdentityRecord.following(records[-1], signers[0], daily, digests[1], NOW)


def test_sizes_stay_as_promised() -> None:
    assert 7_000 < len(RECORDS[1].encoded) < 7_700
