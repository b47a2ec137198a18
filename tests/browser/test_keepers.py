"""Friends keep shares of a kit: given on the page, asked about, handed over, let go, ended."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import in_every_look
from tests.browser.chromium import opened
from tests.browser.people import PASSWORD, person
from tests.browser.visiting import entered, go
from tests.daemons.processes import Home, card_of, soon

REFUSED = "Failed to load resource"
"""What Chromium writes of every answer that is an error, also of one that is shown to people."""


@pytest.fixture
def friends(chromium: Browser, tmp_path: Path) -> Iterator[tuple[Home, Home]]:
    """Alice, and bob and carol who follow her; bob's node is looked at, too."""
    alice, bob, carol = (tmp_path / name for name in ("alice", "bob", "carol"))
    with (
        person("alice", alice) as home,
        person("bob", bob) as friend,
        person("carol", carol) as other,
    ):
        for each, name in ((friend, "bob"), (other, "carol")):
            each.run("follow", card_of(home)).ok()
            assert soon(lambda name=name: name in home.run("requests").ok().out)  # type: ignore[misc]
            home.run("accept", name).ok()
        yield home, friend


def give(page: Page) -> None:
    """To both, after a mistake in how many."""
    page.get_by_role("button", name="Give friends a share").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("bob").check()
    dialog.get_by_label("carol").check()
    dialog.get_by_label("How many of them").fill("3")
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("How many of them").fill("2")
    dialog.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Any 2 of them together bring you back")).to_be_visible()


def hand_over(page: Page) -> str:
    """Bob shows the words, once he says that he saw her."""
    page.get_by_role("button", name="Hand over: alice").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Show the words").click()
    expect(dialog.get_by_label("I saw or heard alice")).to_be_focused()
    expect(dialog.locator(".numbered")).to_have_count(0)
    page.keyboard.press("Space")
    dialog.get_by_role("button", name="Show the words").click()
    expect(dialog.locator(".numbered")).to_be_visible()
    words = " ".join(dialog.locator(".numbered li").all_inner_texts())
    assert in_every_look(page) == []
    page.keyboard.press("Escape")
    return words


def test_shares_are_given_handed_over_and_ended(
    chromium: Browser, friends: tuple[Home, Home]
) -> None:
    alice, bob = friends
    with opened(chromium) as hers, opened(chromium) as his:
        page, friend = entered(hers, alice).page, entered(his, bob).page
        go(page, "settings/security")
        expect(page.get_by_text("Nobody keeps a share for you")).to_be_visible()
        give(page)
        assert soon(lambda: "alice" in bob.run("recovery", "kept").ok().out)
        page.get_by_role("button", name="Ask whether they have it").click()
        expect(page.get_by_text("They are asked")).to_be_visible()
        assert soon(lambda: "showed it" in alice.run("recovery", "holders").ok().out)
        go(page, "settings")
        go(page, "settings/security")
        expect(page.get_by_text("that they have it").first).to_be_visible()
        assert in_every_look(page) == []
        page.set_viewport_size({"width": 1280, "height": 740})

        go(friend, "settings/security")
        expect(friend.get_by_text("One of 2, 2 are needed")).to_be_visible()
        words = hand_over(friend)
        done = bob.run("--json", "recovery", "hand", "alice", "--checked").ok().events[-1]["done"]
        assert done["words"] == words  # type: ignore[index]
        expect(friend.get_by_text("handed over on")).to_be_visible()
        friend.get_by_role("button", name="Keep it no longer: alice").click()
        friend.get_by_role("dialog").get_by_role("button", name="Keep it no longer").click()
        expect(friend.get_by_text("You keep nothing for anybody")).to_be_visible()
        assert soon(lambda: "DOES NOT HAVE IT" in alice.run("recovery", "holders").ok().out)

        page.get_by_role("button", name="End it").click()
        page.get_by_role("dialog").get_by_role("button", name="End it").click()
        expect(page.get_by_text("opens nothing any more").first).to_be_visible()
        assert "Ended on" in alice.run("recovery", "holders").ok().out
        for tab in (hers, his):
            assert [each for each in tab.complaints if REFUSED not in each] == []
