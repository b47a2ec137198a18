"""A person without a mouse: everything in a drive is reached, and the focus is never lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Tab
from tests.browser.visiting import go
from tests.daemons.processes import Home

FOCUS = """() => {
  const at = document.activeElement;
  return at === document.body ? "" : at.getAttribute("aria-label") || at.textContent || at.tagName;
}"""
TABS = 60
"""Presses after which whatever is to be reached has been."""


@pytest.fixture
def folder(home: Home, request: pytest.FixtureRequest) -> str:
    """A folder of this test's own, with three texts and a folder in it."""
    path = f"/alice/{request.node.name}"
    home.run("mkdir", "-p", f"{path}/Sub").ok()
    for name in ("a.txt", "b.txt", "c.txt"):
        home.run("put", "-", f"{path}/{name}", stdin=name).ok()
    return path


def focused(page: Page) -> str:
    """What has the focus; nothing: it is lost."""
    return str(page.evaluate(FOCUS))


def to(page: Page, name: str) -> None:
    """Tab until something of this name has the focus."""
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if focused(page).startswith(name):
            return
    pytest.fail(f"{name} is not reached by Tab")


def in_list(page: Page) -> None:
    """The list has the focus: keys go on from there."""
    expect(page.locator(".entries")).to_be_focused()


def here(page: Page, name: str) -> None:
    """The keyboard is at this entry, and who hears the page is told so."""
    expect(page.locator(".here")).to_contain_text(name)
    at = page.locator(".entries").get_attribute("aria-activedescendant")
    expect(page.locator(f"#{at}")).to_contain_text(name)


def test_a_folder_is_worked_in(tab: Tab, home: Home, folder: str) -> None:
    """Choosing, renaming, moving, removing and undoing it."""
    page, press = tab.page, tab.page.keyboard.press
    go(page, f"files{folder}")
    in_list(page)
    press("ArrowDown")
    here(page, "a.txt")
    press("F2")
    expect(page.get_by_role("textbox", name="Name")).to_be_focused()
    page.keyboard.type("renamed")  # over the name, up to its ending
    press("Enter")
    in_list(page)
    here(page, "renamed.txt")

    press("Home")
    press("b")
    here(page, "b.txt")
    press(" ")
    to(page, "Move")
    press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    to(page, "Sub")
    press("Enter")
    expect(page.get_by_text("There is nothing to choose in this folder.")).to_be_visible()
    expect(page.locator("dialog button:focus")).to_have_count(1)
    to(page, "Move here")
    press("Enter")
    expect(page.get_by_role("option", name="b.txt")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    in_list(page)

    press("Control+a")
    press("Delete")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    assert focused(page)
    press("Control+z")
    expect(page.get_by_role("option", name="c.txt")).to_be_visible()

    to(page, f"In {folder.rpartition('/')[2]}")
    press("c")
    here(page, "c.txt")
    press("Delete")
    expect(page.get_by_role("option", name="c.txt")).to_have_count(0)
    in_list(page)
    press("Control+z")
    expect(page.get_by_role("option", name="c.txt")).to_be_visible()
    in_list(page)
    names = home.run("ls", folder).ok().out.split()
    assert sorted(names) == ["Sub/", "c.txt", "renamed.txt"]


def test_what_was_said_to_be_undone_is_reached_by_tab(tab: Tab, folder: str) -> None:
    page, press = tab.page, tab.page.keyboard.press
    go(page, f"files{folder}")
    in_list(page)
    press("End")
    press("Delete")
    expect(page.get_by_text("c.txt is in the trash.")).to_be_visible()
    to(page, "Undo")
    press("Enter")
    expect(page.get_by_role("option", name="c.txt")).to_be_visible()
    in_list(page)


def test_the_menu_of_an_entry_opens_and_closes(tab: Tab, folder: str) -> None:
    page, press = tab.page, tab.page.keyboard.press
    go(page, f"files{folder}")
    in_list(page)
    press("End")
    for opening in ("ContextMenu", "Shift+F10"):
        press(opening)
        assert focused(page) == "Open"
        press("ArrowDown")
        press("ArrowDown")
        assert focused(page) == "Share…"
        press("Escape")
        in_list(page)


def opened_by_menu(page: Page, item: str) -> None:
    page.keyboard.press("ContextMenu")
    for _ in range(12):
        if focused(page) == item:
            return page.keyboard.press("Enter")
        page.keyboard.press("ArrowDown")
    pytest.fail(f"{item} is not in the menu")


def new_folder(page: Page) -> None:
    to(page, "New")
    for key in ("Enter", "End", "ArrowUp", "Enter"):
        page.keyboard.press(key)


OPENINGS: dict[str, Callable[[Page], object]] = {
    "new folder": new_folder,
    "rename": lambda page: page.keyboard.press("F2"),
    "share": lambda page: opened_by_menu(page, "Share…"),
    "details": lambda page: opened_by_menu(page, "Details"),
    "versions": lambda page: opened_by_menu(page, "Versions"),
    "move": lambda page: opened_by_menu(page, "Move…"),
}


@pytest.mark.parametrize("what", OPENINGS)
def test_a_dialog_keeps_the_focus_and_gives_it_back(tab: Tab, folder: str, what: str) -> None:
    page = tab.page
    go(page, f"files{folder}")
    in_list(page)
    page.keyboard.press("End")
    OPENINGS[what](page)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(page.locator("dialog .waiting")).to_have_count(0)
    before = page.evaluate("document.activeElement.closest('dialog') !== null")
    assert before, "the focus is not in the dialog"
    for _ in range(12):
        page.keyboard.press("Tab")
        at = page.evaluate(
            "[document.activeElement.tagName, !!document.activeElement.closest('dialog')]"
        )
        assert at[1] or at[0] == "BODY"  # the browser's own parts, and nothing else of the page
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert focused(page)
    page.keyboard.press("Escape")


def test_every_place_is_reached_and_heard_of(tab: Tab) -> None:
    """A link of the frame is followed with Enter, and what then has the focus is on the page."""
    page = tab.page
    for name, title in (("Shared", "Shared"), ("People", "People"), ("Trash", "Trash")):
        to(page, name)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        assert focused(page) == name
    page.keyboard.press("/")
    page.keyboard.type("nothing of this name")
    expect(page.get_by_text("Fewer letters find more.")).to_be_visible()
    assert focused(page) == "Search"


def test_a_file_is_left_where_it_was_found(tab: Tab, folder: str) -> None:
    page, press = tab.page, tab.page.keyboard.press
    go(page, f"files{folder}")
    in_list(page)
    press("ArrowDown")
    press("ArrowDown")
    press("Enter")
    expect(page.get_by_role("textbox", name="b.txt")).to_be_visible()
    to(page, "Back to the folder")
    press("Enter")
    in_list(page)
    here(page, "b.txt")
