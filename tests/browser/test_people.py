"""Two people on two nodes: they meet, share, write and hear of each other, in their browsers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import Tab, opened
from tests.browser.conftest import PASSWORD
from tests.daemons.processes import Home


@pytest.fixture
def bob(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """Bob's own tab, on his own node."""
    home = Home(tmp_path_factory.mktemp("bob") / "home")
    with home.daemon(), opened(chromium) as tab:
        home.run("signup", "bob", "--password-stdin", stdin=f"{PASSWORD}\n").ok()
        tab.page.goto(home.run("web").ok().out.strip())
        yield tab
        assert tab.complaints == []


def go(page: Page, place: str) -> None:
    page.goto(f"{page.url.split('#')[0]}#/{place}")


def meet(alice: Page, bob: Page) -> None:
    """Bob follows Alice by her card; she accepts and follows him."""
    go(alice, "people")
    alice.get_by_role("button", name="My card").first.click()
    expect(alice.locator(".qr svg")).to_be_visible()
    card = alice.locator(".copyable code").first.inner_text()
    alice.keyboard.press("Escape")
    go(bob, "people")
    bob.get_by_role("button", name="Add somebody").first.click()
    bob.get_by_label("Their card").fill(card)
    bob.get_by_role("button", name="Ask to follow").click()
    expect(bob.get_by_text("You asked; no answer yet")).to_be_visible()
    alice.get_by_role("button", name="Accept, and follow back").click()
    expect(alice.get_by_text("You follow each other")).to_be_visible()


def test_two_people_meet_share_and_write(tab: Tab, bob: Tab, home: Home) -> None:
    a, b = tab.page, bob.page
    meet(a, b)

    a.get_by_role("button", name="New circle").click()
    a.get_by_role("textbox", name="Name").fill("Family")
    a.keyboard.press("Enter")
    a.get_by_role("button", name="Change").click()
    a.get_by_label("bob").check()
    a.get_by_role("button", name="Save").click()
    expect(a.locator("dialog")).to_have_count(0)

    home.run("mkdir", "/alice/Photos").ok()
    go(a, "files/alice")
    a.get_by_role("option", name="Photos").click(button="right")
    a.get_by_role("menuitem", name="Share").click()
    a.get_by_label("Choose a person").select_option("Family")
    a.get_by_role("button", name="Share", exact=True).click()
    expect(a.get_by_role("listitem").filter(has_text="Family")).to_contain_text("bob")
    a.keyboard.press("Escape")

    go(b, "shared")
    expect(b.get_by_role("link", name="Photos")).to_be_visible()
    b.get_by_role("link", name="Photos").click()
    expect(b.get_by_text("Nothing here yet")).to_be_visible()
    expect(b.get_by_role("button", name="New", exact=True)).to_have_count(0)

    go(a, "feed")
    a.get_by_role("textbox", name="What do you want to tell").fill("Back from **Norway**!")
    a.get_by_label("Family").check()
    a.get_by_role("button", name="Post", exact=True).click()
    expect(a.get_by_text("Back from Norway!")).to_be_visible()

    go(b, "feed")
    expect(b.get_by_text("Back from Norway!")).to_be_visible()
    b.get_by_role("link", name="Comment").first.click()
    b.get_by_role("textbox", name="Comment").fill("Lovely")
    b.get_by_role("button", name="Send").click()
    expect(b.locator(".comments")).to_contain_text("Lovely")

    expect(a.get_by_role("button", name="Notifications: 1 new")).to_be_visible()
    a.get_by_role("button", name="Notifications").click()
    a.get_by_role("link", name="bob commented").click()
    expect(a.locator(".comments")).to_contain_text("Lovely")

    go(a, "people/bob")
    a.get_by_role("button", name="Verify").click()
    number = a.locator(".safety").inner_text()
    a.get_by_role("button", name="They are the same").click()
    expect(a.get_by_text("verified", exact=True)).to_be_visible()
    go(b, "people/alice")
    b.get_by_role("button", name="Verify").click()
    expect(b.locator(".safety")).to_have_text(number)
    b.keyboard.press("Escape")

    go(a, "shared/mine")
    a.get_by_role("button", name="Change").click()
    a.get_by_role("button", name="Take back").click()
    expect(a.get_by_text("Family sees it no more.")).to_be_visible()
    expect(a.get_by_text("Nobody but you")).to_be_visible()
