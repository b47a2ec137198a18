"""Pictures of the page's main views into docs/images: a real daemon, with what a person may keep.

make screenshots
"""

import io
import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page

from tests.browser.chromium import PATIENCE, running
from tests.daemons.processes import ROOT, Home

IMAGES: Final = ROOT / "docs" / "images"
PASSWORD: Final = "correct horse battery staple\n"
WIDE: Final = (1180, 740)
PHONE: Final = (390, 780)
COLOURS: Final = 160
"""Of a picture: enough for a page, and a third of its bytes."""

PLACES: Final = ("Fjord at dawn", "First snow", "Red cabin", "Harbour", "Midnight sun", "Ferry")
BREAD: Final = """# Sourdough

Makes **two loaves**. It takes a day, *most of it waiting*.

| | grams |
|---|---|
| flour | 900 |
| water | 620 |
| salt | 18 |

1. Feed the starter in the evening.
2. Mix, and fold every half hour.
3. Bake at `250 °C` for 40 minutes.

> It is ready when it sounds hollow.
"""


def landscape(path: Path, number: int) -> None:
    """Hills before a sky, in colours that follow from the number."""
    wide, high = 900, 640
    picture = Image.new("HSV", (wide, high))
    draw = ImageDraw.Draw(picture)
    hue = (140 + number * 37) % 256
    for y in range(high):
        draw.line([(0, y), (wide, y)], (hue, 110 - y // 12, 170 + y // 8))
    draw.ellipse((620, 90, 720, 190), (28, 40, 255))
    for hill in range(4):
        top = high * (0.5 + 0.12 * hill)
        ridge = [
            (x, top - 60 * math.sin(x / 130 + hill * 2 + number) - 25 * math.sin(x / 47 + hill))
            for x in range(0, wide + 1, 10)
        ]
        draw.polygon([(0, high), *ridge, (wide, high)], (hue, 120, 140 - 28 * hill))
    picture.convert("RGB").save(path, quality=88)


def keep(folder: Path) -> None:
    """What alice has."""
    (folder / "Photos" / "Norway").mkdir(parents=True)
    (folder / "Recipes").mkdir()
    for number, place in enumerate(PLACES):
        landscape(folder / "Photos" / "Norway" / f"{place}.jpg", number)
    landscape(folder / "Grandmother's garden.jpg", 5)
    (folder / "Recipes" / "Bread.md").write_text(BREAD, "utf-8")
    (folder / "Budget 2026.csv").write_text("month,rent,food\n1,900,310\n")
    (folder / "Letter to the landlord.txt").write_text("Dear Ms Olsen,\n")
    Image.open(folder / "Grandmother's garden.jpg").save(folder / "Contract.pdf")


def entered(browser: Browser, home: Home, size: tuple[int, int], dark: bool) -> Page:
    """A tab that came in."""
    scheme: Literal["dark", "light"] = "dark" if dark else "light"
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, locale="en-GB"
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(home.run("web").ok().out.strip())
    page.wait_for_selector("main h1")
    return page


def shoot(page: Page, name: str) -> None:
    """What is seen now, once all of it has come."""
    page.wait_for_function("document.querySelectorAll('.waiting').length === 0")
    page.wait_for_timeout(900)  # thumbnails; no test stands on it
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS).save(IMAGES / f"{name}.png", optimize=True)
    print(f"docs/images/{name}.png  {(IMAGES / f'{name}.png').stat().st_size} bytes")


def go(page: Page, place: str) -> None:
    page.goto(f"{page.url.split('#')[0]}#/{place}")


def meet(alice: Page, bob: Page) -> None:
    """They follow each other; she has a circle, shares her photos and tells of them."""
    go(alice, "people")
    alice.get_by_role("button", name="My card").first.click()
    card = alice.locator(".copyable code").first.inner_text()
    alice.keyboard.press("Escape")
    go(bob, "people")
    bob.get_by_role("button", name="Add somebody").first.click()
    bob.get_by_label("Their card").fill(card)
    bob.get_by_role("button", name="Ask to follow").click()
    alice.get_by_role("button", name="Accept, and follow back").click()
    alice.get_by_text("You follow each other").wait_for()
    alice.get_by_role("button", name="New circle").click()
    alice.get_by_role("textbox", name="Name").fill("Family")
    alice.keyboard.press("Enter")
    alice.get_by_role("button", name="Change").click()
    alice.get_by_label("bob").check()
    alice.get_by_role("button", name="Save").click()
    alice.locator("dialog").wait_for(state="detached")


def post(alice: Page, bob: Page) -> None:
    """A post, and an answer."""
    go(alice, "feed")
    words = "Back from **Norway**! The photos are in our folder. The *ferry* was the best of it."
    alice.get_by_role("textbox", name="What do you want to tell").fill(words)
    alice.get_by_label("Family").check()
    alice.get_by_role("button", name="Post", exact=True).click()
    alice.get_by_text("Back from").wait_for()
    go(bob, "feed")
    bob.get_by_role("link", name="Comment").first.click()
    bob.get_by_role("textbox", name="Comment").fill("Lovely! Can I have the one of the harbour?")
    bob.get_by_role("button", name="Send").click()
    bob.locator(".comments").get_by_text("Lovely").wait_for()


@contextmanager
def person(name: str, folder: Path) -> Iterator[Home]:
    """Somebody with a node of their own."""
    home = Home(folder / name)
    with home.daemon():
        home.run("signup", name, "--password-stdin", stdin=PASSWORD).ok()
        yield home


def main() -> None:
    """Make them all."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, running() as browser:
        folder = Path(place)
        with person("alice", folder) as alice, person("bob", folder) as bob:
            keep(folder / "things")
            things = [str(each) for each in sorted((folder / "things").iterdir())]
            alice.run("put", *things, "/alice").ok()
            shots(browser, alice, bob)


def shots(browser: Browser, alice: Home, bob: Home) -> None:
    """Each view, as it is best seen."""
    light, dark = entered(browser, alice, WIDE, False), entered(browser, alice, WIDE, True)
    phone, dark_phone = (entered(browser, alice, PHONE, each) for each in (False, True))
    friend = entered(browser, bob, WIDE, False)
    shoot(light, "files")
    shoot(dark_phone, "files-phone-dark")
    go(light, "open/alice/Recipes/Bread.md")
    shoot(light, "text")
    go(dark, "files/alice/Photos/Norway")
    dark.get_by_role("button", name="As pictures").click()
    shoot(dark, "pictures-dark")
    meet(light, friend)
    go(light, "files/alice")
    light.get_by_role("option", name="Photos").click(button="right")
    light.get_by_role("menuitem", name="Share").click()
    light.get_by_label("Choose a person").select_option("Family")
    light.get_by_role("button", name="Share", exact=True).click()
    light.get_by_role("listitem").filter(has_text="Family").wait_for()
    shoot(light, "share")
    light.keyboard.press("Escape")
    post(light, friend)
    go(phone, "feed")
    phone.get_by_text("Back from").wait_for()
    shoot(phone, "feed-phone")
    go(dark, "people")
    shoot(dark, "people-dark")


if __name__ == "__main__":
    main()
