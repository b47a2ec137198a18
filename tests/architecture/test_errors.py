"""The closed list of errors: each number means one thing, each message leads somewhere."""

from collections import Counter

import pytest

from formats.errors import HoldfastError
from tests.architecture.error_table import PAGE, kinds, page_with_table

KINDS = kinds()


def doubled(numbers: list[int]) -> list[int]:
    return [number for number, times in Counter(numbers).items() if times > 1]


def test_no_two_kinds_share_a_wire_number() -> None:
    assert doubled([kind.number for kind in KINDS]) == []


def test_no_two_kinds_share_an_exit_code() -> None:
    assert doubled([kind.exit_code for kind in KINDS]) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_kind_has_codes_a_shell_and_a_browser_understand(kind: type[HoldfastError]) -> None:
    assert 0 < kind.number < 64
    assert 1 < kind.exit_code < 126 or kind.exit_code == 130
    assert 200 <= kind.http_status < 600


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_kind_says_what_it_means_and_what_to_do(kind: type[HoldfastError]) -> None:
    assert (kind.__doc__ or "").rstrip().endswith((".", ")"))
    assert kind.hint


def test_the_list_is_closed() -> None:
    assert {kind.__module__ for kind in KINDS} == {"formats.errors"}


def test_the_page_for_people_is_up_to_date() -> None:
    page = PAGE.read_text("utf-8")
    assert page == page_with_table(page), "run: python -m tests.architecture.error_table"
