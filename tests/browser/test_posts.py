"""Posts between two people: with files, changed, answered, hidden, taken away."""

import random
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import Tab, opened
from tests.browser.people import gather, meet, person
from tests.browser.visiting import go
from tests.daemons.processes import Home

RATE = 8000
WHAT = "What do you want to tell"


@pytest.fixture(scope="module")
def couple(
    chromium: Browser, home: Home, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    """Bob, whom alice has in a circle; the node that he has is given."""
    place = tmp_path_factory.mktemp("bob") / "home"
    with person("bob", place) as bob:
        with opened(chromium) as a, opened(chromium) as b:
            a.page.goto(home.run("web").ok().out.strip())
            b.page.goto(bob.run("web").ok().out.strip())
            meet(a.page, b.page)
            gather(a.page, "Family", "bob")
        yield bob


@pytest.fixture
def bob(chromium: Browser, couple: Home) -> Iterator[Page]:
    """Bob's own tab."""
    with opened(chromium) as tab:
        tab.page.goto(couple.run("web").ok().out.strip())
        tab.page.wait_for_selector("main h1")
        yield tab.page
        assert tab.complaints == []


def say(page: Page, words: str) -> None:
    """A post for the circle, with what is attached already."""
    page.get_by_role("textbox", name=WHAT).fill(words)
    page.get_by_label("Family (circle)").check()
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator(".post").filter(has_text=words.split("\n")[0])).to_be_visible()


def shown(page: Page, words: str) -> None:
    """The thread of a post of the feed."""
    go(page, "feed")
    page.locator(".post").filter(has_text=words).get_by_role("link", name="omment").click()
    expect(page.get_by_role("heading", name="Post")).to_be_visible()


def choose(page: Page, what: str) -> None:
    """Something to be done with the post that is shown alone."""
    page.locator(".post").get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name=what).click()


def test_a_post_goes_to_a_circle_with_files_of_the_drive_and_of_the_disk(
    tab: Tab, bob: Page, home: Home, tmp_path: Path
) -> None:
    page = tab.page
    Image.new("RGB", (640, 480), "teal").save(tmp_path / "lake.jpg")
    with wave.open(str(tmp_path / "wind.wav"), "wb") as sound:
        sound.setparams((1, 2, RATE, 0, "NONE", ""))
        sound.writeframes(random.Random("wind").randbytes(2 * RATE * 3))
    home.run("mkdir", "Norway").ok()
    home.run("put", str(tmp_path / "lake.jpg"), "Norway/lake.jpg").ok()

    go(page, "feed")
    page.get_by_role("button", name="From your files").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Norway").click()
    dialog.get_by_label("lake.jpg").check()
    dialog.get_by_role("button", name="Attach").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="From this machine").click()
    chooser.value.set_files([tmp_path / "wind.wav", tmp_path / "lake.jpg"])
    expect(page.locator(".attached li")).to_have_count(3)
    page.get_by_role("button", name="Take lake.jpg out").last.click()
    expect(page.locator(".attached li")).to_have_count(2)
    say(page, "By the lake")
    expect(page.locator(".attached li")).to_have_count(0)
    assert "wind.wav" in home.run("ls", "Posted").ok().out
    home.run("rm", "Norway/lake.jpg").ok()  # what was posted has a copy

    go(bob, "feed")
    post = bob.locator(".post").filter(has_text="By the lake")
    expect(post.locator(".post-media img")).to_be_visible()
    post.get_by_role("button", name="Play wind.wav").click()
    expect(post.locator("audio")).to_have_js_property("duration", 3)
    post.get_by_role("link", name="lake.jpg").click()
    expect(bob.locator(".image img")).to_have_js_property("naturalWidth", 640)


def test_a_post_is_changed_line_by_line_and_says_what_it_was(tab: Tab, bob: Page) -> None:
    page = tab.page
    go(page, "feed")
    say(page, "First of May\n\n- the lake\n- the boat")
    shown(page, "First of May")
    choose(page, "Edit")
    area = page.get_by_role("dialog").get_by_label("Text")
    expect(area).to_have_value("First of May\n\n- the lake\n- the boat")
    area.fill("Second of May\n\n- the lake\n- the boat")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".post li").filter(has_text="the boat")).to_be_visible()
    shown(bob, "Second of May")
    bob.get_by_text("What it said before").click()
    expect(bob.locator(".earlier")).to_contain_text("First of May")


def test_comments_are_answered_changed_reacted_to_and_removed(tab: Tab, bob: Page) -> None:
    page = tab.page
    go(page, "feed")
    say(page, "Who comes along?")
    shown(bob, "Who comes along?")
    bob.get_by_role("textbox", name="Comment").fill("Me\nand the dog")
    bob.get_by_role("button", name="Send").click()
    expect(bob.locator(".comments")).to_contain_text("and the dog")

    expect(page.get_by_role("button", name="Notifications: 1 new")).to_be_visible()
    shown(page, "Who comes along?")
    comment = page.locator(".comments > li").filter(has_text="the dog")
    comment.get_by_role("button", name="React").click()
    page.get_by_role("menuitemradio", name="🎉").click()
    expect(comment.locator(".reaction")).to_contain_text("1")
    comment.get_by_role("button", name="Answer").click()
    comment.get_by_role("textbox", name="Answer").fill("Good")
    comment.get_by_role("button", name="Send").click()
    expect(page.locator(".comments > li")).to_have_count(2)

    shown(bob, "Who comes along?")
    mine = bob.locator(".comments > li").filter(has_text="the dog")
    expect(mine.locator(".reaction")).to_contain_text("1")
    mine.get_by_role("button", name="More").click()
    bob.get_by_role("menuitem", name="Edit").click()
    bob.get_by_role("dialog").get_by_label("Text").fill("Me\nand both dogs")
    bob.get_by_role("button", name="Save").click()
    expect(bob.locator(".comments")).to_contain_text("both dogs")

    answer = page.locator(".comments > li").filter(has_text="Good")
    answer.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Delete this comment").click()
    expect(page.locator(".comments > li")).to_have_count(1)


def test_what_is_hidden_is_found_again_and_what_is_deleted_is_gone(tab: Tab, bob: Page) -> None:
    page = tab.page
    go(page, "feed")
    say(page, "Only for today")
    go(bob, "feed")
    post = bob.locator(".post").filter(has_text="Only for today")
    post.get_by_role("button", name="More").click()
    bob.get_by_role("menuitem", name="Hide").click()
    expect(post).to_have_count(0)
    bob.get_by_role("link", name="Show also what you hid").click()
    post.get_by_role("button", name="More").click()
    bob.get_by_role("menuitem", name="Show again").click()
    expect(bob.get_by_text("It is in the feed again")).to_be_visible()
    go(bob, "feed")
    expect(post).to_be_visible()

    shown(page, "Only for today")
    choose(page, "Delete")
    expect(page.get_by_role("textbox", name=WHAT)).to_be_visible()
    expect(page.locator(".post").filter(has_text="Only for today")).to_have_count(0)


def test_a_post_is_for_somebody(tab: Tab, couple: Home) -> None:
    page = tab.page
    go(page, "feed")
    expect(page.get_by_label("Everybody who follows you")).to_be_visible()
    page.get_by_role("textbox", name=WHAT).fill("To whom?")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Choose who may read it")
