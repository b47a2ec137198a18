"""When the node was last backed up, in the settings of whoever lives there."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.axe import in_every_look
from tests.browser.chromium import Tab
from tests.browser.visiting import go
from tests.daemons.processes import Home


def test_the_last_backup_is_shown(tab: Tab, home: Home, tmp_path: Path) -> None:
    page, backups = tab.page, str(tmp_path / "backups")
    go(page, "settings/node")
    expect(page.get_by_text("this node was never backed up")).to_be_visible()
    expect(page.get_by_text("None was taken.")).to_be_visible()
    expect(page.locator("dl .copyable code").last).to_have_text("holdfast node backup DIR")
    home.run("node", "backup", backups).ok()
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_text("Nobody has read it yet")).to_be_visible()
    check = f"holdfast node backup --check {backups}"
    expect(page.get_by_text(check, exact=True)).to_be_visible()
    assert in_every_look(page) == []
    home.run(*check.split()[1:]).ok()
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_text("and found whole.")).to_be_visible()
