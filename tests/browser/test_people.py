"""Two people on two nodes: they meet, share, write and hear of each other, in their browsers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import Tab, opened
from tests.browser.people import answer, gather, meet, person, share, write
from tests.browser.visiting import go
from tests.daemons.processes import Home


@pytest.fixture
def bob(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """Bob's own tab, on his own node."""
    place = tmp_path_factory.mktemp("bob") / "home"
    with person("bob", place) as home, opened(chromium) as tab:
        tab.page.goto(home.run("web").ok().out.strip())
        yield tab
        assert tab.complaints == []


def test_two_people_meet_share_and_write(tab: Tab, bob: Tab, home: Home) -> None:
    a, b = tab.page, bob.page
    meet(a, b)
    gather(a, "Family", "bob")

    home.run("mkdir", "/alice/Photos").ok()
    go(a, "files/alice")
    share(a, "Photos", "Family")
    expect(a.get_by_role("listitem").filter(has_text="Family")).to_contain_text("bob")
    a.keyboard.press("Escape")

    go(b, "shared")
    expect(b.get_by_role("link", name="Photos")).to_be_visible()
    b.get_by_role("link", name="Photos").click()
    expect(b.get_by_text("Nothing here yet")).to_be_visible()
    expect(b.get_by_role("button", name="New", exact=True)).to_have_count(0)

    write(a, "Back from **Norway**!", "Family")
    expect(a.get_by_text("Back from Norway!")).to_be_visible()

    go(b, "feed")
    expect(b.get_by_text("Back from Norway!")).to_be_visible()
    answer(b, "Lovely")

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
