"""What others may do with what is shared: chosen on the page, and changed later."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chromium import Tab
from tests.browser.people import at_home, meet
from tests.browser.visiting import go
from tests.daemons.processes import Home

MAY = "What they may do"
ADDED = "Each may add at most"


@pytest.fixture
def bob(chromium: Browser, tmp_path: Path) -> Iterator[tuple[Home, Page]]:
    """Bob's node, and his tab."""
    with at_home("bob", tmp_path / "bob", chromium) as both:
        yield both


def sheet(page: Page, name: str) -> Locator:
    """That says who sees something."""
    page.get_by_role("option", name=name).click(button="right")
    page.get_by_role("menuitem", name="Share").click()
    return page.get_by_role("dialog", name=f"Share {name}")


def line(page: Page, who: str) -> Locator:
    return page.get_by_role("dialog").get_by_role("listitem").filter(has_text=who)


def test_a_friend_may_add_and_change_so_much(
    tab: Tab, home: Home, bob: tuple[Home, Page], tmp_path: Path
) -> None:
    theirs, b = bob
    a = tab.page
    meet(a, b)
    large = tmp_path / "large.bin"
    large.write_bytes(b"\0" * 2_000_000)
    small = tmp_path / "small.txt"
    small.write_text("small")
    home.run("mkdir", "/alice/Trip").ok()
    home.run("put", str(small), "/alice/Trip/first.txt").ok()
    go(a, "files/alice")

    sheet(a, "Trip")
    a.get_by_label("Choose a person").select_option("bob")
    expect(a.get_by_label("Delete for good")).to_be_hidden()
    a.get_by_label(MAY).select_option("write")
    rights = a.get_by_role("group", name="They may").get_by_role("checkbox")
    for each in rights.all():
        each.uncheck()
    a.get_by_role("button", name="Share", exact=True).click()
    expect(a.get_by_role("alert")).to_contain_text("Choose at least one")
    a.get_by_label("Add new things").check()
    a.get_by_label("Change what is there").check()
    a.get_by_label(ADDED).fill("0.001")
    a.get_by_role("button", name="Share", exact=True).click()
    expect(line(a, "bob")).to_contain_text("may add and change, 1 MB at most")

    go(b, "shared")
    expect(b.get_by_role("listitem")).to_contain_text("You may add and change, 1 MB at most")
    theirs.run("put", str(small), "/alice/Trip").ok()
    assert theirs.run("put", str(large), "/alice/Trip").code != 0
    assert theirs.run("rm", "--forever", "/alice/Trip/first.txt").code != 0

    a.get_by_role("button", name="Change: bob").press("Enter")
    asked = a.get_by_role("dialog", name="What bob may do with Trip")
    expect(asked.get_by_label(MAY)).to_be_focused()
    expect(asked.get_by_label("Delete for good")).not_to_be_checked()
    expect(asked.get_by_label(ADDED)).to_have_value("0.001")
    asked.get_by_label("Delete for good").press("Space")
    asked.get_by_label(ADDED).fill("")
    a.keyboard.press("Enter")
    expect(line(a, "bob")).to_contain_text("may add, change, and delete for good")
    assert a.evaluate("document.activeElement.closest('dialog') !== null")
    expect(line(a, "bob")).not_to_contain_text("at most")
    theirs.run("put", str(large), "/alice/Trip").ok()
    theirs.run("rm", "--forever", "/alice/Trip/first.txt").ok()

    a.get_by_role("button", name="Undo").click()
    expect(line(a, "bob")).to_contain_text("may add and change, 1 MB at most")
    assert theirs.run("rm", "--forever", "/alice/Trip/small.txt").code != 0


def test_writing_is_taken_back_alone_and_all_of_it_comes_back(tab: Tab, home: Home) -> None:
    """By a circle that nobody is in yet: it is seen, changed and taken back like any other."""
    page = tab.page
    home.run("mkdir", "/alice/Plans").ok()
    home.run("circle", "new", "Work").ok()
    go(page, "files/alice")
    sheet(page, "Plans")
    page.get_by_label("Choose a person").select_option("Work")
    page.get_by_label(MAY).select_option("write")
    page.get_by_label(ADDED).fill("5")
    page.get_by_role("button", name="Share", exact=True).click()
    expect(line(page, "Work")).to_contain_text("may add, change, and delete for good, 5 GB at most")
    expect(line(page, "Work")).to_contain_text("nobody is in it yet")

    page.get_by_role("button", name="Take back: Work").click()
    expect(page.get_by_text("Nobody but you. Not even")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(line(page, "Work")).to_contain_text("5 GB at most")

    page.get_by_role("button", name="Change: Work").click()
    page.get_by_role("dialog", name="What Work may do").get_by_label(MAY).select_option("read")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Change", exact=True).press("Enter")
    expect(line(page, "Work")).to_contain_text(re.compile("may read(?!.*at most)"))
    said = home.run("shared", "--by-me").ok().out.splitlines()
    assert ["may" in each for each in said if "Plans" in each] == [False]
