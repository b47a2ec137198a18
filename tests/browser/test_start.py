"""Before anybody is signed in: making an account, locking and unlocking it, a second one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import Tab
from tests.browser.people import PASSWORD
from tests.daemons.processes import Home

REFUSED = "Failed to load resource"
"""What Chromium writes of every answer that is an error, also of one that is shown to people."""


@pytest.fixture
def empty(chromium: Browser, tmp_path: Path) -> Iterator[Home]:
    """A daemon without an account."""
    home = Home(tmp_path / "home")
    with home.daemon():
        yield home


def unlock(page: Page, password: str) -> None:
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Unlock").click()


def test_somebody_makes_an_account_with_words_made_by_chance(stranger: Tab, empty: Home) -> None:
    page = stranger.page
    page.goto(empty.run("web").ok().out.strip())
    page.get_by_role("button", name="Make an account").click()
    page.get_by_label("Your name here").fill("Dora")
    page.get_by_label("Password", exact=True).fill("dora1")
    expect(page.get_by_label("Take it although")).to_be_visible()
    page.get_by_role("button", name="Take them").click()
    expect(page.get_by_label("Take it although")).to_be_hidden()
    words = page.get_by_label("Password", exact=True).input_value()
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    assert len(words.split()) == 6
    empty.run("logout").ok()
    empty.run("login", "dora", "--password-stdin", stdin=f"{words}\n").ok()
    assert stranger.complaints == []


def test_a_weak_password_is_taken_only_from_who_wants_it(stranger: Tab, empty: Home) -> None:
    page = stranger.page
    empty.run("signup", "dora", "--password-stdin", stdin=f"{PASSWORD}\n").ok()
    page.goto(empty.run("web").ok().out.strip())
    page.get_by_role("button", name="Account of dora").click()
    page.get_by_role("menuitem", name="Another account", exact=True).click()
    page.get_by_label("Your name here").fill("emil")
    page.get_by_label("Password", exact=True).fill("emil1")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("alert")).to_contain_text("easily guessed")
    page.get_by_label("Take it although").check()
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("button", name="Account of emil")).to_be_visible()
    page.get_by_role("button", name="Account of emil").click()
    page.get_by_role("menuitemradio", name="dora").click()
    expect(page.get_by_role("button", name="Account of dora")).to_be_visible()
    assert all(REFUSED in each for each in stranger.complaints)


def test_what_is_locked_is_opened_by_the_password_alone(tab: Tab) -> None:
    page = tab.page
    page.get_by_role("button", name="Account of alice").click()
    page.get_by_role("menuitem", name="Lock").click()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    page.get_by_role("button", name="alice").click()
    unlock(page, "something else")
    expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    unlock(page, PASSWORD)
    expect(page.get_by_role("button", name="Account of alice")).to_be_visible()
    tab.complaints[:] = [each for each in tab.complaints if REFUSED not in each]


def test_who_leaves_needs_another_link(tab: Tab) -> None:
    page = tab.page
    page.get_by_role("button", name="Account of alice").click()
    page.get_by_role("menuitem", name="Close this page").click()
    expect(page.get_by_text("holdfast web")).to_be_visible()
    page.reload()
    expect(page.get_by_text("holdfast web")).to_be_visible()
    tab.complaints[:] = [each for each in tab.complaints if REFUSED not in each]


def test_a_tab_whose_visit_ends_says_how_to_come_back(stranger: Tab, home: Home) -> None:
    """Also where it is asked for something in the middle of its work."""
    page = stranger.page
    page.goto(home.run("web").ok().out.strip())
    expect(page.get_by_role("button", name="Account of alice")).to_be_visible()
    page.evaluate("localStorage.setItem('holdfast-key', 'x')")
    page.evaluate("location.hash = '#/trash'")  # a click could meet the page gone already
    expect(page.get_by_text("holdfast web")).to_be_visible()
