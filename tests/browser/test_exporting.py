"""An account that leaves the page as one file, and is whole."""

from pathlib import Path

from playwright.sync_api import Browser, Route, expect

from tests.browser.chromium import opened
from tests.browser.people import PASSWORD, person
from tests.browser.visiting import entered, go

REFUSED = "Failed to load resource"
"""What Chromium writes of every answer that is an error, also of one that is shown to people."""


def test_an_account_is_exported_to_the_downloads(chromium: Browser, tmp_path: Path) -> None:
    with person("erin", tmp_path / "erin") as home, opened(chromium) as tab:
        home.run("mkdir", "Photos").ok()
        page = entered(tab, home).page
        go(page, "settings/account")
        page.get_by_role("button", name="Export the account").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Password", exact=True).fill("something else")
        dialog.get_by_role("button", name="Continue").click()
        expect(dialog.get_by_role("alert")).to_be_visible()
        dialog.get_by_label("Password", exact=True).fill(PASSWORD)
        with page.expect_download() as coming:
            dialog.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("All of it was handed to your browser")).to_be_visible()
        page.get_by_role("button", name="Close").last.click()
        expect(page.locator("dialog")).to_have_count(0)
        assert coming.value.suggested_filename == "erin.car"
        file = str(coming.value.path())
        checked = home.run("import", "--check", file, "--password-stdin", stdin=f"{PASSWORD}\n")
        assert "is whole: erin~" in checked.ok().out
        assert [each for each in tab.complaints if REFUSED not in each] == []


def test_an_export_that_comes_to_nothing_says_so(chromium: Browser, tmp_path: Path) -> None:
    """Another one is begun before the browser has fetched any of it: one waits."""
    with person("erin", tmp_path / "erin") as home, opened(chromium) as tab:
        page = entered(tab, home).page

        def overtake(route: Route) -> None:
            home.run("export", "-", "--password-stdin", stdin=f"{PASSWORD}\n").ok()
            route.continue_()

        page.route("http://127.0.0.1:*/**", overtake)
        go(page, "settings/account")
        page.get_by_role("button", name="Export the account").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Password", exact=True).fill(PASSWORD)
        dialog.get_by_role("button", name="Continue").click()
        expect(dialog.get_by_text("That export is over")).to_be_visible()
        page.unroute("http://127.0.0.1:*/**")
        dialog.get_by_role("button", name="Try again").click()
        dialog.get_by_label("Password", exact=True).fill(PASSWORD)
        with page.expect_download():
            dialog.get_by_role("button", name="Continue").click()
        expect(dialog.get_by_text("All of it was handed to your browser")).to_be_visible()
        assert [each for each in tab.complaints if REFUSED not in each] == []
