"""Running a node from the page: who lives there, letters, room, checks; and who may not."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chromium import Tab, opened
from tests.browser.people import PASSWORD
from tests.browser.visiting import entered, go
from tests.daemons.processes import Home

STDIN = f"{PASSWORD}\n"


@pytest.fixture(scope="module")
def bob(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Bob lives on alice's node, and has a daemon of his own."""
    invite = home.run("invite").ok().out.splitlines()[-1].strip()
    made = Home(tmp_path_factory.mktemp("bob") / "home")
    with made.daemon():
        made.run("signup", "bob", "--at", invite, "--password-stdin", stdin=STDIN).ok()
        yield made


@pytest.fixture
def lodger(chromium: Browser, bob: Home) -> Iterator[Page]:
    """His page."""
    with opened(chromium) as tab:
        yield entered(tab, bob).page
        assert tab.complaints == []


def card(page: Page, title: str) -> Locator:
    return page.locator(".card").filter(has=page.get_by_role("heading", name=title, exact=True))


def line(page: Page, name: str, text: str) -> Locator:
    return card(page, name).get_by_role("listitem").filter(has_text=text)


def test_an_account_gets_another_quota(tab: Tab, home: Home, bob: Home) -> None:
    page = tab.page
    go(page, "settings/running")
    row = line(page, "Who lives here", "bob")
    expect(row).to_contain_text("of 107 GB used")
    page.get_by_role("button", name="Change the room: bob").press("Enter")
    expect(page.get_by_label("At most (GB)")).to_be_focused()
    page.keyboard.type("2.5")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("of 2.5 GB used")
    assert "2.3 GiB" in home.run("node", "quota", "show", "bob").ok().out
    page.get_by_role("button", name="Undo").click()
    expect(row).to_contain_text("of 107 GB used")


def test_letters_go_both_ways(tab: Tab, home: Home, lodger: Page) -> None:
    page = tab.page
    go(lodger, "settings/node")
    theirs = card(lodger, "Whoever runs your node")
    expect(theirs).to_contain_text("They have said nothing")
    lodger.get_by_role("button", name="Write to them").click()
    lodger.keyboard.type("May I have <b>more</b> room?")
    lodger.keyboard.press("Enter")
    expect(theirs).to_contain_text("1 line of yours waits")

    go(page, "settings/running")
    expect(line(page, "Letters to you", "bob")).to_contain_text("May I have <b>more</b> room?")
    page.get_by_role("button", name="Answer: bob").click()
    page.keyboard.type("You have it.")
    page.keyboard.press("Enter")
    expect(line(page, "Letters to those who live here", "You have it.")).to_contain_text("bob")
    page.get_by_role("button", name="Done: bob").click()
    expect(card(page, "Letters to you")).to_contain_text("Nobody has written")
    page.get_by_role("button", name="Write to everybody").click()
    page.keyboard.type("Back on Sunday by noon.")
    page.keyboard.press("Enter")
    expect(line(page, "Letters to those who live here", "by noon")).to_contain_text("to everybody")

    go(lodger, "settings/page")
    go(lodger, "settings/node")
    expect(theirs.get_by_role("listitem")).to_have_count(2)
    expect(theirs).to_contain_text("You have it.")
    page.get_by_role("button", name="Stop telling it: Back on Sunday").click()
    expect(line(page, "Letters to those who live here", "by noon")).to_have_count(0)
    assert "by noon" not in bob_is_told(lodger)
    page.get_by_role("button", name="Undo").click()
    expect(line(page, "Letters to those who live here", "by noon")).to_be_visible()


def bob_is_told(lodger: Page) -> str:
    go(lodger, "settings/page")
    go(lodger, "settings/node")
    expect(card(lodger, "Whoever runs your node").get_by_role("listitem")).to_have_count(1)
    return card(lodger, "Whoever runs your node").inner_text()


def test_everything_is_checked_and_mended(tab: Tab, home: Home, tmp_path: Path) -> None:
    page, film = tab.page, tmp_path / "film.bin"
    film.write_bytes(bytes(range(256)) * 8000)
    home.run("put", str(film), "/alice").ok()
    go(page, "settings/running")
    whole = card(page, "Is everything whole?")
    page.get_by_label("Read the contents").check()
    page.get_by_role("button", name="Check now").press("Enter")
    expect(whole.get_by_role("status")).to_contain_text("Everything is whole.")
    expect(whole.get_by_role("status")).to_contain_text("pieces were looked at")

    packs = sorted((home.path / "node").rglob("*.pack"))
    assert packs
    for pack in packs:
        pack.write_bytes(b"\0" * pack.stat().st_size)
    page.get_by_label("Read the contents").check()
    page.get_by_role("button", name="Check now").click()
    expect(whole.get_by_role("status")).to_contain_text("are wrong.")
    expect(whole).to_contain_text("pieces that are lost or damaged")
    whole.get_by_text("Each by itself").click()
    expect(whole.get_by_text("alice: ").first).to_be_visible()
    page.get_by_role("button", name="Mend what can be mended").click()
    expect(whole).to_contain_text("What is left needs another copy")
    expect(whole.locator("code")).to_have_text("holdfast node repair --from BACKUP")


def test_room_comes_back(tab: Tab) -> None:
    page = tab.page
    go(page, "settings/running")
    room = card(page, "Room")
    expect(room).to_contain_text("Free there")
    page.get_by_role("button", name="Give back now").press("Enter")
    expect(room.get_by_role("status")).to_contain_text(re.compile("(give|came) back"))
    expect(card(page, "In and out")).to_contain_text("everything")


def test_who_is_not_named_is_not_shown_it(chromium: Browser, tmp_path: Path) -> None:
    """Carol is signed in on a daemon whose page somebody else runs."""
    other = "alice~k7q2-xw9m-3tab-9c4d"
    home = Home(tmp_path / "home", {"HOLDFAST_WEB_ADMINS": other})
    with home.daemon(), opened(chromium) as tab:
        home.run("signup", "carol", "--password-stdin", stdin=STDIN).ok()
        page = entered(tab, home).page
        go(page, "settings/running")
        expect(page.get_by_role("link", name="Activity")).to_be_visible()
        expect(page.get_by_role("link", name="Running the node")).to_have_count(0)
        expect(page.get_by_role("heading", name="Who lives here")).to_have_count(0)
        assert tab.complaints == []
