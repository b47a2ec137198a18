"""The recovery kit on the page: made, rehearsed, split; and coming back on another machine."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import Tab, opened
from tests.browser.people import PASSWORD, person
from tests.browser.visiting import go
from tests.daemons.processes import Home

NEW = "quiet harbour lantern piano"
REFUSED = "Failed to load resource"
"""What Chromium writes of every answer that is an error, also of one that is shown to people."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What is on the paper: the words, and the text without them and with them."""

    words: str
    text: str
    whole: str


@pytest.fixture(scope="module")
def lost(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The node that alice has her data on, with a folder in it."""
    with person("alice", tmp_path_factory.mktemp("lost") / "home") as home:
        home.run("mkdir", "Photos").ok()
        yield home


@pytest.fixture(scope="module")
def kit(lost: Home) -> Kit:
    """As the command line makes it."""
    stdin = f"{PASSWORD}\n"
    made = lost.run("--json", "recovery", "kit", "--password-stdin", stdin=stdin).ok().events
    done = made[-1]["done"]
    assert isinstance(done, dict)
    return Kit(str(done["words"]), str(done["text"]), str(done["whole"]))


@pytest.fixture
def fresh(stranger: Tab, tmp_path: Path) -> Iterator[Page]:
    """The page of a new machine, where nobody is signed in."""
    home = Home(tmp_path / "fresh")
    with home.daemon():
        stranger.page.goto(home.run("web").ok().out.strip())
        stranger.page.get_by_role("button", name="Come back with a recovery kit").click()
        yield stranger.page
        assert [each for each in stranger.complaints if REFUSED not in each] == []


@pytest.fixture
def own(chromium: Browser, lost: Home) -> Iterator[Page]:
    """Alice's settings on the machine that she still has."""
    with opened(chromium) as tab:
        tab.page.goto(lost.run("web").ok().out.strip())
        tab.page.wait_for_selector("main h1")
        go(tab.page, "settings/security")
        yield tab.page
        assert [each for each in tab.complaints if REFUSED not in each] == []


def come_back(page: Page) -> None:
    """The last two steps."""
    expect(page.get_by_text("It brings back alice~")).to_be_visible()
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_role("button", name="Come back", exact=True).click()
    expect(page.get_by_role("heading", name="You are alice~")).to_be_visible()
    expect(page.get_by_text("Your keys are new")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("option", name="Photos")).to_be_visible()


def test_it_is_checked_and_rehearsed(own: Page, kit: Kit) -> None:
    expect(own.get_by_text("Nobody has checked yet")).to_be_visible()
    own.get_by_role("button", name="Rehearse").click()
    dialog = own.get_by_role("dialog")
    dialog.get_by_label("The words, in their order").fill("one two three")
    dialog.get_by_role("button", name="Rehearse").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("The words, in their order").fill(kit.words)
    dialog.get_by_role("button", name="Rehearse").click()
    expect(dialog.get_by_role("heading", name="It would work")).to_be_visible()
    expect(dialog.get_by_text("opens, as of")).to_be_visible()
    own.keyboard.press("Escape")
    own.get_by_role("button", name="Check the words").click()
    own.get_by_role("textbox", name="The words").fill(kit.words)
    own.keyboard.press("Enter")
    expect(own.get_by_text("Checked on")).to_be_visible()
    own.get_by_text("Whose it is and where to look").click()
    expect(own.get_by_text(kit.text)).to_be_visible()


def shares_of(page: Page, kit: Kit) -> list[str]:
    """Two of three shares that were made and shown."""
    page.get_by_role("button", name="Split among friends").click()
    page.get_by_label("The words, in their order").fill(kit.words)
    page.get_by_label("Who gets a share").fill("Bob\n\nCarol\nDave\n")
    page.get_by_label("How many of them").fill("2")
    page.get_by_role("button", name="Make the shares").click()
    sheets = page.locator(".sheet")
    expect(sheets).to_have_count(3)
    expect(sheets.nth(1)).to_contain_text("For Carol")
    expect(sheets.nth(1)).to_contain_text(kit.text)
    words = [" ".join(sheets.nth(at).locator(".numbered li").all_inner_texts()) for at in (0, 2)]
    page.emulate_media(media="print")
    expect(page.locator(".shell")).to_be_hidden()
    expect(sheets.nth(2)).to_be_visible()
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    page.emulate_media(media="screen")
    page.keyboard.press("Escape")
    return words


def test_two_shares_bring_her_back_on_a_new_machine(own: Page, fresh: Page, kit: Kit) -> None:
    bobs, daves = shares_of(own, kit)
    fresh.get_by_label("The text on the kit").fill(kit.text)
    fresh.get_by_label("Shares that friends keep").check()
    fresh.get_by_label("Share 1").fill(bobs)
    fresh.get_by_role("button", name="Look for it").click()
    expect(fresh.get_by_role("alert")).to_contain_text("2 are needed")
    fresh.get_by_label("Share 2").fill(daves)
    fresh.get_by_role("button", name="Look for it").click()
    come_back(fresh)


def test_the_text_of_the_code_needs_no_words(fresh: Page, kit: Kit) -> None:
    """After the one before: what is there knows that she lives elsewhere, and is a copy still."""
    fresh.get_by_label("The text on the kit").fill("holdfast-kit1:nothing")
    fresh.get_by_role("button", name="Look for it").click()
    expect(fresh.get_by_role("alert")).to_be_visible()
    fresh.get_by_label("The text on the kit").fill(kit.text)
    fresh.get_by_role("button", name="Look for it").click()
    expect(fresh.get_by_role("alert")).to_contain_text("The words of the kit are needed, too")
    fresh.get_by_label("The text on the kit").fill(kit.whole)
    fresh.get_by_role("button", name="Look for it").click()
    come_back(fresh)
