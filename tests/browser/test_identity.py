"""One's identity on the page: which keys it has had, and new ones; and those of a friend."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import Tab
from tests.browser.people import PASSWORD, at_home, meet
from tests.browser.visiting import go
from tests.daemons.processes import Home, soon

FIRST, LATER = "The first keys", "The keys were renewed"
REFUSED = "/v1/identity/rotate"
"""What Chromium writes of a wrong password."""


@pytest.fixture
def bob(chromium: Browser, tmp_path: Path) -> Iterator[tuple[Home, Page]]:
    """Bob's node, and his tab."""
    with at_home("bob", tmp_path / "bob", chromium) as both:
        yield both


def records(home: Home, *who: str) -> list[str]:
    """The hashes of all records, as the command line has them."""
    done = home.run("--json", "identity", "history", *who).ok().events[-1]["done"]
    assert isinstance(done, dict)
    return [each["hash"] for each in done["records"]]


def test_keys_are_renewed_and_friends_see_why_they_are_good(
    tab: Tab, home: Home, bob: tuple[Home, Page]
) -> None:
    theirs, b = bob
    page = tab.page
    meet(page, b)
    go(page, "settings/security")
    expect(page.get_by_role("listitem").filter(has_text=FIRST)).to_contain_text("in use now")

    page.get_by_role("button", name="Renew the keys").press("Enter")
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    page.keyboard.type("something else")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your keys are new.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text=LATER)).to_contain_text("in use now")
    expect(page.get_by_role("listitem").filter(has_text=FIRST)).not_to_contain_text("in use now")

    page.get_by_text("To compare letter by letter").click()
    seen = records(home)
    assert len(seen) == 2
    for each in seen:
        expect(page.get_by_text(each, exact=True).first).to_be_visible()

    assert soon(lambda: records(theirs, "alice") == seen)
    go(b, "people/alice")
    b.get_by_role("button", name="More").click()
    b.get_by_role("menuitem", name="Their keys").click()
    shown = b.get_by_role("dialog", name="The keys of alice")
    expect(shown.get_by_role("listitem").first).to_contain_text(LATER)
    tab.complaints[:] = [each for each in tab.complaints if REFUSED not in each]
