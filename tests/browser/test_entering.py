"""Coming in by a link, in a real browser."""

from playwright.sync_api import Browser, expect

from tests.browser.chromium import Tab, opened
from tests.daemons.processes import Home


def test_a_link_opens_the_page_and_leaves_no_trace_of_its_token(tab: Tab) -> None:
    expect(tab.page.get_by_role("button", name="Account of alice")).to_be_visible()
    assert "enter" not in tab.page.url
    assert not any("enter=" in each for each in tab.asked)


def test_coming_back_needs_no_link(tab: Tab) -> None:
    expect(tab.page.get_by_role("button", name="Account of alice")).to_be_visible()
    tab.page.goto("about:blank")
    tab.page.go_back()
    expect(tab.page.get_by_role("button", name="Account of alice")).to_be_visible()


def test_a_link_works_once(chromium: Browser, home: Home) -> None:
    link = home.run("web").ok().out.strip()
    with opened(chromium) as tab:
        tab.page.goto(link)
        expect(tab.page.get_by_role("button", name="Account of alice")).to_be_visible()
    with opened(chromium) as tab:
        tab.page.goto(link)
        expect(tab.page.get_by_text("used before")).to_be_visible()


def test_looking_at_a_link_does_not_use_it(chromium: Browser, home: Home) -> None:
    """As a preview in a chat does: all of the page is fetched, and none of its scripts run."""
    link = home.run("web").ok().out.strip()
    blind = chromium.new_context(java_script_enabled=False)
    blind.new_page().goto(link)
    blind.close()
    with opened(chromium) as tab:
        tab.page.goto(link)
        expect(tab.page.get_by_role("button", name="Account of alice")).to_be_visible()
