"""Our documents lead where they say they lead."""

from pathlib import Path

import pytest

from tests.architecture.links import broken_links
from tests.architecture.tree import ROOT


def test_every_link_in_our_documents_leads_somewhere() -> None:
    assert broken_links(ROOT) == []


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page beside another one with two headings of one name."""
    (tmp_path / "other.md").write_text("# A heading, here!\n\n## Twice\n\n## Twice\n")
    return tmp_path / "page.md"


@pytest.mark.parametrize(
    "text",
    [
        "[x](other.md)",
        "[x](other.md#a-heading-here)",
        "[x](other.md#twice-1)",
        '[x](<other.md> "a title")',
        "# Own\n\n[x](#own)",
        "[x](https://example.org/nowhere)",
        "`[x](nowhere.md)`",
        "```\n[x](nowhere.md)\n```\n",
    ],
)
def test_a_good_link_is_left_in_peace(page: Path, text: str) -> None:
    page.write_text(text)
    assert broken_links(page.parent) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[x](nowhere.md)", "no such file"),
        ("[x](other.md#nothing)", "no such heading"),
        ("[x](#nothing)", "no such heading"),
        ("[x](../../outside.md)", "leads out of the tree"),
        ("![x](picture.png)", "no such file"),
        ("```\ncode\n```\n[x](nowhere.md)\n```\ncode\n```\n", "no such file"),
    ],
)
def test_a_broken_link_is_found(page: Path, text: str, why: str) -> None:
    page.write_text(text)
    (found,) = broken_links(page.parent)
    assert found.startswith("page.md: ")
    assert found.endswith(why)
