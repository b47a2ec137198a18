"""The main story by clicking alone: two people, two nodes, from signing up to taking back."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import opened
from tests.browser.people import PASSWORD, meet
from tests.browser.visiting import go
from tests.daemons.processes import Home

TREE = {
    "notes.txt": "as alice wrote it",
    "größe – 写真.txt": "ü",
    "empty.txt": "",
    "deep/deeper/leaf.txt": "found",
}


@pytest.fixture
def two(chromium: Browser, tmp_path: Path) -> Iterator[tuple[Page, Page]]:
    """Two people on the pages of two fresh nodes, who have no account yet."""
    with ExitStack() as exits:
        pages = []
        for name in ("alice", "bob"):
            home = Home(tmp_path / name)
            exits.enter_context(home.daemon())
            tab = exits.enter_context(opened(chromium))
            tab.page.goto(home.run("web").ok().out.strip())
            pages.append(tab.page)
        yield pages[0], pages[1]


def sign_up(page: Page, name: str) -> None:
    page.get_by_role("button", name="Make an account").click()
    page.get_by_label("Your name here").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()


def upload_folder(page: Page, folder: Path) -> None:
    page.get_by_role("button", name="New", exact=True).click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("menuitem", name="Upload a folder").click()
    chooser.value.set_files(folder)
    expect(page.get_by_text(f"{len(TREE)} files are stored.")).to_be_visible()


def share(page: Page, name: str, who: str, may: str) -> None:
    page.get_by_role("option", name=name).click()
    page.get_by_role("button", name="Share…").click()
    page.get_by_label("Choose a person").select_option(who)
    page.get_by_label("What they may do").select_option(may)
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text=who)).to_be_visible()
    page.keyboard.press("Escape")


def open_file(page: Page, *names: str) -> None:
    """From the folder that is shown, into folders, to a file."""
    for name in names:
        page.get_by_role("option", name=name).dblclick()


def write(page: Page, name: str, text: str) -> None:
    page.get_by_role("textbox", name=name).fill(text)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_alices_folder_reaches_bob_and_is_taken_back(
    two: tuple[Page, Page], tmp_path: Path
) -> None:
    for name, text in TREE.items():
        path = tmp_path / "Holiday" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    a, b = two
    sign_up(a, "alice")
    sign_up(b, "bob")
    meet(a, b)

    a.get_by_role("link", name="My files").click()
    upload_folder(a, tmp_path / "Holiday")
    share(a, "Holiday", "bob", "write")

    b.get_by_role("link", name="Shared").click()
    b.get_by_role("link", name="Holiday").click()
    open_file(b, "deep", "deeper", "leaf.txt")
    expect(b.get_by_role("textbox", name="leaf.txt")).to_have_value("found")
    b.get_by_role("link", name="Back to the folder").click()
    b.get_by_role("navigation", name="Where you are").get_by_role("link", name="Holiday").click()
    expect(b.get_by_role("option")).to_have_count(len(TREE))
    open_file(b, "notes.txt")
    write(b, "notes.txt", "as bob has it")

    a.get_by_role("option", name="Holiday").dblclick()
    open_file(a, "notes.txt")
    expect(a.get_by_role("textbox", name="notes.txt")).to_have_value("as bob has it")
    a.get_by_role("button", name="More").click()
    a.get_by_role("menuitem", name="Versions").click()
    expect(a.get_by_role("dialog").get_by_role("listitem")).to_have_count(2)
    expect(a.get_by_role("dialog").get_by_role("listitem").first).to_contain_text("bob")
    a.get_by_role("button", name="Put back").click()
    expect(a.get_by_text("It is as it was")).to_be_visible()
    a.get_by_role("link", name="Back to the folder").click()

    a.get_by_role("option", name="empty.txt").click()
    a.keyboard.press("Delete")
    expect(a.get_by_role("option", name="empty.txt")).to_have_count(0)
    a.get_by_role("link", name="Trash").click()
    a.get_by_role("button", name="Put back").click()
    a.get_by_role("button", name="Show in its folder").click()
    expect(a.get_by_role("option", name="empty.txt")).to_be_visible()

    a.get_by_role("link", name="Shared").click()
    a.get_by_role("link", name="By me").click()
    a.get_by_role("button", name="Change").click()
    a.get_by_role("button", name="Take back").click()
    expect(a.get_by_text("bob sees it no more.")).to_be_visible()
    a.keyboard.press("Escape")

    b.reload()
    expect(b.get_by_text("That did not work")).to_be_visible()
    b.get_by_role("link", name="Shared").click()
    expect(b.get_by_text("Nobody shares anything with you yet")).to_be_visible()

    go(a, "open/alice/Holiday/notes.txt")
    expect(a.get_by_role("textbox", name="notes.txt")).to_have_value("as alice wrote it")
