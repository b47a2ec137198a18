"""Where somebody lives, and whether strangers find them: moving house, being published."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import Tab, opened
from tests.browser.people import PASSWORD, person
from tests.browser.visiting import go
from tests.daemons.processes import Home, soon

REFUSED = "Failed to load resource"
"""What Chromium writes of every answer that is an error, also of one that is shown to people."""


@pytest.fixture
def dora(chromium: Browser, tmp_path: Path) -> Iterator[tuple[Page, Home]]:
    """Somebody's settings, and their node; they may leave it."""
    with person("dora", tmp_path / "dora") as home, opened(chromium) as tab:
        tab.page.goto(home.run("web").ok().out.strip())
        tab.page.wait_for_selector("main h1")
        go(tab.page, "settings/account")
        yield tab.page, home
        assert [each for each in tab.complaints if REFUSED not in each] == []


def begin(page: Page, to: str, password: str, gone: bool = False) -> None:
    """Say where to; ``gone``: the old home is."""
    page.get_by_role("button", name="Move to another node").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("The new home").fill(to)
    dialog.get_by_label("The old home is gone for good").set_checked(gone)
    dialog.get_by_label("Password", exact=True).fill(password)
    dialog.get_by_role("button", name="Move to another node").click()


def test_somebody_moves_to_a_friends_node(dora: tuple[Page, Home], tmp_path: Path) -> None:
    page, home = dora
    home.run("mkdir", "Photos").ok()
    new = Home(tmp_path / "new")
    with new.daemon("serve"):
        invite = new.run("invite").ok().out.splitlines()[-1].strip()
        begin(page, invite, "something else")
        expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
        page.get_by_role("dialog").get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("dialog").get_by_role("button", name="Move to another node").click()
        expect(page.get_by_text("You live at another node now")).to_be_visible()
        peer = page.locator("dialog .copyable code").inner_text()
        assert peer in home.run("whoami").ok().out
        page.keyboard.press("Escape")
        go(page, "files/dora")
        expect(page.get_by_role("option", name="Photos")).to_be_visible()


def test_a_replica_takes_the_place_of_a_home_that_is_gone(
    dora: tuple[Page, Home], tmp_path: Path
) -> None:
    """What would be missing is shown before."""
    page, home = dora
    keeper = Home(tmp_path / "keeper")
    with keeper.daemon("serve"):
        allowed = keeper.run("node", "replicas", "allow", "--ceiling", "1GiB").ok().out
        home.run("replicas", "add", allowed.splitlines()[-1].strip()).ok()
        assert soon(lambda: "has all" in home.run("replicas", "list").ok().out)
        replica = str(home.run("replicas", "list").ok().out.splitlines()[1].split()[0]).lstrip("…")
        begin(page, replica, PASSWORD, gone=True)
        expect(page.get_by_text("This is what the replica has")).to_be_visible()
        expect(page.get_by_text("all that was seen here")).to_be_visible()
        page.get_by_role("button", name="Go on from this").click()
        expect(page.get_by_text("You live at another node now")).to_be_visible()
        assert replica in home.run("whoami").ok().out


def test_whether_strangers_find_her_is_her_choice(tab: Tab, home: Home) -> None:
    page = tab.page
    go(page, "settings/account")
    choice = page.get_by_label("Let strangers find me by my handle")
    expect(choice).not_to_be_checked()
    expect(page.get_by_text("You are not published")).to_be_visible()
    choice.check()
    expect(page.get_by_text("your home goes on trying")).to_be_visible()
    assert "You are published" in home.run("publish").ok().out
    choice.uncheck()
    expect(page.get_by_text("You are not published")).to_be_visible()
    assert "You are not published" in home.run("publish").ok().out
