"""The vectors of the recovery kit: words, keys, and what was sealed for them."""

import json
from pathlib import Path

import pytest

from client.recovery.content import KitContent
from client.recovery.words import RecoveryKit
from crypto.secret import Secret
from formats.dag_cbor import decode, encode
from formats.errors import BadKit
from tests.client.recovery.kit_vectors import ID, content

CASES = json.loads((Path(__file__).parents[2] / "vectors/recovery/opens.json").read_text())


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
