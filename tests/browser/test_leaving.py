"""Leaving for good: what goes is said, kept first, asked for twice, signed; and friends see it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import opened
from tests.browser.people import PASSWORD, person
from tests.browser.test_factors import SecurityKey, with_password
from tests.browser.visiting import entered, go
from tests.daemons.processes import Home, card_of, soon
from tests.stories.test_moving import looks_around

REFUSED = "Failed to load resource"
"""What Chromium writes of every answer that is an error, also of one that is shown to people."""


@pytest.fixture
def bob(chromium: Browser, tmp_path: Path) -> Iterator[Home]:
    with person("bob", tmp_path / "bob") as home:
        yield home


@pytest.fixture
def alice(bob: Home, tmp_path: Path) -> Iterator[Home]:
    """Somebody whom bob follows."""
    with person("alice", tmp_path / "alice") as home:
        home.run("mkdir", "Photos").ok()
        bob.run("follow", card_of(home)).ok()
        assert soon(lambda: "bob" in home.run("requests").ok().out)
        home.run("accept", "bob").ok()
        assert soon(lambda: bob.run("ls", "/alice").code == 0)
        yield home


def add_key(page: Page) -> None:
    """A security key, which is asked for from then on."""
    go(page, "settings/security")
    page.get_by_role("button", name="Add a security key").click()
    page.get_by_label("Name", exact=True).fill("Blue key")
    with_password(page)
    expect(page.get_by_role("listitem").filter(has_text="Blue key")).to_be_visible()


def export_from(page: Page) -> str:
    """The file that was offered before anything is deleted."""
    page.get_by_role("dialog").get_by_role("button", name="Export the account").click()
    asked = page.get_by_role("dialog", name="Export the account")
    asked.get_by_label("Password", exact=True).fill(PASSWORD)
    asked.get_by_role("button", name="Continue").click()
    with page.expect_download() as coming:
        asked.get_by_role("button", name="Use the security key").click()
    expect(page.get_by_text("All of it was handed to your browser")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(1)
    return str(coming.value.path())


def test_an_account_is_deleted_and_friends_see_that(
    chromium: Browser, alice: Home, bob: Home
) -> None:
    with opened(chromium) as tab, opened(chromium) as other:
        page = entered(tab, alice).page
        key = SecurityKey(page.context.new_cdp_session(page))
        add_key(page)
        assert key.credentials()
        go(page, "settings/account")
        page.get_by_role("button", name="Delete the account").click()
        dialog = page.get_by_role("dialog", name="Leave this home")
        expect(dialog.get_by_text("lives on this node")).to_be_visible()
        expect(dialog.get_by_text("all files, older versions")).to_be_visible()
        expect(dialog.get_by_text("For a year, your home tells")).to_be_visible()
        file = export_from(page)
        go_on = dialog.get_by_role("button", name="Delete the account for good")
        dialog.get_by_label("Type alice").fill("bob")
        dialog.get_by_label("Password", exact=True).fill(PASSWORD)
        go_on.click()
        expect(dialog.get_by_label("Type alice")).to_be_focused()
        dialog.get_by_label("Type alice").fill("alice")
        dialog.get_by_label("Password", exact=True).fill("something else")
        go_on.click()
        expect(dialog.get_by_role("alert")).to_be_visible()
        assert "Photos" in alice.run("ls").ok().out, "nothing was deleted so far"
        dialog.get_by_label("Password", exact=True).fill(PASSWORD)
        go_on.click()
        dialog.get_by_role("button", name="Use the security key").click()
        expect(dialog.get_by_text("is deleted.")).to_be_visible()
        receipts = alice.run("leave", "--receipts").ok().out
        assert dialog.locator(".copyable code").first.inner_text() in receipts
        dialog.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("button", name="Make an account")).to_be_visible()
        assert "is whole: alice~" in alice.run(
            "import", "--check", file, "--password-stdin", stdin=f"{PASSWORD}\n"
        ).ok().out  # fmt: skip
        looks_around(bob)
        friend = entered(other, bob).page
        go(friend, "people")
        expect(friend.get_by_text("Has left", exact=True)).to_be_visible()
        go(friend, "people/alice")
        expect(friend.get_by_text("alice has left their home")).to_be_visible()
        assert [each for each in tab.complaints if REFUSED not in each] == []
