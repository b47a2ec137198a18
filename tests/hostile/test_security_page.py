"""What pages of ``docs/`` say is shown somewhere is there."""

import re

import pytest

from tests.architecture.tree import ROOT

PAGES = ("security.md", "people-claims.md", "threat-model.md")
NAMED = re.compile(r"`(tests/[\w/.]+)?(?:::(test_\w+))?`")


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_the_page_names_is_there(page: str) -> None:
    named = {path for path, _ in NAMED.findall((ROOT / "docs" / page).read_text()) if path}
    assert len(named) > 20
    assert [each for each in sorted(named) if not (ROOT / each).exists()] == []


def test_each_function_that_is_named_is_in_its_file() -> None:
    """``::test_x`` alone is of the file that was named before it."""
    file, seen, lost = "", 0, list[str]()
    for path, function in NAMED.findall((ROOT / "docs" / "people-claims.md").read_text()):
        file = path or file
        if function:
            seen += 1
            if f"def {function}(" not in (ROOT / file).read_text():
                lost.append(f"{file}::{function}")
    assert seen > 30
    assert lost == []
