"""What keeps an account safe, on the page: snapshots, replicas, and invites to one's own node."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chromium import Tab, opened
from tests.browser.people import PASSWORD, person
from tests.browser.visiting import go
from tests.daemons.processes import Home, soon


@pytest.fixture
def keeper(chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """The settings of bob's node."""
    with person("bob", tmp_path / "bob") as bob, opened(chromium) as tab:
        tab.page.goto(bob.run("web").ok().out.strip())
        tab.page.wait_for_selector("main h1")
        go(tab.page, "settings/running")
        yield tab.page
        assert tab.complaints == []


def card(page: Page, title: str) -> Locator:
    """A part of the settings, by its heading."""
    return page.locator(".card").filter(has=page.get_by_role("heading", name=title, exact=True))


def invited(page: Page, what: str) -> str:
    """An invite that was made there."""
    page.get_by_role("button", name="Make an invite").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(what).check()
    dialog.get_by_label("Room (GB)").fill("1.5")
    dialog.get_by_label("Good for so many days").fill("3")
    dialog.get_by_role("button", name="Make an invite").click()
    expect(page.get_by_role("heading", name="An invite", exact=True)).to_be_visible()
    expect(page.locator(".qr svg")).to_be_visible()
    text = page.locator("dialog .copyable code").inner_text()
    page.keyboard.press("Escape")
    return text


def test_somebody_else_keeps_a_replica_until_it_is_removed(
    tab: Tab, home: Home, keeper: Page
) -> None:
    page = tab.page
    invite = invited(keeper, "A replica")
    expect(card(keeper, "Invites to this node").get_by_role("listitem")).to_contain_text("1.5 GB")
    go(page, "settings/node")
    page.get_by_role("button", name="Add a replica").click()
    page.get_by_role("dialog").get_by_label("Invite").fill(invite)
    page.get_by_role("dialog").get_by_label("No more than").fill("1")
    page.get_by_role("dialog").get_by_role("button", name="Add a replica").click()
    expect(page.get_by_text("It keeps a replica of up to 1 GB")).to_be_visible()
    assert soon(lambda: "has all" in home.run("replicas", "list").ok().out)
    go(page, "settings/page")
    go(page, "settings/node")
    replicas = card(page, "Replicas")
    expect(replicas.get_by_role("listitem")).to_contain_text("has everything")
    replicas.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(replicas.get_by_role("listitem")).to_have_count(0)
    assert "0 replicas" in home.run("replicas", "list").ok().out


def test_an_invite_is_made_and_withdrawn(tab: Tab, home: Home) -> None:
    page = tab.page
    go(page, "settings/running")
    invite = invited(page, "An account")
    invites = card(page, "Invites to this node")
    expect(invites.get_by_role("listitem")).to_contain_text("Good until")
    invites.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("Nobody can use it any more")).to_be_visible()
    refused = home.run("signup", "eve", "--at", invite, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert "invite" in refused.err


def test_a_snapshot_keeps_what_was_and_gives_it_back(tab: Tab, home: Home, tmp_path: Path) -> None:
    page, note = tab.page, tmp_path / "note.txt"
    home.run("mkdir", "Letters").ok()
    note.write_text("before")
    home.run("put", str(note), "Letters/note.txt").ok()
    go(page, "settings/activity")
    page.get_by_role("button", name="Take a snapshot").click()
    page.get_by_role("textbox", name="Name").fill("June")
    page.keyboard.press("Enter")
    expect(card(page, "Snapshots").get_by_role("listitem")).to_contain_text("June")
    note.write_text("after")
    home.run("put", str(note), "Letters/note.txt").ok()

    page.get_by_role("button", name="Look into it: June").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Letters").click()
    with page.expect_download() as coming:
        dialog.get_by_role("button", name="Download: note.txt").click()
    assert coming.value.path().read_text() == "before"
    assert home.run("cat", "Letters/note.txt").ok().out == "after"
    dialog.get_by_role("button", name="Put back: note.txt").click()
    expect(page.get_by_text("It is as it was on")).to_be_visible()
    assert home.run("cat", "Letters/note.txt").ok().out == "before"

    for folder in ("Letters", "everything"):
        home.run("rm", "-r", "Letters").ok()
        if folder == "everything":
            dialog.get_by_role("button", name="To the folder above").click()
            expect(dialog.get_by_role("button", name="Letters")).to_be_visible()
            expect(dialog.get_by_role("button", name="To the folder above")).to_have_count(0)
        dialog.get_by_role("button", name="Put all of this back").click()
        assert soon(lambda: home.run("cat", "Letters/note.txt").out == "before")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete: June").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("There are none. What was changed lately")).to_be_visible()
