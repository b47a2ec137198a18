"""The kit split among people: enough of them, too few, other sets, slips of the pen, and liars."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from shamir_mnemonic.share import Share as Parts  # type: ignore[import-untyped]

from client.recovery.shares import joined, shares_of
from client.recovery.words import RecoveryKit
from crypto.secret import Secret
from formats.errors import BadKit, Usage

CASES = json.loads((Path(__file__).parents[2] / "vectors/recovery/shares.json").read_text())
KIT = RecoveryKit(Secret(bytes(range(20))))


@pytest.fixture(scope="module")
def shares() -> tuple[str, ...]:
    """Five, three of which are needed."""
    return shares_of(KIT, 3, 5)


def lie(share: str) -> str:
    """What somebody hands over who wants it to look right: the words' own checksum holds."""
    parts = Parts.from_mnemonic(share)
    return str(replace(parts, value=bytes(byte ^ 1 for byte in parts.value)).mnemonic())


def given(code: Secret) -> str:
    return code.reveal().hex()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['needed']}")
def test_the_vectors_join(case: dict[str, object]) -> None:
    words, needed = case["shares"], case["needed"]
    assert isinstance(words, list)
    assert isinstance(needed, int)
    for chosen in combinations(words, needed):
        assert given(joined(chosen).kit.code) == case["code"]


def test_any_three_in_any_order_are_the_kit(shares: Sequence[str]) -> None:
    for chosen in combinations(shares, 3):
        found = joined(tuple(reversed(chosen)))
        assert found.kit.code == KIT.code
        assert found.wrong == ()
    assert joined(shares).kit.code == KIT.code


def test_as_people_type_them(shares: Sequence[str]) -> None:
    numbered = " ".join(f"{n}. {word.upper()}," for n, word in enumerate(shares[0].split(), 1))
    assert joined((numbered, *shares[1:3])).kit.code == KIT.code


def test_two_are_too_few_also_when_one_comes_twice(shares: Sequence[str]) -> None:
    for few in (shares[:1], shares[:2], (*shares[:2], shares[0])):
        with pytest.raises(BadKit, match="3 are needed"):
            joined(few)
    with pytest.raises(BadKit, match="no shares"):
        joined(())


def test_shares_of_another_set_do_not_mix(shares: Sequence[str]) -> None:
    """Of the same kit split again, and of somebody else's."""
    for other in (KIT, RecoveryKit.generate()):
        foreign = shares_of(other, 3, 5)
        with pytest.raises(BadKit, match="share 3 is of another set"):
            joined((*shares[:2], foreign[2]))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda words: words[:-1],
        lambda words: [*words, words[0]],
        lambda words: ["academic" if words[0] != "academic" else "acid", *words[1:]],
        lambda words: [*words[:5], words[6], words[5], *words[7:]],
        lambda words: ["hello", *words[1:]],
        lambda _: [],
    ],
    ids=["lost", "twice", "another", "swapped", "no word", "nothing"],
)
def test_a_slip_is_said_of_which_share(
    shares: Sequence[str], spoil: Callable[[list[str]], list[str]]
) -> None:
    words = shares[1].split()
    spoiled = spoil(words)
    if spoiled == words:
        pytest.skip("two words that are alike changed places")
    with pytest.raises(BadKit, match="share 2 is not whole"):
        joined((shares[0], " ".join(spoiled), shares[2]))


def test_a_lie_is_noticed_and_with_one_more_share_it_is_known_whose(
    shares: Sequence[str],
) -> None:
    lying = lie(shares[1])
    with pytest.raises(BadKit, match="do not fit together"):
        joined((shares[0], lying, shares[2]))
    found = joined((shares[0], lying, shares[2], shares[3]))
    assert found.kit.code == KIT.code
    assert found.wrong == (2,)


def test_two_liars_among_five_are_known(shares: Sequence[str]) -> None:
    found = joined((lie(shares[0]), shares[1], lie(shares[2]), shares[3], shares[4]))
    assert (found.kit.code, found.wrong) == (KIT.code, (1, 3))


@pytest.mark.parametrize(("needed", "count"), [(1, 1), (1, 3), (3, 2), (2, 17), (0, 2)])
def test_numbers_that_make_no_sense(needed: int, count: int) -> None:
    with pytest.raises(Usage, match="at least 2"):
        shares_of(KIT, needed, count)


@pytest.mark.parametrize(("needed", "count"), [(2, 2), (2, 16), (16, 16)])
def test_the_bounds(needed: int, count: int) -> None:
    made = shares_of(KIT, needed, count)
    assert len(set(made)) == count
    assert joined(made[-needed:]).kit.code == KIT.code
