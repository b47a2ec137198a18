"""Being on the owner's page, and asking through it."""

from playwright.sync_api import Page

from tests.browser.chromium import Tab
from tests.daemons.processes import Home


def go(page: Page, place: str) -> None:
    """To a place of the page, by what stands behind ``#/`` in its address; its view is there."""
    page.goto(f"{page.url.split('#')[0]}#/{place}")
    view = place.split("?")[0].split("/")[0]
    page.wait_for_selector(f'main[data-view="{view}"]')


def entered(tab: Tab, home: Home) -> Tab:
    """A tab that came in by a link."""
    tab.page.goto(home.run("web").ok().out.strip())
    tab.page.wait_for_selector("main h1")  # and with it, that the title is the last one
    return tab


def address(tab: Tab, path: str, save: bool = False) -> str:
    """Where a file is shown, or stored from."""
    asked = """async (asked) => {
      const answer = await fetch("/v1/web/show", {method: "POST", body: JSON.stringify(asked),
        headers: {"Holdfast-Key": localStorage.getItem("holdfast-key")}});
      return JSON.parse((await answer.text()).trim()).done.address;
    }"""
    return str(tab.page.evaluate(asked, {"path": path, "save": save}))
