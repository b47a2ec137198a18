"""What axe-core finds wrong with what a page shows: what keeps people out who cannot see it well.

axe-core comes from npm, by `make page` (packaging/web/package-lock.json has its version and hash).
Where it is not there, these tests are left out, unless HOLDFAST_REQUIRE names axe.
"""

import os
from collections.abc import Callable
from typing import Final, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.daemons.processes import ROOT

AXE: Final = ROOT / "packaging" / "web" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS: Final = ("serious", "critical")
PHONE: Final = (360, 740)
WIDE: Final = (1280, 740)
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")

FIND = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations;
}"""

STILL = """async () => {
  await Promise.allSettled(document.getAnimations().map((each) => each.finished));
}"""
"""A promise: asking again and again would need a rule that allows ``eval``."""


def findings(page: Page) -> list[str]:
    """What is serious or critical in what is shown now: the rule, and what breaks it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(need_axe())
    return [
        f"{each['id']}: {node['html'][:200]}"
        for each in page.evaluate(FIND)
        for node in each["nodes"]
        if each["impact"] in SERIOUS
    ]


def in_every_look(page: Page, work: Callable[[Page], object] = lambda _: None) -> list[str]:
    """The same light and dark, wide and as narrow as a phone, each time after some work."""
    found = list[str]()
    for wide, high in (WIDE, PHONE):
        for scheme in SCHEMES:
            page.set_viewport_size({"width": wide, "height": high})
            page.emulate_media(color_scheme=scheme)
            work(page)
            still(page)
            found += [f"{scheme}, {wide} pixels: {each}" for each in findings(page)]
    return found


def still(page: Page) -> None:
    """Until what is shown has come, and moves no more."""
    expect(page.locator(".waiting")).to_have_count(0)
    page.evaluate(STILL)


def need_axe() -> str:
    """Its source; the test that asks is left out without it."""
    if AXE.exists():
        return AXE.read_text("utf-8")
    if "axe" in os.environ.get("HOLDFAST_REQUIRE", "").split():
        pytest.fail("axe-core is required (HOLDFAST_REQUIRE) and is not installed")
    pytest.skip("axe-core is not installed (make page)")
