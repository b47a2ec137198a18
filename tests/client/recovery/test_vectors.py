"""The vectors of the recovery kit: words, keys, and what was sealed for them."""

import json
from pathlib import Path

import pytest

from client.recovery.content import KitContent
from client.recovery.notes import Give, Kept, Parcel, note_value, read_note
from client.recovery.words import RecoveryKit
from crypto.hpke import SealKeyPair
from crypto.secret import Secret
from crypto.threshold import shown
from formats.dag_cbor import Value, decode, encode
from formats.errors import BadKit, Damaged, Malformed, UnknownVersion
from formats.fields import Fields
from tests.client.recovery.kit_vectors import ID, content

VECTORS = Path(__file__).parents[2] / "vectors/recovery"
CASES = json.loads((VECTORS / "opens.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[each["code"][:8] for each in CASES])
def test_words_keys_and_seals(case: dict[str, str]) -> None:
    kit = RecoveryKit(Secret(bytes.fromhex(case["code"])))
    assert kit.words == case["words"]
    assert RecoveryKit.read(case["words"]).code.reveal() == kit.code.reveal()
    assert kit.keys.label.hex() == case["label"]
    assert kit.keys.lock(kit.keys.label).public.hex() == case["lock"]
    assert kit.pair.public.hex() == case["public"]
    assert kit.open_place(ID, bytes.fromhex(case["place"])).hex() == case["space"]
    found = KitContent.open(bytes.fromhex(case["sealed"]), kit.pair, ID)
    assert found.bundle.value == content().bundle.value
    value = decode(bytes.fromhex(case["content"]))
    assert isinstance(value, dict)
    assert value["bundle"] == found.bundle.value
    assert encode(value).hex() == case["content"]


@pytest.mark.parametrize("other", [1, 2])
def test_no_kit_opens_what_is_another_ones(other: int) -> None:
    kit = RecoveryKit(Secret(bytes.fromhex(CASES[0]["code"])))
    with pytest.raises(BadKit):
        kit.open_place(ID, bytes.fromhex(CASES[other]["place"]))
    with pytest.raises(BadKit):
        KitContent.open(bytes.fromhex(CASES[other]["sealed"]), kit.pair, ID)
    with pytest.raises(BadKit):
        kit.open_place(bytes(32), bytes.fromhex(CASES[0]["place"]))
    with pytest.raises(BadKit):
        KitContent.open(bytes.fromhex(CASES[0]["sealed"]), kit.pair, bytes(32))


def test_what_is_said_of_shares() -> None:
    case = json.loads((VECTORS / "notes.json").read_text())
    owner, keeper = bytes.fromhex(case["owner"]), bytes.fromhex(case["keeper"])
    notes = [read_note(decode(bytes.fromhex(each))) for each in case["notes"]]
    assert [encode(note_value(each)).hex() for each in notes] == case["notes"]
    assert [each.what for each in notes] == ["give", "ended", "ask", "kept", "gone"]
    give, kept = notes[0], notes[3]
    assert isinstance(give, Give)
    assert isinstance(kept, Kept)
    pair = SealKeyPair.from_seed(Secret(bytes.fromhex(case["seed"])))
    parcel = Parcel.open(give.sealed, [pair], owner, keeper, give.set)
    assert encode({"v": 1, **parcel.value}).hex() == case["parcel"]
    assert parcel.share.words == case["share"]
    proving = parcel.share.proving(owner, keeper)
    assert proving.reveal().hex() == case["proving"]
    assert shown(proving, give.nonce) == kept.proof
    for wrong in ((keeper, owner, give.set), (owner, keeper, bytes(16)), (owner, owner, give.set)):
        with pytest.raises(Damaged):
            Parcel.open(give.sealed, [pair], *wrong)
    assert parcel.share.proving(owner, owner).reveal() != proving.reveal()


FIELDS = ("made", "nonce", "sealed")


@pytest.mark.parametrize("lacking", [*FIELDS, "set", "what"])
def test_a_note_that_is_not_whole(lacking: str) -> None:
    case = json.loads((VECTORS / "notes.json").read_text())
    value = decode(bytes.fromhex(case["notes"][0]))
    assert isinstance(value, dict)
    del value[lacking]
    with pytest.raises(Malformed):
        read_note(value)


@pytest.mark.parametrize(
    ("name", "size", "fits"),
    [
        *(("nonce", size, size == 16) for size in (15, 16, 17)),
        *(("set", size, size == 16) for size in (15, 16, 17)),
        *(("sealed", size, 1137 <= size <= 4096) for size in (1136, 1137, 4096, 4097)),
    ],
)
def test_both_sides_of_each_limit(name: str, size: int, fits: bool) -> None:
    value: dict[str, Value] = {"what": "give", "set": bytes(16), "made": 1, "nonce": bytes(16)}
    given: dict[str, Value] = {**value, "sealed": bytes(1137), name: bytes(size)}
    if fits:
        assert isinstance(read_note(given), Give)
    else:
        with pytest.raises(Malformed):
            read_note(given)


def test_a_note_of_another_kind_is_of_a_later_version() -> None:
    with pytest.raises(UnknownVersion):
        read_note({"what": "later", "set": bytes(16)})


@pytest.mark.parametrize(
    ("change", "value"),
    [
        *(("share", wrong) for wrong in ("not words", "academic " * 23, "x" * 401)),
        *(("count", wrong) for wrong in (1, 17)),
        ("space", bytes(31)),
        ("homes", []),
    ],
)
def test_what_is_no_share(change: str, value: Value) -> None:
    case = json.loads((VECTORS / "notes.json").read_text())
    parcel = decode(bytes.fromhex(case["parcel"]))
    assert isinstance(parcel, dict)
    with pytest.raises(Malformed):
        Parcel.read(Fields({**parcel, change: value}, "share"))
