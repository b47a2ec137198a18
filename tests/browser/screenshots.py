"""Pictures of the page's main views into docs/images: a real daemon, with what a person may keep.

make screenshots
"""

import io
import math
import tempfile
from pathlib import Path
from typing import Final, Literal

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page

from tests.browser.chromium import PATIENCE, running
from tests.browser.people import PASSWORD, answer, attach, gather, meet, person, share, write
from tests.browser.visiting import go
from tests.daemons.processes import ROOT, Home

IMAGES: Final = ROOT / "docs" / "images"
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


POST: Final = "Back from **Norway**! The photos are in our folder. The *ferry* was the best of it."


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


def main() -> None:
    """Make them all."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, running() as browser:
        folder = Path(place)
        with person("alice", folder / "alice") as alice, person("bob", folder / "bob") as bob:
            allowed = bob.run("node", "replicas", "allow", "--ceiling", "50GiB").ok().out
            alice.run("replicas", "add", allowed.splitlines()[-1].strip()).ok()
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
    gather(light, "Family", "bob")
    go(light, "files/alice")
    share(light, "Photos", "Family")
    shoot(light, "share")
    light.keyboard.press("Escape")
    attach(light, "Photos", "Norway", "Red cabin.jpg")
    write(light, POST, "Family")
    light.get_by_text("Back from").wait_for()
    go(friend, "feed")
    answer(friend, "Lovely! Can I have the one of the harbour?")
    go(phone, "feed")
    phone.get_by_text("Back from").wait_for()
    shoot(phone, "feed-phone")
    go(dark, "people")
    shoot(dark, "people-dark")
    alice.run("node", "messages", "send", "The node moves on Sunday; back by noon.").ok()
    go(light, "settings/running")
    shoot(light, "running")
    shoot_recovery(browser, alice, bob)


def shoot_recovery(browser: Browser, alice: Home, bob: Home) -> None:
    """Coming back on somebody else's machine."""
    stdin = f"{PASSWORD}\n"
    made = alice.run("--json", "recovery", "kit", "--password-stdin", stdin=stdin).ok().events
    kit = made[-1]["done"]
    assert isinstance(kit, dict)
    bob.run("lock").ok()
    page = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]}, locale="en-GB")
    page.goto(bob.run("web").ok().out.strip())
    page.get_by_role("button", name="Come back with a recovery kit").click()
    page.get_by_label("The text on the kit").fill(str(kit["whole"]))
    page.get_by_role("button", name="Look for it").click()
    page.get_by_text("It brings back").wait_for()
    shoot(page, "recovery-phone")


if __name__ == "__main__":
    main()
