"""axe finds nothing serious in any main view, light and dark, wide and on a phone."""

import re
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import people
from tests.browser.axe import findings, in_every_look, need_axe, still
from tests.browser.chromium import Tab, opened
from tests.browser.people import PASSWORD
from tests.browser.visiting import entered, go
from tests.daemons.processes import Home

MARKDOWN = (
    "# Bread\n\n**Two** loaves of [this](https://example.org/).\n\n- [x] flour\n\n> good\n\n`x`\n"
)

NOWHERE = "a status of 404"
"""What Chromium writes of a folder that is not there, which is among the places here."""


@pytest.fixture(scope="module")
def axe() -> str:
    return need_axe()


@pytest.fixture(scope="module")
def lived_in(axe: str, home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The home, with a file of each kind and something in the trash."""
    things = tmp_path_factory.mktemp("things")
    (things / "Notes.txt").write_text("one\n")
    (things / "Bread.md").write_text(MARKDOWN)
    (things / "data.bin").write_bytes(b"\0" * 2000)
    Image.new("RGB", (60, 40), "red").save(things / "Garden.png")
    Image.new("RGB", (60, 40), "red").save(things / "Letter.pdf")
    with wave.open(str(things / "Birds.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 8000, "NONE", ""))
        sound.writeframes(bytes(16000))
    home.run("put", *(str(each) for each in things.iterdir()), "/alice").ok()
    home.run("mkdir", "/alice/Photos", "/alice/Old").ok()
    home.run("rm", "-r", "/alice/Old").ok()
    return home


@contextmanager
def on_page(chromium: Browser, home: Home) -> Iterator[Page]:
    with opened(chromium) as tab:
        yield entered(tab, home).page
        assert [each for each in tab.complaints if NOWHERE not in each] == []


@pytest.fixture(scope="module")
def page(chromium: Browser, lived_in: Home) -> Iterator[Page]:
    """A tab of alice's that stays."""
    with on_page(chromium, lived_in) as page:
        yield page


@pytest.fixture(scope="module")
def befriended(
    chromium: Browser, page: Page, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """The tab, once alice and bob have met, shared and written."""
    place = tmp_path_factory.mktemp("bob") / "home"
    with people.person("bob", place) as bob, on_page(chromium, bob) as friend:
        people.meet(page, friend)
        people.gather(page, "Family", "bob")
        go(page, "files/alice")
        people.share(page, "Photos", "Family")
        page.keyboard.press("Escape")
        people.write(page, "Back from **Norway**!", "Family")
        go(friend, "feed")
        people.answer(friend, "Lovely")
        expect(page.get_by_role("button", name="Notifications: 1 new")).to_be_visible()
        yield page


def test_it_would_be_found(page: Page) -> None:
    """A field nobody can name, and text nobody can read."""
    go(page, "trash")
    expect(page.get_by_text("Old", exact=True)).to_be_visible()
    still(page)
    page.evaluate(
        """() => {
          const field = document.createElement("input");
          const text = document.createElement("p");
          text.textContent = "Can this be read?";
          text.style.color = "#ccc";
          text.style.backgroundColor = "#fff";
          document.querySelector(".view-body").append(field, text);
        }"""
    )
    assert {each.split(":")[0] for each in findings(page)} == {"label", "color-contrast"}
    page.reload()


PLACES = [
    "files/alice",
    "files",
    "files/alice/Photos",
    "files/alice/nowhere",
    "open/alice/Notes.txt",
    "open/alice/Bread.md",
    "open/alice/Garden.png",
    "open/alice/Letter.pdf",
    "open/alice/Birds.wav",
    "open/alice/data.bin",
    "search?q=bread",
    "search?q=nothing+at+all",
    "trash",
    "shared",
    "shared/mine",
    "feed",
    "people",
    "people/nobody",
    "settings",
    "settings/security",
    "settings/page",
    "settings/node",
    "settings/running",
    "settings/activity",
]


@pytest.mark.parametrize("place", PLACES)
def test_a_place(page: Page, place: str) -> None:
    go(page, place)
    assert in_every_look(page) == []


Work = Callable[[Page], object]


def called(place: Locator, name: str) -> Locator:
    """The first button, or item of a menu, whose name begins like this."""
    begins = re.compile(f"^{name}")
    button = place.get_by_role("button", name=begins)
    return button.or_(place.get_by_role("menuitem", name=begins)).first


def pressed(*names: str) -> Work:
    """One button or item of a menu after another, once what was open before is closed."""

    def press(page: Page) -> None:
        page.keyboard.press("Escape")
        for name in names:
            still(page)
            called(page.locator("body"), name).click()

    return press


def of_notes(*names: str) -> Work:
    """The same with a file that is chosen before."""

    def press(page: Page) -> None:
        page.keyboard.press("Escape")
        page.get_by_role("option", name="Notes.txt").click()
        still(page)
        for name in names:
            called(page.locator("dialog, .menu, main"), name).click()

    return press


OVER = {
    "new": pressed("New"),
    "new folder": pressed("New", "New folder"),
    "account": pressed("Account of alice"),
    "notifications": pressed("Notifications"),
    "chosen": of_notes(),
    "menu of an entry": of_notes("More"),
    "details": of_notes("More", "Details"),
    "versions": of_notes("More", "Versions"),
    "rename": of_notes("More", "Rename"),
    "move": of_notes("Move"),
    "share": of_notes("Share"),
}


@pytest.mark.parametrize("what", OVER)
def test_over_a_folder(page: Page, what: str) -> None:
    go(page, "files/alice")
    assert in_every_look(page, OVER[what]) == []
    page.keyboard.press("Escape")


def test_a_folder_as_pictures(page: Page) -> None:
    go(page, "trash")  # where nothing is chosen
    go(page, "files/alice")
    page.get_by_role("button", name="As pictures").click()
    assert in_every_look(page) == []
    page.get_by_role("button", name="As a list").click()


def may_write(page: Page) -> None:
    """What a circle may do, once it may write."""
    page.keyboard.press("Escape")
    pressed("Change", "Change: Family")(page)
    asked = page.get_by_role("dialog", name="What Family may do")
    asked.get_by_label("What they may do").select_option("write")


AMONG_FRIENDS: dict[str, Work] = {
    "people": pressed(),
    "people/bob": pressed(),
    "people?card": pressed("My card"),
    "people?add": pressed("Add somebody"),
    "people?circle": pressed("Change"),
    "people/bob?verify": pressed("Verify"),
    "people/bob?keys": pressed("More", "Their keys"),
    "feed": pressed(),
    "feed?news": pressed("Notifications"),
    "shared/mine": pressed("Change"),
    "shared/mine?may": may_write,
    "files/bob": pressed(),
}


@pytest.mark.parametrize("place", AMONG_FRIENDS)
def test_among_friends(befriended: Page, place: str) -> None:
    go(befriended, place)
    assert in_every_look(befriended, AMONG_FRIENDS[place]) == []
    befriended.keyboard.press("Escape")


def test_a_post_and_what_was_said_to_it(befriended: Page) -> None:
    go(befriended, "feed")
    befriended.get_by_role("link", name="comment").first.click()
    expect(befriended.locator(".comments")).to_be_visible()
    assert in_every_look(befriended) == []


@pytest.mark.parametrize(
    "name", ["Make a recovery kit", "Add an authenticator app", "Rename", "Renew"]
)
def test_a_form_of_the_settings(page: Page, name: str) -> None:
    go(page, "settings/security")
    assert in_every_look(page, pressed(name)) == []
    page.keyboard.press("Escape")


def test_what_leaving_means(page: Page) -> None:
    def ask(page: Page) -> None:
        pressed("Delete the account")(page)
        expect(page.get_by_role("heading", name="What is deleted")).to_be_visible()

    go(page, "settings/account")
    assert in_every_look(page, ask) == []
    page.keyboard.press("Escape")


@pytest.mark.parametrize("name", ["Change the room", "Write to everybody", "Check now"])
def test_running_the_node(page: Page, name: str) -> None:
    go(page, "settings/running")
    assert in_every_look(page, pressed(name)) == []
    page.keyboard.press("Escape")


def test_the_words_of_a_recovery_kit(page: Page) -> None:
    go(page, "settings/security")
    page.get_by_role("button", name="Make a recovery kit").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".copyable.many")).to_be_visible()
    assert in_every_look(page) == []
    assert in_every_look(page, pressed("Check the words")) == []
    page.keyboard.press("Escape")


def test_before_anybody_is_signed_in(axe: str, stranger: Tab, tmp_path: Path) -> None:
    """Without a link, with one, making an account, and coming back to it."""
    home = Home(tmp_path / "home")
    found = list[str]()
    with home.daemon():
        page = stranger.page
        link = home.run("web").ok().out.strip()
        page.goto(link.split("#")[0])
        expect(page.get_by_text("holdfast web")).to_be_visible()
        found += in_every_look(page)
        page.goto(link)
        page.get_by_role("button", name="Make an account").wait_for()
        found += in_every_look(page)
        page.get_by_role("button", name="Make an account").click()
        page.get_by_label("Password", exact=True).fill("dora1")
        expect(page.get_by_label("Take it although")).to_be_visible()
        found += in_every_look(page)
        home.run("signup", "dora", "--password-stdin", stdin=f"{PASSWORD}\n").ok()
        home.run("lock").ok()
        page.reload()
        page.get_by_role("button", name="dora").wait_for()
        found += in_every_look(page)
        page.get_by_role("button", name="dora").click()
        found += in_every_look(page)
    assert found == []
