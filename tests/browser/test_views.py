"""Every view opens, in every language, light and dark, wide and narrow, without a complaint."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Tab
from tests.browser.people import PASSWORD
from tests.browser.visiting import go
from tests.daemons.processes import Home

VIEWS = {
    "files/alice": "My files",
    "files": "Everybody",
    "shared": "Shared",
    "shared/mine": "Shared",
    "feed": "Feed",
    "people": "People",
    "people/nobody": "People",
    "trash": "Trash",
    "search?q=x": "“x”",
    "settings": "Settings",
    "settings/security": "Settings",
    "settings/page": "Settings",
    "settings/node": "Settings",
    "settings/activity": "Settings",
}
FIRST_LOAD = 300_000
"""Bytes of everything that is asked for until the first folder is shown."""


def open_all(page: Page) -> None:
    """Each in turn, until it has said what it has to say."""
    for place in VIEWS:
        go(page, place)
        expect(page.locator("main > .view")).to_be_visible()
        expect(page.locator(".waiting")).to_have_count(0)
        expect(page.get_by_text("That did not work")).to_have_count(0)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{place} is {wide} pixels wider than the window"


def test_every_view_has_its_title(tab: Tab) -> None:
    page = tab.page
    for place, title in VIEWS.items():
        go(page, place)
        expect(page.locator(".view-head").first).to_contain_text(title)


@pytest.mark.parametrize("width", [360, 1280])
def test_every_view_fits_and_nothing_is_complained_of(tab: Tab, width: int) -> None:
    tab.page.set_viewport_size({"width": width, "height": 740})
    open_all(tab.page)


def test_another_language_and_the_other_theme(tab: Tab) -> None:
    page = tab.page
    go(page, "settings/page")
    page.get_by_label("Light or dark").select_option("dark")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.get_by_label("Language").select_option("de")
    expect(page.get_by_role("link", name="Meine Dateien")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "de"
    page.set_viewport_size({"width": 360, "height": 740})
    open_all(page)


def test_a_recovery_kit_is_made_and_checked(tab: Tab, home: Home) -> None:
    page = tab.page
    go(page, "settings/security")
    page.get_by_role("button", name="Make a recovery kit").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    words = page.locator(".copyable.many code").inner_text()
    assert len(words.split()) == 13
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Check the words").click()
    page.get_by_role("textbox", name="The words").fill(words)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Those are the words.")).to_be_visible()


def test_the_first_load_is_small(tab: Tab) -> None:
    page = tab.page
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    sizes = page.evaluate(
        "performance.getEntriesByType('resource').map((each) => each.transferSize)"
    )
    assert 0 < sum(sizes) <= FIRST_LOAD


def test_every_control_has_a_name(tab: Tab) -> None:
    """What a screen reader says of it."""
    page = tab.page
    for place in VIEWS:
        go(page, place)
        expect(page.locator("main > .view")).to_be_visible()
        expect(page.locator(".waiting")).to_have_count(0)
        nameless = page.evaluate(
            """() => [...document.querySelectorAll("button, a, input, select, textarea, meter")]
              .filter((each) => each.checkVisibility())
              .filter((each) => !(each.ariaLabel || each.textContent.trim() || each.labels?.length
                || each.getAttribute("aria-labelledby")))
              .map((each) => each.outerHTML)"""
        )
        assert nameless == [], place
