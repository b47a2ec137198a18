"""One's devices on the page: which is this one, renaming, shutting out one that was lost."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import Tab
from tests.browser.people import PASSWORD
from tests.browser.visiting import go
from tests.daemons.processes import Home, soon

STDIN = f"{PASSWORD}\n"
NEW = "quiet harbour lantern piano"
REFUSED = re.compile(r"status of \d+ .*/v1/devices/(name|revoke)")
"""What a browser says of a name that another has, and of a wrong password."""


def names_itself(home: Home, name: str) -> bool:
    """Until the device is in the list, as this one."""
    home.run("settings", "device", name).ok()
    here = re.compile(rf"^{name} +this one", re.MULTILINE)
    return soon(lambda: here.search(home.run("devices", "list").ok().out) is not None)


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_text(name, exact=True))


def go_to_security(page: Page) -> None:
    go(page, "settings/security")
    expect(page.get_by_role("heading", name="Devices")).to_be_visible()


def test_a_lost_device_is_renamed_and_shut_out(tab: Tab, home: Home, tmp_path: Path) -> None:
    page, phone = tab.page, Home(tmp_path / "phone")
    invite = home.run("invite").ok().out.splitlines()[-1].strip()
    with phone.daemon():
        phone.run("login", "alice", "--at", invite, "--password-stdin", stdin=STDIN).ok()
        assert names_itself(home, "desk")
        assert names_itself(phone, "phone")
        go_to_security(page)
        expect(row(page, "desk")).to_contain_text("this one")
        expect(row(page, "desk").get_by_role("button", name="Shut out")).to_have_count(0)
        expect(row(page, "phone")).to_contain_text("signed in")

        page.get_by_role("button", name="Rename: phone").click()
        page.get_by_role("textbox", name="Name").fill("desk")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("is called 'desk'")
        page.get_by_role("textbox", name="Name").fill("old phone")
        page.keyboard.press("Enter")
        expect(row(page, "old phone")).to_be_visible()

        page.get_by_role("button", name="Shut out: old phone").click()
        expect(page.get_by_role("dialog")).to_contain_text("What this does not do")
        page.get_by_label("Password", exact=True).fill("something else")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert phone.run("mkdir", "still").code == 0
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        expect(page.get_by_label("New password", exact=True)).to_be_hidden()
        page.get_by_label("Have another password from now on").check()
        page.get_by_label("New password", exact=True).fill(NEW)
        page.get_by_role("button", name="Continue").click()
        expect(row(page, "old phone")).to_contain_text("shut out")
        expect(page.get_by_role("button", name="Rename: old phone")).to_have_count(0)
        assert soon(lambda: phone.run("mkdir", "gone").code == 16)
        expect(row(page, "desk")).to_contain_text("this one")
    words = ("passwd", "--password-stdin")
    assert home.run(*words, stdin=f"{PASSWORD}\n{NEW} too\n").code == 15
    home.run(*words, stdin=f"{NEW}\n{NEW} too\n").ok()
    tab.complaints[:] = [each for each in tab.complaints if not REFUSED.search(each)]
