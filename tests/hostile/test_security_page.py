"""What ``docs/security.md`` says is shown somewhere is there."""

import re

from tests.architecture.tree import ROOT

PAGE = ROOT / "docs" / "security.md"


def test_every_test_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`(tests/[\w/.]+)`", PAGE.read_text()))
    assert len(named) > 30
    assert [each for each in sorted(named) if not (ROOT / each).exists()] == []
