"""Second factors on the page: security keys, an app, backup codes; had, asked for, let go."""

import base64
import time
from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import CDPSession, Page, expect

from crypto.totp import STEP, totp
from tests.browser.chromium import Tab
from tests.browser.people import PASSWORD
from tests.browser.visiting import go

KEY: Final = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": False,
    "automaticPresenceSimulation": True,
}
"""One without a display or a fingerprint reader, which somebody touches whenever it blinks."""


REFUSED: Final = "Failed to load resource"
"""What Chromium writes of a code that is not taken."""


class SecurityKey:
    """A key in the browser's own authenticator: real CTAP and WebAuthn, and no metal."""

    def __init__(self, browser: CDPSession) -> None:
        self._browser = browser
        browser.send("WebAuthn.enable")
        made = browser.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
        self._id = {"authenticatorId": made["authenticatorId"]}

    def credentials(self) -> list[dict[str, Any]]:
        """What it has been asked to be a key for."""
        found = self._browser.send("WebAuthn.getCredentials", self._id)
        return list(found["credentials"])


@pytest.fixture
def key(tab: Tab) -> Iterator[SecurityKey]:
    browser = tab.page.context.new_cdp_session(tab.page)
    yield SecurityKey(browser)
    browser.detach()


def go_to_factors(page: Page) -> None:
    go(page, "settings/security")
    expect(page.get_by_role("heading", name="Second factors")).to_be_visible()


def with_password(page: Page) -> None:
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def lock_and_unlock(page: Page) -> None:
    """Until the second factor is asked for."""
    page.get_by_role("button", name="Account of alice").click()
    page.get_by_role("menuitem", name="Lock").click()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    page.get_by_role("button", name="alice").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()


def is_in(page: Page) -> None:
    expect(page.get_by_role("button", name="Account of alice")).to_be_visible()


def remove(page: Page, name: str) -> None:
    """One of them, which is asked for in doing so."""
    page.get_by_role("listitem").filter(has_text=name).get_by_role("button", name="Remove").click()
    with_password(page)


def export(page: Page) -> None:
    """To the downloads, which begin when the key was touched."""
    go(page, "settings/account")
    page.get_by_role("button", name="Export the account").click()
    with_password(page)
    with page.expect_download() as coming:
        page.get_by_role("button", name="Use the security key").click()
    assert coming.value.path().stat().st_size > 0
    expect(page.get_by_text("All of it was handed to your browser")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


def renew_keys(page: Page) -> None:
    """Which asks for it, too."""
    go(page, "settings/security")
    page.get_by_role("button", name="Renew the keys").click()
    with_password(page)
    page.get_by_role("button", name="Use the security key").click()
    expect(page.get_by_text("Your keys are new.")).to_be_visible()


def test_a_security_key_is_had_asked_for_and_let_go(tab: Tab, key: SecurityKey) -> None:
    page = tab.page
    go_to_factors(page)
    page.get_by_role("button", name="Add a security key").click()
    page.get_by_label("Name", exact=True).fill("Blue key")
    with_password(page)
    expect(page.get_by_role("listitem").filter(has_text="Blue key")).to_contain_text("never used")
    assert [each["rpId"] for each in key.credentials()] == ["holdfast.localhost"]

    lock_and_unlock(page)
    page.get_by_role("button", name="Use the security key").click()
    is_in(page)
    assert key.credentials()[0]["signCount"] > 1

    export(page)
    renew_keys(page)
    go_to_factors(page)
    expect(page.get_by_role("listitem").filter(has_text="Blue key")).to_contain_text("last used")
    remove(page, "Blue key")
    page.get_by_role("button", name="Use the security key").click()
    expect(page.get_by_text("You have none.", exact=True)).to_be_visible()


DISMISSED = """(name) => {
  const real = navigator.credentials[name];
  navigator.credentials[name] = () => {
    delete navigator.credentials[name];
    return Promise.reject(new DOMException("dismissed", "NotAllowedError"));
  };
}"""
"""The browser's own window is closed once, or nobody touches the key: there it is one error."""


def test_a_key_that_nobody_touches_is_tried_again(tab: Tab, key: SecurityKey) -> None:
    """Backup codes let in who has lost it, each once."""
    page = tab.page
    go_to_factors(page)
    page.get_by_role("button", name="Add a security key").click()
    page.evaluate(DISMISSED, "create")
    with_password(page)
    expect(page.get_by_role("alert")).to_contain_text("The security key did not answer")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("listitem").filter(has_text="Security key")).to_be_visible()

    page.get_by_role("button", name="New backup codes").click()
    with_password(page)
    page.evaluate(DISMISSED, "get")
    page.get_by_role("button", name="Use the security key").click()
    expect(page.get_by_role("alert").first).to_contain_text("The security key did not answer")
    page.get_by_role("button", name="Use the security key").click()
    codes = page.locator(".copyable.many code").inner_text().split("\n")
    page.keyboard.press("Escape")

    lock_and_unlock(page)
    by_backup(page, codes[0])
    is_in(page)
    go_to_factors(page)
    remove(page, "Security key")
    by_backup(page, codes[0])
    expect(page.get_by_role("alert").filter(visible=True)).to_be_visible()
    by_backup(page, codes[1])
    expect(page.get_by_text("You have none.", exact=True)).to_be_visible()
    tab.complaints[:] = [each for each in tab.complaints if REFUSED not in each]


def by_backup(page: Page, code: str) -> None:
    field = page.get_by_label("A backup code")
    if not field.is_visible():
        page.get_by_text("I have neither of them").click()
    field.fill(code)
    field.press("Enter")


def step() -> int:
    return int(time.time()) // STEP


def test_an_apps_code_lets_in(tab: Tab) -> None:
    """Each once. The second is of the coming step, which is taken too: nothing is waited for."""
    page = tab.page
    go_to_factors(page)
    page.get_by_role("button", name="Add an authenticator app").click()
    expect(page.get_by_label("QR code for an authenticator app")).to_be_visible()
    page.get_by_text("I cannot scan it").click()
    letters = page.get_by_role("dialog").locator(".copyable code").inner_text().replace(" ", "")
    secret = base64.b32decode(letters + "=" * (-len(letters) % 8))
    now = step()
    page.get_by_label("Code from your authenticator app").fill(totp(secret, now))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text="Phone")).to_be_visible()

    lock_and_unlock(page)
    page.get_by_label("Code from your authenticator app").fill(totp(secret, now))
    page.get_by_role("button", name="Continue").first.click()
    expect(page.get_by_role("alert").first).to_be_visible()  # that one was used
    page.get_by_label("Code from your authenticator app").fill(totp(secret, now + 1))
    page.get_by_role("button", name="Continue").first.click()
    is_in(page)
    tab.complaints[:] = [each for each in tab.complaints if REFUSED not in each]
