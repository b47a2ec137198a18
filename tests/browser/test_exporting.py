"""An account that leaves the page as one file, and is whole."""

from pathlib import Path

from playwright.sync_api import Browser, expect

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
        expect(page.get_by_text("It comes among your browser's downloads")).to_be_visible()
        assert coming.value.suggested_filename == "erin.car"
        file = str(coming.value.path())
        checked = home.run("import", "--check", file, "--password-stdin", stdin=f"{PASSWORD}\n")
        assert "is whole: erin~" in checked.ok().out
        assert [each for each in tab.complaints if REFUSED not in each] == []
