"""Every format and protocol has a page that a second implementation can be written from."""

from typing import Final

import pytest

from tests.architecture.tree import ROOT

SPEC: Final = ROOT / "docs" / "spec"
SPECIFIED: Final = ("formats", "protocols")

INSIDE: Final = {
    "fields": "how this program reads fields strictly; the pages say which fields there are",
    "base58": "the well-known alphabet of Bitcoin; it writes peer ids as libp2p does",
    "limits": "each limit is on the page of what it bounds",
    "links": "which page says what a block links to; this walks it",
    "paper": "the text shape is on the pages of cards and invites",
    "ancestry": "on the page of pointers",
    "sighting": "on the page of forks",
    "services": "the page to read first is the file itself",
    "varint": "unsigned LEB128, as multiformats have it; the page of what holds one says so",
    "shapes": "how this program writes limits beside a type",
    "operations": "the table of what may be asked is on the page of each door",
}
"""Files without a page of their own, and where a reader finds what they hold."""

OWED: Final[frozenset[str]] = frozenset()
"""Pages promised and not yet written. This set only ever shrinks; nothing is added to it."""


def specified() -> list[str]:
    """The names that need a page: modules and packages of the two folders."""
    return sorted(
        f"{folder}/{found.stem}"
        for folder in SPECIFIED
        for found in (ROOT / folder).iterdir()
        if (found.suffix == ".py" or (found / "__init__.py").exists())
        and found.stem not in {"__init__", *INSIDE}
    )


@pytest.mark.parametrize("name", specified())
def test_it_has_a_page(name: str) -> None:
    name = name.split("/")[1]
    page = SPEC / f"{name}.md"
    if name in OWED and not page.exists():
        pytest.skip("a page of docs/spec is still owed")
    assert page.exists()
    assert page.read_text("utf-8").startswith("# ")


def test_every_page_is_about_something() -> None:
    known = {
        file.stem for folder in (*SPECIFIED, "crypto", "node") for file in (ROOT / folder).iterdir()
    } | {"storage", "local_api", "web"}
    known |= {file.stem for file in (ROOT / "storage").iterdir()}
    known |= {file.stem for file in (ROOT / "client").rglob("*")}
    known |= {file.stem for file in (ROOT / "node" / "reach").iterdir()}
    pages = {page.stem for page in SPEC.glob("*.md")} - {"README"}
    assert pages - known == set()
