"""People, each with a node of their own, and what two of them do in their browsers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import opened
from tests.browser.visiting import go
from tests.daemons.processes import Home

PASSWORD: Final = "correct horse battery staple"


@contextmanager
def person(name: str, home: Path) -> Iterator[Home]:
    """Somebody signed in on a daemon that runs until the block is left."""
    made = Home(home)
    with made.daemon():
        made.run("signup", name, "--password-stdin", stdin=f"{PASSWORD}\n").ok()
        yield made


@contextmanager
def at_home(name: str, home: Path, chromium: Browser) -> Iterator[tuple[Home, Page]]:
    """The same with a tab in which they have entered, and of which nothing was complained."""
    with person(name, home) as made, opened(chromium) as tab:
        tab.page.goto(made.run("web").ok().out.strip())
        yield made, tab.page
        assert tab.complaints == []


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


def gather(page: Page, circle: str, who: str) -> None:
    """A circle of one contact, made where contacts are shown."""
    page.get_by_role("button", name="New circle").click()
    page.get_by_role("textbox", name="Name").fill(circle)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Change").click()
    page.get_by_label(who).check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("dialog")).to_have_count(0)


def share(page: Page, name: str, circle: str) -> None:
    """Something in the folder that is shown; the sheet that says who sees it is left open."""
    page.get_by_role("option", name=name).click(button="right")
    page.get_by_role("menuitem", name="Share").click()
    page.get_by_label("Choose a person").select_option(circle)
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text=circle)).to_be_visible()


def attach(page: Page, *parts: str) -> None:
    """A file of the drive, for the post that is written next; ``parts``: its path in the home."""
    go(page, "feed")
    page.get_by_role("button", name="From your files").click()
    dialog = page.get_by_role("dialog")
    for folder in parts[:-1]:
        dialog.get_by_role("button", name=folder).click()
    dialog.get_by_label(parts[-1]).check()
    dialog.get_by_role("button", name="Attach").click()


def write(page: Page, words: str, circle: str) -> None:
    """A post in the feed."""
    go(page, "feed")
    page.get_by_role("textbox", name="What do you want to tell").fill(words)
    page.get_by_label(circle).check()
    page.get_by_role("button", name="Post", exact=True).click()


def answer(page: Page, words: str) -> None:
    """What one says to the first post of the feed that is shown."""
    page.get_by_role("link", name="Comment").first.click()
    page.get_by_role("textbox", name="Comment").fill(words)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".comments")).to_contain_text(words)
