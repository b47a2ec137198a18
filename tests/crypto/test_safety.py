"""Safety numbers: 60 digits, the same on both sides, of these two alone."""

import pytest

from crypto.safety import DIGITS, safety_number

ONE, OTHER, THIRD = (bytes([n]) * 32 for n in (1, 2, 3))


def test_both_see_the_same() -> None:
    number = safety_number(ONE, OTHER)
    assert number == safety_number(OTHER, ONE)
    assert len(number) == DIGITS == 60
    assert number.isdecimal()


def test_it_does_not_change_from_version_to_version() -> None:
    assert safety_number(ONE, OTHER) == (
        "170381575475627853132101482461762564203766844045736314755354"
    )


def test_others_see_others() -> None:
    seen = {safety_number(*pair) for pair in ((ONE, OTHER), (ONE, THIRD), (OTHER, THIRD))}
    assert len(seen) == 3


@pytest.mark.parametrize("id", [b"", bytes(31), bytes(33)])
def test_only_ids(id: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        safety_number(ONE, id)
