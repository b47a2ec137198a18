"""The committed vectors of published people: every case, read from the file alone."""

from formats.handle import handle
from formats.identity import IdentityChain
from formats.published import Published
from formats.whereabouts import Whereabouts
from tests.formats.test_record_vectors import chains, outcome, vectors

FOUND = vectors("published/values")


def parts(case: dict[str, str]) -> tuple[IdentityChain, Whereabouts]:
    known = chains(FOUND)
    where = Whereabouts.decode(bytes.fromhex(FOUND["whereabouts"][case["whereabouts"]]))
    return known[case["chain"]], where


def value(name: str) -> Published:
    return Published(*parts(FOUND["values"][name]))


def test_a_value_is_its_parts() -> None:
    data = bytes.fromhex(FOUND["bytes"]["hex"])
    assert value(FOUND["bytes"]["value"]).encode() == data
    assert Published.decode(data) == value(FOUND["bytes"]["value"])


def test_keys() -> None:
    assert {case["value"] for case in FOUND["keys"]} == set(FOUND["values"])
    for case in FOUND["keys"]:
        each = value(case["value"])
        assert [key.hex() for key in each.keys] == [case["by_id"], case["by_handle"]]
        assert handle(each.handle.name, each.id) == case["handle"]


def test_parts_that_do_not_go_together() -> None:
    for case in FOUND["unfit"]:
        chain, where = parts(case)
        assert outcome(Published, chain, where) == case["expect"], case["name"]


def test_malformed_values() -> None:
    assert FOUND["malformed"]
    for case in FOUND["malformed"]:
        assert outcome(Published.decode, bytes.fromhex(case["hex"])) == "malformed", case["name"]


def test_where_and_when_a_value_stands() -> None:
    for case in FOUND["stands"]:
        result = outcome(value(case["value"]).check, bytes.fromhex(case["key"]), case["now"])
        assert result == case["expect"], case["name"]


def test_what_replaces_what() -> None:
    for case in FOUND["replaces"]:
        result = outcome(value(case["fresh"]).extends, value(case["kept"]))
        assert result == case["expect"], case
